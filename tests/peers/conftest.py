"""Comparison with the official client in two versions, each in an environment of its own.

Each script of this folder takes the name of a library as its first argument and makes the same calls with either one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

from benchmarks.official import OfficialMissingError, environment, interpreter
from hub_typed.local import LocalHub

VERSIONS = ("2.4.0", "0.27.1")
PATIENCE = 60
"""Seconds after which a script hangs."""


@attrs.frozen
class Side:
    """A library, and how its scripts are run against the Hub."""

    library: str
    version: str
    python: Path
    environment: dict[str, str]

    def start(self, script: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Begin to run a script."""
        return subprocess.Popen(
            [self.python, "-P", Path(__file__).parent / script, self.library, *arguments],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *arguments: str, **environment: str) -> Any:
        """Run a script, and give the JSON that it prints."""
        with self.start(script, *arguments, **environment) as running:
            try:
                printed, complaint = running.communicate(timeout=PATIENCE)
            finally:
                running.kill()
        assert running.returncode == 0, complaint
        return json.loads(printed)


@pytest.fixture
def ours(repository: Path, local_hub: LocalHub, tmp_path: Path) -> Side:
    """Our own library."""
    known = environment(local_hub.endpoint, local_hub.token, tmp_path / "our-home")
    known["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])
    return Side("hub_typed", "", Path(sys.executable), known)


@pytest.fixture(params=VERSIONS)
def theirs(request: pytest.FixtureRequest, local_hub: LocalHub, tmp_path: Path) -> Side:
    """The official client."""
    try:
        python = interpreter(request.param)
    except OfficialMissingError as error:
        pytest.skip(f"Not tested against the official client: {error}")
    known = environment(local_hub.endpoint, local_hub.token, tmp_path / "their-home")
    return Side("huggingface_hub", request.param, python, known)


@pytest.fixture
def official(xet_hub: LocalHub, tmp_path: Path) -> Side:
    """The official client with hf_xet, as it is installed by default."""
    try:
        python = interpreter()
    except OfficialMissingError as error:
        pytest.skip(f"Not tested against the official client: {error}")
    known = environment(xet_hub.endpoint, xet_hub.token, tmp_path / "their-home", xet=True)
    return Side("huggingface_hub", "2.4.0", python, known)


@pytest.fixture(params=["ours first", "theirs first"])
def sides(request: pytest.FixtureRequest, ours: Side, theirs: Side) -> tuple[Side, Side]:
    """Who begins, and who goes on with it."""
    return (ours, theirs) if request.param == "ours first" else (theirs, ours)
