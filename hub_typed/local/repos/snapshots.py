"""Metadata of a repository at one commit, cached in memory.

Everybody may put anything into these files. What cannot be read is left out here, so that it harms nobody else.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import Any

import attrs
import pygit2

from hub_typed.local.errors import HubResponseError
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.repos.card import CardError, card_data
from hub_typed.local.repos.store import Repo
from hub_typed.local.repos.tags import read_config, tags

__all__ = ["Snapshot", "snapshot"]

_log = logging.getLogger("hub_typed.local")
MAX_KEPT = 512
MAX_MEMORY = 256 << 20
"""Bytes of all snapshots that are kept, roughly."""


@attrs.frozen(kw_only=True)
class Snapshot:
    """Metadata of the files of a repository at one commit.

    Attributes:
        card: The metadata of its README; ``None``, where it has none or they cannot be read.
        readme: The README itself; empty, where there is none.
        config: What its ``config.json`` says; empty likewise.
        kinds: The kind of each of its tags.
    """

    files: tuple[Entry, ...]
    card: dict[str, Any] | None
    readme: str
    config: dict[str, Any]
    kinds: dict[str, str]


class _Cache:
    """Least recently used snapshots and failures. Commits are immutable, so that entries never expire."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], Snapshot | HubResponseError] = OrderedDict()
        self._memory = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str, str]) -> Snapshot | HubResponseError | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[str, str, str], made: Snapshot | HubResponseError) -> None:
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = made
            self._memory += _memory(made)
            while len(self._kept) > MAX_KEPT or self._memory > MAX_MEMORY:
                _, dropped = self._kept.popitem(last=False)
                self._memory -= _memory(dropped)


_cache = _Cache()


def snapshot(repo: Repo, git: GitRepo, commit: pygit2.Commit) -> Snapshot:
    """Return the metadata of the files of a repository at a commit.

    Raises:
        HubResponseError: 422, it has too many files, or is damaged.
    """
    key = str(repo.path), repo.repo_type, str(commit.id)
    found = _cache.get(key)
    if found is None:
        try:
            found = _read(repo, git, commit)
        except HubResponseError as fault:
            _log.warning("The files of %s %s cannot be read: %s", repo.repo_type, repo.repo_id, fault)
            found = fault
        _cache.put(key, found)
    if isinstance(found, HubResponseError):
        raise HubResponseError(found.status, found.message)
    return found


def _memory(made: Snapshot | HubResponseError) -> int:
    if isinstance(made, HubResponseError):
        return 0
    return 8 * len(made.readme) + sum(400 + len(file.path) for file in made.files)


def _read(repo: Repo, git: GitRepo, commit: pygit2.Commit) -> Snapshot:
    files = tuple(entry for entry in git.tree(commit, recursive=True) if entry.kind == "file")
    readme = git.text(commit, "README.md")
    try:
        card = card_data(readme)
    except CardError:
        card = None
    config = read_config(git.text(commit, "config.json")) if repo.repo_type == "model" else {}
    kinds = tags(repo.repo_type, card or {}, [file.path for file in files], readme, config)
    return Snapshot(files=files, card=card, readme=readme, config=config, kinds=kinds)
