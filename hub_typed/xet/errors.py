"""Errors of `hf_xet` as errors of this library."""

from __future__ import annotations

from typing import Final

from hub_typed.errors import TransportError
from hub_typed.http.error_responses import redact_text

__all__: list[str] = []

MAX_LENGTH: Final = 500


class XetTransferError(TransportError):
    """A transfer with Xet storage failed. Callers repeat it, and then use another way."""


def transfer_error(error: BaseException, what: str) -> XetTransferError:
    """Return the error of a failed transfer; `hf_xet` tells its failures apart by their text only.

    Args:
        what: What failed, such as ``downloading weights.bin``.
    """
    reason = redact_text(str(error) or type(error).__name__)[:MAX_LENGTH]
    return XetTransferError(f"Xet storage: {what} failed: {reason}")
