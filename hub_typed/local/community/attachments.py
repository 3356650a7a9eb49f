"""Attachments of comments: files that anyone may read who knows their URL."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hub_typed.local.errors import bad_request, too_large

__all__ = ["MOST", "Attachments"]

_EXTENSIONS: Final = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
_MEDIA_TYPES: Final = {extension: media_type for media_type, extension in _EXTENSIONS.items()}
_MB: Final = 1_000_000
MOST: Final = 50 * _MB
"""Size of the largest attachment in bytes, a video."""


class Attachments:
    """The attachments of a Hub, as files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, media_type: str, pieces: Iterable[bytes]) -> str:
        """Store a file and return its name.

        Raises:
            HubResponseError: 400, the media type is not allowed; 413, the file is too large.
        """
        extension = _EXTENSIONS.get(media_type.partition(";")[0].strip().lower())
        if extension is None:
            raise bad_request(f"Unsupported media type {media_type!r}: it must be one of {', '.join(_EXTENSIONS)}")
        content = b"".join(pieces)
        most = MOST if media_type.startswith("video/") else 10 * _MB
        if len(content) >= most:
            raise too_large(f"Files of the type {media_type} must be smaller than {most // _MB} MB")
        self._folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{secrets.token_hex(12)}.{extension}"
        (self._folder / name).write_bytes(content)
        return name

    def read(self, name: str) -> tuple[str, bytes] | None:
        """Return the media type and content of a file; ``None`` if it does not exist."""
        media_type = _MEDIA_TYPES.get(name.rpartition(".")[2])
        path = self._folder / name
        return (media_type, path.read_bytes()) if media_type and path.is_file() else None
