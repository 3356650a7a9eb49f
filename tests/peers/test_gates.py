"""Both clients manage gated repositories in the same way and receive the same responses."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, operations
from hub_typed.local import LocalHub

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def test_both_decide_on_requests_alike(ours, theirs, local_hub: LocalHub):
    told = []
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        stranger = local_hub.add_user("stranger")
        local_hub.add_user("granted")
        for side in (ours, theirs):
            repo_id = f"{local_hub.user}/thing"
            api.create_repo(repo_id)
            api.update_repo_settings(repo_id, gated="manual")
            for name in ("ann", "bob"):
                ask = operations.access.ask_access(repo_id, members={})
                api.call(ask, token=local_hub.add_user(name))
            told.append(side.run("gates.py", repo_id, stranger))
            api.delete_repo(f"{repo_id}-moved")
    assert told[0] == told[1]
    assert [[one[0], one[3]] for one in told[0]["accepted"]] == [["ann", "accepted"], ["granted", "accepted"]]
    assert [one[0] for one in told[0]["rejected"]] == [one[0] for one in told[0]["cancelled"]] == ["bob"]
    assert [told[0]["anonymous"][0], told[0]["stranger"][0]] == [401, 403]
