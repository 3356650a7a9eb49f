"""Result of a commit."""

from __future__ import annotations

from typing import Any, Self

import attrs

from hub_typed.errors import ProtocolError
from hub_typed.flows.repo_url import RepoUrl
from hub_typed.http.header_values import whole_number
from hub_typed.urls.url import display_url
from hub_typed_api.fields import Fields

__all__ = ["CommitInfo", "UploadedBytes"]


@attrs.frozen(kw_only=True)
class UploadedBytes(Fields):
    """How much of the LFS files of a commit was sent.

    Attributes:
        total: Size of the files in bytes.
        sent: Bytes of them that the call sent, before compression: the storage had the rest, or
            `preupload_lfs_files` has sent it.
    """

    total: int
    sent: int


@attrs.define(kw_only=True, eq=False, repr=False)
class CommitInfo(Fields, str):  # noqa: SLOT000  # attrs adds the slots
    """Result of a commit; as a string, the URL of the committed file or folder, or of the commit.

    Attributes:
        commit_url: URL of the web page of the commit.
        commit_message: First line of the commit message.
        commit_description: The rest of the commit message; may be empty.
        oid: Commit id, 40 hexadecimal digits.
        pr_url: URL of the web page of the opened pull request, if any.
        endpoint: URL of the Hub; that of ``commit_url`` if not given.
        uploaded: How much of the LFS files of the commit was sent; ``None`` if it adds none.
    """

    commit_url: str
    commit_message: str
    commit_description: str
    oid: str
    pr_url: str | None = None
    endpoint: str | None = None
    uploaded: UploadedBytes | None = None
    _url: str | None = attrs.field(default=None, alias="_url")

    def __new__(cls, *, commit_url: str, _url: str | None = None, **_members: Any) -> Self:
        return super().__new__(cls, _url or commit_url)

    @property
    def repo_url(self) -> RepoUrl:
        """URL of the repository."""
        try:
            return RepoUrl(self.commit_url.rpartition("/commit/")[0], self.endpoint)
        except ValueError as error:
            raise ProtocolError(
                f"The Hub returned {display_url(self.commit_url)} as the URL of the commit, which is not a commit URL."
            ) from error

    @property
    def pr_num(self) -> int | None:
        """Number of the opened pull request, if any."""
        return whole_number(self.pr_url.rpartition("/")[2]) if self.pr_url else None

    @property
    def pr_revision(self) -> str | None:
        """Revision of the opened pull request, for example ``refs/pr/1``, if any."""
        return None if self.pr_num is None else f"refs/pr/{self.pr_num}"

    def __repr__(self) -> str:
        shown = ("commit_url", "commit_message", "commit_description", "oid", "pr_url", "pr_revision", "pr_num")
        members = [f"{name}={getattr(self, name)!r}" for name in shown]
        repository = self.commit_url.rpartition("/commit/")[0]
        return f"CommitInfo({', '.join(members)}, repo_url={repository!r})"

    def seen_at(self, url: str) -> Self:
        """Return the same result with another URL as its string value."""
        return attrs.evolve(self, _url=url)

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]:
        return (), {"commit_url": self.commit_url, "_url": str(self)}
