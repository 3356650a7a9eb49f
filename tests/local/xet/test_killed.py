"""A process that is killed while it changes the store."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.xet.store import XetStore
from tests.local.xet.material import put

REPOSITORY = Path(__file__).parent.parent.parent.parent
FIRST, SECOND = [b"first" * 100, b"shared" * 100], [b"shared" * 100, b"second" * 100]
CONTENTS = {hashlib.sha256(b"".join(chunks)).hexdigest(): b"".join(chunks) for chunks in (FIRST, SECOND)}


def work(root: Path) -> None:
    """Upload two files, and delete the first one."""
    store = XetStore(root / "xet", LfsStore(root / "lfs"))
    put(store, *FIRST)
    put(store, *SECOND)
    store.remove(next(iter(CONTENTS)))


def work_until(root: Path, step: int) -> None:
    """Be killed right before the nth change of a file name."""
    steps = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal steps
        named = event == "os.rename" or (event == "os.remove" and "incoming" not in str(arguments[0]))
        if named and str(arguments[0]).startswith(str(root)):
            steps += 1
            if steps == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    work(root)


def kill_at_each_step(root: Path) -> None:
    """Let child processes work in folders of their own, each killed one step later than the one before."""
    step, status = 0, signal.SIGKILL
    while status == signal.SIGKILL:
        step += 1
        child = os.fork()
        if child == 0:
            work_until(root / str(step), step)
            os._exit(0)
        status = os.waitpid(child, 0)[1]


def test_a_kill_at_any_step_leaves_only_what_is_right(tmp_path):
    code = f"from tests.local.xet.test_killed import *; kill_at_each_step(Path({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)
    roots = list(tmp_path.iterdir())
    assert len(roots) > 10

    for root in roots:
        lfs = LfsStore(root / "lfs")
        store = XetStore(root / "xet", lfs)
        for oid, content in CONTENTS.items():
            assert lfs.size(oid) in {None, len(content)}
            if lfs.size(oid):
                assert b"".join(lfs.read(oid, 0, len(content))) == content
        store.remove_leftovers()
        assert list((store.root / "incoming").iterdir()) == []
        work(root)  # once more, to the end
        store.collect_garbage(CONTENTS, older_than=0)
        assert [lfs.size(oid) for oid in CONTENTS] == [None, len(b"".join(SECOND))]
        assert len(list((store.root / "xorbs").rglob("*/*"))) == 1
