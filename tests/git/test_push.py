"""Pushes with git, read back through the API."""

from __future__ import annotations

import hashlib
import os
import threading
import time

import pytest

from hub_typed import CommitOperationAdd, DiscussionCommit, HfApi
from hub_typed.local import LocalHub
from hub_typed.local.lfs.store import Pointer
from tests.local.xet.material import put

LARGE = b"large\0" * 2000


@pytest.fixture
def clone(git, remote):
    """A clone that its owner may push from."""
    return git.clone(remote.mine)


@pytest.mark.usefixtures("git_lfs")
def test_a_kernel_is_pushed_with_its_large_files(git, hub):
    with HfApi(hub.endpoint, hub.token) as api:
        url = api.create_repo(f"{hub.user}/pushed", repo_type="kernel")
        clone = git.clone(str(url).replace("://", f"://somebody:{hub.token}@"))
        clone.commit("Build", **{"build/act.bin": LARGE})
        clone("push", "--quiet")

        (file,) = api.get_paths_info(url.repo_id, ["build/act.bin"], repo_type="kernel")
        assert file.lfs.sha256 == hashlib.sha256(LARGE).hexdigest()
        assert git.clone(str(url)).files()["build/act.bin"] == LARGE


def test_a_push_is_seen_by_the_client_at_once(remote, clone):
    clone.commit("Subject\n\nBody,\nof two lines", **{"d/é #1.txt": b"first"})
    head = clone.commit("Again", **{"d/é #1.txt": b"second", "e": b""})
    clone("tag", "v1", "HEAD~")
    clone("tag", "--annotate", "--message=Signed", "v2")
    clone("push", "--quiet", "origin", "HEAD", "HEAD~:refs/heads/dev/x", "v1", "v2")

    told = remote.api.list_repo_commits(remote.repo_id)
    assert [(one.title, one.message, one.authors) for one in told[:2]] == [
        ("Again", "", ["Grace"]),
        ("Subject", "Body,\nof two lines", ["Grace"]),
    ]
    assert remote.api.model_info(remote.repo_id).sha == told[0].commit_id == head
    assert set(remote.api.list_repo_files(remote.repo_id)) == {".gitattributes", "d/é #1.txt", "e"}
    assert remote.content("d/é #1.txt") == b"second"
    assert remote.content("d/é #1.txt", revision="v1") == b"first"
    assert remote.content("e", revision="v2") == b""
    assert remote.head("refs/heads/dev/x") == remote.head("refs/tags/v1") == told[1].commit_id


@pytest.mark.usefixtures("git_lfs")
def test_a_large_file_comes_with_its_push(remote, clone):
    large = LARGE + remote.repo_id.encode()  # of which the Hub has heard in no other test
    before = remote.hub.stats.snapshot()
    clone.commit("Large", **{"weights é.bin": large, "empty.bin": b""})
    clone("push", "--quiet")
    done = remote.hub.stats.snapshot() - before

    (file,) = remote.api.get_paths_info(remote.repo_id, ["weights é.bin"])
    assert (file.size, file.lfs.sha256) == (len(large), hashlib.sha256(large).hexdigest())
    assert remote.content("weights é.bin") == large
    assert remote.content("empty.bin") == b""
    assert (done.lfs_objects, done.requests["git.receive_pack"]) == (1, 1)
    assert done.received > len(large)


@pytest.mark.usefixtures("git_lfs")
def test_a_file_that_came_by_xet_is_pushed_without_its_content(git, remote, clone):
    hub = remote.hub.hub
    content = b"by Xet " * 1000 + remote.repo_id.encode()
    file = put(hub.xet, content[:3000], content[3000:])
    hub.lfs.note_upload(file.sha256, repo=hub.store.find("model", remote.repo_id).facts.id, user=remote.hub.user)
    before = remote.hub.stats.snapshot()

    clone.commit("Large", **{"a.bin": content})
    clone("push", "--quiet")

    assert (remote.hub.stats.snapshot() - before).lfs_objects == 0
    assert git.clone(remote.url()).files()["a.bin"] == content
    assert not hub.lfs.path(file.sha256).exists()


@pytest.mark.usefixtures("git_lfs")
def test_what_both_write_stays_one_history(git, remote, clone):
    clone.commit("By git", **{"a.bin": LARGE})
    clone("push", "--quiet")
    remote.api.create_commit(remote.repo_id, [CommitOperationAdd("b.bin", LARGE[1:])], commit_message="By the API")
    assert "fetch first" in clone.within(clone.folder).refused("push", "--quiet", "origin", "HEAD~:main")
    clone("pull", "--quiet")
    clone.commit("By git again", c=b"1")
    clone("push", "--quiet")

    assert [one.title for one in remote.api.list_repo_commits(remote.repo_id)[:3]] == [
        "By git again",
        "By the API",
        "By git",
    ]
    assert git.clone(remote.url()).files() == clone.files()
    assert clone.files()["b.bin"] == LARGE[1:]


def test_a_push_of_megabytes_goes_in_pieces(remote, clone):
    content = os.urandom(3 << 20)  # more than git keeps in one request
    clone.commit("Noise", noise=content)

    clone("push", "--quiet")

    assert remote.content("noise") == content


def test_history_can_be_rewritten_and_branches_deleted(remote, clone):
    clone.commit("A mistake", x=b"1")
    clone("push", "--quiet", "origin", "HEAD", "HEAD:refs/heads/dev", "HEAD:refs/tags/v1")
    clone("commit", "--quiet", "--amend", "--message", "Better")

    assert "non-fast-forward" in clone.refused("push", "origin", "HEAD")
    clone("push", "--quiet", "--force", "origin", "HEAD", ":refs/heads/dev", ":refs/tags/v1")

    assert remote.api.list_repo_commits(remote.repo_id)[0].title == "Better"
    refs = remote.api.list_repo_refs(remote.repo_id)
    assert ([one.name for one in refs.branches], refs.tags) == (["main"], [])


# Refusals


def test_who_may_only_read_cannot_push(git, remote):
    eve = remote.hub.add_user("eve")
    for url, told in [
        (remote.url(remote.hub.read_token), "you need a token with write role"),
        (remote.url(eve), "not the required permissions"),
        (remote.url(), "could not read Username"),
    ]:
        clone = git.clone(url)
        clone.commit("Mine", x=b"1")
        assert told in clone.refused("push")

    assert len(remote.api.list_repo_commits(remote.repo_id)) == 1


def test_a_pointer_without_its_content_is_refused(git, remote, clone):
    head = remote.head()
    pointer = Pointer("ab" * 32, 5).text()
    lost = clone.commit("A pointer", **{".gitattributes": b"", "d/w é.bin": pointer, "text": b"version"})

    told = clone.refused("push", "--no-verify", "origin", "HEAD", "HEAD:refs/heads/dev")

    assert "d/w é.bin is an LFS file whose content was not uploaded" in told
    assert remote.head() == head
    assert [one.name for one in remote.api.list_repo_refs(remote.repo_id).branches] == ["main"]
    # Nothing of it stays: git had it in quarantine.
    git.within(remote.path).refused("cat-file", "-e", lost)


@pytest.mark.usefixtures("git_lfs")
def test_a_pointer_to_what_is_stored_is_taken(remote, clone):
    remote.api.upload_file(path_or_fileobj=LARGE, path_in_repo="w.bin", repo_id=remote.repo_id)
    clone("pull", "--quiet", "--no-rebase")
    pointer = Pointer(hashlib.sha256(LARGE).hexdigest(), len(LARGE)).text()
    clone.commit("A copy", **{".gitattributes": b"", "copy": pointer})
    clone("push", "--quiet", "--no-verify")
    assert remote.content("copy") == LARGE

    clone.commit("A lie", copy=pointer.replace(b"size 1", b"size 2"))
    assert "copy is an LFS file" in clone.refused("push", "--no-verify")


def test_a_pointer_to_what_somebody_else_has_is_refused(git, remote):
    remote.api.create_repo("hidden", private=True)
    secret = b"\0hidden" * 100
    remote.api.upload_file(path_or_fileobj=secret, path_in_repo="w.bin", repo_id=f"{remote.hub.user}/hidden")
    eve = remote.hub.add_user("eve")
    HfApi(endpoint=remote.hub.endpoint, token=eve).create_repo("mine")
    clone = git.clone(f"{remote.hub.endpoint.replace('://', f'://eve:{eve}@')}/eve/mine")
    pointer = Pointer(hashlib.sha256(secret).hexdigest(), len(secret)).text()
    clone.commit("Not mine", **{".gitattributes": b"", "w": pointer})

    assert "w is an LFS file whose content was not uploaded" in clone.refused("push", "--no-verify")


def test_a_file_too_large_for_git_is_refused(remote, clone):
    clone.commit("Too much", **{"much.txt": bytes(10 << 20) + b"1", "enough.txt": bytes(10 << 20)})

    told = clone.refused("push", "--no-verify")

    assert "much.txt has 10485761 bytes" in told
    assert "enough.txt" not in told


@pytest.mark.parametrize(
    ("refspec", "told"),
    [
        ("HEAD:refs/notes/x", "refs/notes/x cannot be pushed to"),
        ("HEAD:refs/pr/1", "refs/pr/1 cannot be pushed to"),
        ("HEAD:refs/heads/refs/pr/1", "choose another name"),
        (":refs/heads/main", "deletion of the current branch prohibited"),
    ],
)
def test_some_refs_are_not_for_pushing(remote, clone, refspec, told):
    assert told in clone.refused("push", "origin", refspec)
    assert len(remote.api.list_repo_refs(remote.repo_id, include_pull_requests=True).branches) == 1


def test_objects_that_are_broken_are_refused(remote, clone):
    tree = clone("rev-parse", "HEAD^{tree}")
    done = clone.run(
        "hash-object", "-t", "commit", "-w", "--stdin", "--literally", given=f"tree {tree}\n\nx\n".encode()
    )

    assert "missingAuthor" in clone.refused("push", "origin", f"{done.stdout.decode().strip()}:refs/heads/broken")


def test_a_hub_in_a_relative_folder_is_guarded_too(git, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with LocalHub("here") as hub:
        hub.hub.store.create("model", f"{hub.user}/m", user=hub.user)
        clone = git.clone(f"{hub.endpoint.replace('://', f'://somebody:{hub.token}@')}/{hub.user}/m")
        clone.commit("A pointer", **{".gitattributes": b"", "w": Pointer("ab" * 32, 5).text()})

        assert "w is an LFS file whose content was not uploaded" in clone.refused("push", "--no-verify")


# Pull requests


def test_who_opened_a_pull_request_may_push_to_it(git, remote):
    eve = remote.hub.add_user("eve")
    opened = remote.api_of("eve").create_commit(
        remote.repo_id, [CommitOperationAdd("x", b"1")], commit_message="From eve", create_pr=True
    )
    clone = git.clone(remote.url(eve))
    clone("fetch", "--quiet", "origin", opened.pr_revision)
    clone("checkout", "--quiet", "FETCH_HEAD")
    head = clone.commit("More of it", y=b"2")

    assert "refs/heads/main cannot be pushed to" in clone.refused("push", "origin", "HEAD:main")
    assert "refs/pr/1 cannot be deleted" in clone.refused("push", "origin", ":refs/pr/1")
    clone("push", "--quiet", "origin", f"HEAD:{opened.pr_revision}")

    assert remote.head("refs/pr/1") == head
    assert remote.content("y", revision="refs/pr/1") == b"2"
    mine = git.clone(remote.url(remote.hub.add_user("mallory")))
    mine.commit("Not mine", z=b"3")
    assert "not the required permissions" in mine.refused("push", "origin", "HEAD:refs/pr/1")


def test_what_is_pushed_to_a_pull_request_is_told_and_merged(git, remote):
    pull = remote.api.create_pull_request(remote.repo_id, "From git")
    clone = git.clone(remote.mine)
    clone("fetch", "--quiet", "origin", pull.git_reference)
    clone("checkout", "--quiet", "-b", "mine", "FETCH_HEAD")
    commits = [clone.commit("First of it", x=b"1\n"), clone.commit("Second of it", y=b"2\n")]
    clone("push", "--quiet", "origin", f"HEAD:{pull.git_reference}")

    remote.api.change_discussion_status(remote.repo_id, pull.num, "open")
    told = remote.api.get_discussion_details(remote.repo_id, pull.num)
    remote.api.merge_pull_request(remote.repo_id, pull.num)

    assert [event.oid for event in told.events if isinstance(event, DiscussionCommit)] == commits
    assert told.diff == clone("diff", "--abbrev=7", "origin/main", "mine") + "\n"
    clone("checkout", "--quiet", "main")
    clone("pull", "--quiet", "--ff-only")
    assert clone("log", "-1", "--format=%s") == f"From git (#{pull.num})"
    assert clone("diff", "main", "mine") == ""
    clone("checkout", "--quiet", "mine")
    clone.commit("Too late", z=b"3\n")
    assert f"{pull.git_reference} cannot be pushed to" in clone.refused("push", "origin", f"HEAD:{pull.git_reference}")


def test_a_pull_request_that_is_pushed_anew_tells_what_is_new(git, remote):
    pull = remote.api.create_pull_request(remote.repo_id, "From git")
    clone = git.clone(remote.mine)
    first = clone.commit("First try", x=b"1\n")
    clone("push", "--quiet", "origin", f"HEAD:{pull.git_reference}")
    clone("reset", "--quiet", "--hard", "origin/main")
    second = clone.commit("Second try", x=b"2\n")
    clone("push", "--quiet", "--force", "origin", f"HEAD:{pull.git_reference}")
    remote.api.change_discussion_status(remote.repo_id, pull.num, "closed")
    clone.commit("Too late", z=b"3\n")

    told = remote.api.get_discussion_details(remote.repo_id, pull.num)

    assert [event.oid for event in told.events if isinstance(event, DiscussionCommit)] == [first, second]
    assert "+2" in told.diff
    assert "cannot be pushed to" in clone.refused("push", "origin", f"HEAD:{pull.git_reference}")


# Beside each other


def test_a_push_waits_for_who_writes(remote, clone):
    clone.commit("Pushed", x=b"1")
    repo = remote.hub.hub.store.find("model", remote.repo_id)
    done = threading.Event()

    def push() -> None:
        clone("push", "--quiet")
        done.set()

    pushing = threading.Thread(target=push)
    with repo.writing() as git:
        pushing.start()
        assert not done.wait(0.5)
        assert git.branch("main").message == "initial commit"
    pushing.join()

    assert done.is_set()
    assert remote.api.list_repo_commits(remote.repo_id)[0].title == "Pushed"


def test_pushes_and_commits_at_the_same_time_lose_nothing(git, remote):
    clones = [git.clone(remote.mine) for _ in range(3)]
    for number, clone in enumerate(clones):
        clone.commit(f"Push {number}", **{f"pushed-{number}": b"1"})

    def push(clone) -> None:
        deadline = time.monotonic() + 60
        while clone.run("push", "--quiet").returncode:
            assert time.monotonic() < deadline
            clone("pull", "--quiet", "--rebase")

    threads = [threading.Thread(target=push, args=(clone,)) for clone in clones]
    for thread in threads:
        thread.start()
    for number in range(5):
        remote.api.upload_file(path_or_fileobj=b"1", path_in_repo=f"sent-{number}", repo_id=remote.repo_id)
    for thread in threads:
        thread.join()

    files = {f"pushed-{number}" for number in range(3)} | {f"sent-{number}" for number in range(5)}
    assert set(remote.api.list_repo_files(remote.repo_id)) == files | {".gitattributes"}
    assert len(remote.api.list_repo_commits(remote.repo_id)) == 9


# What git has and the API has not


def test_what_only_git_knows_does_no_harm(remote, clone):
    (clone.folder / "link").symlink_to("nowhere")
    (clone.folder / "run.sh").write_bytes(b"#!/bin/sh\n")
    (clone.folder / "run.sh").chmod(0o755)
    (clone.folder.joinpath(os.fsdecode(b"caf\xe9"))).write_bytes(b"latin-1")
    clone("add", "--all")
    clone("update-index", "--add", "--cacheinfo", f"160000,{clone('rev-parse', 'HEAD')},submodule")
    clone("commit", "--quiet", "--message", "Odd things")
    clone("tag", "of-a-file", "HEAD:run.sh")
    clone("push", "--quiet", "origin", "HEAD", "of-a-file")

    tree = {one.path: one for one in remote.api.list_repo_tree(remote.repo_id, expand=True)}
    assert {"link", "run.sh"} < set(tree)
    assert "submodule" not in tree
    assert {one.last_commit.title for path, one in tree.items() if path != ".gitattributes"} == {"Odd things"}
    assert remote.content("link") == b"nowhere"
    assert not remote.api.file_exists(remote.repo_id, "submodule")
    assert remote.api.get_paths_info(remote.repo_id, ["submodule"]) == []
    assert remote.api.list_repo_refs(remote.repo_id).tags == []
    assert not remote.api.revision_exists(remote.repo_id, "of-a-file")


def test_a_push_is_told_to_webhooks(remote, clone):
    before = remote.head()
    webhook = remote.api.create_webhook(
        url="https://elsewhere.test", watched=[{"type": "model", "name": remote.repo_id}], domains=["repo"]
    )
    head = clone.commit("One", a=b"a")
    clone("push", "--quiet", "origin", "HEAD", "HEAD:refs/heads/dev")
    clone("push", "--quiet", "origin", ":refs/heads/dev")
    told = [one.payload for one in remote.hub.hub.webhooks.deliveries if one.webhook_id == webhook.id]
    assert [one["updatedRefs"] for one in told] == [
        [
            {"ref": "refs/heads/dev", "oldSha": None, "newSha": head},
            {"ref": "refs/heads/main", "oldSha": before, "newSha": head},
        ],
        [{"ref": "refs/heads/dev", "oldSha": head, "newSha": None}],
    ]
    assert {one["repo"]["headSha"] for one in told} == {head}
