"""Limits of request bodies, checked before the body is read."""

from __future__ import annotations

from typing import Any, Final

from hub_typed.local.accounts.identity import Identity
from hub_typed.local.community.attachments import MOST as MOST_ATTACHED
from hub_typed.local.errors import forbidden, too_large
from hub_typed.local.lfs.store import MAX_REGULAR
from hub_typed.local.request.call import Call
from hub_typed.local.request.xet_access import XetAccess
from hub_typed_api.serve import Given, Route

__all__ = ["IN_MEMORY", "body_limit", "check_caller", "check_size", "is_streamed"]

IN_MEMORY: Final = 1 << 20
"""Bytes of a body that are kept in memory; more go to disk. Also the limit for anonymous callers."""
_MIB: Final = 1 << 20
_NO_BODY: Final = 64 << 10
_JSON: Final = 8 * _MIB
_LIMITS: Final = {
    "attachments.upload_attachment": MOST_ATTACHED,
    "commits.create_commit": 512 * _MIB,
    "legacy.upload_file_v1": MAX_REGULAR + _MIB,
    "git.info_refs": _NO_BODY,
    "git.upload_pack": 16 * _MIB,
    "git.receive_pack": 2048 * _MIB,
    "xet_storage.upload_xorb": 66 * _MIB,  # 64 MiB of chunks, and the footer that older clients append
    "xet_storage.upload_shard": 64 * _MIB,
    "xet_storage.upload_shard_v1": 64 * _MIB,
    "xet_storage.send_transfer_summary": _NO_BODY,
    "storage.complete": 4 * _MIB,
    "storage.download": _NO_BODY,
    "storage.download_xorb": _NO_BODY,
}
_SIGNED: Final = ("storage.upload", "storage.upload_part")
_STREAMED: Final = (*_SIGNED, "xet_storage.upload_xorb")


def body_limit(route: Route[Any, Call], identity: Identity | None, given: Given) -> int:
    """Return the maximum size of the body of a request, in bytes."""
    if route.operation in _SIGNED:
        size = given.text("size") or ""
        return int(size) if size.isascii() and size.isdecimal() and len(size) < 20 else 0
    most = _LIMITS.get(route.operation, _NO_BODY if route.body == "none" else _JSON)
    # The storage has signed URLs and tokens of its own, which `check_caller` checks.
    return most if identity is not None or _is_storage(route) else min(most, IN_MEMORY)


def is_streamed(route: Route[Any, Call]) -> bool:
    """Whether the handler reads a large body while it arrives, in place of a copy on disk."""
    return route.operation in _STREAMED


def check_size(size: int, most: int) -> None:
    """Check that a body is not too large.

    Raises:
        HubResponseError: 413, the body is too large.
    """
    if size > most:
        raise too_large(f"The body of this request has more than {most} bytes")


def check_caller(route: Route[Any, Call], call: Call, given: Given) -> None:
    """Check that the caller may send a large body; handlers check all other permissions.

    Raises:
        HubResponseError: Errors of `Call.writable`, `Call.proposable` and `Call.pushable`; 401 and 403, the token of
            the Xet storage does not permit it; 403, the URL is not signed for this request.
    """
    path = given.path
    if route.operation == "commits.create_commit":
        if given.boolean("create_pr"):
            call.proposable(path["repo_type"], path["repo_id"])
        else:
            call.writable(path["repo_type"], path["repo_id"], path["revision"])
    elif route.operation in ("legacy.upload_file_v1", "attachments.upload_attachment"):
        call.writer()
    elif route.operation == "git.receive_pack":
        repo = call.openable(path.get("repo_type") or "model", path["repo_id"])
        if not call.pushable(repo):
            raise forbidden("You have read access but not the required permissions for this operation")
    elif route.operation.startswith("xet_storage.upload_"):
        XetAccess.of(call, given.headers.get("authorization")).check_write()
    elif route.operation.startswith("storage."):
        call.signer.check(call.request.method, call.request.path, given.query)


def _is_storage(route: Route[Any, Call]) -> bool:
    return route.operation.startswith(("storage.", "xet_storage."))
