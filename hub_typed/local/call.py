"""One request as the handlers see it: who sends it, and what they may do with a repository."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import BinaryIO

import attrs

from hub_typed.local.accounts import Accounts, Identity
from hub_typed.local.faults import HubFault, forbidden, repo_missing, unauthorized
from hub_typed.local.lfs import LfsStore
from hub_typed.local.signing import Signer
from hub_typed.local.store import Repo, RepoType, Store, known_type

__all__ = ["Call", "Incoming"]


@attrs.frozen(kw_only=True)
class Incoming:
    """A request, by whatever door it came.

    Attributes:
        path: Percent-encoded, as it was sent: decoding comes after matching.
        query: Percent-encoded, without the question mark.
        headers: By lower-case name.
        body: To be read once.
        size: Bytes of the body.
        origin: What the client calls this Hub, as ``http://127.0.0.1:8080``.
        storage_origin: What it calls the store of large files; another origin, as with the real Hub.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str]
    body: BinaryIO
    size: int
    origin: str
    storage_origin: str


@attrs.frozen(kw_only=True)
class Call:
    """What a handler works with.

    Attributes:
        identity: Who sends the request; ``None``, if nobody is logged in.
    """

    store: Store
    lfs: LfsStore
    accounts: Accounts
    signer: Signer
    identity: Identity | None
    request: Incoming

    def user(self) -> Identity:
        """Who sends the request.

        Raises:
            HubFault: 401, nobody is logged in.
        """
        if self.identity is None:
            raise unauthorized()
        return self.identity

    def writer(self) -> Identity:
        """Who sends the request, with a token that may change something.

        Raises:
            HubFault: 401, nobody is logged in; 403, the token may only read.
        """
        identity = self.user()
        if not identity.may_write():
            raise forbidden("Forbidden: this token has role read, you need a token with write role.")
        return identity

    def may_read(self, repo: Repo) -> bool:
        """Whether the caller may know of a repository."""
        return not repo.facts.private or (self.identity is not None and self.identity.owns(repo.namespace))

    def readable(self, repo_type: str, repo_id: str) -> Repo:
        """A repository that the caller may read.

        Raises:
            HubFault: 401 or 404, it is not there or private; 307, it has another name now.
        """
        kind = known_type(repo_type)
        repo = self.store.find(kind, repo_id)
        if repo is None:
            self._redirect(kind, repo_id)
        elif self.may_read(repo):
            return repo
        raise repo_missing(logged_in=self.identity is not None)

    def writable(self, repo_type: str, repo_id: str) -> Repo:
        """A repository that the caller may change.

        Raises:
            HubFault: Those of `readable` and of `writer`; 403, it is somebody else's.
        """
        repo = self.readable(repo_type, repo_id)
        if not self.writer().owns(repo.namespace):
            raise forbidden("You have read access but not the required permissions for this operation")
        return repo

    def web_url(self, repo_type: str, repo_id: str) -> str:
        """The page of a repository."""
        prefix = "" if repo_type == "model" else f"{repo_type}s/"
        return f"{self.request.origin}/{prefix}{repo_id}"

    def storage_url(self, method: str, path: str, **claims: object) -> str:
        """A signed URL of the store of large files."""
        return self.request.storage_origin + self.signer.sign(method, path, **claims)

    def _redirect(self, repo_type: RepoType, repo_id: str) -> None:
        name = self.store.moved(repo_type, repo_id)
        if name is None:
            return
        target = re.sub(rf"/{re.escape(repo_id)}(?=/|\.git/|$)", f"/{name}", self.request.path, count=1)
        location = f"{target}?{self.request.query}" if self.request.query else target
        raise HubFault(307, f"Temporary Redirect. Redirecting to {location}", headers={"location": location})
