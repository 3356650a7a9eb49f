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
    """An answer that is not a success: raised anywhere below the app, written out by it alone.

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
    """The request makes no sense."""
    return HubFault(400, message)


def unauthorized(message: str = "Invalid username or password.") -> HubFault:
    """Nobody is logged in, or with a token that is none."""
    realm = 'Bearer realm="Authentication required", charset="UTF-8"'
    return HubFault(401, message, headers={"www-authenticate": realm})


def forbidden(message: str) -> HubFault:
    """Somebody is logged in but lacks the right."""
    return HubFault(403, message)


def not_found(message: str = "Sorry, we can't find the page you are looking for.") -> HubFault:
    """There is nothing at this path."""
    return HubFault(404, message)


def repo_missing(*, logged_in: bool) -> HubFault:
    """The repository is not there, or not for this caller; who is not logged in is not told which."""
    return HubFault(404, "Repository not found", code="RepoNotFound") if logged_in else unauthorized()


def revision_missing(revision: str) -> HubFault:
    """No branch, tag or commit has this name."""
    return HubFault(404, f"Invalid rev id: {revision}", code="RevisionNotFound")


def entry_missing(message: str = "Entry not found", *, commit: str | None = None) -> HubFault:
    """No file or folder has this path; the commit, where given, lets clients remember that."""
    headers = {} if commit is None else {"x-repo-commit": commit}
    return HubFault(404, message, code="EntryNotFound", headers=headers)


def conflict(message: str, **members: object) -> HubFault:
    """It is there already, or somebody was faster."""
    return HubFault(409, message, members=members)


def stale() -> HubFault:
    """The branch is no longer where the caller believes it to be."""
    return HubFault(412, "A commit has happened since. Please refresh and try again.")


def unprocessable(message: str) -> HubFault:
    """The request is understood, and refused for what it says."""
    return HubFault(422, message)


def too_large(message: str) -> HubFault:
    """The body of the request is larger than any that makes sense there."""
    return HubFault(413, message)
