"""Files over the limit of one request, pushed by git-lfs through ``hub-typed lfs-multipart-upload``."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hub_typed.local.faults import Reset, Status
from hub_typed.local.server.stats import Stats

PART = 1 << 20
CONTENT = os.urandom(3 * PART + 100)

pytestmark = pytest.mark.usefixtures("git_lfs")


@pytest.fixture
def clone(remote, git, monkeypatch):
    """A clone from which large files may be pushed."""
    monkeypatch.setattr(remote.hub.hub.lfs, "part_size", PART)
    clone = git.clone(remote.mine)
    git.environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    clone("config", "lfs.concurrenttransfers", "2")
    enabled = run_command(clone, "lfs-enable-largefiles", ".")
    assert enabled.startswith("path\t")
    yield clone
    remote.hub.faults.clear()


def run_command(git, *words: str) -> str:

    command = [sys.executable, "-m", "hub_typed", *words]
    return subprocess.run(
        command, cwd=git.folder, env=git.environment, check=True, capture_output=True, text=True
    ).stdout


def part_uploads(stats: Stats) -> int:
    return stats.snapshot().requests["storage.upload_part"]


def test_git_pushes_large_files_in_parts(remote, clone):
    before = part_uploads(remote.hub.stats)
    clone.commit("Large files", **{"a.bin": CONTENT, "b.bin": CONTENT[::-1]}, **{"small.bin": b"small\0"})
    clone("push", "--quiet")
    assert part_uploads(remote.hub.stats) - before == 8
    assert remote.content("a.bin") == CONTENT
    assert remote.content("b.bin") == CONTENT[::-1]
    assert clone.within(clone.folder.parent).clone(remote.mine).files()["a.bin"] == CONTENT


def test_a_broken_part_is_sent_again(remote, clone):
    rule = remote.hub.faults.add(Reset(after=1000), operation="storage.upload_part", times=1)
    content = os.urandom(2 * PART)
    clone.commit("Large files", **{"a.bin": content})
    clone("push", "--quiet")
    assert rule.count == 1
    assert remote.content("a.bin") == content


def test_git_says_why_a_file_was_not_uploaded(remote, clone):
    remote.hub.faults.add(Status(403, message="not today"), operation="storage.upload_part")
    clone.commit("Large files", **{"a.bin": os.urandom(2 * PART)})
    said = clone.refused("push")
    assert "not today" in said
    assert "signature" not in said.lower()
