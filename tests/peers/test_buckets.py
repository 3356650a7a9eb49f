"""Buckets: the official client and this one return the same, and leave the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.official import OfficialMissingError, environment, interpreter
from hub_typed.local import LocalHub
from tests.peers.conftest import Side

pytestmark = pytest.mark.timeout(300)  # the first run installs the client


@pytest.fixture
def sides(repository: Path, xet_hub: LocalHub, tmp_path: Path) -> dict[str, Side]:
    """Both clients with hf_xet."""
    try:
        python = interpreter()
    except OfficialMissingError as error:
        pytest.skip(f"Not tested against the official client: {error}")
    known = [environment(xet_hub.endpoint, xet_hub.token, tmp_path / one, xet=True) for one in ("theirs", "ours")]
    known[1]["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])
    return {
        "theirs": Side("huggingface_hub", "2.4.0", python, known[0]),
        "ours": Side("hub_typed", "", Path(sys.executable), known[1]),
    }


def test_both_clients_return_and_leave_the_same(sides, tmp_path):
    told = {name: side.run("buckets.py", name, str(tmp_path / "files" / name)) for name, side in sides.items()}
    assert told["ours"].keys() == told["theirs"].keys()
    assert {name: value for name, value in told["ours"].items() if value != told["theirs"][name]} == {}
