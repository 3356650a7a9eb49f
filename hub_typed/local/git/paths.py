"""Paths of files that a commit may write or remove."""

from __future__ import annotations

import re
from typing import Final

from hub_typed.local.errors import unprocessable
from hub_typed.local.git.limits import MAX_DEPTH_WRITTEN
from hub_typed_api.path import checked_file

__all__ = ["checked_path"]

_MAX_LENGTH: Final = 4096
"""Bytes; the limit of Linux."""
_SEPARATORS: Final = re.compile(r"[/\\]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_REFUSED: Final = frozenset([".", "..", ".git"])


def checked_path(path: str) -> str:
    r"""Check a path of a commit.

    Names may contain backslashes. Since they separate folders on Windows, a path must not begin with one, nor have the
    parts ``..`` or ``.git`` between them.

    Raises:
        HubResponseError: 422, the path is invalid.
    """
    try:
        checked_file(path)
    except ValueError as error:
        raise unprocessable(str(error)) from error
    if len(path.encode(errors="surrogatepass")) > _MAX_LENGTH or path.count("/") > MAX_DEPTH_WRITTEN:
        raise unprocessable(f"The path {path[:80]!r}... is too deep or longer than {_MAX_LENGTH} bytes")
    if _CONTROLS.search(path) or path.startswith("\\") or not _REFUSED.isdisjoint(_SEPARATORS.split(path.lower())):
        raise unprocessable(f"Invalid path in a repository: {path!r}")
    return path
