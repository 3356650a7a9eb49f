"""What is measured: each prepares what it needs, then measures a client as often as it is asked to."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from benchmarks.hub import HubProcess
from benchmarks.material import large_file, model_infos, small_files
from benchmarks.official import environment

__all__ = ["MEASUREMENTS", "Measurement", "Sample", "Scale", "Side", "Stage"]

PROGRAM: Final = Path(__file__).parent / "side.py"


@attrs.frozen
class Side:
    """One of the clients.

    Attributes:
        package: What is imported.
        interpreter: Where it is installed.
    """

    name: str
    package: str
    interpreter: Path


@attrs.frozen(kw_only=True)
class Sample:
    """One measured run.

    Attributes:
        seconds: By the clock on the wall.
        cpu: Seconds of the processor that the client took.
        hub_cpu: Seconds of the processor that the Hub took meanwhile.
    """

    seconds: float
    cpu: float
    hub_cpu: float


@attrs.frozen(kw_only=True)
class Scale:
    """How much of everything."""

    infos: int = 1000
    files: int = 1000
    download: int = 1024
    upload: int = 512


@attrs.frozen
class Stage:
    """Where it happens.

    Attributes:
        scratch: An empty folder, in memory if possible.
    """

    scratch: Path
    scale: Scale

    def sample(self, side: Side, hub: HubProcess, task: str, *arguments: str | Path) -> Sample:
        """Run a task of `side.py` in a new process."""
        before = hub.cpu
        done = subprocess.run(
            [side.interpreter, "-I", PROGRAM, side.package, task, *arguments],
            env=environment(hub.endpoint, hub.token, self.scratch / "home"),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{task} failed with {side.package}:\n{done.stderr}")
        return Sample(**json.loads(done.stdout), hub_cpu=hub.cpu - before)

    @contextmanager
    def hub(self) -> Generator[HubProcess, None, None]:
        """An empty Hub, and nothing left of it afterwards."""
        with self.folder("hub") as root, HubProcess(root) as hub:
            yield hub

    @contextmanager
    def folder(self, name: str) -> Generator[Path, None, None]:
        """An empty folder, which is gone afterwards."""
        path = self.scratch / name
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path)


Once: TypeAlias = Callable[[Side], dict[str, Sample]]
"""Measures a client once; gives a sample for each row of the table."""


@attrs.frozen
class Measurement:
    """Rows of the table that are measured together.

    Attributes:
        rows: What each row tells, by its name; ``{infos}`` and the like stand for the scale.
        bare: Whether no client takes part.
    """

    name: str
    runs: int
    rows: dict[str, str]
    prepared: Callable[[Stage], AbstractContextManager[Once]]
    bare: bool = False


@contextmanager
def _importing(stage: Stage) -> Generator[Once, None, None]:
    with stage.hub() as hub:

        def once(side: Side) -> dict[str, Sample]:
            return {task: stage.sample(side, hub, task) for task in ("imported", "asked")}

        yield once


@contextmanager
def _decoding(stage: Stage) -> Generator[Once, None, None]:
    with stage.hub() as hub, stage.folder("infos") as folder:
        payload = folder / "infos.json"
        model_infos(payload, stage.scale.infos)
        yield lambda side: {"decode": stage.sample(side, hub, "decoded", payload)}


@contextmanager
def _small(stage: Stage) -> Generator[tuple[HubProcess, str, Path], None, None]:
    """A Hub with a repository of small files."""
    with stage.hub() as hub, stage.folder("source") as source:
        small_files(source, stage.scale.files)
        repo_id = hub.create_repo()
        hub.api.upload_folder(repo_id=repo_id, folder_path=source)
        yield hub, repo_id, source


@contextmanager
def _requesting(stage: Stage) -> Generator[Once, None, None]:
    with _small(stage) as (hub, repo_id, source):
        files = (path.relative_to(source).as_posix() for path in source.rglob("*.json"))
        urls = source / "urls"
        urls.write_text("\n".join(f"{hub.endpoint}/{repo_id}/resolve/main/{file}" for file in files), encoding="utf-8")
        yield lambda side: {"gets": stage.sample(side, hub, "bare", urls)}


@contextmanager
def _downloading_small(stage: Stage) -> Generator[Once, None, None]:
    with _small(stage) as (hub, repo_id, source):
        expected = _sizes(source)

        def once(side: Side) -> dict[str, Sample]:
            with stage.folder("cache") as cache:
                cold, warm = (stage.sample(side, hub, "downloaded", repo_id, cache) for _ in range(2))
                _expect(expected, next(cache.glob("models--*/snapshots/*")))
            return {"small-cold": cold, "small-warm": warm}

        yield once


@contextmanager
def _downloading_large(stage: Stage) -> Generator[Once, None, None]:
    with stage.hub() as hub:
        repo_id = hub.create_repo()
        with stage.folder("source") as source:
            large_file(source, stage.scale.download)
            hub.api.upload_folder(repo_id=repo_id, folder_path=source)
            expected = _sizes(source)

        def once(side: Side) -> dict[str, Sample]:
            with stage.folder("cache") as cache:
                sample = stage.sample(side, hub, "downloaded", repo_id, cache)
                _expect(expected, next(cache.glob("models--*/snapshots/*")))
            return {"large": sample}

        yield once


@contextmanager
def _uploading_small(stage: Stage) -> Generator[Once, None, None]:
    with stage.folder("source") as source:
        small_files(source, stage.scale.files)
        yield lambda side: {"small-upload": _uploaded(stage, side, source)}


@contextmanager
def _uploading_large(stage: Stage) -> Generator[Once, None, None]:
    with stage.folder("source") as source:
        large_file(source, stage.scale.upload)
        yield lambda side: {"large-upload": _uploaded(stage, side, source)}


def _uploaded(stage: Stage, side: Side, source: Path) -> Sample:
    """To a new Hub, which has none of the files yet."""
    with stage.hub() as hub:
        repo_id = hub.create_repo()
        sample = stage.sample(side, hub, "uploaded", repo_id, source)
        if missing := set(_sizes(source)) - set(hub.api.list_repo_files(repo_id)):
            raise RuntimeError(f"{side.package} did not upload {len(missing)} files")
    return sample


def _sizes(folder: Path) -> dict[str, int]:
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def _expect(sizes: dict[str, int], folder: Path) -> None:
    found = _sizes(folder)
    found.pop(".gitattributes")
    if found != sizes:
        raise RuntimeError(f"{folder} does not hold the files it should")


MEASUREMENTS: Final = (
    Measurement(
        "import",
        11,
        {"imported": "import, HfApi()", "asked": "import, HfApi(), whoami()"},
        _importing,
    ),
    Measurement("decode", 11, {"decode": "decode {infos:,} model infos"}, _decoding),
    Measurement("gets", 5, {"gets": "{files:,} files of 4 KiB, GETs alone"}, _requesting, bare=True),
    Measurement(
        "small",
        5,
        {
            "small-cold": "snapshot_download of {files:,} files of 4 KiB, cold",
            "small-warm": "the same, warm",
        },
        _downloading_small,
    ),
    Measurement(
        "large", 5, {"large": "snapshot_download of one LFS file of {download:,} MiB, cold"}, _downloading_large
    ),
    Measurement("small-upload", 5, {"small-upload": "upload_folder of {files:,} files of 4 KiB"}, _uploading_small),
    Measurement(
        "large-upload", 5, {"large-upload": "upload_folder of one LFS file of {upload:,} MiB"}, _uploading_large
    ),
)
