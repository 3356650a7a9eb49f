"""The wheel as users get it: built through the sdist, installed away from the repository, with what it declares."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections import defaultdict
from importlib.metadata import PathDistribution
from pathlib import Path

import attrs
import pytest
from packaging.requirements import Requirement

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(600)]

REFUSED = re.compile(r"# refused: (?P<mypy>[\w-]+), (?P<pyright>\w+)$")
PACKAGES = {"hub_typed": "hub_typed", "hub_typed_api": "generated/hub_typed_api"}


@attrs.frozen
class Environment:
    """A virtual environment that holds the wheel."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    def install(self, *what: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet", *what]
        subprocess.run([*command, "--disable-pip-version-check"], check=True)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in this environment, outside the repository."""
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            command, cwd=self.folder, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
        )


def made(folder: Path, *what: str) -> Environment:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    environment = Environment(folder)
    environment.install(*what)
    return environment


@pytest.fixture(scope="session")
def sdist(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(repository)]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session")
def wheel(sdist: Path) -> Path:
    """Named neither --sdist nor --wheel, build makes the wheel from the sdist."""
    return next(sdist.parent.glob("*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return made(tmp_path_factory.mktemp("installed"), str(wheel))


@pytest.fixture(scope="session")
def typed(wheel: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With all that annotations of public modules name: the command line's library, and pytest for the fixtures.

    fsspec has no types, so its stubs of the repository are there, too.
    """
    environment = made(tmp_path_factory.mktemp("typed"), f"{wheel}[cli,fs]", "pytest")
    (site_packages,) = environment.folder.glob("lib/python*/site-packages")
    shutil.copytree(repository / "typings" / "fsspec", site_packages / "fsspec-stubs")
    return environment


def sources(repository: Path) -> set[str]:
    return {
        f"{package}/{path.relative_to(repository / folder).as_posix()}"
        for package, folder in PACKAGES.items()
        for path in (repository / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_both_packages_whole_and_nothing_else(wheel: Path, repository: Path):
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == sources(repository)
    assert {"hub_typed/py.typed", "hub_typed_api/py.typed", "hub_typed_api/operations/refs.py"} <= held


def test_the_sdist_holds_what_generates_the_rest(sdist: Path):
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"spec/hub.yaml", "codegen/__main__.py", "tests/conftest.py", "Makefile", "LICENSE"} <= held
    assert not [name for name in held if name.startswith((".venv/", "build/", ".git/"))]


def test_the_sdist_makes_the_wheel_that_the_repository_makes(wheel: Path, repository: Path, tmp_path: Path):
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(repository)]
    subprocess.run(command, check=True, capture_output=True)
    assert content(next(tmp_path.glob("*.whl"))) == content(wheel)


def content(wheel: Path) -> dict[str, bytes]:
    archive = zipfile.ZipFile(wheel)
    return {name: archive.read(name) for name in archive.namelist()}


def test_pypi_accepts_both(sdist: Path, wheel: Path):
    command = [sys.executable, "-m", "twine", "check", "--strict", str(sdist), str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_version_and_licence_are_in_the_wheel(installed: Environment, wheel: Path, repository: Path):
    version = tomllib.loads((repository / "pyproject.toml").read_text())["project"]["version"]
    done = installed.run(installed.python, "-c", "import hub_typed; print(hub_typed.__version__)")
    assert done.stdout == f"{version}\n", done.stderr
    assert f"## {version} - " in (repository / "CHANGELOG.md").read_text()
    licence = content(wheel)[f"hub_typed-{version}.dist-info/licenses/LICENSE"]
    assert licence == (repository / "LICENSE").read_bytes()


MEASURED = """
from importlib.metadata import distributions
for one in distributions():
    print(one.name, sum((file.size or 0) for file in one.files if file.suffix != ".pyc"))
"""


def test_all_that_is_installed_is_small(installed: Environment):
    """Six dependencies, and the one of cattrs; files without bytecode."""
    done = installed.run(installed.python, "-c", MEASURED)
    sizes = {name: int(size) for name, size in map(str.split, done.stdout.splitlines())}
    required = {"attrs", "cattrs", "filelock", "PyYAML", "tqdm", "urllib3"}
    assert sizes.keys() == {"hub-typed", "typing_extensions", *required}
    assert sum(sizes.values()) < 12_000_000, sizes


EXTRAS = (
    "hub_typed/cli/",
    "hub_typed/fs/",
    "hub_typed/local/",
    "hub_typed/http/socks_proxies.py",
    "hub_typed/compat/startup/",
)
"""Modules that need an extra, and the one that an interpreter imports at its start."""


def test_the_declared_dependencies_suffice(installed: Environment, repository: Path):
    modules = sorted(
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in sources(repository)
        if name.endswith(".py") and not name.startswith(EXTRAS)
    )
    done = installed.run(installed.python, "-c", f"for name in {modules}: __import__(name)\nprint('imported')")
    assert done.stdout == "imported\n", done.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_has_a_type(typed: Environment, package: str):
    done = typed.run(
        *(sys.executable, "-m", "pyright", "--pythonpath", typed.python, "--outputjson"),
        *("--ignoreexternal", "--verifytypes", package),
    )
    report = json.loads(done.stdout)["typeCompleteness"]
    vague = [
        f"{symbol['name']}: {one['message']}"
        for symbol in report["symbols"]
        if symbol["isExported"] and not symbol["isTypeKnown"]
        for one in symbol["diagnostics"]
    ]
    assert report["packageName"] == package
    assert str(typed.folder) in report["packageRootDirectory"]
    assert report["exportedSymbolCounts"]["withKnownType"] > 100
    assert not vague, "\n".join(vague)
    assert report["completenessScore"] == 1


@pytest.fixture
def downstream(typed: Environment, repository: Path) -> Path:
    """The files of tests/typing, where only the wheel is to be found."""
    folder = typed.folder / "downstream"
    shutil.copytree(repository / "tests" / "typing", folder, dirs_exist_ok=True)
    return folder


def expected(folder: Path, checker: str) -> dict[tuple[str, int], str]:
    """What must be refused, by file and line."""
    found = {
        (path.name, number): match[checker]
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if (match := REFUSED.search(line))
    }
    assert len(found) > 20
    return found


def agree(reported: list[tuple[str, int, str]], marked: dict[tuple[str, int], str]) -> None:
    """Each marked line is refused for the reason it names, and no other line is refused."""
    codes: dict[tuple[str, int], set[str]] = defaultdict(set)
    for file, line, code in reported:
        codes[Path(file).name, line].add(code)
    assert {where: found for where, found in codes.items() if where not in marked} == {}
    assert {where: codes[where] for where, code in marked.items() if code not in codes[where]} == {}


def test_mypy_accepts_right_use_and_refuses_wrong_use(typed: Environment, downstream: Path):
    done = typed.run(
        *(sys.executable, "-m", "mypy", "--python-executable", typed.python, "--strict", "--output", "json"),
        *("--config-file", os.devnull, "--cache-dir", os.devnull, str(downstream)),
    )
    reported = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    errors = [(one["file"], one["line"], one["code"]) for one in reported if one["severity"] == "error"]
    agree(errors, expected(downstream, "mypy"))


def test_pyright_accepts_right_use_and_refuses_wrong_use(typed: Environment, downstream: Path):
    (downstream / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    done = typed.run(
        *(sys.executable, "-m", "pyright", "--pythonpath", typed.python, "--outputjson"),
        *("--project", str(downstream)),
    )
    reported = json.loads(done.stdout)["generalDiagnostics"]
    errors = [(one["file"], one["range"]["start"]["line"] + 1, one.get("rule", "")) for one in reported]
    agree(errors, expected(downstream, "pyright"))


PROGRAMS = 15
"""Programs of users in tests/typing/programs; mypy and pyright read them with the rest of tests/typing."""


def test_ty_accepts_the_programs_of_users(typed: Environment, downstream: Path):
    programs = downstream / "programs"
    assert len(list(programs.glob("*.py"))) == PROGRAMS
    command = (sys.executable, "-m", "ty", "check", "--python", typed.python, "--error-on-warning", str(programs))
    done = typed.run(*command)
    assert done.returncode == 0, done.stdout


def test_pyrefly_accepts_the_programs_of_users(typed: Environment, downstream: Path):
    (downstream / "pyrefly.toml").write_text('preset = "strict"\n')
    done = typed.run(
        *(sys.executable, "-m", "pyrefly", "check", "--config", str(downstream / "pyrefly.toml")),
        *("--python-interpreter-path", typed.python, *map(str, (downstream / "programs").glob("*.py"))),
    )
    assert done.returncode == 0, done.stdout


ROUND_TRIP = """
import asyncio, pathlib, tempfile
from hub_typed import AsyncHfApi, HfApi, Settings
from hub_typed.local import LocalHub

with LocalHub() as hub, tempfile.TemporaryDirectory() as scratch:
    settings = Settings(cache_dir=scratch + "/cache", progress=True)
    sent = pathlib.Path(scratch, "sent")
    sent.mkdir()
    for name, data in {"README.md": b"---\\nlicense: mit\\n---\\n", "model.safetensors": b"weights" * 100_000}.items():
        (sent / name).write_bytes(data)
    repo = f"{hub.user}/floors"
    with HfApi(endpoint=hub.endpoint, token=hub.token, settings=settings) as api:
        api.create_repo(repo)
        api.upload_folder(repo_id=repo, folder_path=sent)
        assert api.model_info(repo).tags
        got = pathlib.Path(api.snapshot_download(repo))
    for path in sent.iterdir():
        assert (got / path.name).read_bytes() == path.read_bytes(), path

    async def read():
        async with AsyncHfApi(endpoint=hub.endpoint, token=hub.token, settings=settings) as api:
            return await api.list_repo_files(repo)

    assert {"README.md", "model.safetensors"} <= set(asyncio.run(read()))
from hub_typed.convert import converter
converter()
print("round trip")
"""


def test_the_floors_of_the_dependencies_are_honest(wheel: Path, tmp_path: Path):
    """A real round trip with each declared dependency at the lowest version it may have."""
    [metadata] = [entry for entry in zipfile.Path(wheel).iterdir() if entry.name.endswith(".dist-info")]
    wanted = [Requirement(line) for line in PathDistribution(metadata).requires or []]
    floors = [
        f"{one.name}=={specifier.version}"
        for one in wanted
        if one.marker is None or one.marker.evaluate({"extra": "local"})
        for specifier in one.specifier
        if specifier.operator == ">="
    ]
    assert len(floors) >= 8
    environment = made(tmp_path / "floors", f"{wheel}[local]", *floors)
    done = environment.run(environment.python, "-c", ROUND_TRIP)
    assert done.stdout.endswith("round trip\n"), done.stderr
