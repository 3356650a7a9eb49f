"""Functions as webhooks: an ASGI application, which uvicorn or any other ASGI server runs.

Example:
    from hub_typed import WebhookPayload, WebhooksServer

    server = WebhooksServer(webhook_secret="shared-secret")

    @server.add_webhook
    async def train(payload: WebhookPayload) -> None: ...

    server.launch()
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import inspect
import json
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast, overload

from hub_typed.errors import ProtocolError
from hub_typed.flows.webhooks import parse_webhook_payload, verify_webhook_secret
from hub_typed_api.models import WebhookPayload

if TYPE_CHECKING:
    import uvicorn

__all__ = ["WebhookEndpoint", "WebhooksServer", "webhook_endpoint"]

R = TypeVar("R")
Function: TypeAlias = Callable[[WebhookPayload], R]
Scope: TypeAlias = Mapping[str, Any]  # as ASGI has it
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
Answer: TypeAlias = tuple[int, object]
"""Status and JSON of a response."""

PREFIX: Final = "/webhooks/"
SECRET_HEADER: Final = b"x-webhook-secret"
MAX_BODY: Final = 10_000_000
"""Largest body in bytes; payloads have a few kilobytes."""
PORT: Final = 7860
"""Port at which a Space is expected to listen."""

_log = logging.getLogger(__name__)


class WebhooksServer:
    """An ASGI application that calls a function for each delivery of a webhook.

    The function gets the payload. What it returns is the response, as JSON; while a function that is no coroutine runs,
    which it does in a thread, further deliveries are accepted.

    Args:
        webhook_secret: Secret that deliveries must have, as passed to `create_webhook`; by default the environment
            variable ``WEBHOOK_SECRET``. Without one, anyone can call the functions.

    Attributes:
        url: URL of the running server; ``None`` if it does not run.
    """

    def __init__(self, *, webhook_secret: str | None = None) -> None:
        self.webhook_secret: str | None = webhook_secret or os.environ.get("WEBHOOK_SECRET") or None
        self.url: str | None = None
        self.functions: dict[str, Function[object]] = {}
        self._has_threads: bool = True
        self._was_launched: bool = False
        self._running: tuple[uvicorn.Server, Thread] | None = None

    @overload
    def add_webhook(self, path: Function[R], /) -> Function[R]: ...
    @overload
    def add_webhook(self, path: str | None = None) -> Callable[[Function[R]], Function[R]]: ...
    def add_webhook(self, path: Function[R] | str | None = None) -> Function[R] | Callable[[Function[R]], Function[R]]:
        """Decorate the function of a webhook, with or without parentheses.

        Args:
            path: Path below ``/webhooks``; the name of the function if not given.

        Raises:
            ValueError: The path has a function already.
        """
        if not (path is None or isinstance(path, str)):
            return self.add_webhook()(path)

        def add(function: Function[R]) -> Function[R]:
            at = PREFIX + (function.__name__ if path is None else path.strip("/"))
            if at in self.functions:
                raise ValueError(f"{at} has a function already: pass another path to add_webhook().")
            self.functions[at] = function
            return function

        return add

    def launch(self, prevent_thread_lock: bool = False, *, host: str | None = None, port: int | None = None) -> None:
        """Run the server, with uvicorn, until Ctrl-C or SIGTERM.

        Args:
            prevent_thread_lock: Whether to return at once, while a thread runs the server until `close` or the end of
                the process.
            host: Address to listen at; by default this machine only, in a Space all addresses.
            port: Port to listen at; by default that of the environment variable ``PORT``, or 7860. 0 for any free one,
                see `url`.

        Raises:
            ImportError: uvicorn is not installed.
            RuntimeError: The server runs already.
            OSError: The port is in use.
        """
        try:
            import uvicorn
        except ModuleNotFoundError as error:
            raise ImportError("WebhooksServer.launch() needs uvicorn: pip install 'hub-typed[webhooks]'") from error
        if self.url is not None:
            raise RuntimeError(f"The server runs already, at {self.url}: close() ends it.")
        if self.webhook_secret is None:
            _log.warning("Anyone can call these webhooks: pass webhook_secret, or set WEBHOOK_SECRET.")
        address = host or ("0.0.0.0" if os.environ.get("SPACE_ID") else "127.0.0.1")  # noqa: S104  # a Space is a container
        listening = socket.create_server((address, int(os.environ.get("PORT", PORT)) if port is None else port))
        self.url = f"http://{address}:{listening.getsockname()[1]}"
        _log.info("Webhooks at %s: %s", self.url, ", ".join(self.functions))
        self._was_launched = True
        server = uvicorn.Server(
            uvicorn.Config(self, lifespan="off", access_log=False, log_level="warning" if prevent_thread_lock else None)
        )
        if prevent_thread_lock:
            thread = Thread(target=server.run, args=([listening],), name="hub-typed-webhooks-server", daemon=True)
            self._running = server, thread
            thread.start()
            return
        try:
            with suppress(KeyboardInterrupt):
                server.run([listening])
        finally:
            self.url = None

    def close(self) -> None:
        """End a server that runs in a thread, after the deliveries that it has accepted."""
        if self._running is not None:
            server, thread = self._running
            server.should_exit = True
            thread.join()
            self._running = self.url = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI servers ask for it.

        Raises:
            NotImplementedError: It is no HTTP request.
        """
        if scope["type"] != "http":
            raise NotImplementedError(f"A webhooks server has no {scope['type']}.")
        status, members = await self._answer(scope, receive)
        body = json.dumps(members).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Return the response to a request."""
        path, method = str(scope["path"]).removeprefix(scope.get("root_path") or ""), scope["method"]
        if path == "/" and method == "GET":  # a Space is asked for it to learn whether it runs
            return 200, {"webhooks": list(self.functions)}
        function = self.functions.get(path)
        if function is None:
            return 404, {"error": "There is no such webhook."}
        if method != "POST":
            return 405, {"error": "Webhooks are called with POST."}
        if self.webhook_secret is not None:
            received = dict(scope["headers"]).get(SECRET_HEADER)
            if received is None:
                return 401, {"error": "The header X-Webhook-Secret is missing."}
            if not verify_webhook_secret(received.decode("utf-8", "replace"), self.webhook_secret):
                return 403, {"error": "The header X-Webhook-Secret is wrong."}
        body = await _body(receive)
        if body is None:
            return 413, {"error": f"The body has more than {MAX_BODY} bytes."}
        try:
            payload = parse_webhook_payload(body)
        except ProtocolError as error:
            return 400, {"error": str(error)}
        try:
            result = await self._call(function, payload)
            json.dumps(result)
        except Exception:  # noqa: BLE001  # of the function; the server goes on
            _log.exception("The function of %s failed", path)
            return 500, {"error": "The function of this webhook failed."}
        return 200, result

    async def _call(self, function: Function[object], payload: WebhookPayload) -> object:
        if inspect.iscoroutinefunction(function):
            return await function(payload)
        return await asyncio.to_thread(function, payload) if self._has_threads else function(payload)

    def serve_at_exit(self) -> None:
        """Run the server at the end of the program, unless it ran before, or the program failed."""
        if not self._was_launched and not hasattr(sys, "last_value"):
            self._has_threads = False  # an interpreter that ends starts none
            self.launch()


async def _body(receive: Receive) -> bytes | None:
    """Return the body of a request; ``None`` if it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += cast("bytes", message.get("body", b""))
        if len(body) > MAX_BODY:
            return None
        if not message.get("more_body"):
            return bytes(body)


class WebhookEndpoint(Generic[R]):
    """A function that `webhook_endpoint` decorated; it can still be called."""

    def __init__(self, function: Function[R], server: WebhooksServer) -> None:
        functools.update_wrapper(self, function)
        self._function: Function[R] = function
        self.server: WebhooksServer = server

    def __call__(self, payload: WebhookPayload) -> R:
        """Call the function."""
        return self._function(payload)

    def launch(self, prevent_thread_lock: bool = False, *, host: str | None = None, port: int | None = None) -> None:
        """Run the server of all these functions; see `WebhooksServer.launch`."""
        self.server.launch(prevent_thread_lock, host=host, port=port)


@functools.cache
def _shared_server() -> WebhooksServer:
    """Return the server of all functions that `webhook_endpoint` decorated."""
    server = WebhooksServer()
    atexit.register(server.serve_at_exit)
    return server


@overload
def webhook_endpoint(path: Function[R], /) -> WebhookEndpoint[R]: ...
@overload
def webhook_endpoint(path: str | None = None) -> Callable[[Function[R]], WebhookEndpoint[R]]: ...
def webhook_endpoint(
    path: Function[R] | str | None = None,
) -> WebhookEndpoint[R] | Callable[[Function[R]], WebhookEndpoint[R]]:
    """Decorate the function of a webhook, which is served once the program has come to its end.

    All functions have one server, whose secret is the environment variable ``WEBHOOK_SECRET``. Its ``launch()`` is a
    method of each of them.

    Args:
        path: Path below ``/webhooks``; the name of the function if not given.

    Raises:
        ValueError: The path has a function already.
    """
    if not (path is None or isinstance(path, str)):
        return webhook_endpoint()(path)

    def add(function: Function[R]) -> WebhookEndpoint[R]:
        server = _shared_server()
        server.add_webhook(path)(function)
        return WebhookEndpoint(function, server)

    return add
