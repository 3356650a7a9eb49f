"""A commit is created exactly once, although the response for it is lost."""

from __future__ import annotations

import attrs
import pytest

from hub_typed.errors import HfHubHTTPError, SourceChangedError, TransportError
from hub_typed.flows.commits.create import create_commit, upload_file
from hub_typed.flows.commits.operations import CommitOperationAdd as Add, CommitOperationDelete as Delete
from tests.flows.commits.branch_hub import AMBIGUOUS, ATTEMPTS, LARGE, BranchHub, Fault, check, is_complete, operations
from tests.flows.commits.conftest import answered


@pytest.fixture
def hub() -> BranchHub:
    return BranchHub()


def commit(run, **words):
    return run(lambda io: create_commit(io, "me/repo", operations(), **{"commit_message": "m", **words}))


@pytest.mark.parametrize("effect", ["none", "at once", "late"])
@pytest.mark.parametrize("outcome", AMBIGUOUS, ids=repr)
def test_a_commit_whose_response_is_lost_is_created_once(run, hub, outcome, effect):
    hub.commit_faults = [Fault(outcome, effect, delay=2)]
    check(hub, lambda: commit(run))
    assert len(hub.of("commit")) == (2 if effect != "at once" else 1)


@pytest.mark.parametrize("delay", range(1, 8))
def test_a_request_that_the_hub_processes_late_creates_no_second_commit(run, hub, delay):
    hub.commit_faults = [Fault(TransportError("broke"), "late", delay)]
    check(hub, lambda: commit(run))


def test_what_cannot_be_known_in_the_end_is_said(run, hub):
    hub.commit_faults = [Fault(answered(504, {"error": "oops"}))] * 9
    with pytest.raises(
        HfHubHTTPError, match=r"list_repo_commits\('me/repo'\) has 'm' above its parent [0-9a-f]{40}\."
    ) as error:
        commit(run)
    assert error.value.response.status_code == 504
    assert len(hub.of("commit")) == ATTEMPTS


def test_the_branch_and_type_are_named_where_it_cannot_be_known(run, hub):
    hub.commit_faults = [Fault(TransportError("the connection broke"))] * 9
    place = r"list_repo_commits\('me/repo', repo_type='dataset', revision='dev'\)"
    with pytest.raises(TransportError, match=rf"(?s)the connection broke.*{place}"):
        commit(run, repo_type="dataset", revision="dev")


def test_a_commit_is_sent_again_even_if_the_branch_cannot_be_read(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"), "at once")]
    hub.fail("commits", *[answered(503)] * (1 + ATTEMPTS))  # the head is read first, and then the history
    check(hub, lambda: commit(run))
    assert len(hub.of("commit")) == 2


def test_a_delay_longer_than_allowed_is_not_waited_for(run, hub):
    hub.commit_faults = [
        Fault(answered(503, {"error": "busy"}, retry_after="9999"), effect) for effect in ("at once", "none")
    ]
    check(hub, lambda: commit(run))
    with pytest.raises(HfHubHTTPError, match="may have been created"):
        run(lambda io: upload_file(io, path_or_fileobj=b"b", path_in_repo="b", repo_id="me/repo"))
    assert len(hub.of("commit")) == 2


def test_a_rewritten_history_is_not_guessed_about(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"))]
    commits = hub.commits

    def squashed(one):
        if hub.of("commit"):
            hub.history = [hub.add(attrs.evolve(hub.head, parent="", title="squashed"))]
        return commits(one)

    hub.commits = squashed
    with pytest.raises(TransportError, match="may have been created"):
        commit(run)


def test_a_commit_of_someone_else_with_the_same_title_is_not_taken_for_ours(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"), rival={"kept.txt": "9" * 40})]
    rival = hub.rival
    hub.rival = lambda changed: rival(changed, "m")
    info = commit(run)
    assert info.oid == hub.head.id
    assert len(hub.titled("m")) == 2
    assert is_complete(hub.head.tree)


def test_a_file_that_changes_before_it_can_be_compared_is_not_called_uncommitted(run, hub, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a")
    commits = hub.commits

    def changing(one):
        (tmp_path / "a.txt").write_bytes(b"changed")
        return commits(one)

    hub.commits = changing
    for effect in ("none", "at once"):
        (tmp_path / "a.txt").write_bytes(b"a")
        hub.commit_faults = [Fault(TransportError("broke"), effect)]
        with pytest.raises(SourceChangedError, match="may have been created") as error:
            run(lambda io: upload_file(io, path_or_fileobj=tmp_path / "a.txt", path_in_repo="n.txt", repo_id="me/repo"))
        assert "nothing was committed" not in str(error.value)


def test_the_paths_of_a_commit_are_compared_in_the_order_of_its_operations(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"), "at once")]
    changed = [Delete("logs/"), Add("logs/d/new.log", b"new"), Add("x/y", b"y"), Delete("x/y"), Add("w.bin", LARGE)]
    with pytest.warns(UserWarning, match="and then deletes it"):
        info = run(lambda io: create_commit(io, "me/repo", changed, commit_message="m"))
    assert [one.id for one in hub.titled("m")] == [info.oid]
    assert len(hub.of("commit")) == 1


def test_a_long_title_that_the_hub_shortens_is_still_known(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"), "at once")]
    commits = hub.commits

    def shortened(one):
        return attrs.evolve(found := commits(one), body=found.body.replace(b"m" * 2000, b"m" * 600))

    hub.commits = shortened
    commit(run, commit_message="m" * 2000)
    assert len(hub.of("commit")) == 1
