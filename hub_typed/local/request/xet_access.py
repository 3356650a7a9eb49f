"""Permission to use the Xet storage: what its tokens still permit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from hub_typed.local.accounts.owned import Owned
from hub_typed.local.buckets.store import Bucket
from hub_typed.local.errors import HubResponseError, forbidden, unauthorized
from hub_typed.local.git.large_files import lfs_oids
from hub_typed.local.repos.store import Repo, known_type
from hub_typed.local.request.call import Call
from hub_typed.local.xet.tokens import XetClaims
from hub_typed_api import models

if TYPE_CHECKING:
    from hub_typed.local.xet.file_records import StoredFile  # which needs optional packages

__all__ = ["STORAGE", "XetAccess", "issue_token", "storage_root", "token_headers"]


STORAGE: Final = "/_xet"
"""Path of the storage, below which its operations are."""


def storage_root(call: Call) -> str:
    """Return the URL of the storage.

    Its origin is not that of the Hub, as on the real one: tests detect a client that sends its token there.
    """
    return f"{call.request.storage_origin}{STORAGE}"


def issue_token(call: Call, repo: Owned, *, writes: bool, revision: str | None = None) -> models.XetToken:
    """Return a token for a repository or bucket; the caller was checked to have the permission.

    Args:
        revision: The revision to write to; ``None`` for a new pull request, for a bucket, and for reading.
    """
    claims = XetClaims(
        repo_type=repo.repo_type,
        repo_id=repo.repo_id,
        repo_key=repo.facts.id,
        revision=revision,
        hub_token=call.identity.id if call.identity else "",
        writes=writes,
    )
    token, expires = call.xet_tokens.issue(claims)
    return models.XetToken(cas_url=storage_root(call), access_token=token, exp=expires)


def token_headers(token: models.XetToken) -> dict[str, str]:
    """Return the headers with the same information as a token."""
    return {
        "x-xet-cas-url": token.cas_url,
        "x-xet-access-token": token.access_token,
        "x-xet-token-expiration": str(token.exp),
    }


@attrs.frozen
class XetAccess:
    """What a request to the Xet storage may use: the files of one repository or bucket."""

    _call: Call
    _claims: XetClaims
    _place: Repo | Bucket

    @classmethod
    def of(cls, call: Call, authorization: str | None) -> XetAccess:
        """Return what the token in an ``Authorization`` header permits.

        Raises:
            HubResponseError: 401, it is missing or invalid or has expired, or its user no longer has the permission.
        """
        claims = call.xet_tokens.check(authorization or "")
        identity = call.accounts.find_token(token_id=claims.hub_token) if claims.hub_token else None
        call = attrs.evolve(call, identity=identity)
        place = _find(call, claims)
        if place is None or place.facts.id != claims.repo_key or (identity is None and claims.hub_token):
            raise _withdrawn()
        try:
            _check(call, claims, place)
        except HubResponseError:
            raise _withdrawn() from None
        return cls(call, claims, place)

    def check_write(self) -> None:
        """Check that the token permits uploads.

        Raises:
            HubResponseError: 403, it does not.
        """
        if not self._claims.writes:
            raise forbidden("This token of the Xet storage was issued for reading, not for writing")

    def may_read(self, file: StoredFile) -> bool:
        """Whether a file is one of the repository or bucket, or the same user uploaded it for that."""
        if self._was_uploaded(file.sha256):
            return True
        if isinstance(self._place, Bucket):
            return file.hash in self._place.files.contents
        # Who may write to a repository may still have to request access to its files.
        return self._call.access_refusal(self._place) is None and file.sha256 in lfs_oids(self._place.path)

    def note_upload(self, sha256: str) -> None:
        """Record that a file was uploaded, so that it can be added to the repository or bucket."""
        self._call.lfs.note_upload(sha256, repo=self._claims.repo_key, user=self._call.user().user.name)

    def _was_uploaded(self, sha256: str) -> bool:
        identity = self._call.identity
        return (
            self._claims.writes
            and identity is not None
            and self._call.lfs.was_uploaded(sha256, repo=self._claims.repo_key, user=identity.user.name)
        )


def _find(call: Call, claims: XetClaims) -> Repo | Bucket | None:
    """Return what a token was issued for, under its current name."""
    name = claims.repo_id
    if claims.repo_type == "bucket":
        return call.buckets.find(name) or call.buckets.moved(name)
    kind = known_type(claims.repo_type)
    return call.store.find(kind, name) or call.store.moved(kind, name)


def _check(call: Call, claims: XetClaims, place: Repo | Bucket) -> None:
    """Check that the caller still has the permissions with which a token was issued.

    Raises:
        HubResponseError: They do not.
    """
    if isinstance(place, Bucket):
        if claims.writes:
            call.writable_bucket(place.repo_id)
        else:
            call.readable_bucket(place.repo_id)
    elif not claims.writes:
        call.openable(place.repo_type, place.repo_id)
    elif claims.revision is None:
        call.proposable(place.repo_type, place.repo_id)
    else:
        call.writable(place.repo_type, place.repo_id, claims.revision)


def _withdrawn() -> HubResponseError:
    # Clients react to 401 with a request for another token, and the Hub then says what is wrong.
    return unauthorized("The token of the Xet storage is no longer valid: get another one")
