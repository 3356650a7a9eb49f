"""Commits of revisions, and downloads of one commit."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from hub_typed import ResolvedRevision, try_to_load_from_cache
from hub_typed.errors import (
    HFValidationError,
    LocalEntryNotFoundError,
    RevisionNotFoundError,
    RevisionResolutionError,
    TransportError,
)
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.resolved_revision import resolve_revision
from hub_typed.flows.files.snapshot import snapshot_download
from hub_typed.flows.files.verify import verify_repo_checksums

REPO = "org/model"


@pytest.fixture
def commit(hub):
    return hub.commit({"x": b"old"})


def test_a_resolved_revision_is_its_revision_and_has_the_commit(run, hub, commit):
    revision = run(resolve_revision, REPO)
    assert revision == "main"
    assert (revision.resolved, revision.initial, revision.repo_id) == (commit, None, REPO)
    assert repr(revision) == f"ResolvedRevision(initial=None, resolved='{commit}')"
    assert len(hub.asked) == 1


def test_a_resolved_revision_survives_pickling():
    revision = ResolvedRevision("a" * 40, "v1", REPO, "dataset")
    copied = pickle.loads(pickle.dumps(revision))
    assert (copied, copied.resolved, copied.repo_id, copied.repo_type) == ("v1", "a" * 40, REPO, "dataset")


def test_downloads_read_the_commit_although_the_branch_has_moved(run, hub, commit):
    revision = run(resolve_revision, REPO, revision="main")
    hub.commit({"x": b"new"})
    assert Path(run(hf_hub_download, REPO, "x", revision=revision)).read_bytes() == b"old"
    assert Path(run(snapshot_download, REPO, revision=revision)).name == commit
    hub.forget()
    path = run(hf_hub_download, REPO, "x", revision=revision)
    assert hub.asked == []
    assert try_to_load_from_cache(REPO, "x", run.settings.cache_dir, revision) == path
    assert run(verify_repo_checksums, REPO, revision=revision).mismatches == []


def test_a_revision_resolved_for_another_repository_is_resolved_again(run, hub, commit):
    other = ResolvedRevision("f" * 40, "main", "org/other")
    assert run(resolve_revision, REPO, revision=other).resolved == commit
    assert Path(run(hf_hub_download, REPO, "x", revision=other)).parent.name == commit
    same_name = ResolvedRevision("f" * 40, "main", REPO, "dataset")
    assert run(resolve_revision, REPO, revision=same_name).resolved == commit


def test_a_resolved_revision_and_a_commit_need_no_request(run, hub, commit):
    revision = run(resolve_revision, REPO)
    hub.forget()
    assert run(resolve_revision, REPO, revision=revision) is revision
    assert run(resolve_revision, REPO, revision=commit).resolved == commit
    assert hub.asked == []


@pytest.mark.parametrize("down", [TransportError("no route"), 503])
def test_the_commit_of_the_cache_is_used_while_the_hub_is_unavailable(run, hub, commit, caplog, down):
    run(resolve_revision, REPO)
    hub.down = down
    assert run(resolve_revision, REPO).resolved == commit
    assert f"using the commit {commit} from the cache" in caplog.text
    assert run(resolve_revision, REPO, local_files_only=True).resolved == commit


def test_a_revision_that_is_nowhere_is_an_error(run, hub, commit):
    with pytest.raises(RevisionNotFoundError):
        run(resolve_revision, REPO, revision="v9")
    with pytest.raises(HFValidationError):
        run(resolve_revision, REPO, revision="a..b")
    with pytest.raises(RevisionResolutionError, match="local_files_only=True forbids"):
        run(resolve_revision, REPO, local_files_only=True)
    hub.down = TransportError("no route")
    with pytest.raises(LocalEntryNotFoundError, match=f"The commit of {REPO} at revision 'main' is not in"):
        run(resolve_revision, REPO)
