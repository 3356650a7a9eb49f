"""Each example of docs/testing.md runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmarks.official import OfficialMissingError, interpreter
from tests.docs.blocks import blocks
from tests.peers.node import NodeMissingError, run as run_node

PATIENCE = 60


@pytest.fixture(scope="module")
def examples(repository: Path) -> dict[str, str]:
    """The examples by file name."""
    page = (repository / "docs" / "testing.md").read_text(encoding="utf-8")
    return {block.file: block.code for block in blocks(page) if block.file is not None}


@pytest.fixture
def environment(repository: Path) -> dict[str, str]:
    """The environment of a project that has the library; no other plugin of pytest is installed there."""
    ours = [str(repository), str(repository / "generated")]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    without = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return without | {
        "PATH": path,
        "PYTHONPATH": os.pathsep.join(ours),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "hub_typed.local.pytest_plugin",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_each_example_has_a_test(examples):
    assert set(examples) == {
        *("test_model.py", "test_official.py", "test_unittest.py", "test_git.py", "test_fake.py"),
        *("conftest.py", "test_seed.py", "serve.sh", "hub.mjs", "workflow.yml"),
    }


@pytest.mark.parametrize(
    ("names", "passed"),
    [
        (["test_model.py"], 3),
        (["conftest.py", "test_seed.py"], 3),
        (["test_unittest.py"], 1),
        (["test_fake.py"], 1),
        pytest.param(["test_git.py"], 1, marks=pytest.mark.skipif(not shutil.which("git-lfs"), reason="no git-lfs")),
    ],
    ids=["model", "seed", "unittest", "fake", "git"],
)
def test_with_pytest(examples, environment, tmp_path, names, passed):
    for name in names:
        (tmp_path / name).write_text(examples[name], encoding="utf-8")
    assert f"{passed} passed" in run([sys.executable, "-m", "pytest", "-q", "-W", "error"], tmp_path, environment)


def test_unittest_alone(examples, environment, tmp_path):
    (tmp_path / "test_unittest.py").write_text(examples["test_unittest.py"], encoding="utf-8")
    assert "Ran 1 test" in run([sys.executable, "-W", "error", "test_unittest.py"], tmp_path, environment)


@pytest.mark.timeout(300)  # the first run installs it
def test_the_official_client(examples, environment, tmp_path):
    try:
        [theirs] = interpreter().parent.parent.glob("lib/python*/site-packages")
    except OfficialMissingError as error:
        pytest.skip(f"Not tested with huggingface_hub: {error}")
    (tmp_path / "conftest.py").write_text(f"import sys; sys.path.append({str(theirs)!r})\n", encoding="utf-8")
    (tmp_path / "test_official.py").write_text(examples["test_official.py"], encoding="utf-8")
    assert "1 passed" in run([sys.executable, "-m", "pytest", "-q"], tmp_path, environment)


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl")
def test_the_command(examples, environment, tmp_path):
    (tmp_path / "serve.sh").write_text(examples["serve.sh"], encoding="utf-8")
    assert '"name": "local-user"' in run(["sh", "-eu", "serve.sh"], tmp_path, environment)


@pytest.mark.timeout(300)  # the first run installs it
def test_javascript(examples, local_hub, tmp_path):
    script = tmp_path / "hub.mjs"
    script.write_text(examples["hub.mjs"], encoding="utf-8")
    try:
        assert run_node(script, patience=PATIENCE) == "read\n"
    except NodeMissingError as error:
        pytest.skip(f"Not tested against the client for JavaScript: {error}")


def test_github_actions(examples, environment, tmp_path):
    """The step that starts the Hub, in a shell as that of a runner."""
    [job] = yaml.safe_load(examples["workflow.yml"])["jobs"].values()
    [start] = [step["run"] for step in job["steps"] if step.get("name") == "Start the embedded Hub"]
    variables = tmp_path / "variables"
    script = f"{start}\nkill $!\nwait $!"
    run(["bash", "-e", "-o", "pipefail", "-c", script], tmp_path, environment | {"GITHUB_ENV": str(variables)})
    found = dict(line.split("=", 1) for line in variables.read_text().splitlines())
    servers = {"HF_ENDPOINT", "HF_INFERENCE_ENDPOINTS_ENDPOINT"}
    servers |= {"HUB_TYPED_INFERENCE_CATALOG_ENDPOINT", "HUB_TYPED_DATASET_VIEWER_ENDPOINT"}
    assert set(found) == {*servers, "HF_TOKEN", "HF_HUB_DISABLE_XET"}
