"""Hashes of Xet storage of local files."""

from __future__ import annotations

from hub_typed.xet.errors import transfer_errors

__all__: list[str] = []


def file_hash(path: str) -> str | None:
    """Return the hash that Xet storage gives a file, 64 hexadecimal digits; ``None`` if `hf_xet` is not installed.

    Raises:
        XetTransferError: The file cannot be read.
    """
    try:
        from hf_xet import hash_files
    except ImportError:
        return None
    with transfer_errors(f"reading {path}"):
        return hash_files([path])[0].hash
