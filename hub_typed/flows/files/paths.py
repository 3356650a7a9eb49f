"""Checks of hashes and paths from the Hub before they become file names on disk."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, TypeGuard

from hub_typed.errors import ProtocolError, UnsafePathError

__all__: list[str] = []

MAX_NAME_BYTES: Final = 255
"""Longest file name in bytes on common file systems."""
COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_HASH: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_WINDOWS: Final = os.name == "nt"
_NOT_ON_WINDOWS: Final = re.compile(r'[\x00-\x1f<>:"|?*\\]|[. ]$')
_WINDOWS_DEVICE: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[\w-](?:[\w.-]{0,98}[\w-])?(?:/[\w-](?:[\w.-]{0,98}[\w-])?){0,40}", re.ASCII)
"""A path without anything that the other rules concern, on any system but Windows."""
_GIT_FOLDER: Final = re.compile(r"\.git|git~[0-9]+", re.IGNORECASE)


def is_hash(value: object) -> TypeGuard[str]:
    """Whether a value is a full hash: git (40 hexadecimal digits) or SHA-256 (64)."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def is_xet_hash(value: object) -> TypeGuard[str]:
    """Whether a value is a hash of Xet storage: 64 hexadecimal digits."""
    return is_hash(value) and len(value) == 64


def checked_hash(value: str, what: str) -> str:
    """Check that a hash from the Hub is safe as a file name, and return it.

    Args:
        what: Origin of the hash, for the error message.

    Raises:
        ProtocolError: The value is not a hash.
    """
    if not is_hash(value):
        raise ProtocolError(f"{what} is {value!r}, not a hash of 40 or 64 hexadecimal digits; nothing was written.")
    return value


def checked_path(path: str, *, windows: bool = _WINDOWS) -> str:
    """Check that a path from the Hub is safe to write below a local folder, and return it.

    Args:
        path: Path with forward slashes.
        windows: Whether the rules of Windows apply.

    Raises:
        UnsafePathError: The path is not safe.
    """
    if not windows and _PLAIN.fullmatch(path):
        return path
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        rule = "it is absolute, or has an empty, '.' or '..' component"
    elif "\x00" in path:
        rule = "it contains a NUL character"
    elif not path.isascii() and not _is_unicode(path):
        rule = "it is not valid Unicode"
    elif any(len(part.encode()) > MAX_NAME_BYTES for part in parts):
        rule = f"a component has more than {MAX_NAME_BYTES} bytes"
    elif any(_GIT_FOLDER.fullmatch(part) for part in parts):
        rule = "it is in a folder that belongs to git"
    elif windows and any(_NOT_ON_WINDOWS.search(part) for part in parts):
        rule = "Windows does not allow one of its characters, or a trailing dot or space"
    elif windows and any(_WINDOWS_DEVICE.fullmatch(part) for part in parts):
        rule = "it is the name of a Windows device"
    else:
        return path
    raise UnsafePathError(f"The path {path!r} cannot be written to this disk: {rule}. Skip it with ignore_patterns.")


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:  # an unpaired surrogate, which JSON allows
        return False
    return True


def check_conflicts(paths: Iterable[str], is_case_insensitive: Callable[[], bool]) -> None:
    """Check that no two paths conflict on disk.

    Args:
        is_case_insensitive: Returns whether the file system is case-insensitive; called only if that matters.

    Raises:
        UnsafePathError: Two paths cannot both exist.
    """
    exact = {path: path for path in paths}
    conflict = _find_conflict(exact, str)
    if conflict is None and (folded := _find_conflict(exact, _fold_case)) is not None and is_case_insensitive():
        conflict = folded
    if conflict is not None:
        raise UnsafePathError(
            f"The paths {conflict[0]!r} and {conflict[1]!r} cannot both exist on disk. Skip one with ignore_patterns."
        )


def check_records(paths: Iterable[str], suffixes: tuple[str, ...]) -> None:
    """Check that the record of no path has the name of a folder with the records of others.

    Args:
        suffixes: What the names of records have after that of the file.

    Raises:
        UnsafePathError: One has.
    """
    files = set(paths)
    folders: dict[str, str] = {}
    for path in files:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders[folder] = path
            folder = folder.rpartition("/")[0]
    for folder, other in folders.items():
        for suffix in suffixes:
            if folder.endswith(suffix) and (path := folder.removesuffix(suffix)) in files:
                raise record_conflict(path, repr(other))


def record_conflict(path: str, other: str) -> UnsafePathError:
    """Return the error for a path whose record is in the way of that of another path."""
    return UnsafePathError(
        f"The path {path!r} cannot be written to the same folder as {other}: the names of their records below "
        ".cache/huggingface/download conflict. Skip one with ignore_patterns, or download into the cache."
    )


def _fold_case(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _find_conflict(paths: Iterable[str], key: Callable[[str], str]) -> tuple[str, str] | None:
    """Find two paths that are equal, or one of which is a folder of the other."""
    files: dict[str, str] = {}
    for path in paths:
        if (other := files.setdefault(key(path), path)) != path:
            return other, path
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if (other := files.get(key("/".join(parts[:depth])), path)) != path:
                return other, path
    return None
