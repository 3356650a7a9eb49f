"""The pytest plugin, as projects that have it installed get it: in runs of pytest of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hub_typed.local import LocalHub

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, repository: Path) -> Run:
    """Runs pytest on files, without plugins other than this one; returns what it prints."""

    def ran(files: dict[str, str], *options: str, passed: int, errors: int = 0, plugins: tuple[str, ...] = ()) -> str:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(repository), str(repository / "generated")]),
            "HOME_BEFORE": os.environ["HF_HOME"],
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        used = [word for name in ("hub_typed.local.pytest_plugin", *plugins) for word in ("-p", name)]
        command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *used, *options, str(tmp_path)]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert f"{passed} passed" in done.stdout, done.stdout + done.stderr
        assert done.returncode == bool(errors), done.stdout
        assert not errors or f"{errors} error" in done.stdout, done.stdout
        return done.stdout

    return ran


SEEDED = {
    "conftest.py": """
import pytest
from hub_typed.local.testing import HubRepoFactory

from hub_typed.local import LocalHub

LocalHub.seeds = []

@pytest.fixture(scope="session")
def hub_seed():
    def seed(hub):
        hub.seeds.append(hub)
        hub.add_organization("lab")
        HubRepoFactory(hub)({"README.md": "# Seed", "model.safetensors": b"weights" * 1000}, name="seed", owner="lab")
    return seed
""",
    "test_seeded.py": """
import os
from pathlib import Path
import pytest
from hub_typed import HfApi, hf_hub_download
from hub_typed.local.faults import Status

@pytest.mark.parametrize("number", range(6))
def test_each_begins_with_the_seed(local_hub, hub_repo, hub_api, number):
    assert [model.id for model in hub_api.list_models()] == ["lab/seed"]
    assert Path(hf_hub_download("lab/seed", "README.md")).read_text() == "# Seed"
    assert os.environ["HF_ENDPOINT"] == local_hub.endpoint
    hub_api.delete_repo("lab/seed")
    repo = hub_repo({"a": b"1"})
    assert repo.repo_id == "local-user/repo-1"
    local_hub.faults.add(Status(503))
    assert len(local_hub.seeds) == 1
""",
}


def test_a_seed_is_made_once_and_each_test_begins_with_it(run):
    run(SEEDED, passed=6)


def test_each_process_of_xdist_has_a_hub_of_its_own(run):
    run(SEEDED, "-n", "2", passed=6, plugins=("xdist",))


def test_without_a_seed_each_test_has_an_empty_hub_of_its_own(run):
    run(
        {
            "test_fresh.py": """
import pytest

endpoints = set()

@pytest.mark.parametrize("number", range(3))
def test_fresh(local_hub, hub_repo, hub_api, number):
    assert hub_api.list_models() is not None and not list(hub_api.list_models())
    hub_repo()
    endpoints.add(local_hub.endpoint)
    assert len(endpoints) == number + 1
"""
        },
        passed=3,
    )


def test_what_a_test_does_with_the_variables_does_not_outlast_it(run):
    run(
        {
            "test_variables.py": """
import os
import pytest

@pytest.fixture
def early(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return monkeypatch

@pytest.mark.parametrize("number", range(3))
def test_clean(early, local_hub, number):
    assert os.environ["HF_TOKEN"] == local_hub.token
    assert "HF_HUB_OFFLINE" not in os.environ
    early.delenv("HF_TOKEN")
    early.setenv("HF_ENDPOINT", "https://example.org")
    early.setenv("HF_HUB_CACHE", "/nowhere")
    early.delenv("HF_HOME")

def test_end():
    names = ("HF_TOKEN", "HF_ENDPOINT", "HF_HUB_CACHE", "HF_HUB_OFFLINE")
    assert not [name for name in names if name in os.environ]
    assert os.environ["HF_HOME"] == os.environ["HOME_BEFORE"]
"""
        },
        "-p",
        "no:randomly",
        passed=4,
    )


def test_a_run_that_uses_no_fixture_imports_nothing_but_names(run):
    run(
        {
            "test_other.py": """
import sys

def test_nothing_is_loaded():
    ours = ("hub_typed", "hub_typed_api", "attrs", "pygit2")
    loaded = {name for name in sys.modules if name.partition(".")[0] in ours}
    assert loaded == {
        "hub_typed", "hub_typed.local", "hub_typed.local.pytest_plugin",
        "hub_typed_api", "hub_typed_api.surface", "hub_typed_api.surface.exports",
    }
"""
        },
        passed=1,
    )


RECORDED = {
    "test_recorded.py": """
import os
import pytest

class TestOne:
    def test_the_account(self, recorded_api):
        assert recorded_api.whoami().name == "local-user"
        assert recorded_api.endpoint == os.environ["RECORDED_ENDPOINT"]

class TestTwo:
    @pytest.mark.parametrize("name", ["a/b", "a b", "A-b"])
    def test_the_account(self, recorded_api, name):
        assert not recorded_api.repo_exists(f"{len(name)}/" + name.replace("/", "1").replace(" ", "2"))
""",
}


def test_a_test_is_recorded_once_and_replayed_afterwards(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with LocalHub() as hub:
        monkeypatch.setenv("RECORDED_ENDPOINT", hub.endpoint)
        with monkeypatch.context() as patch:
            patch.setenv("HF_ENDPOINT", hub.endpoint)
            patch.setenv("HF_TOKEN", hub.token)
            run(RECORDED, "--hub-record", passed=4)
            token = hub.token
    files = sorted((tmp_path / "exchanges" / "test_recorded").iterdir())
    assert files[0].name == "TestOne-test_the_account.json"
    assert len({file.name.lower() for file in files}) == 4
    assert not [file for file in files if token in file.read_text()]
    run(RECORDED, passed=4)
    files[0].unlink()
    assert "run the test with --hub-record" in run(RECORDED, passed=3, errors=1)
