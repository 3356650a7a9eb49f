"""Measurements of downloads, from a Hub of static files, near and at a distance."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.distance import RATE, at_a_distance
from benchmarks.material import large_file, small_files
from benchmarks.stage import Once, Sample, Side, Stage, expect_files, file_sizes
from benchmarks.static_hub import StaticHub

__all__ = [
    "downloading_large",
    "downloading_large_far",
    "downloading_many",
    "downloading_small",
    "downloading_small_far",
]


@contextmanager
def _hub(stage: Stage, fill: Callable[[Path], None]) -> Generator[tuple[StaticHub, dict[str, int]], None, None]:
    """A Hub with one model, and the sizes of its files."""
    with stage.folder("source") as source, stage.folder("hub") as root:
        fill(source)
        with StaticHub(root, {"model": source}) as hub:
            yield hub, file_sizes(source)


def _cold(
    stage: Stage, hub: StaticHub, sizes: dict[str, int], side: Side, cache: Path, endpoint: str | None = None
) -> Sample:
    sample = stage.sample(side, hub, "downloaded", "bench/model", cache, endpoint=endpoint)
    expect_files(sizes, next(cache.glob("models--*/snapshots/*")))
    return sample


@contextmanager
def downloading_small(stage: Stage) -> Generator[Once, None, None]:
    """Many small files: cold, warm in a new process, and warm in the same process."""
    with _hub(stage, lambda source: small_files(source, stage.scale.files)) as (hub, sizes):

        def once(side: Side) -> dict[str, Sample]:
            with stage.folder("cache") as cache:
                cold = _cold(stage, hub, sizes, side, cache)
                started, repeated = (
                    stage.sample(side, hub, task, "bench/model", cache) for task in ("started", "repeated")
                )
            return {"small-cold": cold, "small-started": started, "small-repeated": repeated}

        yield once


@contextmanager
def downloading_small_far(stage: Stage) -> Generator[Once, None, None]:
    """Many small files of a distant Hub."""
    with (
        _hub(stage, lambda source: small_files(source, stage.scale.files)) as (hub, sizes),
        at_a_distance(hub.port) as endpoint,
    ):
        yield _once("small-far", stage, hub, sizes, endpoint)


@contextmanager
def downloading_many(stage: Stage) -> Generator[Once, None, None]:
    """Very many small files."""
    with _hub(stage, lambda source: small_files(source, stage.scale.many)) as (hub, sizes):
        yield _once("many", stage, hub, sizes)


@contextmanager
def downloading_large(stage: Stage) -> Generator[Once, None, None]:
    """One large file."""
    with _hub(stage, lambda source: large_file(source, stage.scale.download)) as (hub, sizes):
        yield _once("large", stage, hub, sizes)


@contextmanager
def downloading_large_far(stage: Stage) -> Generator[Once, None, None]:
    """One large file of a distant Hub whose connections are limited."""
    with (
        _hub(stage, lambda source: large_file(source, stage.scale.download)) as (hub, sizes),
        at_a_distance(hub.port, rate=RATE) as endpoint,
    ):
        yield _once("large-far", stage, hub, sizes, endpoint)


def _once(row: str, stage: Stage, hub: StaticHub, sizes: dict[str, int], endpoint: str | None = None) -> Once:
    def once(side: Side) -> dict[str, Sample]:
        with stage.folder("cache") as cache:
            return {row: _cold(stage, hub, sizes, side, cache, endpoint)}

    return once
