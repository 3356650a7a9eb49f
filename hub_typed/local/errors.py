"""Error responses of the embedded Hub, with the messages and headers of the real Hub."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "HubResponseError",
    "bad_request",
    "conflict",
    "entry_missing",
    "forbidden",
    "invalid_card",
    "invalid_option",
    "not_found",
    "repo_missing",
    "revision_missing",
    "stale",
    "too_large",
    "unauthorized",
    "unprocessable",
]


class HubResponseError(Exception):
    """An error response; the app converts it to HTTP, wherever it was raised.

    Attributes:
        status: HTTP status.
        message: Message in the body and in ``X-Error-Message``.
        code: Value of ``X-Error-Code``; ``None`` to send no such header, as the real Hub often does.
        headers: Further headers of the response.
        members: Members of the JSON body besides ``error``.
        as_text: Whether the body is only the message, instead of JSON.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
        as_text: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers: dict[str, str] = dict(headers or {})
        self.members: dict[str, object] = dict(members or {})
        self.as_text = as_text


def bad_request(message: str, **members: object) -> HubResponseError:
    """400: the request is malformed."""
    return HubResponseError(400, message, members=members)


def invalid_option(at: str, choices: Iterable[object]) -> HubResponseError:
    """400: a parameter is none of the values that the message lists."""
    options = "|".join(json.dumps(one) for one in choices)
    return bad_request(f"✖ Invalid option: expected one of {options}\n  → at {at}")


def invalid_card(errors: Sequence[str], warnings: Sequence[str] = (), *, as_text: bool = False) -> HubResponseError:
    """400: the card in a README has errors."""
    members = {
        "errors": [{"message": message} for message in errors],
        "warnings": [{"message": message} for message in warnings],
    }
    lines = [f"- Error: {message}" for message in errors] if as_text else errors
    return HubResponseError(400, "\n".join(lines), members=members, as_text=as_text)


def unauthorized(message: str = "Invalid username or password.") -> HubResponseError:
    """401: the token is missing or invalid."""
    realm = 'Bearer realm="Authentication required", charset="UTF-8"'
    return HubResponseError(401, message, headers={"www-authenticate": realm})


def forbidden(message: str) -> HubResponseError:
    """403: the user lacks the permission."""
    return HubResponseError(403, message)


def not_found(message: str = "Sorry, we can't find the page you are looking for.") -> HubResponseError:
    """404: nothing exists at this path."""
    return HubResponseError(404, message)


def repo_missing(*, logged_in: bool) -> HubResponseError:
    """404 or, without a login, 401: the repository does not exist or is hidden."""
    error = HubResponseError(404, "Repository not found") if logged_in else unauthorized()
    error.code = "RepoNotFound"
    return error


def revision_missing(revision: str) -> HubResponseError:
    """404: the branch, tag or commit does not exist."""
    return HubResponseError(404, f"Invalid rev id: {revision}", code="RevisionNotFound")


def entry_missing(message: str = "Entry not found", *, commit: str | None = None) -> HubResponseError:
    """404: the file or folder does not exist; the commit, if given, lets clients cache this response."""
    headers = {} if commit is None else {"x-repo-commit": commit}
    return HubResponseError(404, message, code="EntryNotFound", headers=headers)


def conflict(message: str, **members: object) -> HubResponseError:
    """409: the object exists already, or was changed concurrently."""
    return HubResponseError(409, message, members=members)


def stale() -> HubResponseError:
    """412: the branch no longer points to the commit that the caller expects."""
    return HubResponseError(412, "A commit has happened since. Please refresh and try again.")


def unprocessable(message: str) -> HubResponseError:
    """422: the request is well-formed, but its content is refused."""
    return HubResponseError(422, message)


def too_large(message: str) -> HubResponseError:
    """413: the body is larger than allowed for this operation."""
    return HubResponseError(413, message)
