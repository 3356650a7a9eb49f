"""An upload of a large folder that one client begins and the other resumes from the records of the first."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed_api.serve import Answer

FILES = {f"weights/{number}.bin": random.Random(number).randbytes(50_000) for number in range(4)}
FILES |= {f"text/{number}.txt": f"{number}\n".encode() for number in range(10)}

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "large"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
        os.utime(root / name, (time.time() - 60,) * 2)
    return root


# The other generation, 2.4.0, has no upload_large_folder any more.
generation = pytest.mark.parametrize("theirs", ["0.27.1"], indirect=True)


def complete(hub: LocalHub, repo_id: str, tmp_path: Path) -> bool:
    with HfApi(hub.endpoint, hub.token) as api:
        root = Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))
    return {name: (root / name).read_bytes() for name in FILES if (root / name).exists()} == FILES


@generation
def test_what_one_has_uploaded_the_other_one_lets_be(local_hub, sides, folder, tmp_path):
    repo_id = f"{local_hub.user}/large"
    first, second = sides
    first.run("large.py", repo_id, str(folder))
    assert complete(local_hub, repo_id, tmp_path)
    before = local_hub.stats.snapshot()
    second.run("large.py", repo_id, str(folder))
    done = local_hub.stats.snapshot() - before
    assert done.requests["commits.preupload"] == done.requests["commits.create_commit"] == done.lfs_objects == 0


@generation
def test_one_finishes_what_the_other_one_began(local_hub, sides, folder, tmp_path):
    repo_id = f"{local_hub.user}/large"
    first, second = sides
    local_hub.hub.intercept = lambda incoming: Answer(status=403) if "/commit/" in incoming.path else None

    def refused():
        return any("/commit/" in one.path for one in local_hub.hub.requests)

    program = first.start("large.py", repo_id, str(folder))
    try:
        end = time.monotonic() + 60
        while not refused() and time.monotonic() < end:
            time.sleep(0.02)
        assert refused()
    finally:
        program.kill()
        program.communicate()
    local_hub.hub.intercept = None
    (folder / "text" / "new.txt").write_bytes(b"new")
    assert local_hub.stats.snapshot().lfs_objects == 4
    second.run("large.py", repo_id, str(folder))
    assert local_hub.stats.snapshot().lfs_objects == 4, "the large files were not sent again"
    assert complete(local_hub, repo_id, tmp_path)
