"""Session with the methods that those of requests and httpx have in common, on the connections of this library."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias, TypedDict, Unpack, cast
from urllib.parse import urlencode

import attrs

from hub_typed.errors import HfHubHTTPError
from hub_typed.http.default_headers import default_headers
from hub_typed.http.io import drive, drive_all
from hub_typed.http.requests import parse_hub_url
from hub_typed.http.send import send_request
from hub_typed.sessions.responses import SessionResponse, json_text
from hub_typed.settings import Settings
from hub_typed.urls.endpoint import Endpoint
from hub_typed.urls.url import InvalidUrlError, parse_url
from hub_typed_api.wire import Request, Response, Source, query

if TYPE_CHECKING:
    from hub_typed.http.io import Sink
    from hub_typed.http.thread_io import ThreadIo

__all__ = ["Session", "close_session", "get_session"]

Form: TypeAlias = Mapping[str, object]
Data: TypeAlias = bytes | str | Form | Iterable[bytes]
Timeout: TypeAlias = float | tuple[float | None, float | None] | None
Params: TypeAlias = Mapping[str, object] | Sequence[tuple[str, object]]


class RequestOptions(TypedDict, total=False):
    """Keyword arguments of `Session.request`."""

    params: Params | None
    headers: Mapping[str, str | None] | None
    json: object
    data: Data | None
    content: Data | None
    timeout: Timeout
    follow_redirects: bool
    allow_redirects: bool


class Session:
    """Sends requests of a program to any server, as ``requests.Session`` and ``httpx.Client`` do.

    Each request is sent once, with the proxies, certificates and timeouts of the settings, and refused in offline mode.
    Redirects are followed unless told otherwise, without ``Authorization`` to other servers. An error status does not
    raise; see `SessionResponse.raise_for_status` and `hf_raise_for_status`.

    The token is not sent by itself: pass ``headers=build_hf_headers(token=...)``. A session can be shared between
    threads.
    """

    def __init__(self, *, headers: Mapping[str, str] | None = None, settings: Settings | None = None) -> None:
        """Create a session.

        Args:
            headers: Headers of every request.
            settings: Configuration; read from the environment by default.
        """
        self.headers: dict[str, str] = {name.lower(): value for name, value in (headers or {}).items()}
        self._settings = settings or Settings.from_environment()
        self._io: ThreadIo | None = None
        self._lock = threading.Lock()

    def request(
        self, method: str, url: str, *, stream: bool = False, **options: Unpack[RequestOptions]
    ) -> SessionResponse:
        """Send a request.

        Args:
            method: HTTP method.
            url: Absolute URL, or a path below the endpoint that begins with a slash.
            stream: Whether the body is received while the response is iterated over.
            **options: ``params``: query, added to that of the URL. ``headers``: those with ``None`` are not sent.
                ``json``: body, sent as JSON. ``data`` or ``content``: body as bytes, text, pieces, or members of a
                form. ``timeout``: seconds without received bytes until the request fails, or a pair whose second one
                is meant; by default the ``read_timeout`` of the settings. ``follow_redirects=False`` or
                ``allow_redirects=False``: a redirect is returned.

        Raises:
            TransportError: No complete response was received.
            OfflineModeIsEnabled: Offline mode is enabled.
            ProtocolError: The URL is invalid.
        """
        given = {**self.headers, **{name.lower(): value for name, value in (options.get("headers") or {}).items()}}
        headers = {name: value for name, value in given.items() if value is not None}
        data = options.get("content") if options.get("data") is None else options.get("data")
        body = _body(options.get("json"), data, headers)
        if stream:
            headers.setdefault("accept-encoding", "identity")
        request = Request(
            operation=f"session.{method.lower()}",
            method=method.upper(),
            path=url,
            query=query(*_pairs(options.get("params"))),
            headers=headers,
            body=body,
            redirect="follow"
            if options.get("follow_redirects", True) and options.get("allow_redirects", True)
            else "none",
        )
        timeout = options.get("timeout")
        seconds = timeout[1] if isinstance(timeout, tuple) else timeout
        exchange = _Exchange(self._io_for(url, headers.get("user-agent")), request, seconds)
        return exchange.streamed() if stream else exchange.whole()

    def stream(self, method: str, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a request whose response is received while it is iterated over; see `request`.

        Use it in a ``with`` block, which ends the response.
        """
        return self.request(method, url, stream=True, **options)

    def get(self, url: str, *, stream: bool = False, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a GET request; see `request`."""
        return self.request("GET", url, stream=stream, **options)

    def head(self, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a HEAD request; see `request`."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send an OPTIONS request; see `request`."""
        return self.request("OPTIONS", url, **options)

    def post(self, url: str, *, stream: bool = False, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a POST request; see `request`."""
        return self.request("POST", url, stream=stream, **options)

    def put(self, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a PUT request; see `request`."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a PATCH request; see `request`."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", url, **options)

    def close(self) -> None:
        """Cancel requests of other threads and close the connections; the next request opens new ones."""
        with self._lock:
            io, self._io = self._io, None
        if io is not None:
            io.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _io_for(self, url: str, user_agent: str | None) -> ThreadIo:
        """Return an `Io` without a token, for which the server of a URL is the endpoint.

        The headers of the request are for that server, which the program has chosen, and for no other one.
        """
        from hub_typed.http.thread_io import ThreadIo
        from hub_typed.http.transport import Urllib3Transport

        with self._lock:
            if self._io is None:
                headers = default_headers(None, None, None, None)
                self._io = ThreadIo(self._settings, Urllib3Transport(self._settings), False, headers)
            io = self._io.with_job(None)
        with suppress(InvalidUrlError):  # reported when it is sent
            server = parse_hub_url(url, self._settings)
            if server.origin != parse_url(self._settings.endpoint).origin:
                endpoint = Endpoint.of(server.text.removesuffix(server.target))
                io.settings = attrs.evolve(self._settings, endpoint=endpoint)
        if user_agent:
            io.headers = {"user-agent": user_agent}
        return io


_sessions: dict[None, tuple[Settings, Session]] = {}
"""The session that is shared, with the settings that it was created with."""


def get_session() -> Session:
    """Return the session of this process; it is replaced when the environment changes."""
    settings = Settings.from_environment()
    found = _sessions.get(None)
    if found is None or found[0] != settings:
        found = _sessions[None] = settings, Session(settings=settings)
    return found[1]


def close_session() -> None:
    """Close the connections of the session of this process; see `Session.close`."""
    if found := _sessions.pop(None, None):
        found[1].close()


class _Exchange:
    """A request on its way, and the sink of its response."""

    def __init__(self, io: ThreadIo, request: Request, seconds: float | None) -> None:
        self._io = io
        self._request = request
        self._seconds = seconds
        self._head: Response | None = None
        self._passed_on: Sink | None = None
        self._pieces: list[bytes] = []

    def begin(self, response: Response) -> bool:
        self._head = response
        return response.status < 300 and (self._passed_on is None or self._passed_on.begin(response))

    def write(self, piece: bytes) -> None:
        if self._passed_on is None:
            self._pieces.append(bytes(piece))
        else:
            self._passed_on.write(piece)

    async def _run(self) -> None:
        self._head = await send_request(self._io, self._request, sink=self, timeout=self._seconds, single_attempt=True)

    def whole(self) -> SessionResponse:
        """Receive the response."""
        try:
            drive(self._run())
        except HfHubHTTPError as error:
            return self._failed(error)
        return self._response(b"".join(self._pieces))

    def streamed(self) -> SessionResponse:
        """Receive the beginning of the response."""

        async def run(sink: Sink) -> None:
            self._passed_on = sink
            await self._run()

        pieces = drive_all(self._io.stream(run))
        try:
            first = next(pieces, b"")
        except HfHubHTTPError as error:
            return self._failed(error)
        return self._response(first, pieces)

    def _response(self, content: bytes, pieces: Generator[bytes, None, None] | None = None) -> SessionResponse:
        head = self._head
        assert head is not None
        return SessionResponse.of(self._request, head, content or head.body, pieces=pieces)

    def _failed(self, error: HfHubHTTPError) -> SessionResponse:
        received = error.response
        head = Response(status=received.status_code, headers=received.headers, url=received.url)
        return SessionResponse.of(self._request, head, received.content, error=error)


def _pairs(params: Params | None) -> list[tuple[str, object]]:
    return [*params.items()] if isinstance(params, Mapping) else [*(params or ())]


def _body(json: object, data: Data | None, headers: dict[str, str]) -> bytes | Source | None:
    """Return the body of a request, and set the type of its content unless it is given."""
    if json is not None:
        headers.setdefault("content-type", "application/json")
        return json_text(json)
    if data is None or isinstance(data, bytes):
        return data
    if isinstance(data, str):
        return data.encode()
    if isinstance(data, Mapping):
        headers.setdefault("content-type", "application/x-www-form-urlencoded")
        return urlencode(query(*cast("Form", data).items())).encode()
    return Source(_opener(data))


def _opener(pieces: Iterable[bytes]) -> Callable[[], Iterable[bytes]]:
    """Return a function that returns the pieces from the start; pieces that can be read once are refused after that."""
    opened = False

    def open_pieces() -> Iterable[bytes]:
        nonlocal opened
        if opened and isinstance(pieces, Iterator):
            raise ValueError(
                "The server redirects the request, and its body, an iterator or a file, was read already: pass bytes, "
                "or follow_redirects=False."
            )
        opened = True
        return pieces

    return open_pieces
