"""Measurements with Xet storage: the embedded Hub serves it, and both clients have `hf_xet`."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from benchmarks.hub import HubProcess
from benchmarks.material import change, large_file, medium_files
from benchmarks.stage import OURS, Measurement, Once, Sample, Side, Stage, expect_files, file_sizes
from benchmarks.uploads import uploaded_once

__all__ = ["XET"]


@contextmanager
def _hub(stage: Stage) -> Generator[HubProcess, None, None]:
    """An empty Hub, and clients that do not remember another one: `hf_xet` keeps what a storage has, by its URL."""
    shutil.rmtree(stage.scratch / "home", ignore_errors=True)
    with stage.hub(xet=True) as hub:
        yield hub


@contextmanager
def _downloading(stage: Stage) -> Generator[Once, None, None]:
    """One large file that was uploaded by Xet: by Xet and by LFS, which read the same content."""
    with _hub(stage) as hub, stage.folder("source") as source:
        large_file(source, stage.scale.download)
        repo_id, sizes = hub.create_repo(), file_sizes(source)
        uploaded_once(stage, hub, OURS, repo_id, source)

        def downloaded(side: Side, *, xet: bool) -> Sample:
            with stage.folder("cache") as cache:
                sample = stage.sample(side, hub, "downloaded", repo_id, cache, xet=xet)
                expect_files(sizes, next(cache.glob("models--*/snapshots/*")))
                return sample

        yield lambda side: {
            "xet-download": downloaded(side, xet=True),
            "xet-download-lfs": downloaded(side, xet=False),
        }


@contextmanager
def _uploading(stage: Stage) -> Generator[Once, None, None]:
    """One large file, and the same file once more with changes."""

    def once(side: Side) -> dict[str, Sample]:
        with _hub(stage) as hub, stage.folder("source") as source:
            large_file(source, stage.scale.upload)
            repo_id = hub.create_repo()
            first = uploaded_once(stage, hub, side, repo_id, source)
            for file in source.iterdir():
                change(file)
            return {"xet-upload": first, "xet-changed": uploaded_once(stage, hub, side, repo_id, source)}

    yield once


@contextmanager
def _uploading_medium(stage: Stage) -> Generator[Once, None, None]:
    with stage.folder("source") as source:
        medium_files(source, stage.scale.medium)

        def once(side: Side) -> dict[str, Sample]:
            with _hub(stage) as hub:
                return {"xet-medium-upload": uploaded_once(stage, hub, side, hub.create_repo(), source)}

        yield once


XET: Final = (
    Measurement(
        "xet-download",
        5,
        {
            "xet-download": "one file of {download:,} MiB by Xet, cold",
            "xet-download-lfs": "the same by LFS, from the same Hub",
        },
        _downloading,
        group="xet",
    ),
    Measurement(
        "xet-upload",
        5,
        {
            "xet-upload": "upload_folder of one file of {upload:,} MiB by Xet",
            "xet-changed": "the same again, 1 % changed",
        },
        _uploading,
        group="xet",
    ),
    Measurement(
        "xet-medium-upload",
        5,
        {"xet-medium-upload": "upload_folder of {medium:,} files of 8 MiB by Xet"},
        _uploading_medium,
        group="xet",
    ),
)
