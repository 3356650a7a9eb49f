"""Synchronizations of random trees, compared with a model of what they do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hub_typed import BucketFile, HfApi
from hub_typed.flows.buckets.sync_filter import PathFilter
from tests.flows.buckets.conftest import BUCKET

URI = f"hf://buckets/{BUCKET}"
NOW = 1_700_000_000


@attrs.frozen
class File:
    """Size, which stands for the content, and modification time in seconds."""

    size: int
    mtime: int


files = st.builds(File, st.integers(0, 2), st.sampled_from([NOW, NOW + 100]))
trees = st.dictionaries(st.sampled_from(["a", "b.txt", "d/a", "d/e/b.txt", "f/x", "f/y.txt"]), files, max_size=6)
rules = st.fixed_dictionaries(
    {"delete": st.booleans()},
    optional={
        "existing": st.just(True),
        "ignore_times": st.just(True),
        "include": st.just(["*.txt"]),
        "exclude": st.just(["d/*"]),
    },
)


def model(source: dict[str, File], dest: dict[str, File], rule: dict) -> dict[str, File]:
    """What the destination has afterwards."""
    chosen = PathFilter.of(rule.get("include", ()), rule.get("exclude", ()), None)
    after = dict(dest)
    for path, file in source.items():
        old = dest.get(path)
        if not chosen.includes(path) or (old is None and rule.get("existing")):
            continue
        is_newer = old is not None and file.mtime > old.mtime and not rule.get("ignore_times")
        if old is None or file.size != old.size or is_newer:
            after[path] = file
    if rule["delete"]:
        after = {path: file for path, file in after.items() if path in source or not chosen.includes(path)}
    return after


def put_local(folder: Path, tree: dict[str, File]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, file in tree.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"x" * file.size)
        os.utime(target, (file.mtime, file.mtime))


def local(folder: Path) -> dict[str, File]:
    found = {}
    for one in folder.rglob("*"):
        if one.is_file():
            status = one.stat()
            found[one.relative_to(folder).as_posix()] = File(status.st_size, round(status.st_mtime))
    return found


def remote(api: HfApi) -> dict[str, File]:
    entries = api.list_bucket_tree(BUCKET, recursive=True)
    listed = [one for one in entries if isinstance(one, BucketFile)]
    return {one.path: File(one.size, round(one.mtime.timestamp())) for one in listed if one.mtime}


@pytest.mark.parametrize("upload", [True, False])
def test_a_destination_becomes_what_the_model_says_and_the_next_run_does_nothing(api, tmp_path, upload):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(trees, trees, rules)
    def check(source: dict[str, File], dest: dict[str, File], rule: dict) -> None:
        put_local(there, dest if upload else source)
        api.batch_bucket_files(BUCKET, delete=list(remote(api)))
        api.sync_bucket(there, URI, quiet=True)
        assert remote(api) == (dest if upload else source)
        put_local(here, source if upload else dest)
        sides = (here, URI) if upload else (URI, here)
        before = local(here), remote(api)
        planned = api.sync_bucket(*sides, plan=tmp_path / "plan", quiet=True, **rule)
        assert (local(here), remote(api)) == before
        done = api.sync_bucket(*sides, quiet=True, **rule)
        assert done.operations == planned.operations
        assert (remote(api) if upload else local(here)) == model(source, dest, rule)
        assert (local(here) if upload else remote(api)) == source
        again = api.sync_bucket(*sides, quiet=True, **rule)
        assert {one.action for one in again.operations} <= {"skip"}

    check()
