"""Replay of recorded exchanges: a transport that needs no network."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from hub_typed.logs.redaction import request_secrets
from hub_typed.testing.scrubbing import request_key, stored_body
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.http.cancellation import Cancellation
    from hub_typed.http.io import Sink

__all__ = ["NotRecordedError", "ReplayingTransport"]

CHUNK_SIZE = 1 << 18


class NotRecordedError(AssertionError):
    """A test sends a request that its file of exchanges does not have, or not that often."""


class ReplayingTransport:
    """Transport that answers from a file; each exchange once, those of equal requests in their order."""

    def __init__(self, file: str, exchanges: list[dict[str, Any]]) -> None:
        """Prepare a replay.

        Args:
            file: The file, for messages.
            exchanges: Its exchanges.

        Raises:
            ValueError: One does not have the form of an exchange.
        """
        if not all(map(_is_exchange, exchanges)):
            raise ValueError(f"{file} has exchanges of another form.")
        self._file = file
        self._exchanges = exchanges
        self._lock = threading.Lock()

    def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float,  # noqa: ARG002 (of the protocol)
        cancellation: Cancellation | None = None,
    ) -> Response:
        """Answer a request; see `hub_typed.http.io.Transport`.

        Raises:
            NotRecordedError: The file has no answer to it.
        """
        if cancellation is not None:
            cancellation.check()
        key = request_key(request.method, request.path, request.headers, request.body, request_secrets(request))
        found = self._take(key)
        stored = found["body"]
        if "omitted" in stored:
            raise NotRecordedError(
                f"{self._file}: the body of {_described(key)} has {stored['omitted']} bytes, more than record() was "
                "told to keep: record it again with a larger max_body_size."
            )
        head = Response(status=found["status"], headers=found["headers"], url=request.path)
        body = stored_body(stored)
        if sink is None or not sink.begin(head):
            return Response(status=head.status, headers=head.headers, url=head.url, body=body)
        for at in range(0, len(body), CHUNK_SIZE):
            sink.write(body[at : at + CHUNK_SIZE])
        return head

    def _take(self, key: dict[str, object]) -> dict[str, Any]:
        with self._lock:
            for at, exchange in enumerate(self._exchanges):
                if exchange["request"] == key:
                    response: dict[str, Any] = self._exchanges.pop(at)["response"]
                    return response
            alike = [one["request"] for one in self._exchanges if one["request"]["method"] == key["method"]]
        lines = [f"{self._file} has no (further) exchange of {_described(key)}. Record it again if that is intended."]
        lines += [f"It still has: {_described(one)}" for one in alike[:5]]
        raise NotRecordedError("\n".join(lines))

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


def _is_exchange(value: Any) -> bool:
    """Whether a value of a file has the form of an exchange."""
    match value:
        case {
            "request": {"method": str(), "url": str()},
            "response": {"status": int(), "headers": dict(), "body": dict()},
        }:
            return not {"json", "text", "base64", "omitted"}.isdisjoint(value["response"]["body"])
        case _:
            return False


def _described(key: dict[str, Any]) -> str:
    more = {name: value for name, value in key.items() if name not in ("method", "url")}
    text = f"{key['method']} {key['url']}"
    return f"{text} {json.dumps(more)[:300]}" if more else text
