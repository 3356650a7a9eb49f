"""Case 14: the disk is full in the middle of a download."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfApi
from hub_typed.local.faults import Reset

OLD, NEW = os.urandom(300_000), os.urandom(3_000_000)
REPO = "local-user/model"
DOWNLOAD = """
import asyncio, resource, sys
from hub_typed import AsyncHfApi, DiskError, HfApi

kind, where, folder = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
given = {"repo_id": "local-user/model", "filename": "weights.bin", where: folder}


async def download():
    async with AsyncHfApi() as api:
        await api.hf_hub_download(**given)


try:
    asyncio.run(download()) if kind == "async" else HfApi().hf_hub_download(**given)
except DiskError as error:
    print(error)
"""


@pytest.mark.parametrize("interrupted", [False, True], ids=["at once", "after a reset"])
@pytest.mark.parametrize("where", ["cache_dir", "local_dir"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_old_file_stays_and_nothing_else(local_hub, repository, tmp_path, kind, where, interrupted):
    folder = tmp_path / "folder"
    with HfApi() as api:
        api.create_repo(REPO)
        for content in (OLD, NEW):
            api.create_commit(REPO, [CommitOperationAdd("weights.bin", content)], commit_message="m")
            if content is OLD:
                before = Path(api.hf_hub_download(REPO, "weights.bin", **{where: folder}))
    if interrupted:
        local_hub.faults.add(Reset(500_000, of="response"), operation="storage.download", times=1)
    packages = os.pathsep.join([str(repository), str(repository / "generated")])
    done = subprocess.run(
        [sys.executable, "-c", DOWNLOAD, kind, where, str(folder)],
        env=os.environ | {"PYTHONPATH": packages},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "No space left to write the 3000000 bytes of weights.bin" in done.stdout
    assert done.stderr == ""
    assert before.read_bytes() == OLD
    left = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size > 1000]
    assert [path.resolve() for path in left if not path.is_symlink()] == [before.resolve()]
    with HfApi() as api:
        assert Path(api.hf_hub_download(REPO, "weights.bin", **{where: folder})).read_bytes() == NEW
