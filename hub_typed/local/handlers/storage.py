"""Handlers of the storage of LFS objects and xorbs, which accepts only signed URLs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from hub_typed.local.errors import bad_request, forbidden, not_found
from hub_typed.local.request.byte_ranges import content, parts, requested_ranges
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Answer, Given, Route

__all__ = ["STORAGE_ROUTES", "Storage", "object_path", "object_url", "xorb_url"]

_FOLDER = "/_storage/lfs"
_XORBS = "/_storage/xorbs"
_MAX_PARTS = 10_000
# The names that S3 has for these parameters.
_CONTENT_TYPE: Final = "response-content-type"
_DISPOSITION: Final = "response-content-disposition"


def object_path(oid: str, part: int | None = None) -> str:
    """Return the path of an LFS object, or of one part of its upload."""
    return f"{_FOLDER}/{oid}" if part is None else f"{_FOLDER}/{oid}/{part}"


def object_url(call: Call, oid: str, *, content_type: str | None = None, disposition: str | None = None) -> str:
    """Return a signed URL that permits to download an LFS object, with these headers."""
    headers = {_CONTENT_TYPE: content_type, _DISPOSITION: disposition}
    return call.storage_url("GET", object_path(oid), **{name: value for name, value in headers.items() if value})


def xorb_url(call: Call, xorb: str, ranges: Sequence[tuple[int, int]]) -> str:
    """Return a signed URL that permits to download these byte ranges of a xorb, as first byte and end."""
    text = ",".join(f"{start}-{stop}" for start, stop in ranges)
    return call.storage_url("GET", f"{_XORBS}/{xorb}", ranges=text)


class Storage:
    """Handlers of the storage of LFS objects and xorbs."""

    def upload(self, call: Call, given: Given) -> Answer:
        """Receive a whole object."""
        oid = _checked_oid(call, given)
        call.lfs.receive(oid, _size(given), given.pieces())
        _note_upload(call, oid, given)
        return Answer(headers={"etag": f'"{oid}"'})

    def upload_part(self, call: Call, given: Given) -> Answer:
        """Receive a part of an object."""
        oid = _checked_oid(call, given)
        repo, user = _claims(given)
        part = int(given.path["part"])
        name = call.lfs.receive_part(oid, part, _size(given), given.pieces(), upload=f"{repo}.{user}")
        return Answer(headers={"etag": f'"{name}"'})

    def complete(self, call: Call, given: Given) -> Answer:
        """Assemble an object from its parts."""
        oid = _checked_oid(call, given)
        parts = _parse_parts(given.json().get("parts"))
        repo, user = _claims(given)
        call.lfs.assemble(oid, _size(given), parts, upload=f"{repo}.{user}")
        _note_upload(call, oid, given)  # before the parts are gone, for clients that upload the same content
        call.lfs.forget_parts(oid, upload=f"{repo}.{user}")
        return Answer()

    def download(self, call: Call, given: Given) -> Answer:
        """Send an object."""
        oid = _checked_oid(call, given)
        size = call.lfs.size(oid)
        if size is None:
            raise not_found("NoSuchKey")
        return content(
            lambda start, stop: call.lfs.read(oid, start, stop),
            size,
            etag=f'"{oid}"',
            request=given.headers,
            headers=_object_headers(given),
        )

    def download_xorb(self, call: Call, given: Given) -> Answer:
        """Send byte ranges of a xorb, as far as the URL permits them."""
        _check_url(call, given)
        xorb, store = given.path["xorb"], call.xet
        size = None if store is None else store.xorb_size(xorb)
        if store is None or size is None:
            raise not_found("NoSuchKey")
        permitted = [pair.split("-") for pair in given.query["ranges"][-1].split(",")]
        ranges = requested_ranges(given.headers.get("range"))
        for start, stop in ranges:
            if not any(int(first) <= start and stop <= int(end) for first, end in permitted):
                raise forbidden("The URL is not signed for this range")
        return parts(lambda start, stop: store.read_xorb(xorb, start, stop), size, ranges, "application/octet-stream")


def _object_headers(given: Given) -> dict[str, str]:
    """Return the headers of an object that its URL asks for."""
    headers = {"content-type": given.text(_CONTENT_TYPE) or "application/octet-stream"}
    if disposition := given.text(_DISPOSITION):
        headers["content-disposition"] = disposition
    if given.text(_CONTENT_TYPE):  # a web page of a user, who is not the one that opens it
        headers["content-security-policy"] = "sandbox"
    return headers


def _parse_parts(value: object) -> list[tuple[int, str]]:
    """Return the number and ETag of each part of a completion.

    Raises:
        HubResponseError: 400, the list is missing, malformed or too long.
    """
    if not isinstance(value, list):
        raise bad_request("The completion of an upload needs parts, each with partNumber and etag")
    parts = cast("list[object]", value)
    if len(parts) > _MAX_PARTS:
        raise bad_request(f"A file has at most {_MAX_PARTS} parts")
    return [_parse_part(part) for part in parts]


def _parse_part(value: object) -> tuple[int, str]:
    members = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    number, etag = members.get("partNumber"), members.get("etag")
    if not isinstance(number, int) or not isinstance(etag, str):
        raise bad_request("Each part of a completion needs a partNumber and an etag")
    return number, etag.strip('"')


def _checked_oid(call: Call, given: Given) -> str:
    """Check the URL and return the LFS object it names."""
    _check_url(call, given)
    return given.path["oid"]


def _check_url(call: Call, given: Given) -> None:
    """Check the signature of the URL."""
    # Like S3, reject a token, so that tests catch a client that sends it to another host.
    if "authorization" in given.headers:
        raise bad_request("Only one auth mechanism allowed: the signature of the URL, no Authorization header")
    call.signer.check(call.request.method, call.request.path, given.query)


def _claims(given: Given) -> tuple[str, str]:
    """Return the repository id and the user name in a signed upload URL."""
    return given.query["repo"][-1], given.query["user"][-1]


def _note_upload(call: Call, oid: str, given: Given) -> None:
    repo, user = _claims(given)
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
    _route("storage.download_xorb", "GET", rf"{_XORBS}/(?P<xorb>[0-9a-f]{{64}})", Storage.download_xorb),
)
