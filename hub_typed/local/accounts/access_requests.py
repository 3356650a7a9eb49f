"""Access requests of gated repositories: storage, decisions, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import attrs

from hub_typed.local.errors import HubFault, bad_request
from hub_typed.local.json_files import read_json, write_json

__all__ = ["MASK", "AccessRequest", "AccessRequests", "AccessStatus", "filled_in", "not_gated", "turned_away"]

AccessStatus: TypeAlias = Literal["pending", "accepted", "rejected", "reset"]
MASK = "*" * 64
"""What stands in place of the hash of a large file for those who may not have it."""
_FOUND_OUT = "ip_location"
"""The kind of field that nobody fills in."""


@attrs.frozen(kw_only=True)
class AccessRequest:
    """Access request of one user.

    Attributes:
        user: Name of the account.
        asked_at: ISO 8601; no decision changes it.
        fields: What was filled in on the form of the repository, by label.
        unasked: Whether access was given without a request.
        reviewed_at: ISO 8601, of the last decision; ``None`` while pending, and where it was accepted by itself.
        reviewer: Name of the account that decided.
        reason: Why it was rejected or reset.
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

    def decided(self, status: AccessStatus, *, by: str, at: str, reason: str | None = None) -> AccessRequest:
        """Return the request with another status."""
        if status == "pending":
            return attrs.evolve(self, status=status, reviewed_at=None, reviewer=None, reason=None)
        return attrs.evolve(self, status=status, reviewed_at=at, reviewer=by, reason=reason)


class AccessRequests:
    """Access requests in one file, at most one for each user. Writers must hold the lock of the repository."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> list[AccessRequest]:
        """List all access requests, oldest first."""
        return [AccessRequest(**kept) for kept in read_json(self._file, [])]

    def of(self, user: str) -> AccessRequest | None:
        """Return the request of a user."""
        return next((one for one in self.all() if one.user == user), None)

    def put(self, request: AccessRequest) -> None:
        """Write a request, replacing the previous one of its user."""
        self._write([*(one for one in self.all() if one.user != request.user), request])

    def remove(self, user: str) -> None:
        """Delete the request of a user."""
        self._write([one for one in self.all() if one.user != user])

    def _write(self, requests: list[AccessRequest]) -> None:
        kept = sorted(requests, key=lambda one: one.asked_at)
        write_json(self._file, [attrs.asdict(one) for one in kept])


def turned_away(what: str, page: str, request: AccessRequest | None, *, logged_in: bool) -> HubFault:
    """Error for a user without access.

    Args:
        what: The repository with its type, as ``model owner/name``.
        page: Its URL.
        request: What the caller has asked for.
        logged_in: Whether it is known who the caller is.
    """
    if not logged_in:
        return _closed(
            401,
            f"Access to {what} is restricted. You must have access to it and be authenticated to access it. "
            "Please log in.",
        )
    told = {
        "pending": f"Your request to access {what} is awaiting a review from the repo authors.",
        "rejected": f"Your request to access {what} has been rejected by the repo's authors.",
        "reset": f"Your request to access {what} has been reset by the repo's authors. Visit {page} to submit a new "
        "request.",
    }
    unknown = f"Access to {what} is restricted and you are not in the authorized list. Visit {page} to ask for access."
    return _closed(403, told.get(request.status, unknown) if request else unknown)


def _closed(status: int, message: str) -> HubFault:
    headers = {"www-authenticate": 'Bearer realm="Authentication required", charset="UTF-8"'} if status == 401 else {}
    return HubFault(status, message, code="GatedRepo", headers=headers)


def not_gated() -> HubFault:
    """Error for a repository that is not gated."""
    return HubFault(400, "This repository is not gated", code="RepoNotGated")


def filled_in(card: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the answers to the form in the card of a repository; ``None`` without a form.

    Raises:
        HubFault: 400, a field is missing, is none of the form, or its value is none that the field can have.
    """
    form = _members(card.get("extra_gated_fields"))
    unknown = sorted(given.keys() - form.keys())
    if unknown:
        raise bad_request(f"The form of this repository has no field {unknown[0]!r}")
    for label, field in form.items():
        described = _members(field) or {"type": field}
        if described.get("type") != _FOUND_OUT and not _fits(described, given.get(label)):
            raise bad_request(f"The field {label!r} must be filled in")
    return dict(given) or None


def _fits(field: Mapping[str, Any], value: object) -> bool:
    if field.get("type") == "checkbox":
        return value is True or (isinstance(value, str) and value.lower() in ("on", "true"))
    if not isinstance(value, str) or not value.strip():
        return False
    if field.get("type") == "select":
        return value in [_members(option).get("value", option) for option in field.get("options", ())]
    return True


def _members(value: object) -> dict[str, Any]:
    """Return an object of a card; empty if it is something else."""
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}
