"""Requests for byte ranges of a file, and the checks of their responses."""

from __future__ import annotations

import attrs

from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.http.header_values import range_start
from hub_typed.http.requests import DEFAULT_ORIGIN
from hub_typed.settings import Settings
from hub_typed.urls.url import parse_url
from hub_typed_api.wire import Request, Response

__all__: list[str] = []


def range_request(remote: RemoteFile, byte_range: str | None, location: str | None) -> Request:
    """Return the request for a range of a file: of the storage if its URL is known, else of the Hub.

    Args:
        byte_range: Value of the header ``Range``; ``None`` for the whole file.
        location: URL of the storage.
    """
    request = remote.content_request(byte_range).request
    return request if location is None else attrs.evolve(request, path=location, query=())


def storage_location(url: str, settings: Settings) -> str | None:
    """Return a URL of a storage, to which no credentials are sent, so that ranges need no redirect; else ``None``."""
    origin = parse_url(url or settings.endpoint).origin
    return url if origin not in (parse_url(settings.endpoint).origin, DEFAULT_ORIGIN) else None


class ContentVersions:
    """ETags of the responses to ranges of one file, so that ranges of two versions are never mixed."""

    def __init__(self) -> None:
        self._etags: dict[str, str] = {}

    def reason_to_refuse(self, response: Response, position: int) -> str | None:
        """Return what is wrong with a response to a range; ``None`` if it brings the requested bytes.

        Args:
            position: First byte of the range.
        """
        headers = response.headers
        encoding = headers.get("content-encoding", "identity")
        if range_start(headers.get("content-range", "")) != position:
            return f"{headers.get('content-range')!r}, which does not begin at byte {position}"
        if encoding != "identity":
            return f"of {encoding}-encoded data"
        etag = headers.get("etag")
        host = _host(response)
        if etag and self._etags.get(host, etag) != etag:  # ETags are comparable only within a host
            return f"of another version: {etag}, not {self._etags[host]}"
        return None

    def remember(self, response: Response) -> None:
        """Remember the ETag of an accepted response."""
        if etag := response.headers.get("etag"):
            self._etags[_host(response)] = etag

    def forget(self) -> None:
        """Forget all ETags."""
        self._etags.clear()


def _host(response: Response) -> str:
    return "/".join(response.url.split("/", 3)[:3])
