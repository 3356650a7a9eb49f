"""huggingface_hub, imported before or within a test, follows the environment of the Hub and back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.official import OfficialMissingError, interpreter
from hub_typed.local import LocalHub
from hub_typed.local.testing import hub_environment

FAKE = {
    "__init__.py": "",
    "constants.py": """
import os
ENDPOINT = os.environ.get("HF_ENDPOINT", "https://default.test")
HF_HOME = os.environ.get("HF_HOME", "/home")
REPO_TYPES = [None]
DEFAULT_REVISION = "main"
""",
    "hf_api.py": """
from . import constants
class HfApi:
    def __init__(self, endpoint=None):
        self.endpoint = endpoint or constants.ENDPOINT
api = HfApi()
""",
    "copies.py": "from .constants import ENDPOINT, REPO_TYPES",
}


@pytest.fixture
def official(tmp_path, monkeypatch):
    """A package of this name, of which nothing is imported."""
    folder = tmp_path / "site" / "huggingface_hub"
    folder.mkdir(parents=True)
    for name, text in FAKE.items():
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "huggingface_hub"]:
        del sys.modules[name]


@pytest.fixture
def hub():
    with LocalHub(xet=False) as hub:
        yield hub


def test_a_client_that_is_imported_already_uses_the_hub_meanwhile(official, hub, monkeypatch):
    from huggingface_hub import constants, copies, hf_api

    types = constants.REPO_TYPES
    monkeypatch.setattr(constants, "HF_HOME", "/set by a test")
    with hub_environment(hub):
        seen = (constants.ENDPOINT, copies.ENDPOINT, hf_api.api.endpoint, hf_api.HfApi().endpoint)
        assert seen == (hub.endpoint,) * 4
        assert os.environ["HF_HOME"] == constants.HF_HOME
        assert constants.REPO_TYPES is copies.REPO_TYPES is types
    after = (constants.ENDPOINT, copies.ENDPOINT, hf_api.api.endpoint, constants.HF_HOME)
    assert after == (*("https://default.test",) * 3, "/set by a test")


def test_a_client_that_is_imported_meanwhile_does_not_keep_the_hub(official, hub):
    with hub_environment(hub):
        from huggingface_hub import constants, copies, hf_api

        assert constants.ENDPOINT == copies.ENDPOINT == hf_api.api.endpoint == hub.endpoint
    assert constants.ENDPOINT == copies.ENDPOINT == hf_api.api.endpoint == "https://default.test"


def test_a_module_that_is_imported_later_than_the_others_does_not_keep_it_either(official, hub):
    from huggingface_hub import constants

    with hub_environment(hub):
        from huggingface_hub import copies

        assert constants.ENDPOINT == copies.ENDPOINT == hub.endpoint
    assert constants.ENDPOINT == copies.ENDPOINT == "https://default.test"


@pytest.mark.timeout(300)  # the first run installs it
@pytest.mark.parametrize("version", ["2.4.0", "0.27.1"])
def test_the_real_client_uses_the_hub_and_then_does_not(repository: Path, version):
    script = """
import os, sys
from hub_typed.local import LocalHub
from hub_typed.local.testing import HubRepoFactory, hub_environment
import huggingface_hub
from huggingface_hub import HfApi, constants, hf_hub_download, model_info
from huggingface_hub.hf_api import api
home = constants.HF_HOME
for _ in range(2):
    with LocalHub(xet=False) as hub, hub_environment(hub):
        repo = HubRepoFactory(hub)({"README.md": "# A model", "model.safetensors": b"weights"})
        assert model_info(repo.repo_id).sha == repo.commit
        path = hf_hub_download(repo.repo_id, "model.safetensors")
        assert path.startswith(os.environ["HF_HOME"]) and open(path, "rb").read() == b"weights"
        huggingface_hub.create_repo("local-user/other")
        assert HfApi().whoami()["name"] == "local-user"
    assert constants.ENDPOINT == api.endpoint == HfApi().endpoint == "https://huggingface.co"
    assert constants.HF_HOME == home
print("followed")
"""
    try:
        python = interpreter(version)
    except OfficialMissingError as error:
        pytest.skip(f"Not tested with huggingface_hub {version}: {error}")
    [theirs] = python.parent.parent.glob("lib/python*/site-packages")
    script = f"import sys; sys.path.append({str(theirs)!r})\n{script}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environment["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "followed\n", done.stderr
