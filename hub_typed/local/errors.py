"""Error responses of the embedded Hub, with the messages and headers of the real one."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "HubFault",
    "bad_request",
    "conflict",
    "entry_missing",
    "forbidden",
    "not_found",
    "repo_missing",
    "revision_missing",
    "stale",
    "too_large",
    "unauthorized",
    "unprocessable",
]


class HubFault(Exception):
    """An error response, raised anywhere below the app, which writes it.

    Attributes:
        code: What goes into ``X-Error-Code``; the Hub often sends none.
        members: Members of the JSON body beside ``error``.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers: dict[str, str] = dict(headers or {})
        self.members: dict[str, object] = dict(members or {})


def bad_request(message: str) -> HubFault:
    """Malformed request."""
    return HubFault(400, message)


def unauthorized(message: str = "Invalid username or password.") -> HubFault:
    """No token, or an invalid one."""
    realm = 'Bearer realm="Authentication required", charset="UTF-8"'
    return HubFault(401, message, headers={"www-authenticate": realm})


def forbidden(message: str) -> HubFault:
    """The user lacks the permission."""
    return HubFault(403, message)


def not_found(message: str = "Sorry, we can't find the page you are looking for.") -> HubFault:
    """There is nothing at this path."""
    return HubFault(404, message)


def repo_missing(*, logged_in: bool) -> HubFault:
    """The repository does not exist or is hidden; anonymous callers are not told which."""
    return HubFault(404, "Repository not found", code="RepoNotFound") if logged_in else unauthorized()


def revision_missing(revision: str) -> HubFault:
    """There is no such branch, tag or commit."""
    return HubFault(404, f"Invalid rev id: {revision}", code="RevisionNotFound")


def entry_missing(message: str = "Entry not found", *, commit: str | None = None) -> HubFault:
    """There is no such file or folder; the commit, if given, lets clients cache that."""
    headers = {} if commit is None else {"x-repo-commit": commit}
    return HubFault(404, message, code="EntryNotFound", headers=headers)


def conflict(message: str, **members: object) -> HubFault:
    """It exists already, or was changed concurrently."""
    return HubFault(409, message, members=members)


def stale() -> HubFault:
    """The branch has moved since the commit that the caller expects."""
    return HubFault(412, "A commit has happened since. Please refresh and try again.")


def unprocessable(message: str) -> HubFault:
    """The request is well-formed, and refused for its content."""
    return HubFault(422, message)


def too_large(message: str) -> HubFault:
    """The body is larger than allowed for this operation."""
    return HubFault(413, message)
