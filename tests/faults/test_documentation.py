"""The page about faults: its commands run as they are printed, and it names every fault."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from hub_typed.local import faults
from hub_typed.local.faults.json_form import FAULT_TYPES
from tests.docs.blocks import blocks


@pytest.fixture
def page(repository):
    return (repository / "docs" / "faults.md").read_text(encoding="utf-8")


def test_the_commands_run(page, local_hub):
    (commands,) = [block.code for block in blocks(page) if block.language == "sh"]
    script = commands.replace("\\\n", " ").splitlines()
    environment = os.environ | {"HF_ENDPOINT": local_hub.endpoint, "HF_TOKEN": local_hub.token}
    counts = []
    for command in script:
        subprocess.run(["sh", "-ec", command], env=environment, check=True, capture_output=True, timeout=30)
        counts.append(len(local_hub.faults.rules))
    assert counts == [1, 1, 0, 0, 0]


def test_every_fault_is_on_the_page(page):
    named = set(re.findall(r"^\| `(\w+)\(", page, re.MULTILINE))
    assert named == set(FAULT_TYPES)
    assert named <= set(faults.__all__)
