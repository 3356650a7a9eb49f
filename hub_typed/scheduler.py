"""Commit a folder periodically while a program appends to it."""

from __future__ import annotations

import atexit
import io
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs

from hub_typed.client import HfApi
from hub_typed.disk.folders import NOT_A_FILE_ERRORS, open_file
from hub_typed.errors import SourceChangedError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.commits.operations import CommitOperationAdd
from hub_typed.flows.local_files import files_to_upload
from hub_typed.logs.logger import log as _log

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["CommitScheduler"]


class CommitScheduler:
    """Commits changes in a folder every few minutes in the background, and once more at exit.

    Files are expected to be append-only: each is uploaded with the size it had when the folder was scanned, so a
    program may append to it during the upload. Hold `lock` to change files in any other way. A file that is replaced,
    truncated or deleted all the same is left out, with a warning in the log, and committed the next time. Files deleted
    from the folder stay in the repository.

    Whatever happens to the program, the repository lacks at most the changes since the last scan: a commit that fails
    is repeated at the next interval, and a new scheduler on the same folder commits what the last one did not. Commits
    contain only files of the folder, and only those whose content differs from the repository, so several schedulers
    may commit to one repository, also those of one folder.

    Example:
        with CommitScheduler(repo_id="owner/logs", folder_path="logs", repo_type="dataset", every=10) as scheduler:
            ...
            with scheduler.lock, open("logs/run.jsonl", "a") as file:
                file.write(line)

    Args:
        repo_id: Repository, ``owner/name``; created if it does not exist.
        folder_path: Local folder; created if it does not exist.
        every: Minutes between commits.
        path_in_repo: Folder in the repository to upload to; its root by default.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` by default.
        revision: Branch to commit to; ``main`` by default.
        private: Whether a created repository is private; the owner's default if not given.
        token: Token instead of the stored one, if ``hf_api`` is not given.
        allow_patterns: Shell patterns; only files that match one are uploaded.
        ignore_patterns: Shell patterns; files that match one are not uploaded.
        squash_history: Whether to squash the history of the branch into one commit after each commit.
        hf_api: Client to use; a new one by default.

    Raises:
        ValueError: ``folder_path`` is a file, or ``every`` is not greater than 0.

    Attributes:
        api: The client.
        lock: Held while the folder is scanned, but not during the upload.
        last_future: Future of the latest scheduled commit.
    """

    def __init__(
        self,
        *,
        repo_id: str,
        folder_path: str | os.PathLike[str],
        every: float = 5,
        path_in_repo: str | None = None,
        repo_type: str | None = None,
        revision: str | None = None,
        private: bool | None = None,
        token: str | None = None,
        allow_patterns: Sequence[str] | str | None = None,
        ignore_patterns: Sequence[str] | str | None = None,
        squash_history: bool = False,
        hf_api: HfApi | None = None,
    ) -> None:
        if not every > 0:
            raise ValueError(f"every must be greater than 0 minutes, not {every!r}.")
        self.folder_path: Path = Path(folder_path).expanduser().resolve()
        if self.folder_path.exists() and not self.folder_path.is_dir():
            raise ValueError(f"{self.folder_path} is not a folder.")
        self.api: HfApi = hf_api or HfApi(token=token)
        self.token = token
        self.repo_id: str = self.api.create_repo(repo_id, repo_type=repo_type, private=private, exist_ok=True).repo_id
        self.folder_path.mkdir(parents=True, exist_ok=True)
        self.repo_type = repo_type
        self.revision = revision
        self.path_in_repo: str = path_in_repo or ""
        self.allow_patterns = allow_patterns
        self.ignore_patterns = ignore_patterns
        self.every = every
        self.squash_history = squash_history
        self.lock: threading.Lock = threading.Lock()
        self.last_future: Future[CommitInfo | None] | None = None
        self._committed: dict[str, tuple[int, int, int]] = {}
        self._stopped = threading.Event()
        # A daemon thread does not keep the program alive; remaining changes are committed at exit.
        self._thread = threading.Thread(target=self._run, name="hub-typed-scheduler", daemon=True)
        self._thread.start()
        atexit.register(self._push)

    def stop(self) -> None:
        """Stop scheduling; a running commit is completed. The scheduler cannot be restarted."""
        self._stopped.set()
        atexit.unregister(self._push)

    def trigger(self) -> Future[CommitInfo | None]:
        """Commit in the background, after earlier background work of the client; see `push_to_hub`."""
        return self.api.run_as_future(self._push)

    def push_to_hub(self) -> CommitInfo | None:
        """Commit the changes in the folder; return ``None`` if there are none.

        Override this method, but do not call it: `trigger` calls it, one commit at a time.

        Raises:
            SourceChangedError: All files with changes were replaced or truncated during their upload; nothing was
                committed.
        """
        left_out: set[str] = set()
        while True:
            with self.lock:
                files = self._changed_files(left_out)
            if not files:
                return None
            try:
                return self._commit(files)
            except (SourceChangedError, FileNotFoundError) as error:
                changed = {path for path, file in files.items() if file.has_changed()}
                if not changed or changed == files.keys():
                    raise
                left_out |= changed
                _log.warning("The scheduled commit to %s leaves out files that changed: %s", self.repo_id, error)

    def _commit(self, files: Mapping[str, _FilePrefix]) -> CommitInfo | None:
        """Commit files, by their path relative to the folder; return ``None`` if the repository has their contents."""
        folder = self.path_in_repo.removeprefix("./").strip("/")
        prefix = f"{folder}/" if folder else ""
        operations = [CommitOperationAdd(prefix + path, io.BufferedReader(file)) for path, file in files.items()]
        info = self.api.create_commit(
            self.repo_id,
            operations,
            commit_message="Scheduled Commit",
            repo_type=self.repo_type,
            revision=self.revision,
        )
        self._committed |= {path: file.stamp for path, file in files.items()}
        return info if any(one.stage == "committed" for one in operations) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit once more, wait until it is completed, and stop."""
        try:
            self.trigger().result()
        finally:
            self.stop()

    def _run(self) -> None:
        while not self._stopped.is_set():
            if self.last_future is None or self.last_future.done():  # otherwise, a commit takes longer than an interval
                try:
                    self.last_future = self.trigger()
                except RuntimeError:  # the interpreter is shutting down, which commits once more
                    return
            self._wait()

    def _wait(self) -> None:
        """Wait until the next commit is due or the scheduler is stopped."""
        self._stopped.wait(self.every * 60)

    def _push(self) -> CommitInfo | None:
        if self._stopped.is_set():
            return None
        try:
            info = self.push_to_hub()
            if self.squash_history and info is not None:
                self.api.super_squash_history(self.repo_id, repo_type=self.repo_type, branch=self.revision)
        except Exception:
            _log.exception("The scheduled commit to %s failed", self.repo_id)
            raise
        return info

    def _changed_files(self, left_out: Collection[str]) -> dict[str, _FilePrefix]:
        """Return the files that changed since their last commit, by their path relative to the folder."""
        root = str(self.folder_path)
        found: dict[str, _FilePrefix] = {}
        for path in files_to_upload(root, self.allow_patterns, self.ignore_patterns):
            if path in left_out:
                continue
            with suppress(FileNotFoundError):  # deleted since the scan
                file = _FilePrefix.of(os.path.join(root, path))
                if self._committed.get(path) != file.stamp:
                    found[path] = file
        return found


@attrs.define(eq=False, slots=False)
class _FilePrefix(io.RawIOBase):
    """A file limited to its current size; bytes appended later are ignored.

    It is open only during reads, since a folder may have more files than a process may open.

    Attributes:
        stamp: Modification time in nanoseconds, size, and inode.
    """

    path: str
    stamp: tuple[int, int, int]
    _position: int = 0

    @classmethod
    def of(cls, path: str) -> _FilePrefix:
        """Create the object for a file, limited to its current size."""
        status = os.stat(path)
        return cls(path, (status.st_mtime_ns, status.st_size, status.st_ino))

    def has_changed(self) -> bool:
        """Whether the file was replaced, truncated or deleted."""
        try:
            return self._is_other(os.stat(self.path))
        except OSError:
            return True

    def _is_other(self, status: os.stat_result) -> bool:
        _, size, inode = self.stamp
        return status.st_ino != inode or status.st_size < size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.stamp[1]}[whence]
        self._position = min(max(origin + offset, 0), self.stamp[1])
        return self._position

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self.stamp[1] - self._position)
        if wanted == 0:
            return 0
        try:
            opened = open_file(self.path)
        except OSError as error:
            if error.errno not in NOT_A_FILE_ERRORS or isinstance(error, FileNotFoundError):
                raise
            raise self._replaced_error() from error
        with opened as file:
            if self._is_other(os.fstat(file.fileno())):
                raise self._replaced_error()
            file.seek(self._position)
            read = file.readinto(view[:wanted])
        self._position += read
        return read

    def _replaced_error(self) -> SourceChangedError:
        return SourceChangedError(
            f"{self.path} was replaced or truncated during its upload, so it was not committed. Hold the scheduler's "
            "lock to change files other than by appending to them."
        )
