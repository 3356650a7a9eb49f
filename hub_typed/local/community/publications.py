"""Posts and articles, which users comment on; tests put them there, as users of the Hub do on its pages."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import Literal

import attrs

from hub_typed.local.json_files import read_json, write_json

__all__ = ["Publication", "Publications"]


@attrs.frozen(kw_only=True)
class Publication:
    """A post or an article.

    Attributes:
        author: Name of the user or organization that wrote it; ``None`` for an article of Hugging Face.
        slug: Last part of its URL.
    """

    kind: Literal["post", "article"]
    author: str | None
    slug: str
    title: str
    id: str = attrs.field(factory=lambda: secrets.token_hex(12))

    @property
    def path(self) -> str:
        """Path of its page: ``posts/author/slug``, ``blog/author/slug`` or ``blog/slug``."""
        return "/".join(filter(None, ("posts" if self.kind == "post" else "blog", self.author, self.slug)))


class Publications:
    """All posts and articles, stored in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        made = [Publication(**stored) for stored in read_json(file, [])]
        self._all = {one.path: one for one in made}

    def add_post(self, author: str, slug: str, title: str) -> Publication:
        """Add a post of a user; one with the same slug is replaced."""
        return self._add(Publication(kind="post", author=author, slug=slug, title=title))

    def add_article(self, slug: str, title: str, *, author: str | None = None) -> Publication:
        """Add an article of a user or organization, or of Hugging Face; one with the same slug is replaced."""
        return self._add(Publication(kind="article", author=author, slug=slug, title=title))

    def find(self, path: str) -> Publication | None:
        """Return the post or article whose page has this path, or ``None``."""
        return self._all.get(path)

    def remove(self, path: str) -> None:
        """Delete a post or article, if it exists."""
        with self._lock:
            self._all.pop(path, None)
            self._save()

    def _add(self, made: Publication) -> Publication:
        with self._lock:
            self._all[made.path] = made
            self._save()
            return made

    def _save(self) -> None:
        write_json(self._file, [attrs.asdict(one) for one in self._all.values()])
