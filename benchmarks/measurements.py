"""What is measured: each prepares what it needs, then measures a client as often as it is asked to."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.downloads import (
    downloading_large,
    downloading_large_far,
    downloading_many,
    downloading_small,
    downloading_small_far,
)
from benchmarks.file_systems import FILE_SYSTEMS
from benchmarks.hub import HubProcess
from benchmarks.material import model_infos, small_files, tree_entries
from benchmarks.stage import Measurement, Once, Sample, Side, Stage
from benchmarks.uploads import UPLOADS
from benchmarks.xet import XET

__all__ = ["MEASUREMENTS"]


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
def _listing(stage: Stage) -> Generator[Once, None, None]:
    with stage.hub() as hub, stage.folder("tree") as folder:
        payload = folder / "tree.json"
        tree_entries(payload, stage.scale.entries)
        yield lambda side: {"tree": stage.sample(side, hub, "listed", payload)}


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
            "small-started": "the same, warm, import included",
            "small-repeated": "the same, warm, once more in a process",
        },
        downloading_small,
        is_static=True,
    ),
    Measurement(
        "small-far",
        5,
        {"small-far": "{files:,} files of 4 KiB, cold, 40 ms away"},
        downloading_small_far,
        is_static=True,
    ),
    Measurement(
        "many", 3, {"many": "snapshot_download of {many:,} files of 4 KiB, cold"}, downloading_many, is_static=True
    ),
    Measurement("large", 5, {"large": "one LFS file of {download:,} MiB, cold"}, downloading_large, is_static=True),
    Measurement(
        "large-far",
        3,
        {"large-far": "the same, 40 ms away, 50 MB/s a connection"},
        downloading_large_far,
        is_static=True,
    ),
    Measurement("tree", 5, {"tree": "decode a tree of {entries:,} files"}, _listing),
    *UPLOADS,
    *XET,
    *FILE_SYSTEMS,
)
