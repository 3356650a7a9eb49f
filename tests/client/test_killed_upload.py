"""Uploads resumed after their process was killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import hub_typed
import hub_typed_api
from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed_api.serve import Answer

PART = 200_000
SIZES = [100_000, 150_000, PART, 120_000, 5 * PART - 1, 90_000]
LET_IN = 3
"""Uploads to the store, of files or parts, that are let in before the process is killed."""
UPLOAD = """
import sys
from hub_typed import HfApi

endpoint, token, repo, folder = sys.argv[1:]
HfApi(endpoint, token, user_agent={'fate': 'doomed'}).upload_folder(repo_id=repo, folder_path=folder)
"""


def uploaded(hub):
    """The ids of the large files that were, wholly or in part, brought to the store, an entry an upload."""
    puts = [each for each in hub.hub.requests if each.operation.startswith("storage.upload")]
    return [re.findall("[0-9a-f]{64}", each.path)[0] for each in puts if each.status == 200]


@pytest.mark.parametrize("order", ["small files first", "the one in parts first"])
def test_a_rerun_sends_only_what_is_missing(tmp_path, order):
    source = tmp_path / "source"
    source.mkdir()
    sizes = SIZES if order == "small files first" else SIZES[::-1][1:]
    for number, size in enumerate(sizes):
        (source / f"{number}.bin").write_bytes(bytes([0, number]) + os.urandom(size - 2))
    (source / "README.md").write_text("---\nlicense: mit\n---\n")
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        hub.hub.lfs.part_size = PART
        repo = f"{hub.user}/thing"
        api.create_repo(repo)
        _upload_and_be_killed(hub, repo, source)

        assert len(api.list_repo_commits(repo)) == 1  # the one that made the repository
        there = {oid for oid in uploaded(hub) if hub.hub.lfs.size(oid) is not None}
        first = len(uploaded(hub))
        assert first == LET_IN
        api.upload_folder(repo_id=repo, folder_path=source)
        again = uploaded(hub)[first:]
        assert there.isdisjoint(again)
        assert len({*there, *again}) == len(sizes)
        found = Path(api.snapshot_download(repo, cache_dir=tmp_path / "cache"))
        for path in source.iterdir():
            assert (found / path.name).read_bytes() == path.read_bytes(), path.name
        assert len(api.list_repo_commits(repo)) == 2


def _upload_and_be_killed(hub, repo, source):
    """Run an upload until so much is at the store, then end it without a warning."""
    one_at_a_time = threading.Lock()
    begun = 0
    packages = {str(Path(package.__file__).parent.parent) for package in (hub_typed, hub_typed_api)}
    child = subprocess.Popen(
        [sys.executable, "-c", UPLOAD, hub.endpoint, hub.token, repo, str(source)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(packages)},
    )

    def killing(incoming):
        nonlocal begun
        if incoming.method != "PUT" or "doomed" not in incoming.headers.get("user-agent", ""):
            return None
        with one_at_a_time:
            begun += 1
            if begun <= LET_IN:
                return None
            deadline = time.monotonic() + 30
            while len(uploaded(hub)) < LET_IN and time.monotonic() < deadline:
                time.sleep(0.01)
            child.kill()
            return Answer(status=503)

    hub.hub.intercept = killing  # for good: what the child had sent may arrive after its end
    try:
        assert child.wait(timeout=60) == -signal.SIGKILL
    finally:
        child.kill()
