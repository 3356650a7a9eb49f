"""Files of a local folder that uploads consider."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from hub_typed.flows.patterns import filter_paths
from hub_typed_api.path import HFValidationError, is_unicode

__all__: list[str] = []


def _no_check() -> None:
    """Default check that never cancels."""


def expand_user(path: str | os.PathLike[str]) -> str:
    """Return a local path with ``~`` expanded."""
    return os.path.expanduser(path)


def files_below(root: str, check: Callable[[], None] = _no_check, *, follow: bool = False) -> list[str]:
    """Return the sorted paths of the regular files below a folder, relative to it and with forward slashes.

    Symbolic links to files count as files. Links to folders, broken links, pipes, sockets and devices are skipped, and
    so are ``.git`` and ``.cache/huggingface`` at any depth.

    Args:
        check: Called for each folder; an error that it raises stops the listing.
        follow: Whether links to folders are followed, each folder once.

    Raises:
        ValueError: ``root`` is not a folder.
        OSError: The folder, or a folder below it, cannot be read.
    """
    if not os.path.isdir(root):
        raise ValueError(f"{root!r} is not a local folder.")

    def fail(error: OSError) -> None:
        raise error

    found: list[str] = []
    visited: set[str] = set()
    for folder, folders, names in os.walk(root, onerror=fail, followlinks=follow):
        check()
        if follow:
            real = os.path.realpath(folder)
            if real in visited:
                folders.clear()
                continue
            visited.add(real)
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = [name for name in folders if not _is_metadata_path(prefix + name)]
        found += [
            prefix + name
            for name in names
            if not _is_metadata_path(prefix + name) and os.path.isfile(os.path.join(folder, name))
        ]
    return sorted(found)


def files_to_upload(
    root: str,
    allow_patterns: Iterable[str] | str | None,
    ignore_patterns: Iterable[str] | str | None,
    check: Callable[[], None] = _no_check,
) -> list[str]:
    """Return the sorted paths of the files below a folder that match the patterns, relative to it.

    Args:
        check: Called for each folder; an error that it raises stops the listing.

    Raises:
        HFValidationError: The name of a matching file is not UTF-8.
        ValueError: ``root`` is not a folder.
        OSError: The folder, or a folder below it, cannot be read.
    """
    paths = filter_paths(files_below(root, check), allow_patterns, ignore_patterns)
    for path in paths:
        if not is_unicode(path):
            raise HFValidationError(
                f"{os.fsencode(path)!r} in {root!r} cannot be uploaded: its name is not UTF-8. "
                "Rename the file, or skip it with ignore_patterns."
            )
    return paths


def is_metadata(path: str) -> bool:
    """Return whether a path is a metadata folder of git or of the clients, or in one."""
    return any(folder in f"/{path}/" for folder in ("/.git/", "/.cache/huggingface/"))


def _is_metadata_path(path: str) -> bool:
    """Return whether a path is a metadata folder of git or of the clients."""
    return f"/{path}".endswith(("/.git", "/.cache/huggingface"))
