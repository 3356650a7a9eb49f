"""Responses of `Session`."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self

from hub_typed.errors import HfHubHTTPError, HubRequest, HubResponse
from hub_typed.http.error_responses import display_url, error_for_response, redacted_headers
from hub_typed.http.hub_response import any_case
from hub_typed.logs.redaction import request_secrets
from hub_typed_api.wire import Request, Response

__all__ = ["SessionResponse", "hf_raise_for_status"]


class SessionResponse(HubResponse):
    """Response to a request of a `Session`, with the attributes that those of requests and httpx have in common.

    Errors do not raise; `raise_for_status` does. A response of `Session.stream` is read while it is iterated over.
    """

    def __init__(
        self,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        url: str,
        request: HubRequest,
        *,
        error: HfHubHTTPError | None = None,
        pieces: Generator[bytes, None, None] | None = None,
    ) -> None:
        """Build a response.

        Args:
            error: What `raise_for_status` raises.
            pieces: Rest of the body, if it is streamed.
        """
        super().__init__(status_code, headers, content, url, request)
        self._error = error
        self._pieces = pieces

    @classmethod
    def of(
        cls,
        request: Request,
        head: Response,
        content: bytes,
        *,
        error: HfHubHTTPError | None = None,
        pieces: Generator[bytes, None, None] | None = None,
    ) -> Self:
        """Build a response from the request as it was given and the head as it was received."""
        headers = any_case(redacted_headers(request.headers, request_secrets(request)))
        sent = HubRequest(request.method, display_url(request.path), headers)
        return cls(head.status, head.headers, content, head.url, sent, error=error, pieces=pieces)

    @property
    def content(self) -> bytes:
        """Body as bytes; a stream is read to its end."""
        if self._pieces is not None:
            pieces, self._pieces = self._pieces, None
            self._content += b"".join(pieces)
        return self._content

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def is_success(self) -> bool:
        """Whether the status is 200 to 299."""
        return 200 <= self.status_code < 300

    @property
    def is_error(self) -> bool:
        """Whether the status is 400 or above."""
        return not self.ok

    @property
    def reason_phrase(self) -> str:
        """Usual text of the status, such as ``Not Found``; empty if there is none."""
        try:
            return HTTPStatus(self.status_code).phrase
        except ValueError:
            return ""

    @property
    def reason(self) -> str:
        """The same as `reason_phrase`."""
        return self.reason_phrase

    def raise_for_status(self) -> Self:
        """Return the response itself.

        Raises:
            HfHubHTTPError: The status is 400 or above; the class depends on the error.
        """
        if self._error is not None:
            raise self._error
        return self

    def read(self) -> bytes:
        """Return the body."""
        return self.content

    def iter_content(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Iterate over the body.

        Args:
            chunk_size: Bytes of each piece but the last; as they arrive if not given.

        Raises:
            TransportError: The connection broke.
        """
        rest = b""
        for piece in self._body():
            if chunk_size is None:
                yield piece
                continue
            rest += piece
            whole = len(rest) // chunk_size * chunk_size
            for start in range(0, whole, chunk_size):
                yield rest[start : start + chunk_size]
            rest = rest[whole:]
        if rest:
            yield rest

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Iterate over the body; see `iter_content`."""
        return self.iter_content(chunk_size)

    def iter_raw(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Iterate over the body; see `iter_content`."""
        return self.iter_content(chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """Iterate over the lines of the body, without their ends.

        Raises:
            TransportError: The connection broke.
        """
        rest = b""
        for piece in self._body():
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield line.removesuffix(b"\r").decode(errors="replace")
        if rest:
            yield rest.decode(errors="replace")

    def _body(self) -> Iterator[bytes]:
        if self._content:
            yield self._content
        if self._pieces is not None:
            yield from self._pieces

    def close(self) -> None:
        """Stop to receive the body."""
        if self._pieces is not None:
            self._pieces.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} [{self.status_code}]>"


class AnyResponse(Protocol):
    """Response of this library, of requests or of httpx."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def content(self) -> bytes: ...

    @property
    def url(self) -> object: ...


def hf_raise_for_status(response: AnyResponse, endpoint_name: str | None = None) -> None:
    """Raise the error of a response of the Hub, as the methods of the client do.

    Args:
        response: Response of `get_session`, of requests or of httpx.
        endpoint_name: Name of the operation, for the message.

    Raises:
        HfHubHTTPError: The status is 400 or above; the class depends on the error, such as `RepositoryNotFoundError`.
    """
    if isinstance(response, SessionResponse):
        response.raise_for_status()
        return
    sent = getattr(response, "request", None)
    request = Request(
        operation=endpoint_name or "hf_raise_for_status",
        method=str(getattr(sent, "method", None) or "GET"),
        path=str(response.url),
        headers={str(name).lower(): str(value) for name, value in getattr(sent, "headers", {}).items()},
    )
    received = Response(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=response.content,
        url=str(response.url),
    )
    if error := error_for_response(request, request, received):
        raise error


def json_text(value: object) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
