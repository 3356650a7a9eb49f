"""OAuth apps, and the grants that they exchange for tokens: authorization codes, device codes and refresh tokens."""

from __future__ import annotations

import hashlib
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from hub_typed.local.json_files import read_json, write_json

__all__ = ["App", "Grant", "GrantKind", "OAuth"]

GrantKind: TypeAlias = Literal["code", "device", "refresh"]
_LIFETIMES: Final[Mapping[GrantKind, int]] = {"code": 600, "device": 900, "refresh": 30 * 24 * 3600}
"""Seconds for which grants are valid."""
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters of the codes that users enter, which make up no words."""


@attrs.frozen(kw_only=True)
class App:
    """A registered OAuth app.

    Attributes:
        secret: Its secret; ``None`` for an app that can keep none, as on the machines of its users.
        redirect_uris: Where users may be sent back to.
        created_at: Time of the registration, in Unix seconds.
        details: What else it told, by the members of the registration.
    """

    client_id: str
    secret: str | None = attrs.field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = attrs.field(converter=tuple[str, ...])
    created_at: int
    details: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Grant:
    """What an app may exchange for a token, once.

    Attributes:
        code: What the app presents.
        scope: Granted scopes, separated by spaces.
        expires_at: Time from which it is refused, in Unix seconds.
        user: Name of the user who approved it; ``None`` while nobody has.
        user_code: Code that the user enters, of a device login.
        is_denied: Whether the user denied it.
        asked_at: Time of the last question whether the user has approved, in Unix seconds.
        redirect_uri: Where the user was sent back to.
        challenge: Hash of the secret that the app must know (PKCE, S256).
        nonce: Text for the identity token.
    """

    kind: GrantKind
    code: str = attrs.field(repr=False)
    client_id: str
    scope: str
    expires_at: float
    user: str | None = None
    user_code: str | None = None
    is_denied: bool = False
    asked_at: float = 0.0
    redirect_uri: str | None = None
    challenge: str | None = None
    nonce: str | None = None

    def is_proven(self, verifier: str | None) -> bool:
        """Whether a text is the secret that the challenge is the hash of; without a challenge, there must be none.

        An app that sends a secret has sent a challenge: if there is none, somebody has removed it.
        """
        if self.challenge is None:
            return verifier is None
        digest = hashlib.sha256((verifier or "").encode()).digest()
        return secrets.compare_digest(urlsafe_b64encode(digest).rstrip(b"="), self.challenge.encode())


class OAuth:
    """All OAuth apps and grants, stored in one file.

    Attributes:
        approves_at_once: Whether the Hub's own user approves logins that come without a token or session of a user.
    """

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        self.approves_at_once = True
        stored = read_json(file, {})
        self._apps = {one["client_id"]: App(**one) for one in stored.get("apps", [])}
        self._grants = {one["code"]: Grant(**one) for one in stored.get("grants", [])}

    def put(self, app: App) -> None:
        """Register an app."""
        with self._lock:
            self._apps[app.client_id] = app
            self._save()

    def app(self, client_id: str) -> App | None:
        """Return the app with this id; ``None`` if none is registered."""
        return self._apps.get(client_id)

    def grant(self, kind: GrantKind, *, client_id: str, scope: str, **attributes: Any) -> Grant:
        """Create a grant; the attributes are further ones of `Grant`."""
        letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
        made = Grant(
            kind=kind,
            code=secrets.token_urlsafe(32),
            client_id=client_id,
            scope=scope,
            expires_at=self._time() + _LIFETIMES[kind],
            user_code=f"{letters[:4]}-{letters[4:]}" if kind == "device" else None,
            **attributes,
        )
        with self._lock:
            self._grants = {code: one for code, one in self._grants.items() if one.expires_at > self._time()}
            self._grants[made.code] = made
            self._save()
        return made

    def find(self, kind: GrantKind, code: str) -> Grant | None:
        """Return the grant with this code; ``None`` if there is none, or it is used or expired."""
        found = self._grants.get(code)
        return found if found is not None and found.kind == kind and found.expires_at > self._time() else None

    def use(self, grant: Grant) -> bool:
        """Use a grant up; return whether it was there."""
        with self._lock:
            found = self._grants.pop(grant.code, None)
            self._save()
            return found is not None

    def ask(self, grant: Grant) -> float:
        """Note that an app asks whether a device login is approved; return the seconds since it did so before."""
        now = self._time()
        with self._lock:
            known = self._grants.get(grant.code, grant)
            self._grants[grant.code] = attrs.evolve(known, asked_at=now)
            self._save()
        return now - known.asked_at

    def waiting(self, user_code: str) -> Grant | None:
        """Return the device login that waits for its user to enter this code; ``None`` if there is none."""
        for grant in list(self._grants.values()):
            if grant.user_code == user_code and grant.user is None and not grant.is_denied:
                return grant if grant.expires_at > self._time() else None
        return None

    def decide(self, user_code: str, user: str | None) -> None:
        """Approve a device login as a user, or deny it without one.

        Raises:
            KeyError: No login waits for this code.
        """
        grant = self.waiting(user_code)
        if grant is None:
            raise KeyError(f"No device login waits for the code {user_code!r}")
        with self._lock:
            self._grants[grant.code] = attrs.evolve(grant, user=user, is_denied=user is None)
            self._save()

    def _time(self) -> float:
        return self._now().timestamp()

    def _save(self) -> None:
        write_json(
            self._file,
            {
                "apps": [attrs.asdict(app) for app in self._apps.values()],
                "grants": [attrs.asdict(grant) for grant in self._grants.values()],
            },
        )
