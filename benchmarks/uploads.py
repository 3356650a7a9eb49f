"""Uploads to an embedded Hub, near and distant."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Final

from benchmarks.distance import RATE, at_a_distance
from benchmarks.hub import HubProcess
from benchmarks.material import large_file, medium_files, small_files
from benchmarks.stage import Measurement, Once, Sample, Scale, Side, Stage, file_sizes

__all__ = ["UPLOADS", "uploaded_once"]

Fill = Callable[[Path, Scale], None]


def _small(folder: Path, scale: Scale) -> None:
    small_files(folder, scale.files)


def _medium(folder: Path, scale: Scale) -> None:
    medium_files(folder, scale.medium)


def _large(folder: Path, scale: Scale) -> None:
    large_file(folder, scale.upload)


Line = Callable[[HubProcess], AbstractContextManager[str]]
"""The endpoint of a Hub, over some line."""


def _near(hub: HubProcess) -> AbstractContextManager[str]:
    return nullcontext(hub.endpoint)


def _far(hub: HubProcess) -> AbstractContextManager[str]:
    return at_a_distance(hub.port)


def _limited(hub: HubProcess) -> AbstractContextManager[str]:
    return at_a_distance(hub.port, rate=RATE)


def _measurement(name: str, runs: int, text: str, fill: Fill, line: Line = _near) -> Measurement:
    @contextmanager
    def prepared(stage: Stage) -> Generator[Once, None, None]:
        with stage.folder("source") as source:
            fill(source, stage.scale)
            yield lambda side: {name: _uploaded(stage, side, source, line)}

    return Measurement(name, runs, {name: text}, prepared)


def _uploaded(stage: Stage, side: Side, source: Path, line: Line) -> Sample:
    """Upload to a new Hub, which has none of the files yet."""
    with stage.hub() as hub, line(hub) as endpoint:
        return uploaded_once(stage, hub, side, hub.create_repo(), source, endpoint)


def uploaded_once(
    stage: Stage, hub: HubProcess, side: Side, repo_id: str, source: Path, endpoint: str | None = None
) -> Sample:
    """Upload a folder, and check that all files are there, by one commit.

    Args:
        endpoint: Another endpoint of the same Hub.
    """
    before = len(list(hub.api.list_repo_commits(repo_id)))
    sample = stage.sample(side, hub, "uploaded", repo_id, source, endpoint=endpoint)
    if missing := set(file_sizes(source)) - set(hub.api.list_repo_files(repo_id)):
        raise RuntimeError(f"{side.package} did not upload {len(missing)} files")
    commits = len(list(hub.api.list_repo_commits(repo_id))) - before
    if commits != 1:
        raise RuntimeError(f"{side.package} created {commits} commits")
    return sample


UPLOADS: Final = (
    _measurement("small-upload", 5, "upload_folder of {files:,} files of 4 KiB", _small),
    _measurement("small-upload-far", 3, "the same, 40 ms away", _small, _far),
    _measurement("medium-upload", 5, "upload_folder of {medium:,} LFS files of 8 MiB", _medium),
    _measurement("medium-upload-far", 3, "the same, 40 ms away", _medium, _far),
    _measurement("medium-upload-limited", 3, "the same, 40 ms away, 50 MB/s a connection", _medium, _limited),
    _measurement("large-upload", 5, "upload_folder of one LFS file of {upload:,} MiB", _large),
    _measurement("large-upload-far", 3, "the same, 40 ms away", _large, _far),
    _measurement("large-upload-limited", 3, "the same, 40 ms away, 50 MB/s a connection", _large, _limited),
)
