"""Writer of TensorBoard logs that commits them to a repository."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self, cast

from hub_typed.cards.card import ModelCard
from hub_typed.errors import EntryNotFoundError
from hub_typed.scheduler import CommitScheduler

__all__ = ["HFSummaryWriter"]

WRITERS: Final = ("tensorboardX", "torch.utils.tensorboard")
"""Modules with a class `SummaryWriter`; the first that is installed is used."""
TAG: Final = "hf-summary-writer"


class _Writer(Protocol):
    """What all writers have; they differ in the name of the folder."""

    def close(self) -> None: ...


class HFSummaryWriter:
    """Writer of TensorBoard logs, which are committed to a repository every few minutes, and at the end of ``with``.

    It has the methods of `SummaryWriter` of tensorboardX, or else of PyTorch, such as ``add_scalar``. A commit that
    fails does not stop the program; see `CommitScheduler`. The card of the repository gets the tag
    ``hf-summary-writer``.

    Example:
        with HFSummaryWriter("owner/model", commit_every=15) as logs:
            logs.add_scalar("loss", 0.5, 1)

    Args:
        repo_id: Repository, ``owner/name``; created if it does not exist.
        logdir: Local folder of the logs; chosen by the writer if not given.
        commit_every: Minutes between commits.
        squash_history: Whether to squash the history of the branch into one commit after each commit.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` by default.
        repo_revision: Branch to commit to; ``main`` by default.
        repo_private: Whether a created repository is private; the owner's default if not given.
        path_in_repo: Folder in the repository, to which the name of ``logdir`` is added; its root if empty.
        repo_allow_patterns: Shell patterns; only files that match one are committed.
        repo_ignore_patterns: Shell patterns; files that match one are not committed.
        token: Token instead of the stored one.
        kwargs: Further arguments of the writer.

    Raises:
        ImportError: Neither tensorboardX nor PyTorch with TensorBoard is installed.

    Attributes:
        logdir: Local folder of the logs.
        scheduler: Commits them.
        repo_id: Repository.
        repo_type: Its type.
        repo_revision: Branch.
    """

    def __init__(
        self,
        repo_id: str,
        *,
        logdir: str | None = None,
        commit_every: float = 5,
        squash_history: bool = False,
        repo_type: str | None = None,
        repo_revision: str | None = None,
        repo_private: bool | None = None,
        path_in_repo: str | None = "tensorboard",
        repo_allow_patterns: Sequence[str] | str | None = "*.tfevents.*",
        repo_ignore_patterns: Sequence[str] | str | None = None,
        token: str | None = None,
        **kwargs: object,
    ) -> None:
        self._writer = _new_writer(logdir, kwargs)
        self.logdir: str = str(getattr(self._writer, "logdir", None) or getattr(self._writer, "log_dir", logdir))
        folder = f"{(path_in_repo or '').strip('/')}/{Path(self.logdir).name}".lstrip("/")
        self.scheduler: CommitScheduler = CommitScheduler(
            repo_id=repo_id,
            folder_path=self.logdir,
            every=commit_every,
            path_in_repo=folder,
            repo_type=repo_type,
            revision=repo_revision,
            private=repo_private,
            token=token,
            allow_patterns=repo_allow_patterns,
            ignore_patterns=repo_ignore_patterns,
            squash_history=squash_history,
        )
        self.repo_id: str = self.scheduler.repo_id
        self.repo_type: str | None = self.scheduler.repo_type
        self.repo_revision: str | None = self.scheduler.revision
        self._tag_card()

    def _tag_card(self) -> None:
        api = self.scheduler.api
        try:
            card = ModelCard.load(self.repo_id, repo_type=self.repo_type, api=api)
        except EntryNotFoundError:
            card = ModelCard("")
        tags = list(card.data.tags or [])
        if TAG not in tags:
            card.data.tags = [*tags, TAG]
            card.push_to_hub(self.repo_id, repo_type=self.repo_type, api=api)

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name == "_writer":  # not set yet: a copy is being made
            raise AttributeError(name)
        method: Callable[..., object] = getattr(self._writer, name)
        return method

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files, commit them, and stop the commits."""
        self._writer.close()
        self.scheduler.trigger().result()
        self.scheduler.stop()


def _new_writer(logdir: str | None, options: dict[str, object]) -> _Writer:
    for module in WRITERS:
        try:
            kind = import_module(module).SummaryWriter
        except ImportError:
            continue
        return cast("_Writer", kind(logdir, **options))
    raise ImportError("HFSummaryWriter needs tensorboardX: pip install 'hub-typed[tensorboard]'")
