"""One login for all clients on a machine: each sends the token that the other stored."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def test_who_logs_in_with_one_is_logged_in_with_the_other(sides, local_hub, tmp_path: Path):
    first, second = sides
    home = {"HF_HOME": str(tmp_path / "home"), "HF_TOKEN": "", "HOME": str(tmp_path)}
    write, read = local_hub.token, local_hub.read_token

    def run(side, *steps: str) -> str | None:
        told: str | None = side.run("logins.py", *steps, **home)
        return told

    assert run(first, f"login:{write}") == write
    assert run(second) == write
    assert run(second, f"login:{read}") == read
    assert run(first) == read
    assert run(first, "switch:local-write") == write
    assert run(second) == write
    kept = (tmp_path / "home" / "stored_tokens").read_text()
    assert kept == f"[local-read]\nhf_token = {read}\n\n[local-write]\nhf_token = {write}\n\n"
    assert run(second, "logout:local-read") == write
    assert run(first, "logout:local-write") is None
    assert run(second) is None
    assert run(second, f"login:{write}", "logout") is None
    assert run(first) is None
