"""Attachments of comments: pictures, videos and sounds."""

from __future__ import annotations

import os
from typing import Final

from hub_typed.flows.lfs.content import Content
from hub_typed.flows.local_files import expand_user
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.operations import attachments as operations
from hub_typed_api.wire import Source

__all__ = ["upload_attachment"]

MEDIA_TYPES: Final = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
}
"""Media type of the files that the Hub accepts, by extension."""


async def upload_attachment(io: Io, path: str | os.PathLike[str]) -> str:
    """Upload a picture, video or sound, and return its URL, for the text of a discussion or comment.

    Args:
        path: Path of the file; its extension determines the media type. The Hub accepts videos below 50 MB and other
            files below 10 MB.

    Raises:
        ValueError: The Hub accepts no files with this extension.
        OSError: The file cannot be read.
        HfHubHTTPError: The token may not write discussions (403), or the file is too large (413).
    """
    file = expand_user(path)
    extension = os.path.splitext(file)[1].lower()
    if extension not in MEDIA_TYPES:
        raise ValueError(f"{file!r} cannot be uploaded: the Hub accepts files with {', '.join(MEDIA_TYPES)}.")
    content = await io.run_blocking(lambda: Content.of(file))
    body = Source(content.pieces, content.size)
    return (await execute(io, operations.upload_attachment(media_type=MEDIA_TYPES[extension], body=body))).strip()
