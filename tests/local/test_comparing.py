"""Differences and merges: a pull request of a stranger must not cost the others their time."""

from __future__ import annotations

import random
import time

import pygit2
import pytest

from hub_typed.local import comparing
from hub_typed.local.faults import HubFault
from tests.local.talk import REPO, details, do, propose

SIGNED = pygit2.Signature("a", "a@a", 1, 0)


@pytest.fixture
def repo(tmp_path):
    return pygit2.init_repository(tmp_path / "r.git", bare=True)


def commit(repo, files, *parents, ref=None):
    folder = repo.TreeBuilder()
    for name, content in files.items():
        folder.insert(name, repo.create_blob(content), pygit2.enums.FileMode.BLOB)
    return str(repo.create_commit(ref, SIGNED, SIGNED, "m", folder.write(), list(parents)))


def lines(seed, number):
    chosen = random.Random(seed)
    return "".join(f"{chosen.randrange(100)}\n" for _ in range(number)).encode()


def test_large_files_are_compared_as_small_ones_are(ada, monkeypatch):
    ada.put(REPO, "f", b"".join(b"%d\n" % number for number in range(100)))
    ada.put(REPO, "old", b"a\nb\nc\nd\ne\n")
    number = propose(ada, "f", b"".join(b"%d\n" % number for number in range(1, 100)))
    ada.commit(REPO, ada.file("new", b"a\nb\nc\nd\n"), ("deletedFile", {"path": "old"}), to=f"refs%2Fpr%2F{number}")
    here = details(ada, number, diff=True)

    monkeypatch.setattr(comparing, "AT_ONCE", -1)
    comparing.conflicts.cache_clear()
    apart = details(ada, number, diff=True)

    assert here["diff"] == apart["diff"]
    assert "rename from old" in here["diff"]
    assert here["filesWithConflicts"] == apart["filesWithConflicts"] == []
    assert do(ada, number, "merge").status == 200
    assert ada("GET", "/ada/m/resolve/main/f").body.startswith(b"1\n")


def test_conflicts_of_large_files_are_told(ada, monkeypatch):
    monkeypatch.setattr(comparing, "AT_ONCE", -1)
    ada.put(REPO, "f", b"1\n")
    number = propose(ada, "f", b"2\n")
    ada.put(REPO, "f", b"3\n")

    assert details(ada, number)["filesWithConflicts"] == ["f"]
    assert do(ada, number, "merge").status == 400


@pytest.mark.parametrize("at_once", [comparing.AT_ONCE, -1])
def test_who_looks_for_conflicts_writes_nothing(repo, monkeypatch, at_once):
    monkeypatch.setattr(comparing, "AT_ONCE", at_once)
    comparing.conflicts.cache_clear()
    first = commit(repo, {"f": b"0"})
    base, head = commit(repo, {"f": b"0", "g": b"1"}, first), commit(repo, {"f": b"0", "h": b"1"}, first)
    before = set(repo)

    assert comparing.conflicts(repo.path, base, head) == ()
    assert set(repo) == before

    tree, _ = comparing.merged(repo.path, base, head)
    assert {str(one) for one in set(repo) - before} == {tree}


def test_what_takes_too_long_is_refused_and_the_discussion_is_still_seen(ada, monkeypatch):
    number = propose(ada, "f", b"2\n")
    monkeypatch.setattr(comparing, "AT_ONCE", -1)
    monkeypatch.setattr(comparing, "TIME", 0.001)
    comparing.conflicts.cache_clear()

    assert details(ada, number)["filesWithConflicts"] is True
    assert ada("GET", f"/api/{REPO}/discussions/{number}?diff=1").status == 422
    assert do(ada, number, "merge").status == 422
    assert details(ada, number)["status"] == "open"


def test_what_is_too_large_is_not_shown(ada, monkeypatch):
    number = propose(ada, "f", b"2\n")
    monkeypatch.setattr(comparing, "MAX_SHOWN", 1)

    assert ada("GET", f"/api/{REPO}/discussions/{number}?diff=1").status == 422
    assert details(ada, number)["filesWithConflicts"] == []


def test_a_process_that_fails_is_a_refusal(repo, monkeypatch, caplog):
    head = commit(repo, {"f": b"x"})
    monkeypatch.setattr(comparing, "AT_ONCE", -1)
    monkeypatch.setattr(comparing, "_start", lambda *_: None)

    with pytest.raises(HubFault) as refused:
        comparing._apart("patch", repo.path, head, "1" * 40)

    assert refused.value.status == 422
    assert "A comparison failed" in caplog.text


@pytest.mark.parametrize("content", [lines, lambda seed, number: b"%d\n" % seed * number], ids=["random", "other"])
def test_texts_of_any_kind_leave_the_others_their_time(repo, content):
    """What is compared here, and stops the others as long, is little."""
    first = commit(repo, {"f": content(1, 30_000)})
    base, head = (commit(repo, {"f": content(seed, 30_000)}, first) for seed in (2, 3))

    longest = max(
        _seconds(lambda: comparing.patch(repo.path, base, head)),
        _seconds(lambda: comparing.merged(repo.path, base, head)),
    )
    assert longest < 2  # of this process; it takes a tenth of that


def test_thousands_of_renamed_files_are_compared_in_time(repo):
    first = commit(repo, {f"a{number}": lines(number, 30) for number in range(3000)})
    head = commit(repo, {f"b{number}": lines(number, 31) for number in range(3000)}, first)

    began = time.monotonic()
    assert "a17" in comparing.patch(repo.path, first, head)
    assert time.monotonic() - began < 15


def test_histories_that_were_merged_into_each_other_are_not_followed_by_recursion(repo):
    first = commit(repo, {"f": b"0"})
    left, right = commit(repo, {"f": b"1"}, first), commit(repo, {"f": b"2"}, first)
    for number in range(3000):
        left, right = (commit(repo, {"f": b"%d" % number}, *pair) for pair in ((left, right), (right, left)))
    base, head = commit(repo, {"f": b"x", "g": b"1"}, left), commit(repo, {"f": b"x", "h": b"1"}, right)

    tree, conflicts = comparing.merged(repo.path, base, head)

    assert conflicts == ()
    assert [item.name for item in repo[tree]] == ["f", "g", "h"]


def _seconds(work):
    began = time.process_time()
    work()
    return time.process_time() - began
