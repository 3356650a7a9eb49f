"""Configuration of a session of `hf_xet` from the settings of a client."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from hf_xet import XetConfig

    from hub_typed.settings import Settings

__all__: list[str] = []

Direction: TypeAlias = Literal["download", "upload"]
HIGH_PERFORMANCE: Final = ("HF_XET_HIGH_PERFORMANCE", "HF_XET_HP")
"""Variables with which the user asks `hf_xet` to use all memory and connections."""
UNLIMITED: Final = ("reconstruction.", "client.ac_")
"""Prefixes of the limits that do not apply then."""
ATTEMPTS: Final = 1
"""Repetitions of a request by `hf_xet`, which does not say what it repeats; further ones are left to the flows."""
LARGEST_UPLOAD: Final = 64 << 20
"""Maximum size of the body of a request of an upload in bytes."""
LONGEST_UPLOAD: Final = timedelta(hours=1)
"""Limit of a request of an upload. The limit of `hf_xet` includes the time to send the body, so that a low one would
fail on slow connections; `UploadCommit` notices an upload that hangs."""


def session_config(settings: Settings, direction: Direction, environ: Mapping[str, str] | None = None) -> XetConfig:
    """Return the configuration of a session: bounded memory and the timeouts of the settings.

    ``HF_XET_*`` variables, which `hf_xet` reads itself, take precedence.

    Args:
        environ: Environment variables; those of the process by default.
    """
    from hf_xet import XetConfig

    env = os.environ if environ is None else environ
    wanted = _limits(settings, direction)
    if any(env.get(name) for name in HIGH_PERFORMANCE):
        wanted = {name: value for name, value in wanted.items() if not name.startswith(UNLIMITED)}
    return XetConfig().with_config({name: value for name, value in wanted.items() if not env.get(_variable(name))})


def _limits(settings: Settings, direction: Direction) -> dict[str, int | str | timedelta | bool]:
    found: dict[str, int | str | timedelta | bool] = {
        "client.connect_timeout": timedelta(seconds=settings.connect_timeout),
        "client.retry_base_delay": timedelta(seconds=settings.backoff),
        "telemetry.enabled": False,  # a request with the token for each transfer
    }
    memory = settings.xet_memory
    if direction == "upload":
        at_once = max(1, memory // LARGEST_UPLOAD)
        return found | {
            "client.read_timeout": LONGEST_UPLOAD,
            "client.retry_max_attempts": max(settings.attempts - 1, 1),
            "client.ac_max_upload_concurrency": at_once,
            "client.ac_initial_upload_concurrency": min(at_once, 2),
        }
    return found | {
        "client.read_timeout": timedelta(seconds=settings.download_timeout),
        "client.retry_max_attempts": ATTEMPTS,
        "reconstruction.download_buffer_size": memory,
        "reconstruction.download_buffer_perfile_size": memory,
        "reconstruction.download_buffer_limit": memory,
        "reconstruction.min_prefetch_buffer": memory,
    }


def _variable(name: str) -> str:
    """Return the environment variable of a name, such as ``client.read_timeout``."""
    return f"HF_XET_{name.replace('.', '_').upper()}"
