"""The same for programs that need torch."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ecosystem.runner import Runner

pytestmark = [pytest.mark.ecosystem, pytest.mark.timeout(600)]  # the first run installs the environment


def test_sentence_transformers_pushes_and_reads_a_model(runner: Runner, tmp_path: Path):
    found = runner.run("torch", "sentence_model.py", "local-user/sentences", str(tmp_path / "bert"))
    assert found == {"near": True, "url": ["local-user", "sentences", "commit"]}


def test_peft_pushes_and_reads_an_adapter(runner: Runner):
    found = runner.run("torch", "peft_adapter.py", "local-user/base", "local-user/adapter")
    assert found["told"] == ["LORA", 2]


def test_timm_pushes_and_reads_a_model(runner: Runner):
    assert runner.run("torch", "timm_model.py", "local-user/vit") == {"same": True}
