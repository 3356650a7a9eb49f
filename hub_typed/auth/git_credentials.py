"""Access to git's credential store. Tokens are passed to git on stdin, never on the command line."""

from __future__ import annotations

import re
import subprocess
from typing import Final, Literal

from hub_typed.auth.tokens import checked_token
from hub_typed.http.error_responses import redact_text
from hub_typed.logs.redaction import sanitize_line
from hub_typed.urls.url import display_url

__all__: list[str] = []

USER_NAME: Final = "hf_user"
"""User name of the credentials: git requires one, the Hub ignores it."""
_URL = re.compile(
    r"(?P<protocol>https?)://(?:[^/?#\\\s@]*@)?(?P<host>(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)"
    r"(?:/(?P<path>[A-Za-z0-9._~/-]*))?",
    re.IGNORECASE | re.ASCII,
)


def has_helper(endpoint: str) -> bool:
    """Whether git has a credential helper for this URL.

    Raises:
        OSError: git is not installed.
        ValueError: The URL cannot be passed to git safely.
    """
    protocol, host, path = _split_url(endpoint)
    return bool(_git("config", "--get-urlmatch", "credential.helper", f"{protocol}://{host}/{path}"))


def approve(endpoint: str, token: str) -> None:
    """Store a token in git's credential store.

    Raises:
        OSError: git is not installed, or it failed.
        ValueError: The URL or the token cannot be passed to git safely.
    """
    _run_credential_command("approve", endpoint, token)


def reject(endpoint: str, token: str) -> None:
    """Remove a token from git's credential store; a different password of the same URL is kept.

    Raises:
        OSError: git is not installed, or it failed.
        ValueError: The URL or the token cannot be passed to git safely.
    """
    _run_credential_command("reject", endpoint, token)


def _run_credential_command(command: Literal["approve", "reject"], endpoint: str, token: str) -> None:
    protocol, host, path = _split_url(endpoint)
    password = checked_token(token) or ""
    lines = {"protocol": protocol, "host": host, "path": path, "username": USER_NAME, "password": password}
    _git("credential", command, stdin="".join(f"{name}={value}\n" for name, value in lines.items() if value) + "\n")


def _split_url(endpoint: str) -> tuple[str, str, str]:
    """Return the scheme, host and path of a URL.

    git's credential protocol has one value per line, so a value with a line break could add another one.
    """
    match = _URL.fullmatch(endpoint)
    if match is None:
        raise ValueError(f"git cannot store a token for {display_url(endpoint)!r}: not a plain http or https URL.")
    return match["protocol"].lower(), match["host"], match["path"] or ""


def _git(*arguments: str, stdin: str = "") -> str:
    completed = subprocess.run(["git", *arguments], input=stdin.encode(), capture_output=True, check=False)
    if completed.returncode != 0 and stdin:  # `git config` exits with 1 if the option is not set
        message = redact_text(completed.stderr.decode(errors="replace").strip())
        raise OSError(f"git {' '.join(arguments)} failed: {sanitize_line(message)}")
    return completed.stdout.decode(errors="replace").strip()
