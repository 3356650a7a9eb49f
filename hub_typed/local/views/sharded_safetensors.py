"""Headers of the files of a sharded safetensors model."""

from __future__ import annotations

import json
from typing import Any, TypeGuard, cast

from hub_typed.local.errors import entry_missing, unprocessable
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.repos.parameter_counts import read_header
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = ["describe_shards"]

MAX_SHARDS = 2000


def describe_shards(call: Call, repo: Repo, index_path: str) -> models.ShardedSafetensors:
    """Return the headers of the files that an index on the default branch names.

    Raises:
        HubResponseError: 404, the index or one of the files does not exist; 422, one of them is invalid.
    """
    git = repo.git()
    commit = git.commit_at("main")

    def find(path: str) -> Entry:
        file = git.entry(commit, path)
        if file is None or file.kind != "file":
            raise entry_missing(f"{path} does not exist", commit=str(commit.id))
        return file

    where = index_path
    try:
        index = _parsed_index(git.read(find(index_path)))
        folder = index_path.rpartition("/")[0]
        headers: dict[str, dict[str, Any]] = {}
        for name in sorted({name for name in index["weight_map"].values() if isinstance(name, str)})[:MAX_SHARDS]:
            where = f"{folder}/{name}".lstrip("/")
            headers[name] = _header(git, find(where), call.lfs)
    except (ValueError, RecursionError) as error:
        raise unprocessable(f"{where} is invalid: {error}") from None
    metadata = index.get("metadata")
    return models.ShardedSafetensors(
        headers=headers, index=models.SafetensorsIndex(metadata=metadata if _is_object(metadata) else None)
    )


def _header(git: GitRepo, file: Entry, lfs: LfsStore) -> dict[str, Any]:
    size, header = read_header(git, file, lfs)
    if not size:
        raise ValueError("it has no header, or a too large one")
    return header


def _parsed_index(text: bytes) -> dict[str, Any]:
    index: object = json.loads(text)
    if not _is_object(index) or not _is_object(index.get("weight_map")):
        raise ValueError("it has no weight_map")
    return index


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict) and all(isinstance(name, str) for name in cast("dict[object, object]", value))
