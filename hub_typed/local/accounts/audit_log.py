"""Audit logs of organizations: who did what, and with which token."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from hub_typed.local.accounts.identity import Identity, Organization
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.organizations import structure_audit_event, unstructure_audit_event

__all__ = ["AuditLog"]


class AuditLog:
    """Audit logs, a folder of an organization each, and a file of an event each.

    Files are written once: appending would change those that saved states of the Hub share.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now

    def record(
        self,
        organization: Organization,
        kind: str,
        message: str,
        *,
        by: Identity | None,
        user_agent: str | None,
        data: Mapping[str, object],
    ) -> None:
        """Record an event.

        Args:
            kind: Its name on the Hub, for example ``repo.create``.
            message: What happened.
            by: Who did it.
            data: Details.
        """
        event = models.AuditEvent(
            internal_id=secrets.token_hex(12),
            created_at=self._now(),
            type=kind,
            message=message,
            data=dict(data),
            user_agent=user_agent,
            author=None if by is None else _author(by),
            token_=None if by is None or by.granted is not None else _token(by),
            oauth=None if by is None or by.granted is None else models.AuditApp(name=by.name),
        )
        folder = self._folder / organization.id
        folder.mkdir(parents=True, exist_ok=True)
        # The clock of the Hub may stand still in tests.
        write_json(folder / f"{time.time_ns():020}-{event.internal_id}.json", unstructure_audit_event(event))

    def of(self, organization: Organization) -> list[models.AuditEvent]:
        """List the events of an organization, latest first."""
        files = sorted((self._folder / organization.id).glob("*.json"), reverse=True)
        return [structure_audit_event(read_json(file)) for file in files]


def _author(identity: Identity) -> models.AuditAuthor:
    user = identity.user
    return models.AuditAuthor(internal_id=user.id, user=user.name, avatar_url=user.avatar, type="user")


def _token(identity: Identity) -> models.AuditToken:
    role = "fineGrained" if identity.scopes is not None else "read" if identity.role == "read" else "write"
    return models.AuditToken(type="access_token", id=identity.id, role=role, last4=identity.token[-4:])
