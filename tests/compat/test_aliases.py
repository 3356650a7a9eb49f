"""`import huggingface_hub` means hub-typed: in this process, and in programs that are started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Run:
    """Runs Python with the library on its path, and nothing else of this process."""
    path = os.pathsep.join([str(repository), str(repository / "generated")])

    def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": path} | environment
        return subprocess.run(
            [sys.executable, *arguments],
            env=known,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return start


@pytest.fixture
def after_install(run: Run) -> Callable[..., str]:
    """Runs statements after `install()`, and gives what they print."""

    def start(program: str, **environment: str) -> str:
        done = run("-c", f"from hub_typed.compat import install\ninstall()\n{program}", **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return start


def test_names_are_those_of_this_library(after_install):
    program = """
import huggingface_hub, hub_typed, hub_typed.errors
import huggingface_hub.errors as errors
from huggingface_hub import HfApi, hf_hub_download
print(HfApi is hub_typed.HfApi, hf_hub_download is hub_typed.hf_hub_download, huggingface_hub.HfApi is HfApi)
print(errors.GatedRepoError is hub_typed.errors.GatedRepoError, huggingface_hub.errors is errors)
print("HfApi" in dir(huggingface_hub), hasattr(huggingface_hub, "no_such_name"), hub_typed.__name__)
"""
    assert after_install(program) == "True True True\nTrue True\nTrue False hub_typed"


def test_modules_are_attributes_without_an_import(after_install):
    program = """
import huggingface_hub, hub_typed
print(huggingface_hub.hf_api.DatasetInfo is hub_typed.DatasetInfo, huggingface_hub.utils.logging.__name__)
print(huggingface_hub.errors is __import__("huggingface_hub.errors").errors)
"""
    assert after_install(program) == "True huggingface_hub.utils.logging\nTrue"


def test_the_names_of_httpx_are_errors_and_functions_of_this_library(after_install):
    program = """
from huggingface_hub.utils import httpx
import hub_typed
print(issubclass(hub_typed.TransportError, httpx.ConnectError), issubclass(hub_typed.HfHubHTTPError, httpx.HTTPError))
print(issubclass(hub_typed.OfflineModeIsEnabled, httpx.ProxyError))
try:
    httpx.get("http://127.0.0.1:9/", timeout=1)
except httpx.NetworkError as error:
    print(type(error).__name__)
"""
    assert after_install(program) == "True True\nFalse\nTransportError"


@pytest.mark.parametrize(
    "statement",
    [
        "from huggingface_hub import no_such_name",
        "import huggingface_hub.no_such_name",
        "from huggingface_hub.no_such_name import any_name",
        "import huggingface_hub; huggingface_hub.no_such_name",
        "from huggingface_hub.errors import no_such_name",
    ],
)
def test_a_name_that_is_missing_is_named_by_the_error(after_install, statement):
    program = f"""
try:
    {statement}
except (ImportError, AttributeError) as error:
    print(error)
"""
    said = after_install(program)
    assert said.startswith("huggingface_hub.")
    assert "no_such_name is not in hub-typed" in said
    assert "docs/names.md" in said


def test_a_name_that_is_replaced_is_replaced_in_the_library(after_install):
    program = """
from unittest import mock
import huggingface_hub.errors, hub_typed.errors
was = hub_typed.errors.HubError
with mock.patch("huggingface_hub.errors.HubError", "replaced"):
    print(hub_typed.errors.HubError, huggingface_hub.errors.HubError)
print(hub_typed.errors.HubError is was)
"""
    assert after_install(program) == "replaced replaced\nTrue"


def test_the_version_that_packages_ask_for_is_that_of_the_followed_release(after_install):
    program = """
import importlib.metadata as metadata
import huggingface_hub
print(huggingface_hub.__version__, metadata.version("huggingface_hub"), metadata.version("huggingface-hub"))
print(metadata.metadata("huggingface_hub")["Name"], metadata.packages_distributions()["huggingface_hub"])
"""
    assert after_install(program) == "2.4.0 2.4.0 2.4.0\nhuggingface_hub ['huggingface_hub']"
    assert after_install(program, HUB_TYPED_COMPAT_VERSION="1.33.0").startswith("1.33.0 1.33.0 1.33.0\n")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    """A folder with a package in the place of the reference client."""
    folder = tmp_path / "site"
    (folder / "huggingface_hub").mkdir(parents=True)
    (folder / "huggingface_hub" / "__init__.py").write_text("__version__ = '1.2.3'\n")
    metadata = folder / "huggingface_hub-1.2.3.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: huggingface_hub\nVersion: 1.2.3\n")
    return folder


def test_an_installed_reference_client_gives_way_and_its_version_is_told(after_install, reference):
    before = {path: path.read_bytes() for path in reference.rglob("*") if path.is_file()}
    program = f"""
import sys
sys.path.insert(0, {str(reference)!r})
import importlib.metadata
import huggingface_hub, hub_typed
print(huggingface_hub.HfApi is hub_typed.HfApi, huggingface_hub.__version__)
print(importlib.metadata.version("huggingface_hub"))
from hub_typed.compat import uninstall
uninstall()
import huggingface_hub
print(hasattr(huggingface_hub, "HfApi"), huggingface_hub.__version__)
"""
    assert after_install(program, PYTHONDONTWRITEBYTECODE="1") == "True 1.2.3\n1.2.3\nFalse 1.2.3"
    assert {path: path.read_bytes() for path in reference.rglob("*") if path.is_file()} == before


def test_after_the_reference_client_was_imported_it_is_too_late(run, reference):
    program = (
        f"import sys; sys.path.insert(0, {str(reference)!r}); import huggingface_hub; import hub_typed.compat as c; "
    )
    done = run("-c", f"{program} c.install()")
    assert done.returncode == 1
    assert "huggingface_hub was imported already" in done.stderr
    assert "before anything imports it" in done.stderr


def test_a_second_call_changes_nothing(after_install):
    program = """
import sys
import huggingface_hub
install()
import hub_typed.compat as compat
print(sum(type(finder).__name__ == "AliasFinder" for finder in sys.meta_path), compat.installed())
compat.uninstall()
print(compat.installed(), "huggingface_hub" in sys.modules)
"""
    assert after_install(program) == "1 True\nFalse False"


SHOWS = """
import json, os, subprocess, sys
from huggingface_hub import HfApi
library = HfApi.__module__.partition(".")[0]
print(json.dumps([sys.argv[1:], __name__, library, os.path.basename(sys.path[0])]), flush=True)
if "parent" in sys.argv:
    subprocess.run([sys.executable, __file__, "child"], check=True)
"""


def test_a_program_and_those_that_it_starts_are_run_with_this_library(run, tmp_path):
    program = tmp_path / "folder" / "shows.py"
    program.parent.mkdir()
    program.write_text(SHOWS)

    done = run("-m", "hub_typed.compat", "run", str(program), "parent", "--option")

    assert done.returncode == 0, done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        [["parent", "--option"], "__main__", "hub_typed", "folder"],
        [["child"], "__main__", "hub_typed", "folder"],
    ]


def test_a_module_is_run_from_the_current_folder(run, tmp_path):
    (tmp_path / "shows.py").write_text(SHOWS)
    done = run("-m", "hub_typed.compat", "run", "-m", "shows", "-x", "1")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["-x", "1"], "__main__", "hub_typed", tmp_path.name]


@pytest.mark.parametrize("arguments", [[], ["run"], ["run", "-m"], ["start", "x.py"], ["run", "-c", "print(1)"]])
def test_other_arguments_are_refused_with_the_usage(run, arguments):
    done = run("-m", "hub_typed.compat", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: python -m hub_typed.compat run program.py")


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_of_multiprocessing_import_this_library(run, tmp_path, method):
    program = tmp_path / "many.py"
    program.write_text(f"""
import multiprocessing

def module_of(name):
    import huggingface_hub
    return getattr(huggingface_hub, name).__module__

if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(1) as pool:
        print(pool.map(module_of, ["HfApi"])[0].partition(".")[0])
""")
    done = run("-m", "hub_typed.compat", "run", str(program))
    assert (done.returncode, done.stdout.strip()) == (0, "hub_typed"), done.stderr


def test_a_sitecustomize_that_was_there_is_imported_too(run, tmp_path, repository):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("print('own')")
    (tmp_path / "program.py").write_text(
        "import subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"
    )
    path = [str(repository), str(repository / "generated"), str(tmp_path / "own")]
    done = run("-m", "hub_typed.compat", "run", "program.py", PYTHONPATH=os.pathsep.join(path))
    assert (done.returncode, done.stdout) == (0, "own\nown\n"), done.stderr
