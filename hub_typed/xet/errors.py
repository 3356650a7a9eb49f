"""Errors of `hf_xet` as errors of this library."""

from __future__ import annotations

from hub_typed.errors import TransportError
from hub_typed.http.error_responses import redact_text

__all__: list[str] = []

MAX_LENGTH = 500


def transfer_error(error: BaseException, what: str) -> TransportError:
    """Return the error of a failed transfer. `hf_xet` tells its errors apart by their text only.

    Args:
        what: What failed, such as ``downloading weights.bin of owner/name``.
    """
    reason = redact_text(str(error) or type(error).__name__)[:MAX_LENGTH]
    return TransportError(f"Xet storage failed while {what}: {reason}")
