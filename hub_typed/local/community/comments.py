"""Comments on papers, posts and articles, by the path of their page."""

from __future__ import annotations

import threading
from pathlib import Path

from hub_typed.local.json_files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.common import structure_discussion_comment_event, unstructure_discussion_comment_event

__all__ = ["Comments"]


class Comments:
    """All comments, stored in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._all = {
            path: [structure_discussion_comment_event(one) for one in stored]
            for path, stored in read_json(file, {}).items()
        }

    def paths(self) -> list[str]:
        """List the paths of the pages that have comments."""
        return list(self._all)

    def of(self, path: str) -> list[models.DiscussionCommentEvent]:
        """List the comments on a page, oldest first."""
        return list(self._all.get(path, ()))

    def add(self, path: str, comment: models.DiscussionCommentEvent) -> None:
        """Add a comment to a page."""
        with self._lock:
            self._all[path] = [*self._all.get(path, ()), comment]
            self._save()

    def remove(self, path: str) -> None:
        """Delete all comments on a page."""
        with self._lock:
            self._all.pop(path, None)
            self._save()

    def _save(self) -> None:
        write_json(
            self._file,
            {path: [unstructure_discussion_comment_event(one) for one in all_] for path, all_ in self._all.items()},
        )
