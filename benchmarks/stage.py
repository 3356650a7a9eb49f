"""Where measurements happen, and what they result in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

import attrs

from benchmarks.hub import HubProcess
from benchmarks.official import environment
from benchmarks.static_hub import StaticHub

__all__ = ["OURS", "Measurement", "Once", "Sample", "Scale", "Side", "Stage", "expect_files", "file_sizes"]

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


OURS: Final = Side("ours", "hub_typed", Path(sys.executable))


@attrs.frozen(kw_only=True)
class Sample:
    """One measured run.

    Attributes:
        seconds: By the clock on the wall.
        cpu: Seconds of the processor that the client took.
        memory: MiB that the process of the client had in memory at most, or those that its result took.
        hub_cpu: Seconds of the processor that the Hub took meanwhile.
        requests: Number of requests; ``None`` if not counted.
        received: Bytes that the Hub sent; ``None`` if not counted.
        xorb_bytes: Bytes of the xorbs that the Hub received; ``None`` without Xet.
    """

    seconds: float
    cpu: float
    memory: float
    hub_cpu: float
    requests: int | None = None
    received: int | None = None
    xorb_bytes: int | None = None


@attrs.frozen(kw_only=True)
class Scale:
    """How much of everything."""

    infos: int = 1000
    entries: int = 100_000
    files: int = 1000
    many: int = 10_000
    download: int = 1024
    medium: int = 200
    upload: int = 1024
    tables: int = 64


@attrs.frozen
class Stage:
    """Where it happens.

    Attributes:
        scratch: An empty folder, in memory if possible.
    """

    scratch: Path
    scale: Scale

    def sample(
        self,
        side: Side,
        hub: HubProcess | StaticHub,
        task: str,
        *arguments: str | Path,
        endpoint: str | None = None,
        xet: bool | None = None,
    ) -> Sample:
        """Run a task of `side.py` in a new process.

        Args:
            endpoint: Another endpoint of the same Hub.
            xet: Whether the client may use Xet; by default, if the Hub serves it.
        """
        before = hub.cpu
        counted = hub.count()
        done = subprocess.run(
            [side.interpreter, "-I", PROGRAM, side.package, task, *arguments],
            env=environment(
                endpoint or hub.endpoint, hub.token, self.scratch / "home", xet=hub.xet if xet is None else xet
            ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{task} failed with {side.package}:\n{done.stderr}")
        sample = Sample(**json.loads(done.stdout), hub_cpu=hub.cpu - before)
        count = hub.count()
        xorb_bytes = None if count.xorb_bytes is None else count.xorb_bytes - (counted.xorb_bytes or 0)
        return attrs.evolve(
            sample,
            requests=count.requests - counted.requests,
            received=count.sent - counted.sent,
            xorb_bytes=xorb_bytes,
        )

    @contextmanager
    def hub(self, *, xet: bool = False) -> Generator[HubProcess, None, None]:
        """An empty Hub, and nothing left of it afterwards."""
        with self.folder("hub") as root, HubProcess(root, xet=xet) as hub:
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
        group: Name under which it can be asked for together with others.
        bare: Whether no client takes part.
        is_static: Whether the Hub is one of static files, which needs nginx.
    """

    name: str
    runs: int
    rows: dict[str, str]
    prepared: Callable[[Stage], AbstractContextManager[Once]]
    group: str = ""
    bare: bool = False
    is_static: bool = False


def file_sizes(folder: Path) -> dict[str, int]:
    """The size of each file below a folder, by its path."""
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def expect_files(sizes: dict[str, int], folder: Path) -> None:
    """Check that a folder has these files."""
    found = file_sizes(folder)
    found.pop(".gitattributes", None)
    if found != sizes:
        raise RuntimeError(f"{folder} does not hold the files it should")
