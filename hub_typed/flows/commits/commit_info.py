"""Result of a commit."""

from __future__ import annotations

from typing import Any, Self

import attrs

from hub_typed.errors import ProtocolError
from hub_typed.flows.repo_url import RepoUrl
from hub_typed.http.header_values import whole_number
from hub_typed.urls.url import shown

__all__ = ["CommitInfo"]


@attrs.define(kw_only=True, eq=False)
class CommitInfo(str):  # noqa: SLOT000  # attrs gives it slots
    """Result of a commit; its text is the URL of what was committed.

    Attributes:
        commit_url: Where the commit is seen on the web.
        commit_message: First line of its message.
        commit_description: The rest of its message; may be empty.
        oid: The commit, 40 hexadecimal digits.
        pr_url: Where the pull request is seen that was opened with it, if one was.
        endpoint: URL of the Hub; that of ``commit_url`` if not given.
    """

    commit_url: str
    commit_message: str
    commit_description: str
    oid: str
    pr_url: str | None = None
    endpoint: str | None = attrs.field(default=None, repr=False)
    _url: str | None = attrs.field(default=None, repr=False, alias="_url")

    def __new__(cls, *, commit_url: str, _url: str | None = None, **_members: Any) -> Self:
        return super().__new__(cls, _url or commit_url)

    @property
    def repo_url(self) -> RepoUrl:
        """URL of the repository."""
        try:
            return RepoUrl(self.commit_url.rpartition("/commit/")[0], self.endpoint)
        except ValueError as error:
            raise ProtocolError(
                f"The Hub says that the commit is at {shown(self.commit_url)}, which is no URL of one."
            ) from error

    @property
    def pr_num(self) -> int | None:
        """Number of the pull request that the commit opened, if any."""
        return whole_number(self.pr_url.rpartition("/")[2]) if self.pr_url else None

    @property
    def pr_revision(self) -> str | None:
        """Revision of the pull request that the commit opened, if any, as ``refs/pr/1``."""
        return None if self.pr_num is None else f"refs/pr/{self.pr_num}"

    def seen_at(self, url: str) -> Self:
        """Return the same result with another URL as its text."""
        return attrs.evolve(self, _url=url)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        return (), {"commit_url": self.commit_url, "_url": str(self)}
