"""Commits that open a pull request, whose response is lost."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from hub_typed.errors import HfHubHTTPError, HubTimeoutError, TransportError
from hub_typed.flows.commits.create import create_commit
from tests.flows.commits.branch_hub import AMBIGUOUS, ATTEMPTS, BranchHub, Fault, Pull, is_complete, operations
from tests.flows.commits.conftest import answered

TIMEOUTS = [HubTimeoutError("no response"), answered(504, {"error": "oops"}), answered(408, {"error": "oops"})]
FAILURES = [one for one in AMBIGUOUS if repr(one) not in map(repr, TIMEOUTS)]
SCHEDULES = 200


@pytest.fixture
def hub() -> BranchHub:
    return BranchHub()


def propose(run, **words):
    return run(
        lambda io: create_commit(io, "me/repo", operations(), **{"commit_message": "m", "create_pr": True, **words})
    )


def check(hub: BranchHub, info) -> None:
    """Check that one pull request was opened, and that it is the one of the result."""
    hub.process_late()
    (pull,) = hub.pulls
    assert (info.oid, info.pr_num, info.pr_revision) == (pull.commit, pull.num, f"refs/pr/{pull.num}")
    assert info.pr_url == f"https://hub.test/me/repo/discussions/{pull.num}"
    assert is_complete(hub.known[pull.commit].tree)
    assert not hub.titled("m")


@pytest.mark.parametrize("outcome", AMBIGUOUS, ids=repr)
def test_a_pull_request_whose_response_is_lost_is_opened_once(run, hub, outcome):
    hub.commit_faults = [Fault(outcome, "at once")]
    check(hub, propose(run))
    assert len(hub.of("commit")) == 1


@pytest.mark.parametrize("outcome", FAILURES, ids=repr)
def test_a_pull_request_that_was_not_opened_is_requested_again(run, hub, outcome):
    hub.commit_faults = [Fault(outcome)] * (ATTEMPTS - 1)
    check(hub, propose(run))
    assert len(hub.of("commit")) == ATTEMPTS


@pytest.mark.parametrize("delay", [1, 3, 5, 8])
@pytest.mark.parametrize("outcome", TIMEOUTS, ids=repr)
def test_a_pull_request_that_is_opened_after_a_timeout_is_waited_for(run, hub, outcome, delay):
    hub.commit_faults = [Fault(outcome, "late", delay)]
    check(hub, propose(run))
    assert len(hub.of("commit")) == 1


@pytest.mark.parametrize("outcome", TIMEOUTS, ids=repr)
def test_after_a_timeout_no_second_request_is_sent(run, hub, outcome):
    hub.commit_faults = [Fault(outcome)]
    with pytest.raises((HfHubHTTPError, HubTimeoutError), match=r"(?s)may have been opened.*'m'.*get_repo_discussions"):
        propose(run)
    assert len(hub.of("commit")) == 1


def test_a_pull_request_is_not_requested_again_if_the_list_cannot_be_read(run, hub):
    hub.commit_faults = [Fault(TransportError("broke"))]
    hub.fail("discussions", *[answered(503)] * 99)
    with pytest.raises(TransportError, match="may have been opened"):
        propose(run)
    assert len(hub.of("commit")) == 1


def test_a_refused_pull_request_is_an_error_at_once(run, hub):
    hub.commit_faults = [Fault(answered(403, {"error": "read only"}))]
    with pytest.raises(HfHubHTTPError, match="read only") as caught:
        propose(run)
    assert "may have been" not in str(caught.value)
    assert "discussions" not in hub.kinds


def test_a_refusal_after_a_lost_response_says_that_it_may_be_open(run, hub):
    hub.commit_faults = [Fault(TransportError("broke")), Fault(answered(403, {"error": "read only"}))]
    with pytest.raises(HfHubHTTPError, match=r"(?s)read only.*may have been opened"):
        propose(run)


def test_an_older_pull_request_with_the_same_files_is_another_one(run, hub):
    propose(run)
    hub.pulls = [attrs.evolve(hub.pulls[0], created_at=datetime.now(UTC) - timedelta(hours=1))]
    hub.commit_faults = [Fault(TransportError("broke"))]
    assert propose(run).pr_num == 2


def test_a_pinned_old_pull_request_does_not_hide_a_new_one(run, hub):
    old = datetime.now(UTC) - timedelta(days=9)
    hub.pulls = [Pull(1, "m", hub.head.id, old, pinned=True)]
    hub.commit_faults = [Fault(TransportError("broke"), "at once")]
    assert propose(run).pr_num == 2
    assert len(hub.of("commit")) == 1


def test_pull_requests_of_others_are_not_taken_for_ours(run, hub):
    other = hub.rival({"theirs": "9" * 40}, "m")
    now = datetime.now(UTC)
    hub.pulls = [Pull(1, "another title", other, now), Pull(2, "m", other, now)]
    hub.commit_faults = [Fault(TransportError("broke"))]
    assert propose(run).pr_num == 3
    assert len(hub.of("commit")) == 2


def test_a_pull_request_is_based_on_the_given_parent(run, hub):
    parent = hub.head.id
    hub.rival({"theirs": "9" * 40})
    hub.commit_faults = [Fault(TransportError("broke"), "at once")]
    check(hub, propose(run, parent_commit=parent))
    assert hub.known[hub.pulls[0].commit].parent == parent


def test_random_schedules_of_faults_open_one_pull_request(run, hub):
    for seed in range(SCHEDULES):
        chance = random.Random(seed)
        hub.pulls.clear()
        hub.commit_faults = [
            chance.choice([None, Fault(chance.choice(FAILURES), chance.choice(["none", "at once"]))])
            for _ in range(chance.randint(0, ATTEMPTS - 2))
        ]
        if chance.random() < 0.5:
            hub.commit_faults.append(Fault(chance.choice(TIMEOUTS), chance.choice(["at once", "late"]), 4))
        hub.rivals = {len(hub.sent) + chance.randint(1, 20): {"theirs": f"{seed:040}"}}
        try:
            check(hub, propose(run))
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
