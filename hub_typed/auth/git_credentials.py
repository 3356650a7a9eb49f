"""Tokens in git's credential store, passed to git on stdin and never on a command line."""

from __future__ import annotations

import re
import subprocess
from typing import Final, Literal

from hub_typed.auth.tokens import checked_token
from hub_typed.http.error_responses import redacted
from hub_typed.logs.redaction import cleaned_line
from hub_typed.urls.url import shown

__all__: list[str] = []

USER: Final = "hf_user"
"""The Hub does not look at the name, git wants one."""
_URL = re.compile(
    r"(?P<protocol>https?)://(?:[^/?#\\\s@]*@)?(?P<host>(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)"
    r"(?:/(?P<path>[A-Za-z0-9._~/-]*))?",
    re.IGNORECASE | re.ASCII,
)


def has_helper(endpoint: str) -> bool:
    """Whether git has a credential helper for this URL.

    Raises:
        OSError: There is no git.
        ValueError: The URL is not one that git may be told.
    """
    protocol, host, path = _parts(endpoint)
    return bool(_git("config", "--get-urlmatch", "credential.helper", f"{protocol}://{host}/{path}"))


def approve(endpoint: str, token: str) -> None:
    """Store a token in git's credential store.

    Raises:
        OSError: There is no git, or it refuses.
        ValueError: The URL or the token is not one that git may be told.
    """
    _tell("approve", endpoint, token)


def reject(endpoint: str, token: str) -> None:
    """Remove a token from git's credential store; another password is kept.

    Raises:
        OSError: There is no git, or it refuses.
        ValueError: The URL or the token is not one that git may be told.
    """
    _tell("reject", endpoint, token)


def _tell(verb: Literal["approve", "reject"], endpoint: str, token: str) -> None:
    protocol, host, path = _parts(endpoint)
    lines = {"protocol": protocol, "host": host, "path": path, "username": USER, "password": checked_token(token) or ""}
    _git("credential", verb, given="".join(f"{name}={value}\n" for name, value in lines.items() if value) + "\n")


def _parts(endpoint: str) -> tuple[str, str, str]:
    """Scheme, host and path of a URL.

    A line of git's protocol is all that stands between a value and the next one, so no value may hold what ends it.
    """
    found = _URL.fullmatch(endpoint)
    if found is None:
        raise ValueError(f"git cannot keep a token for {shown(endpoint)!r}: it is no plain http or https URL.")
    return found["protocol"].lower(), found["host"], found["path"] or ""


def _git(*arguments: str, given: str = "") -> str:
    done = subprocess.run(["git", *arguments], input=given.encode(), capture_output=True, check=False)
    if done.returncode != 0 and given:  # `config` ends with 1 where nothing is set
        said = redacted(done.stderr.decode(errors="replace").strip())
        raise OSError(f"git {' '.join(arguments)} failed: {cleaned_line(said)}")
    return done.stdout.decode(errors="replace").strip()
