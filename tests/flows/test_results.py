"""Handwritten results are read as those of huggingface_hub: with `vars`, and as dataclasses."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub_typed import (
    CachedFileInfo,
    CommitInfo,
    CommitOperationCopy,
    CommitOperationDelete,
    Discussion,
    DiscussionEvent,
    EvalResult,
    HFCacheInfo,
    HfFileMetadata,
    SpaceVariable,
    UserLikes,
)

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
RESULTS = [
    CachedFileInfo("a", Path("a"), Path("b"), 1, 0.0, 0.0),
    CommitInfo(
        commit_url="https://hub.test/o/m/commit/a", commit_message="m", commit_description="", oid="a", pr_url=None
    ),
    CommitOperationCopy("a", "b"),
    CommitOperationDelete("a"),
    Discussion("title", "open", 1, "o/m", "model", "ann", False, MOMENT, "https://hub.test"),
    DiscussionEvent(id="1", type="new", created_at=MOMENT, author="ann", wire={}),
    EvalResult("task", "dataset", "D", "accuracy", 0.9),
    HFCacheInfo(0, frozenset(), []),
    HfFileMetadata("a", "b", "https://hub.test", 1),
    SpaceVariable(key="A", value="b"),
    UserLikes("ann", 0, [], [], []),
]


@pytest.mark.parametrize("result", RESULTS, ids=lambda one: type(one).__name__)
def test_a_result_reads_like_a_dataclass(result):
    members = vars(result)
    assert members
    assert all(getattr(result, name) == value for name, value in members.items())
    assert dataclasses.is_dataclass(result)
    assert dataclasses.asdict(result).keys() == members.keys()
    assert pickle.loads(pickle.dumps(result)) == copy.copy(result) == result
