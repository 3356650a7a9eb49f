"""A store of Xet storage beside one of LFS objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.xet.store import XetStore


@pytest.fixture
def lfs(tmp_path: Path) -> LfsStore:
    return LfsStore(tmp_path / "lfs")


@pytest.fixture
def store(lfs: LfsStore, tmp_path: Path) -> XetStore:
    return XetStore(tmp_path / "xet", lfs)
