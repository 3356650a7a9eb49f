"""Runs programs of the ecosystem with hub-typed as `huggingface_hub`, or with the official client."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

from benchmarks.official import OfficialMissingError
from tests.ecosystem.environments import Environment, interpreter_of

PROGRAMS = Path(__file__).parent / "programs"
PATIENCE = 120
"""Seconds after which a program hangs."""


def interpreter_or_skip(environment: Environment) -> Path:
    """The interpreter of an environment; the test is skipped if it cannot be installed without a network."""
    try:
        return interpreter_of(environment)
    except OfficialMissingError as error:
        pytest.skip(f"Not tested with programs of the ecosystem: {error}")


@attrs.frozen
class Runner:
    """Runs programs, with the embedded Hub as the only one they know."""

    client: Literal["hub_typed", "huggingface_hub"]
    repository: Path
    environment: dict[str, str]
    agents: list[str]
    """The user agent of each request that the Hub receives."""

    def run(self, environment: Environment, program: str, *arguments: str, **variables: str) -> Any:
        """Run a program, and give the JSON that it prints last.

        Every request that the Hub receives meanwhile must come from the client; without variables, there are some.
        """
        python = interpreter_or_skip(environment)
        started = [str(PROGRAMS / program), *arguments]
        known = self.environment | variables
        if self.client == "hub_typed":
            started = ["-m", "hub_typed.compat", "run", *started]
            known["PYTHONPATH"] = os.pathsep.join([str(self.repository), str(self.repository / "generated")])
        self.agents.clear()
        done = subprocess.run(
            [python, *started],
            env=known,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        assert {"hub_typed" if "hub_typed/" in agent else "huggingface_hub" for agent in self.agents} == (
            set() if variables else {self.client}
        )
        return json.loads(done.stdout.splitlines()[-1])
