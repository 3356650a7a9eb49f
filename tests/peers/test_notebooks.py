"""A download in a notebook: a real kernel, and the widgets that it shows."""

from __future__ import annotations

import json
import os
import subprocess
from importlib.metadata import requires
from pathlib import Path

import pytest

from benchmarks.official import OfficialMissingError, environment, installed
from hub_typed.local import LocalHub
from hub_typed.local.testing import HubRepoFactory

CELL = """
import attrs
from hub_typed import HfApi, Settings
with HfApi(settings=attrs.evolve(Settings.from_environment(), max_download_rate=600_000)) as api:
    api.snapshot_download("local-user/repo-1")
"""


@pytest.fixture
def python() -> Path:
    """The interpreter of an environment with Jupyter, and what the library needs."""
    needed = [one for one in requires("hub-typed") or () if "extra ==" not in one]
    try:
        return installed("notebook", "nbclient", "ipykernel", "ipywidgets", *needed)
    except OfficialMissingError as error:
        pytest.skip(f"Not tested in a notebook: {error}")


@pytest.mark.timeout(600)  # the environment is large
def test_a_notebook_shows_widgets_and_keeps_one_line(
    python: Path, repository: Path, local_hub: LocalHub, hub_repo: HubRepoFactory, tmp_path: Path
):
    hub_repo({"a.bin": bytes(700_000), "b.bin": bytes(range(256)) * 2500})
    known = environment(local_hub.endpoint, local_hub.token, tmp_path / "home")
    del known["HF_HUB_DISABLE_PROGRESS_BARS"]
    known |= {
        "PYTHONPATH": os.pathsep.join([str(repository), str(repository / "generated")]),
        "HOME": str(tmp_path),
        "PATH": f"{python.parent}{os.pathsep}{known['PATH']}",
    }
    script = Path(__file__).parent / "notebook.py"
    command = [python, "-P", script, CELL]
    done = subprocess.run(command, env=known, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    bars = [one for one in seen["widgets"] if one["model"] == "FloatProgressModel"]
    texts = [str(one["value"]).replace("\u2007", " ") for one in seen["widgets"] if one["model"] == "HTMLModel"]
    assert bars, "widgets, not text"
    assert any(text.startswith("downloading local-user/repo-1") for text in texts), texts
    assert any("/s" in text for text in texts), texts
    stayed = [one["text"] for one in seen["outputs"] if one["output_type"] == "stream"]
    assert len(stayed) == 1, stayed
    assert stayed[0].startswith("local-user/repo-1: downloaded 3 files, 1.3 MB in ")
