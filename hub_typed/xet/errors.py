"""Errors of `hf_xet` as errors of this library."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from hub_typed.errors import TransportError
from hub_typed.http.error_responses import redact_text

__all__: list[str] = []

MAX_LENGTH: Final = 500


class XetTransferError(TransportError):
    """A transfer with Xet storage failed. Callers repeat it, and then use another way."""


@contextmanager
def transfer_errors(what: str) -> Generator[None]:
    """Call `hf_xet`, and raise its failures as errors of this library.

    Args:
        what: What is done, such as ``downloading weights.bin``.

    Raises:
        XetTransferError: It failed.
    """
    try:
        yield
    except BaseException as error:
        if not is_failure(error):
            raise
        raise transfer_error(error, what) from None


def is_failure(error: BaseException) -> bool:
    """Whether an exception is a failure of `hf_xet`.

    In a session that another thread has aborted, it raises `KeyboardInterrupt` with a message; that of Ctrl-C has none.
    """
    return isinstance(error, Exception) or (isinstance(error, KeyboardInterrupt) and bool(error.args))


def transfer_error(error: BaseException, what: str) -> XetTransferError:
    """Return the error of a failed transfer; `hf_xet` tells its failures apart by their text only.

    Args:
        what: What failed, such as ``downloading weights.bin``.
    """
    reason = redact_text(str(error) or type(error).__name__)[:MAX_LENGTH]
    return XetTransferError(f"Xet storage: {what} failed: {reason}")
