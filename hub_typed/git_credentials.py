"""Tokens in git's own store of passwords. They go to git by a pipe, never on a command line."""

from __future__ import annotations

import subprocess
from typing import Final, Literal

__all__: list[str] = []

USER: Final = "hf_user"
"""The Hub does not look at the name, git wants one."""


def has_helper(endpoint: str) -> bool:
    """Whether git has where to keep a password for this URL.

    Raises:
        OSError: There is no git.
    """
    return bool(_git("config", "--get-urlmatch", "credential.helper", endpoint))


def approve(endpoint: str, token: str) -> None:
    """Have git keep a token.

    Raises:
        OSError: There is no git, or it refuses.
    """
    _tell("approve", endpoint, token)


def reject(endpoint: str, token: str) -> None:
    """Have git forget a token; a password that is another one stays.

    Raises:
        OSError: There is no git, or it refuses.
    """
    _tell("reject", endpoint, token)


def _tell(verb: Literal["approve", "reject"], endpoint: str, token: str) -> None:
    _git("credential", verb, given=f"url={endpoint}\nusername={USER}\npassword={token}\n\n")


def _git(*arguments: str, given: str = "") -> str:
    done = subprocess.run(["git", *arguments], input=given, capture_output=True, text=True, check=False)
    if done.returncode != 0 and given:  # `config` ends with 1 where nothing is set
        raise OSError(f"git {' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout.strip()
