"""The store of large files as clients reach it: by signed URLs alone, like the buckets behind the real Hub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from hub_typed.local.call import Call
from hub_typed.local.content import content
from hub_typed.local.faults import bad_request, not_found
from hub_typed_api.serve import Answer, Given, Route

__all__ = ["STORAGE_ROUTES", "Storage", "object_path"]

_FOLDER = "/_storage/lfs"
_MOST_PARTS = 10_000


def object_path(oid: str, part: int | None = None) -> str:
    """Where a large file is sent to and fetched from, or one part of it is sent to."""
    return f"{_FOLDER}/{oid}" if part is None else f"{_FOLDER}/{oid}/{part}"


class Storage:
    """Takes and sends large files."""

    def upload(self, call: Call, given: Given) -> Answer:
        """Take a whole file."""
        oid = _permitted(call, given)
        call.lfs.receive(oid, _size(given), given.pieces())
        _note(call, oid, given)
        return Answer(headers={"etag": f'"{oid}"'})

    def upload_part(self, call: Call, given: Given) -> Answer:
        """Take a part of a file."""
        oid = _permitted(call, given)
        repo, user = _upload(given)
        part = int(given.path["part"])
        name = call.lfs.receive_part(oid, part, _size(given), given.pieces(), upload=f"{repo}.{user}")
        return Answer(headers={"etag": f'"{name}"'})

    def complete(self, call: Call, given: Given) -> Answer:
        """Put a file together from its parts."""
        oid = _permitted(call, given)
        parts = _parts(given.json().get("parts"))
        repo, user = _upload(given)
        call.lfs.assemble(oid, _size(given), parts, upload=f"{repo}.{user}")
        _note(call, oid, given)
        return Answer()

    def download(self, call: Call, given: Given) -> Answer:
        """Send a file."""
        oid = _permitted(call, given)
        size = call.lfs.size(oid)
        if size is None:
            raise not_found("NoSuchKey")
        return content(
            lambda start, stop: call.lfs.read(oid, start, stop),
            size,
            etag=f'"{oid}"',
            request=given.headers,
            headers={"content-type": "application/octet-stream"},
        )


def _parts(told: object) -> list[tuple[int, str]]:
    """Number and name of each part that a completion names.

    Raises:
        HubFault: 400, it does not say so, or has too many.
    """
    if not isinstance(told, list):
        raise bad_request("A completion needs parts, each with partNumber and etag")
    parts = cast("list[object]", told)
    if len(parts) > _MOST_PARTS:
        raise bad_request(f"A file has at most {_MOST_PARTS} parts")
    return [_part(part) for part in parts]


def _part(told: object) -> tuple[int, str]:
    members = cast("dict[str, object]", told) if isinstance(told, dict) else {}
    number, name = members.get("partNumber"), members.get("etag")
    if not isinstance(number, int) or not isinstance(name, str):
        raise bad_request("Each part of a completion has a partNumber and an etag")
    return number, name.strip('"')


def _permitted(call: Call, given: Given) -> str:
    """The file that a request is about, if the signature of its URL permits the request."""
    # Like S3, so that a client which sends the Hub's token to another host finds out here.
    if "authorization" in given.headers:
        raise bad_request("Only one auth mechanism allowed: the signature of the URL, no Authorization header")
    call.signer.check(call.request.method, call.request.path, given.query)
    return given.path["oid"]


def _upload(given: Given) -> tuple[str, str]:
    """Id of the repository and name of the user that a signed URL of an upload was made for."""
    return given.query["repo"][-1], given.query["user"][-1]


def _note(call: Call, oid: str, given: Given) -> None:
    repo, user = _upload(given)
    call.lfs.note_upload(oid, repo=repo, user=user)


def _size(given: Given) -> int:
    return int(given.query["size"][-1])


def _route(name: str, method: str, path: str, bind: Callable[[Storage, Call, Given], Answer]) -> Route[Storage, Call]:
    return Route(operation=name, method=method, pattern=path, body="binary", status=200, media_type="", bind=bind)


_OBJECT = rf"{_FOLDER}/(?P<oid>[0-9a-f]{{64}})"
STORAGE_ROUTES: tuple[Route[Any, Call], ...] = (
    _route("storage.upload", "PUT", _OBJECT, Storage.upload),
    _route("storage.upload_part", "PUT", rf"{_OBJECT}/(?P<part>[0-9]+)", Storage.upload_part),
    _route("storage.complete", "POST", _OBJECT, Storage.complete),
    _route("storage.download", "GET", _OBJECT, Storage.download),
)
