"""Handlers of attachments of comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub_typed.local.errors import not_found
from hub_typed.local.request.call import Call
from hub_typed.local.request.personal import check_talking
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server.attachments import AttachmentsHandlers

__all__ = ["ATTACHMENT_ROUTES", "Attachments"]

_FOLDER = "/_attachments"


class Attachments(AttachmentsHandlers[Call]):
    """Handlers of the operations in the area ``attachments``, and of the files themselves."""

    def upload_attachment(self, call: Call, *, media_type: str, body: Iterator[bytes]) -> str:
        check_talking(call)
        return f"{call.request.origin}{_FOLDER}/{call.attachments.add(media_type, body)}"

    def download(self, call: Call, given: Given) -> Answer:
        """Send a file."""
        found = call.attachments.read(given.path["name"])
        if found is None:
            raise not_found()
        media_type, content = found
        return Answer(headers={"content-type": media_type, "x-content-type-options": "nosniff"}, body=content)


ATTACHMENT_ROUTES: tuple[Route[Any, Call], ...] = (
    Route(
        operation="attachments.download",
        method="GET",
        pattern=rf"{_FOLDER}/(?P<name>[0-9a-f]+\.[0-9a-z]+)",
        body="none",
        status=200,
        media_type="",
        bind=Attachments.download,
    ),
)
