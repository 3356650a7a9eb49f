"""Both clients manage repositories and webhooks in the same way."""

from __future__ import annotations

import json

import pytest

from hub_typed.local import LocalHub

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def test_both_look_after_repositories_and_webhooks_alike(ours, theirs, local_hub: LocalHub):
    user = local_hub.user
    local_hub.add_organization("lab")

    seen, by_them = (side.run("keeps.py", f"{user}/{name}", user) for side, name in ((ours, "ours"), (theirs, "them")))

    assert json.loads(json.dumps(seen).replace(f"{user}/ours", f"{user}/them")) == by_them
    assert seen["refs"] == [["main", "of/v1", "of/v2"], ["v1", "v2"]]
    assert seen["refs left"] == [["main", "of/v2"], ["v2"]]
    assert (seen["files"], seen["commits"]) == ([".gitattributes"], ["All in one"])
    assert seen["moved"] == [f"{user}/ours-moved", True, [f"{user}/ours-moved"]]
    assert seen["there"] == [False, False]
    assert seen["webhook"] == ["http://127.0.0.1:9/told", None, ["repo"], [["user", user]], False]
    assert seen["changed"] == ["http://127.0.0.1:9/other", [["org", "lab"]], False]
    assert (seen["disabled"], seen["listed"], seen["left"]) == ([True, False], [True], [])
    assert seen["me"] == ["user", user, ["lab"], "write"]
