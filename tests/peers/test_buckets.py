"""Buckets: the official client and this one return the same, and leave the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.official import environment
from hub_typed.local import LocalHub
from tests.peers.conftest import Side

pytestmark = pytest.mark.timeout(300)  # the first run installs the client


@pytest.fixture
def sides(repository: Path, xet_hub: LocalHub, official: Side, tmp_path: Path) -> dict[str, Side]:
    """Both clients with hf_xet."""
    known = environment(xet_hub.endpoint, xet_hub.token, tmp_path / "ours", xet=True)
    known["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])
    return {"theirs": official, "ours": Side("hub_typed", "", Path(sys.executable), known)}


def test_both_clients_return_and_leave_the_same(sides, tmp_path):
    told = {name: side.run("buckets.py", name, str(tmp_path / "files" / name)) for name, side in sides.items()}
    assert told["ours"].keys() == told["theirs"].keys()
    assert {name: value for name, value in told["ours"].items() if value != told["theirs"][name]} == {}
