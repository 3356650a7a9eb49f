"""The git layer: contents of repositories, verified with git itself if possible."""

from __future__ import annotations

import subprocess

import pygit2
import pytest

from hub_typed.local.errors import HubResponseError
from hub_typed.local.git.objects import AuthoredMessage, Change, Put, Remove, RemoveFolder
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.lfs.store import Pointer

SIGNED = AuthoredMessage(user="ada", message="a change")


def commit(git: GitRepo, *changes: Change, branch: str = "main") -> pygit2.Commit:
    return git.commit(branch, git.branch(branch), changes, SIGNED)


def paths(git: GitRepo, at: pygit2.Commit) -> list[str]:
    return [entry.path for entry in git.tree(at, recursive=True)]


def test_a_commit_holds_what_was_put_and_removed(git):
    commit(git, Put("a/b.txt", b"1"), Put("a/c.txt", b"2"), Put("d/e.txt", b"3"), Put("f", b"4"))
    last = commit(git, Remove("a/b.txt"), RemoveFolder("d"), Put("f", b"5"))

    assert paths(git, last) == ["a", "a/c.txt", "f"]
    entry = git.entry(last, "f")
    assert entry is not None
    assert git.read(entry) == b"5"


def test_a_file_takes_the_place_of_a_folder_and_back(git):
    commit(git, Put("a/b", b"1"), Put("c", b"2"))
    last = commit(git, Put("c/d", b"3"), RemoveFolder("a"), Put("a", b"4"))

    assert paths(git, last) == ["a", "c", "c/d"]


def test_an_executable_file_stays_one(git, tmp_path):
    clone = tmp_path / "clone"
    commit(git, Put("run.sh", b"1"))
    run = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(clone)]
    subprocess.run(["git", "clone", "-q", str(tmp_path / "repo.git"), str(clone)], check=True)
    (clone / "run.sh").chmod(0o755)
    subprocess.run([*run, "commit", "-qam", "x"], check=True)
    subprocess.run([*run, "push", "-q"], check=True)

    last = commit(git, Put("run.sh", b"2"))

    assert last.tree["run.sh"].filemode == 0o100755


def test_changes_that_change_nothing_make_no_commit(git):
    first = commit(git, Put("a", b"1"))

    assert commit(git, Put("a", b"1")).id == first.id


@pytest.mark.parametrize("change", [Remove("b"), Remove("a/b"), RemoveFolder("a"), RemoveFolder("b")])
def test_what_is_not_there_cannot_be_removed(git, change):
    first = commit(git, Put("a", b"1"), Put("d/e", b"2"))

    with pytest.raises(HubResponseError) as fault:
        commit(git, change)

    assert (fault.value.status, fault.value.code) == (404, "EntryNotFound")
    assert git.commit_at("main").id == first.id


@pytest.mark.parametrize("path", ["../a", ".git/config", "a/../b"])
def test_paths_that_git_cannot_hold_are_refused(git, path):
    with pytest.raises(HubResponseError) as fault:
        commit(git, Put(path, b"1"))

    assert fault.value.status == 400


def test_a_branch_that_moved_on_is_not_overwritten(git):
    first = commit(git, Put("a", b"1"))
    commit(git, Put("a", b"2"))

    with pytest.raises(HubResponseError) as fault:
        git.commit("main", first, [Put("a", b"3")], SIGNED)

    assert fault.value.status == 412


def test_every_name_of_a_commit_leads_to_it(git):
    first = commit(git, Put("a", b"1"))
    last = commit(git, Put("a", b"2"))
    git.create_tag("v1", first)
    git.create_tag("v1-signed", first, AuthoredMessage(user="ada", message="the first"))
    git.create_branch("dev/x", first)
    name = str(first.id)

    for revision in ("v1", "v1-signed", "dev/x", "refs/heads/dev/x", "refs/tags/v1", name, name[:7]):
        assert git.commit_at(revision).id == first.id, revision
    assert git.commit_at("HEAD").id == last.id


@pytest.mark.parametrize("revision", ["nope", "refs/pr/1", "0" * 40, "abc", "a b", "..", "head", "main~1"])
def test_what_names_no_commit_is_not_found(git, revision):
    commit(git, Put("a", b"1"))

    with pytest.raises(HubResponseError) as fault:
        git.commit_at(revision)

    assert (fault.value.status, fault.value.code) == (404, "RevisionNotFound")


def test_the_hash_of_a_tree_is_no_revision(git):
    tree = commit(git, Put("a", b"1")).tree

    with pytest.raises(HubResponseError):
        git.commit_at(str(tree.id))


def test_refs_are_made_moved_and_deleted(git):
    first, second = commit(git, Put("a", b"1")), commit(git, Put("a", b"2"))
    git.create_branch("b", first)
    git.create_tag("t", first, SIGNED)
    assert git.refs("refs/") == [
        ("refs/heads/b", str(first.id)),
        ("refs/heads/main", str(second.id)),
        ("refs/tags/t", str(first.id)),
    ]

    git.create_branch("b", second, overwrite=True)
    assert git.commit_at("b").id == second.id

    git.delete_branch("b")
    git.delete_tag("t")
    assert git.refs("refs/") == [("refs/heads/main", str(second.id))]


def test_refs_that_clash_or_have_no_legal_name_are_refused(git):
    first = commit(git, Put("a", b"1"))
    git.create_tag("t", first)

    refused = [
        (409, lambda: git.create_branch("main", first)),
        (409, lambda: git.create_tag("t", first)),
        (409, lambda: git.create_tag("t", first, SIGNED)),
        (400, lambda: git.create_branch("main/sub", first)),
        (400, lambda: git.create_branch("a..b", first)),
        (400, lambda: git.create_tag("a..b", first)),
        (400, lambda: git.create_tag("a..b", first, SIGNED)),
        (403, lambda: git.delete_branch("main")),
        (404, lambda: git.delete_branch("nope")),
        (404, lambda: git.delete_branch("t")),
        (404, lambda: git.delete_tag("main")),
    ]
    for status, attempt in refused:
        with pytest.raises(HubResponseError) as fault:
            attempt()
        assert fault.value.status == status


def test_a_tree_tells_sizes_and_pointers_in_order_of_paths(git):
    pointer = Pointer("ab" * 32, 123456789)
    last = commit(git, Put("z", b"12"), Put("a.txt", b"1"), Put("a/b", b""), Put("w.bin", pointer.text()))

    entries = git.tree(last, recursive=True)

    assert [(entry.path, entry.kind, entry.size) for entry in entries] == [
        ("a", "directory", 0),
        ("a.txt", "file", 1),
        ("a/b", "file", 0),
        ("w.bin", "file", 123456789),
        ("z", "file", 2),
    ]
    assert entries[3].pointer == pointer
    assert entries[3].stored == len(pointer.text())
    assert [entry.path for entry in git.tree(last, "a")] == ["a/b"]


@pytest.mark.parametrize("path", ["nope", "a.txt", "a/nope"])
def test_only_folders_can_be_listed(git, path):
    last = commit(git, Put("a.txt", b"1"), Put("a/b", b"2"))

    with pytest.raises(HubResponseError) as fault:
        git.tree(last, path)

    assert fault.value.code == "EntryNotFound"


def test_the_last_commit_of_a_path_is_the_one_that_gave_it_its_content(git):
    first = commit(git, Put("a", b"1"), Put("d/e", b"1"), Put("d/f", b"1"))
    second = commit(git, Put("a", b"2"))
    third = commit(git, Put("a", b"1"), Put("d/f", b"2"))

    found = git.last_commits(third, ["a", "d", "d/e", "d/f", "nope"])

    assert {path: found[path].id for path in found} == {
        "a": third.id,
        "d": third.id,
        "d/e": first.id,
        "d/f": third.id,
    }
    assert git.last_commits(second, ["a"])["a"].id == second.id


def test_the_last_commit_is_found_beyond_a_merge(git, tmp_path):
    first = commit(git, Put("a", b"1"), Put("d/b", b"1"), Put("c", b"1"))
    git.create_branch("side", first)
    side = commit(git, Put("d/b", b"2"), branch="side")
    main = commit(git, Put("a", b"2"))
    run = ["git", "-c", "user.name=a", "-c", "user.email=b", "-C", str(tmp_path / "clone")]
    subprocess.run(["git", "clone", "-q", str(tmp_path / "repo.git"), str(tmp_path / "clone")], check=True)
    subprocess.run([*run, "merge", "-q", "--no-commit", "origin/side"], check=True, capture_output=True)
    (tmp_path / "clone/c").write_bytes(b"2")
    subprocess.run([*run, "commit", "-qam", "merged"], check=True)
    subprocess.run([*run, "push", "-q"], check=True)
    merged = git.commit_at("main")

    found = git.last_commits(merged, ["a", "d", "d/b", "c"])

    assert {path: one.id for path, one in found.items()} == {
        "a": main.id,
        "d": side.id,
        "d/b": side.id,
        "c": merged.id,
    }


def test_the_last_commits_of_many_paths_cost_one_walk(git, monkeypatch):
    every = [f"d{number % 3}/f{number}" for number in range(60)]
    last = commit(git, *(Put(path, b"0") for path in every))
    for number in range(120):
        last = commit(git, Put(every[number % 20], str(number).encode()))
    looked = []
    oid = git._oid
    monkeypatch.setattr(git, "_oid", lambda *given: looked.append(given) or oid(*given))

    found = git.last_commits(last, every)

    assert len(found) == 60
    assert found[every[-1]].message == "a change"
    assert found[every[19]].id == last.id
    # Each path is read once at the start, and then only in commits that changed it, not in all 121 commits.
    assert len(looked) <= 60 + 120 + 60


def test_history_is_told_newest_first(git):
    made = [commit(git, Put("a", str(number).encode())) for number in range(5)]

    assert [one.id for one in git.history(made[-1])] == [one.id for one in reversed(made)]


def test_git_finds_nothing_wrong_and_reads_the_same(git, tmp_path):
    first = commit(git, Put("a/b.txt", b"1"), Put("c", b"2"))
    last = commit(git, Put("a/d e.txt", "ü".encode()), RemoveFolder("a"), Put("a", b"3"))
    git.create_tag("v1", first, SIGNED)
    git.create_branch("empty", git.orphan(SIGNED))
    run = ["git", "-C", str(tmp_path / "repo.git")]

    subprocess.run([*run, "fsck", "--strict"], check=True, capture_output=True)
    log = subprocess.run([*run, "log", "--format=%H %an %s"], check=True, capture_output=True, text=True).stdout

    assert log.splitlines() == [f"{last.id} ada a change", f"{first.id} ada a change"]
