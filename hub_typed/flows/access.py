"""Access requests of gated repositories: list, accept, reject, grant."""

from __future__ import annotations

from hub_typed.flows.argument_checks import check_length
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import AccessRequest, AccessRequestStatus, RepoTypeWithoutKernel
from hub_typed_api.operations import access as operations

__all__ = [
    "accept_access_request",
    "cancel_access_request",
    "grant_access",
    "list_accepted_access_requests",
    "list_pending_access_requests",
    "list_rejected_access_requests",
    "reject_access_request",
    "revoke_access",
]

MAX_REASON_LENGTH = 200


async def list_pending_access_requests(
    io: Io, repo_id: str, *, repo_type: RepoTypeWithoutKernel | None = None
) -> list[AccessRequest]:
    """List the pending access requests of a gated repository.

    A repository with automatic approval has none, except cancelled requests.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the repository (403).
    """
    return await _requests(io, repo_id, repo_type, "pending")


async def list_accepted_access_requests(
    io: Io, repo_id: str, *, repo_type: RepoTypeWithoutKernel | None = None
) -> list[AccessRequest]:
    """List the accepted access requests of a gated repository, including access granted without a request.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the repository (403).
    """
    return await _requests(io, repo_id, repo_type, "accepted")


async def list_rejected_access_requests(
    io: Io, repo_id: str, *, repo_type: RepoTypeWithoutKernel | None = None
) -> list[AccessRequest]:
    """List the rejected access requests of a gated repository.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the repository (403).
    """
    return await _requests(io, repo_id, repo_type, "rejected")


async def _requests(
    io: Io, repo_id: str, repo_type: RepoTypeWithoutKernel | None, status: AccessRequestStatus
) -> list[AccessRequest]:
    paged = operations.list_access_requests(repo_id, status, repo_type=repo_type)
    return [request async for request in items(io, paged)]


async def accept_access_request(
    io: Io,
    repo_id: str,
    user: str | None = None,
    *,
    request_id: str | None = None,
    repo_type: RepoTypeWithoutKernel | None = None,
) -> None:
    """Accept an access request to a gated repository.

    Args:
        repo_id: Name, ``owner/name``.
        user: Name of the account that requested access.
        request_id: Id of the request, instead of ``user``.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        ValueError: Neither ``user`` nor ``request_id`` is given, or both are.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The repository is not gated.
        HfHubHTTPError: The user or request does not exist, or the request is already accepted (404), or the token has
            no write access (403).
    """
    await _handle(io, repo_id, user, request_id, "accepted", repo_type)


async def cancel_access_request(
    io: Io,
    repo_id: str,
    user: str | None = None,
    *,
    request_id: str | None = None,
    repo_type: RepoTypeWithoutKernel | None = None,
) -> None:
    """Cancel the decision on an access request to a gated repository: the request is pending again.

    Args:
        repo_id: Name, ``owner/name``.
        user: Name of the account that requested access.
        request_id: Id of the request, instead of ``user``.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        ValueError: Neither ``user`` nor ``request_id`` is given, or both are.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The repository is not gated.
        HfHubHTTPError: The user or request does not exist, or the request is already pending (404), or the token has
            no write access (403).
    """
    await _handle(io, repo_id, user, request_id, "pending", repo_type)


async def reject_access_request(
    io: Io,
    repo_id: str,
    user: str | None = None,
    *,
    request_id: str | None = None,
    repo_type: RepoTypeWithoutKernel | None = None,
    rejection_reason: str | None = None,
) -> None:
    """Reject an access request to a gated repository; the account cannot request access again.

    Args:
        repo_id: Name, ``owner/name``.
        user: Name of the account that requested access.
        request_id: Id of the request, instead of ``user``.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.
        rejection_reason: Reason shown to the account; at most 200 characters.

    Raises:
        ValueError: Neither ``user`` nor ``request_id`` is given, or both are, or the reason is too long.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The repository is not gated.
        HfHubHTTPError: The user or request does not exist, or the request is already rejected (404), or the token has
            no write access (403).
    """
    await _handle(io, repo_id, user, request_id, "rejected", repo_type, rejection_reason)


async def grant_access(io: Io, repo_id: str, user: str, *, repo_type: RepoTypeWithoutKernel | None = None) -> None:
    """Grant a user access to a gated repository, with or without a request.

    Args:
        repo_id: Name, ``owner/name``.
        user: Name of the account.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The account already has access, or the repository is not gated.
        HfHubHTTPError: The user does not exist (404), or the token has no write access (403).
    """
    await execute(io, operations.grant_access(repo_id, repo_type=repo_type, user=_checked_user(user)))


async def revoke_access(io: Io, repo_id: str, user: str, *, repo_type: RepoTypeWithoutKernel | None = None) -> None:
    """Revoke the access of a user to a gated repository; the account cannot request access again.

    The Hub has no operation for this, so the request is rejected. `cancel_access_request` makes it pending instead.

    Args:
        repo_id: Name, ``owner/name``.
        user: Name of the account.
        repo_type: ``model`` or ``dataset``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The repository is not gated.
        HfHubHTTPError: The user does not exist, or the access was already revoked (404), or the token has no write
            access (403).
    """
    await _handle(io, repo_id, user, None, "rejected", repo_type)


async def _handle(
    io: Io,
    repo_id: str,
    user: str | None,
    request_id: str | None,
    status: AccessRequestStatus,
    repo_type: RepoTypeWithoutKernel | None,
    reason: str | None = None,
) -> None:
    if (user is None) == (request_id is None):
        raise ValueError("Pass either user= or request_id= to identify the access request.")
    check_length("rejection_reason", reason, MAX_REASON_LENGTH)
    handling = operations.handle_access_request(
        repo_id,
        repo_type=repo_type,
        user=None if user is None else _checked_user(user),
        request_id=request_id,
        status=status,
        rejection_reason=reason,
    )
    await execute(io, handling)


def _checked_user(user: str) -> str:
    if not user.strip():
        raise ValueError("user is empty: pass the name of an account.")
    return user
