"""Clones and fetches with git of repositories that the API has written."""

from __future__ import annotations

import pytest

from hub_typed import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete
from hub_typed_api.operations import repos as operations

NAMES = [
    "plain.txt",
    "with space.txt",
    "d/unicode é ü 漢字 🤗.txt",
    "100%.txt",
    "%41.txt",
    "a#b.txt",
    "what?.txt",
    "one+two.txt",
    "a&b=c;d,e.txt",
    "[x]{y}(z)!.txt",
    "'quoted' \"twice\".txt",
    "-dash",
    "d/e/e/p/f/o/l/d/e/r/x",
    "trailing. ",
]


def add(path: str, content: bytes) -> CommitOperationAdd:
    return CommitOperationAdd(path, content)


def test_a_clone_has_the_same_bytes_messages_authors_and_parents(git, remote):
    contents = {name: f"content of {name}\n".encode() for name in NAMES} | {"empty": b"", "one": b"1", "no-end": b"x\r"}
    remote.api.create_commit(
        remote.repo_id, [add(*one) for one in contents.items()], commit_message="Names of all kinds"
    )
    remote.api.create_commit(
        remote.repo_id,
        [
            CommitOperationDelete("d/", is_folder=True),
            CommitOperationDelete("one"),
            CommitOperationCopy("plain.txt", "e/copy #1.txt"),
            add("empty", b"no longer"),
        ],
        commit_message="Grüße",
        commit_description="First line.\n\nAnother one.",
    )

    clone = git.clone(remote.url())

    told = remote.api.list_repo_commits(remote.repo_id)
    log = clone("log", "-z", "--pretty=format:%H%x1f%an%x1f%s%x1f%b%x1f%at").split("\0")
    assert [tuple(entry.split("\x1f")) for entry in log] == [
        (one.commit_id, *one.authors, one.title, one.message, str(int(one.created_at.timestamp()))) for one in told
    ]
    assert clone("log", "--format=%P").splitlines() == [one.commit_id for one in told[1:]]
    files = clone.files()
    assert set(files) == set(remote.api.list_repo_files(remote.repo_id))
    assert files == {path: remote.content(path) for path in files}
    assert {path: files.get(path) for path in contents} == {
        **{path: None if path.startswith("d/") else content for path, content in contents.items()},
        "empty": b"no longer",
        "one": None,
    }


@pytest.mark.usefixtures("git_lfs")
def test_a_clone_has_the_large_files(git, remote):
    contents = {f"{name}.bin": f"\0{name}".encode() * 50 for name in NAMES} | {"strange name ü+%#": b"\0" * 2000}
    remote.api.create_commit(remote.repo_id, [add(*one) for one in contents.items()], commit_message="Large files")

    clone = git.clone(remote.url())

    files = clone.files()
    del files[".gitattributes"]
    assert files == contents
    assert set(clone("-c", "core.quotePath=false", "lfs", "ls-files", "--name-only").splitlines()) == set(contents)
    assert clone("status", "--porcelain") == "", "git takes for large what the Hub does"


@pytest.mark.usefixtures("git_lfs")
def test_large_files_of_a_private_repository_need_the_token_too(git, make):
    remote = make(private=True)
    remote.api.upload_file(path_or_fileobj=b"\0secret", path_in_repo="w.bin", repo_id=remote.repo_id)

    assert git.clone(remote.url(remote.hub.read_token)).files()["w.bin"] == b"\0secret"


@pytest.mark.parametrize("scheme", ["basic", "bearer"])
@pytest.mark.parametrize("suffix", ["", ".git"])
def test_a_private_repository_is_cloned_by_who_may_read_it(git, make, scheme, suffix):
    remote = make(private=True)
    token = remote.hub.read_token
    told = ["-c", f"http.{remote.hub.endpoint}/.extraHeader=Authorization: Bearer {token}"] * (scheme == "bearer")
    url = remote.url() if scheme == "bearer" else remote.url(token)

    git(*told, "clone", "--quiet", f"{url}{suffix}", "clone")

    assert git.within(git.folder / "clone")("rev-parse", "HEAD") == remote.head()


def test_a_private_repository_is_nobody_elses(git, make):
    remote = make(private=True)

    # Without a password git asks for one, and here nobody may be asked.
    assert "could not read Username" in git.refused("clone", remote.url(), "a")
    assert "Authentication failed" in git.refused("clone", remote.url("hf_wrong"), "b")
    assert "not found" in git.refused("clone", remote.url(remote.hub.add_user("eve")), "c")
    assert "could not read Username" in git.refused("clone", f"{remote.hub.endpoint}/nobody/nothing", "d")


@pytest.mark.parametrize("kind", ["dataset", "space", "kernel"])
def test_all_types_of_repositories_can_be_cloned(git, hub, kind):
    hub.hub.store.create(kind, f"ada/of-type-{kind}", user="ada")

    clone = git.clone(f"{hub.endpoint}/{kind}s/ada/of-type-{kind}")

    assert set(clone.files()) == {".gitattributes"}


def test_a_model_without_owner_can_be_cloned(git, hub):
    hub.hub.store.create("model", "gpt2", user="ada")

    assert set(git.clone(f"{hub.endpoint}/gpt2").files()) == {".gitattributes"}


def test_branches_tags_and_pull_requests_can_be_fetched(git, remote):
    clone = git.clone(remote.url())
    remote.api.create_branch(remote.repo_id, branch="dev/x")
    remote.api.create_tag(remote.repo_id, tag="v1", tag_message="The first")
    info = remote.api.create_commit(remote.repo_id, [add("x", b"1")], commit_message="Propose x", create_pr=True)
    again = remote.api.create_commit(
        remote.repo_id, [add("x", b"2")], commit_message="Better", revision=info.pr_revision
    )
    assert info.pr_revision == "refs/pr/1"

    clone("fetch", "--quiet", "--tags", "origin", "dev/x", "refs/pr/1:refs/remotes/origin/pr/1")

    assert clone("rev-parse", "origin/dev/x", "v1^{commit}") == "\n".join([remote.head()] * 2)
    assert clone("tag", "--list", "--format=%(contents:subject)") == "The first"
    assert clone("log", "--format=%H", "origin/pr/1").splitlines() == [again.oid, info.oid, remote.head()]
    assert clone("show", "origin/pr/1:x") == "2"


def test_a_part_of_the_history_can_be_fetched(git, remote):
    for number in range(3):
        remote.api.create_commit(remote.repo_id, [add("x", b"%d" % number)], commit_message=f"{number}")

    assert git.clone("--depth=1", remote.url())("log", "--format=%s") == "2"
    sparse = git.clone("--filter=blob:none", "--no-checkout", remote.url())
    missing = sparse("rev-list", "--objects", "--all", "--missing=print").count("?")
    assert missing == 4, "three of x, one of .gitattributes"
    sparse("checkout", "--quiet", "main")
    assert sparse.files()["x"] == b"2"


def test_a_renamed_repository_is_found_by_its_old_name(git, remote):
    remote.api.call(operations.move_repo(from_repo=remote.repo_id, to_repo=f"{remote.repo_id}-renamed"))

    clone = git.clone(remote.mine)
    new = clone.commit("After the move", x=b"1")
    clone("push", "--quiet")

    assert remote.api.list_repo_commits(remote.repo_id)[0].commit_id == new


def test_a_squashed_history_is_one_commit(git, remote):
    remote.api.create_commit(remote.repo_id, [add("x", b"1")], commit_message="One")
    files = git.clone(remote.url()).files()

    remote.api.super_squash_history(remote.repo_id, commit_message="All in one")

    clone = git.clone(remote.url())
    assert (clone("log", "--format=%s%P"), clone.files()) == ("All in one", files)


def test_a_name_in_another_letter_case_is_cloned_and_pushed_to(git, remote):
    owner, _, name = remote.repo_id.partition("/")
    clone = git.clone(remote.url(remote.hub.token).replace(remote.repo_id, f"{owner.upper()}/{name.upper()}"))
    clone("lfs", "install", "--local")
    clone("lfs", "track", "*.bin")
    commit = clone.commit("Large", **{"w.bin": b"0" * 2000})
    clone("push", "--quiet")

    assert remote.api.model_info(remote.repo_id).sha == commit
    assert remote.content("w.bin") == b"0" * 2000
    remote.api.upload_file(path_or_fileobj=b"1", path_in_repo="x", repo_id=remote.repo_id.upper())
    assert remote.content("x") == b"1"
