"""Access requests of gated repositories: storage, decisions, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import attrs

from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.json_files import read_json, write_json

__all__ = [
    "MASK",
    "AccessRequest",
    "AccessRequests",
    "AccessStatus",
    "access_denied",
    "checked_form_fields",
    "not_gated",
]

AccessStatus: TypeAlias = Literal["pending", "accepted", "rejected", "reset"]
MASK = "*" * 64
"""Placeholder for the hash of a large file, for callers who may not read the file."""
_COMPUTED = "ip_location"
"""Type of form fields that the Hub fills in itself."""


@attrs.frozen(kw_only=True)
class AccessRequest:
    """Access request of one user.

    Attributes:
        user: Name of the user.
        asked_at: Time of the request, ISO 8601; decisions do not change it.
        fields: Values from the form of the repository, by label.
        unasked: Whether access was granted without a request.
        reviewed_at: Time of the last decision, ISO 8601; ``None`` while pending or if accepted automatically.
        reviewer: Name of the user who decided.
        reason: Reason for a rejection or reset.
    """

    id: str
    user: str
    status: AccessStatus
    asked_at: str
    fields: Mapping[str, Any] | None = None
    unasked: bool = False
    reviewed_at: str | None = None
    reviewer: str | None = None
    reason: str | None = None

    def with_status(self, status: AccessStatus, *, by: str, at: str, reason: str | None = None) -> AccessRequest:
        """Return the request with another status and its reviewer."""
        if status == "pending":
            return attrs.evolve(self, status=status, reviewed_at=None, reviewer=None, reason=None)
        return attrs.evolve(self, status=status, reviewed_at=at, reviewer=by, reason=reason)


class AccessRequests:
    """Access requests in one file, at most one for each user. Writers must hold the lock of the repository."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[AccessRequest]:
        """List all access requests, oldest first."""
        return [AccessRequest(**stored) for stored in read_json(self._file, [])]

    def of(self, user: str) -> AccessRequest | None:
        """Return the request of a user, or ``None``."""
        return next((one for one in self.all() if one.user == user), None)

    def put(self, request: AccessRequest) -> None:
        """Write a request, replacing the previous one of its user."""
        self._write([*(one for one in self.all() if one.user != request.user), request])

    def remove(self, user: str) -> None:
        """Delete the request of a user."""
        self._write([one for one in self.all() if one.user != user])

    def _write(self, requests: list[AccessRequest]) -> None:
        ordered = sorted(requests, key=lambda one: one.asked_at)
        write_json(self._file, [attrs.asdict(one) for one in ordered])


def access_denied(what: str, page: str, request: AccessRequest | None, *, logged_in: bool) -> HubResponseError:
    """Error for a caller without access to a gated repository.

    Args:
        what: Type and name of the repository, for example ``model owner/name``.
        page: URL of its page.
        request: Access request of the caller, if any.
        logged_in: Whether the caller is logged in.
    """
    if not logged_in:
        return _gated_error(
            401,
            f"Access to {what} is restricted. You must have access to it and be authenticated to access it. "
            "Please log in.",
        )
    messages = {
        "pending": f"Your request to access {what} is awaiting a review from the repo authors.",
        "rejected": f"Your request to access {what} has been rejected by the repo's authors.",
        "reset": f"Your request to access {what} has been reset by the repo's authors. Visit {page} to submit a new "
        "request.",
    }
    no_request = (
        f"Access to {what} is restricted and you are not in the authorized list. Visit {page} to ask for access."
    )
    return _gated_error(403, messages.get(request.status, no_request) if request else no_request)


def _gated_error(status: int, message: str) -> HubResponseError:
    headers = {"www-authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'} if status == 401 else {}
    return HubResponseError(status, message, code="GatedRepo", headers=headers)


def not_gated() -> HubResponseError:
    """Error for a repository that is not gated."""
    return HubResponseError(400, "This repository is not gated", code="RepoNotGated")


def checked_form_fields(card: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Check the values for the form in the card of a repository; return them, or ``None`` if there are none.

    Raises:
        HubResponseError: 400, a field is missing, not part of the form, or has an invalid value.
    """
    form = _members(card.get("extra_gated_fields"))
    unknown = sorted(given.keys() - form.keys())
    if unknown:
        raise bad_request(f"The form of this repository has no field {unknown[0]!r}")
    for label, field in form.items():
        described = _members(field) or {"type": field}
        if described.get("type") != _COMPUTED and not _is_valid(described, given.get(label)):
            raise bad_request(f"The field {label!r} must be filled in")
    return dict(given) or None


def _is_valid(field: Mapping[str, Any], value: object) -> bool:
    if field.get("type") == "checkbox":
        return value is True or (isinstance(value, str) and value.lower() in ("on", "true"))
    if not isinstance(value, str) or not value.strip():
        return False
    if field.get("type") == "select":
        return value in [_members(option).get("value", option) for option in field.get("options", ())]
    return True


def _members(value: object) -> dict[str, Any]:
    """Return a value of a card as an object; empty if it is not one."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
