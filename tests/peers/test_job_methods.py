"""Jobs: the official client and ours send the same requests and read the same answers."""

from __future__ import annotations

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from tests.peers.conftest import Side

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


@pytest.mark.parametrize("theirs", ["2.4.0"], indirect=True)
def test_jobs_are_the_same_with_both(ours: Side, theirs: Side, local_hub: LocalHub):
    with HfApi() as api:
        dataset = api.create_repo("set", repo_type="dataset").repo_id
        api.create_repo("app", repo_type="space", space_sdk="docker")
    local_hub.jobs.simulate(logs=["===== Job started at 2026-01-02 03:04:05 =====", "one", "two"])
    local_hub.jobs.simulate(image="held", held=True)
    seen = ours.run("job_methods.py", local_hub.user, dataset)
    asked = [job.spec for job in local_hub.jobs.of(local_hub.user)]
    assert theirs.run("job_methods.py", local_hub.user, dataset) == seen
    assert [job.spec for job in local_hub.jobs.of(local_hub.user)] == asked * 2
    assert seen["hush"] is False
    assert seen["logs"] == ["one", "two"]
