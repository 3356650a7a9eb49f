"""Metadata of a repository at one commit, cached in memory.

The files are untrusted input: metadata that cannot be read is left out, so that other repositories are not affected.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import Any

import attrs
import pygit2

from hub_typed.local.cards.card import CardError, card_data
from hub_typed.local.errors import HubResponseError
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.repos.model_config import model_config
from hub_typed.local.repos.store import Repo
from hub_typed.local.repos.tags import tags

__all__ = ["Snapshot", "snapshot"]

_log = logging.getLogger("hub_typed.local")
MAX_KEPT = 512
MAX_MEMORY = 256 << 20
"""Approximate maximum size of all cached snapshots in bytes."""


@attrs.frozen(kw_only=True)
class Snapshot:
    """Metadata of the files of a repository at one commit.

    Attributes:
        files: All files.
        card: Front matter of the README; ``None`` if it is missing or cannot be read.
        readme: Text of the README; empty if it does not exist.
        config: Configuration of a model, see `model_config`; empty for other types.
        kinds: Category of each tag.
    """

    files: tuple[Entry, ...]
    card: dict[str, Any] | None
    readme: str
    config: dict[str, Any]
    kinds: dict[str, str]


class _Cache:
    """LRU cache of snapshots and errors. Commits are immutable, so entries never expire."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, str, str], Snapshot | HubResponseError] = OrderedDict()
        self._memory = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[str, str, str]) -> Snapshot | HubResponseError | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: tuple[str, str, str], entry: Snapshot | HubResponseError) -> None:
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = entry
            self._memory += _memory(entry)
            while len(self._entries) > MAX_KEPT or self._memory > MAX_MEMORY:
                _, dropped = self._entries.popitem(last=False)
                self._memory -= _memory(dropped)


_cache = _Cache()


def snapshot(repo: Repo, git: GitRepo, commit: pygit2.Commit) -> Snapshot:
    """Return the metadata of the files of a repository at a commit.

    Raises:
        HubResponseError: 422, the commit has too many files, or is damaged.
    """
    key = str(repo.path), repo.repo_type, str(commit.id)
    found = _cache.get(key)
    if found is None:
        try:
            found = _read(repo, git, commit)
        except HubResponseError as error:
            _log.warning("Could not read the files of %s %s: %s", repo.repo_type, repo.repo_id, error)
            found = error
        _cache.put(key, found)
    if isinstance(found, HubResponseError):
        raise HubResponseError(found.status, found.message)
    return found


def _memory(entry: Snapshot | HubResponseError) -> int:
    if isinstance(entry, HubResponseError):
        return 0
    return 8 * len(entry.readme) + sum(400 + len(file.path) for file in entry.files)


def _read(repo: Repo, git: GitRepo, commit: pygit2.Commit) -> Snapshot:
    files = tuple(entry for entry in git.tree(commit, recursive=True) if entry.kind == "file")
    readme = git.text(commit, "README.md")
    try:
        card = card_data(readme)
    except CardError:
        card = None
    paths = [file.path for file in files]
    config = model_config(set(paths), lambda path: git.text(commit, path)) if repo.repo_type == "model" else {}
    kinds = tags(repo.repo_type, card or {}, paths, readme, config)
    return Snapshot(files=files, card=card, readme=readme, config=config, kinds=kinds)
