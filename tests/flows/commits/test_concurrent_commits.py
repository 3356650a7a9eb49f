"""Commits to a branch to which others commit at the same time."""

from __future__ import annotations

import attrs
import pytest

from hub_typed.errors import CommitConflictError, CommitRejectedError, HfHubHTTPError, TransportError
from hub_typed.flows.commits.create import create_commit, upload_file
from hub_typed.flows.commits.operations import (
    CommitOperationAdd as Add,
    CommitOperationCopy as Copy,
    CommitOperationDelete as Delete,
)
from tests.flows.commits.branch_hub import ATTEMPTS, BranchHub, Fault, check, operations
from tests.flows.commits.conftest import answered


@pytest.fixture
def hub() -> BranchHub:
    return BranchHub()


def commit(run, **words):
    return run(lambda io: create_commit(io, "me/repo", operations(), **{"commit_message": "m", **words}))


def test_a_commit_that_was_overtaken_is_made_on_the_new_head(run, hub):
    hub.rivals = {number: {f"theirs-{number}": "9" * 40} for number in range(20)}
    check(hub, lambda: commit(run))
    assert {"theirs-1", "theirs-2"} <= hub.head.tree.keys()


def test_overtaking_commits_do_not_use_up_the_attempts(run, hub):
    hub.rivals = {number: {"theirs": f"{number:040}"} for number in range(3, 60)}
    check(hub, lambda: commit(run))
    assert len(hub.of("commit")) > 2 * ATTEMPTS


def test_a_branch_that_others_move_all_the_time_is_given_up(run, hub, monkeypatch):
    monkeypatch.setattr("hub_typed.flows.commits.branch_commit.MAX_CONFLICT_SECONDS", -1)
    hub.rivals = {number: {"theirs": f"{number:040}"} for number in range(60)}
    with pytest.raises(HfHubHTTPError, match="412") as error:
        commit(run)
    assert "may have been" not in str(error.value)


@pytest.mark.parametrize("status", [409, 412])
def test_refusals_are_not_retried_for_ever_where_nobody_else_commits(run, hub, status):
    hub.commit_faults = [Fault(answered(status, {"error": "busy"}))] * 9
    with pytest.raises(HfHubHTTPError, match=str(status)):
        commit(run)
    assert len(hub.of("commit")) == ATTEMPTS


def test_a_required_parent_that_is_not_the_head_is_an_error(run, hub):
    parent = hub.head.id
    hub.rival({"theirs": "9" * 40})
    with pytest.raises(HfHubHTTPError, match="412") as error:
        commit(run, parent_commit=parent)
    assert type(error.value) is HfHubHTTPError
    assert hub.kinds[-1] == "commit"
    assert not hub.titled("m")


@pytest.mark.parametrize("length", [7, 40])
def test_a_commit_with_a_required_parent_whose_response_is_lost_is_created_once(run, hub, length):
    for effect in ("none", "at once", "late"):
        hub.commit_faults = [Fault(TransportError("broke"), effect, delay=2)]
        info = run(
            lambda io, effect=effect: upload_file(
                io,
                path_or_fileobj=effect.encode(),
                path_in_repo="a.txt",
                repo_id="me/repo",
                parent_commit=hub.head.id[:length].upper(),
                commit_message=effect,
            )
        )
        assert [one.id for one in hub.titled(effect)] == [info.oid]


def test_a_required_parent_that_was_overtaken_while_the_response_was_lost_is_an_error(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"), rival={"theirs": "9" * 40})]
    with pytest.raises(HfHubHTTPError, match="412") as error:
        commit(run, parent_commit=hub.head.id)
    assert "may have been created" not in str(error.value)
    assert not hub.titled("m")


def test_a_commit_is_rebased_on_commits_to_other_paths(run, hub):
    parent = hub.head.id
    hub.rival({"kept.txt": "9" * 40, "d/e": "8" * 40})
    hub.commit_faults = [Fault(TransportError("broke"), rival={"more": "7" * 40})]
    info = commit(run, parent_commit=parent, on_conflict="rebase")
    assert info.oid == hub.head.id
    assert {"d/e", "more"} <= hub.head.tree.keys()


@pytest.mark.parametrize(
    ("theirs", "ours", "paths"),
    [
        ({"a.txt": "9"}, [Add("a.txt", b"a")], ["a.txt"]),
        ({"kept.txt": "9"}, [Add("kept.txt", b"a"), Add("other", b"o")], ["kept.txt"]),
        ({"logs/d/2.log": "9"}, [Delete("logs/")], ["logs/"]),
        ({"logs/new.log": "9"}, [Delete("logs/")], ["logs/"]),
        ({"d": "9"}, [Add("d/e/f", b"f")], ["d"]),
        ({"d/e/f/g": "9"}, [Add("d/e/f", b"f")], ["d/e/f"]),
        ({"old.txt": "9"}, [Delete("old.txt")], ["old.txt"]),
        ({"copy.bin": "9"}, [Copy("have.bin", "copy.bin")], ["copy.bin"]),
        ({"a": "9", "b": "9"}, [Add("b", b""), Add("a", b"")], ["a", "b"]),
    ],
)
def test_commits_to_the_same_paths_are_a_conflict_that_names_them(run, hub, theirs, ours, paths):
    parent = hub.head.id
    hub.rival({path: digit * 40 for path, digit in theirs.items()})
    with pytest.raises(CommitRejectedError) as caught:
        run(
            lambda io: create_commit(
                io,
                "me/repo",
                [attrs.evolve(one) if isinstance(one, Copy) else one for one in ours],
                commit_message="m",
                parent_commit=parent,
                on_conflict="rebase",
            )
        )
    error = caught.value
    assert (list(error.paths), error.parent_commit, error.head) == (paths, parent, hub.head.id)
    assert error.response.status_code == 412
    assert error.context.operation == "commits.create_commit"
    assert all(part in str(error) for part in ("me/repo", "'main'", hub.head.id, *map(repr, paths)))
    assert not hub.titled("m")


def test_a_path_that_our_commit_does_not_change_is_a_conflict_all_the_same(run, hub):
    parent = hub.head.id
    hub.rival({"kept.txt": hub.git_id(b"same")})
    ours = [Add("kept.txt", b"same"), Add("other", b"o")]
    with pytest.raises(CommitConflictError) as caught:
        run(
            lambda io: create_commit(
                io, "me/repo", ours, commit_message="m", parent_commit=parent, on_conflict="rebase"
            )
        )
    assert caught.value.paths == ("kept.txt",)


def test_files_in_the_same_folder_are_no_conflict(run, hub):
    parent = hub.head.id
    hub.rival({"logs/d/theirs.log": "9" * 40})
    info = run(
        lambda io: upload_file(
            io,
            path_or_fileobj=b"ours",
            path_in_repo="logs/d/ours.log",
            repo_id="me/repo",
            parent_commit=parent,
            on_conflict="rebase",
        )
    )
    assert info.oid == hub.head.id


def test_a_conflict_is_found_after_a_lost_response_as_well(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"), rival={"a.txt": "9" * 40})]
    with pytest.raises(CommitConflictError) as caught:
        commit(run, parent_commit=hub.head.id, on_conflict="rebase")
    assert (type(caught.value), caught.value.paths) == (CommitConflictError, ("a.txt",))


def test_an_unknown_choice_is_refused_before_any_request(run, hub):
    with pytest.raises(ValueError, match="on_conflict='merge' is not known: pass one of 'raise', 'rebase'"):
        commit(run, on_conflict="merge")
    assert not hub.sent
