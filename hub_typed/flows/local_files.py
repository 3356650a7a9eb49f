"""Files of a local folder, as uploads find them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

from hub_typed.flows.patterns import filter_paths
from hub_typed_api.path import HFValidationError, is_unicode

__all__: list[str] = []


def _never() -> None:
    """Default check that never cancels."""


def files_below(root: str, check: Callable[[], None] = _never) -> list[str]:
    """List the regular files below a folder in order, as paths in a repository.

    Links to files count as files. Links to folders and links that lead nowhere, pipes, sockets and devices are left
    out; so are ``.git`` and ``.cache/huggingface``, wherever they lie.

    Args:
        check: Called for each folder; raises to stop.

    Raises:
        ValueError: It is no folder.
        OSError: It, or a folder below it, cannot be read.
    """
    if not os.path.isdir(root):
        raise ValueError(f"{root!r} is no folder of this machine.")

    def fail(error: OSError) -> None:
        raise error

    found: list[str] = []
    for folder, folders, names in os.walk(root, onerror=fail):
        check()
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = [name for name in folders if not _ours(prefix + name)]
        found += [
            prefix + name for name in names if not _ours(prefix + name) and os.path.isfile(os.path.join(folder, name))
        ]
    return sorted(found)


def files_to_upload(
    root: str,
    allow_patterns: Iterable[str] | str | None,
    ignore_patterns: Iterable[str] | str | None,
    check: Callable[[], None] = _never,
) -> list[str]:
    """List the files below a folder that match the patterns, as paths in a repository.

    Args:
        check: Called for each folder; raises to stop.

    Raises:
        HFValidationError: The name of such a file is not UTF-8.
        ValueError: It is no folder.
        OSError: It, or a folder below it, cannot be read.
    """
    paths = filter_paths(files_below(root, check), allow_patterns, ignore_patterns)
    for path in paths:
        if not is_unicode(path):
            raise HFValidationError(
                f"{os.fsencode(path)!r} in {root!r} cannot be uploaded: its name is not UTF-8, as all paths in a "
                "repository are. Rename it, or leave it out with ignore_patterns."
            )
    return paths


def _ours(path: str) -> bool:
    """Whether a path belongs to git or to the metadata of clients."""
    return f"/{path}".endswith(("/.git", "/.cache/huggingface"))
