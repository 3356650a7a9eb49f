"""Uploads to an embedded Hub, near and distant."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from benchmarks.distance import at_a_distance
from benchmarks.material import large_file, medium_files, small_files
from benchmarks.stage import Measurement, Once, Sample, Scale, Side, Stage, file_sizes

__all__ = ["UPLOADS"]

Fill = Callable[[Path, Scale], None]


def _small(folder: Path, scale: Scale) -> None:
    small_files(folder, scale.files)


def _medium(folder: Path, scale: Scale) -> None:
    medium_files(folder, scale.medium)


def _large(folder: Path, scale: Scale) -> None:
    large_file(folder, scale.upload)


def _measurement(name: str, runs: int, text: str, fill: Fill, *, is_far: bool = False) -> Measurement:
    @contextmanager
    def prepared(stage: Stage) -> Generator[Once, None, None]:
        with stage.folder("source") as source:
            fill(source, stage.scale)
            yield lambda side: {name: _uploaded(stage, side, source, is_far=is_far)}

    return Measurement(name, runs, {name: text}, prepared)


def _uploaded(stage: Stage, side: Side, source: Path, *, is_far: bool) -> Sample:
    """Upload to a new Hub, which has none of the files yet."""
    with stage.hub() as hub, at_a_distance(hub.port) if is_far else nullcontext(hub.endpoint) as endpoint:
        repo_id = hub.create_repo()
        sample = stage.sample(side, hub, "uploaded", repo_id, source, endpoint=endpoint)
        if missing := set(file_sizes(source)) - set(hub.api.list_repo_files(repo_id)):
            raise RuntimeError(f"{side.package} did not upload {len(missing)} files")
        commits = len(list(hub.api.list_repo_commits(repo_id))) - 1
        if commits != 1:
            raise RuntimeError(f"{side.package} created {commits} commits")
    return sample


UPLOADS: Final = (
    _measurement("small-upload", 5, "upload_folder of {files:,} files of 4 KiB", _small),
    _measurement("small-upload-far", 3, "the same, 40 ms away", _small, is_far=True),
    _measurement("medium-upload", 5, "upload_folder of {medium:,} LFS files of 8 MiB", _medium),
    _measurement("medium-upload-far", 3, "the same, 40 ms away", _medium, is_far=True),
    _measurement("large-upload", 5, "upload_folder of one LFS file of {upload:,} MiB", _large),
    _measurement("large-upload-far", 3, "the same, 40 ms away", _large, is_far=True),
)
