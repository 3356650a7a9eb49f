"""The cache that all clients of the Hub share on a machine.

::

    CACHEDIR.TAG
    .locks/models--owner--name/<etag>.lock
    models--owner--name/
        blobs/<etag>                      contents, by hash; <etag>.incomplete while they come
        refs/main                         the commit a branch, tag or other ref pointed to when last asked
        snapshots/<commit>/<path>         links to ../../blobs/<etag>; the files themselves where links do not work
        .no_exist/<commit>/<path>         empty: the Hub said that there is no such file
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Final

import attrs

from hub_typed.errors import UnsafePathError
from hub_typed.flows.files.disk import copy_file, create_text, is_whole, replace_text
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.locks import held
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.flows.files.paths import COMMIT, check_inside, checked_path
from hub_typed.io import Io
from hub_typed.logs import log as _log
from hub_typed.progress import Observer
from hub_typed.settings import Settings
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

__all__ = ["_CACHED_NO_EXIST", "try_to_load_from_cache"]

TAG: Final = """\
Signature: 8a477f597d28d172789f06886806bc55
# This folder is a cache: backup programs may leave it out.
# What the mark means: https://bford.info/cachedir/
"""


class CachedNoExist(Enum):
    """The type of `_CACHED_NO_EXIST`."""

    NO_EXIST = "no such file"


_CACHED_NO_EXIST: Final = CachedNoExist.NO_EXIST
"""The cache knows that the repository has no such file at that commit."""


@attrs.frozen
class Found:
    """A file on this disk.

    Attributes:
        certain: Whether it is that of the revision asked for, whatever the Hub would say.
    """

    file: Path
    certain: bool


@attrs.frozen
class CachedRepo:
    """One repository in the cache.

    Attributes:
        root: Folder of the whole cache.
        name: Name of the repository's own folder in it.
    """

    root: Path
    name: str

    @classmethod
    def of(cls, cache_dir: str | os.PathLike[str], repo_id: str, repo_type: str | None) -> CachedRepo:
        """The place of a repository, whether anything is there or not.

        Raises:
            HFValidationError: The id or the type cannot be right.
        """
        parts = [f"{rules.repo_type(repo_type)}s", *rules.checked_repo_id(repo_id).split("/")]
        return cls(Path(cache_dir).expanduser().absolute(), "--".join(parts))

    @property
    def folder(self) -> Path:
        """The repository's own folder."""
        return self.root / self.name

    def snapshot(self, commit: str) -> Path:
        """The folder with the files of a commit."""
        return self.folder / "snapshots" / commit

    def file(self, commit: str, path: str) -> Path:
        """Where a file of a commit is found.

        Raises:
            UnsafePathError: The path may not be written to the cache.
        """
        return self.snapshot(commit) / checked_path(path)

    def check(self, path: str) -> None:
        """See that a path stays in the folder of its commit.

        Raises:
            UnsafePathError: It does not.
        """
        checked_path(path)

    def blob(self, etag: str) -> Path:
        """Where a content is kept."""
        return self.folder / "blobs" / etag

    def commit(self, revision: str) -> str | None:
        """The commit that a revision was when the Hub was last asked; a commit is itself."""
        if COMMIT.fullmatch(revision):
            return revision
        try:
            known = self._ref(revision).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):  # none, one that is no text, or one with a name that no file can have here
            return None
        return known if COMMIT.fullmatch(known) else None

    def find(self, revision: str, path: str) -> Found | None:
        """The file at a revision, as far as the cache knows."""
        commit = self.commit(revision)
        if commit is None:
            return None
        file = self.file(commit, path)
        return Found(file, certain=commit == revision) if file.is_file() else None

    def lacks(self, revision: str, path: str) -> bool:
        """Whether the Hub said that there is no such file."""
        commit = self.commit(revision)
        return commit is not None and self._absence(commit, path).is_file()

    def remember(self, revision: str, commit: str) -> None:
        """Keep what commit a revision is. The files are of use without it, so that a cache may be read-only."""
        if self.commit(revision) == commit:
            return
        try:
            self.make()
            replace_text(self._ref(revision), commit, self.folder)
        except (OSError, UnsafePathError) as error:
            _log.warning("Offline, %s will not be found in the cache: its commit was not written: %s", revision, error)

    def remember_absence(self, revision: str, commit: str, path: str) -> None:
        """Keep that the Hub said that there is no such file, and at which commit."""
        absence = self._absence(commit, path)
        try:
            self.make()
            absence.parent.mkdir(parents=True, exist_ok=True)
            absence.touch()
        except OSError as error:
            _log.warning("Offline, it will not be known that there is no %s: this was not written: %s", path, error)
        else:
            self.remember(revision, commit)

    def make(self) -> None:
        """Make the folder, and mark the whole cache as one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        create_text(self.root / "CACHEDIR.TAG", TAG)

    @property
    def lists(self) -> Path:
        """Where lists of the files of commits are kept."""
        return self.folder

    def folds_case(self) -> bool:
        """Whether the disk takes ``A`` and ``a`` for the same."""
        self.make()
        return self.folder.with_name(self.name.swapcase()).exists()

    def has(self, remote: RemoteFile) -> bool:
        """Whether a file of a commit is there, with all its bytes."""
        return is_whole(self.file(remote.commit, remote.path), remote.size)

    async def put(self, io: Io, remote: RemoteFile, observer: Observer | None, *, anew: bool = False) -> Path:
        """Have a file of a commit in the cache; one process fetches it, however many want it.

        Args:
            anew: Fetch it even if it is there.
        """
        file = self.file(remote.commit, remote.path)
        if not anew and await io.work(lambda: self.has(remote)):
            return file
        await io.work(self.make)
        async with held(io, self.root / ".locks" / self.name / f"{remote.etag}.lock"):
            if not anew and await io.work(lambda: self.has(remote)):
                return file
            blob = self.blob(remote.etag)
            fresh = anew or not await io.work(lambda: is_whole(blob, remote.size))
            if fresh:
                await fetch(io, remote, blob.with_name(f"{remote.etag}.incomplete"), blob, observer, anew=anew)
            await io.work(lambda: self._link(file, blob, fresh, io.settings.symlinks))
        return file

    def _link(self, file: Path, blob: Path, fresh: bool, symlinks: bool) -> None:
        """Have a blob at its path: by a link; else a new blob is moved there, and one that others may use is copied."""
        check_inside(file, self.folder / "snapshots")
        file.parent.mkdir(parents=True, exist_ok=True)
        if symlinks:
            try:
                file.unlink(missing_ok=True)
                file.symlink_to(os.path.relpath(blob, file.parent))
                return
            except OSError as error:
                _log.debug("No symbolic link at %s: %s", file, error)
        if fresh:
            os.replace(blob, file)
        else:
            copy_file(blob, file, blob.with_name(f"{blob.name}.copy.incomplete"))

    def _ref(self, revision: str) -> Path:
        return self.folder / "refs" / checked_path(revision)

    def _absence(self, commit: str, path: str) -> Path:
        return self.folder / ".no_exist" / commit / checked_path(path)


def try_to_load_from_cache(
    repo_id: str,
    filename: str,
    cache_dir: str | os.PathLike[str] | None = None,
    revision: str | None = None,
    repo_type: RepoType | None = None,
) -> str | CachedNoExist | None:
    """Look for a file in the cache, without asking the Hub.

    Args:
        filename: Path in the repository.
        cache_dir: Folder of the cache; that of the environment if not given.
        revision: Branch, tag or commit; ``main`` if not given.

    Returns:
        Where the file is; `_CACHED_NO_EXIST` if the Hub said that there is none; ``None`` if the cache does not know.

    Raises:
        HFValidationError: The id or the type cannot be right.
    """
    repo = CachedRepo.of(cache_dir or Settings.from_environment().cache_dir, repo_id, repo_type)
    revision = rules.checked_revision(revision or "main")
    path = rules.checked_file(filename)
    if repo.lacks(revision, path):
        return _CACHED_NO_EXIST
    found = repo.find(revision, path)
    return None if found is None else str(found.file)
