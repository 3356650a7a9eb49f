"""A small server of Xet storage for the real wheel: HTTP around a `XetStore`, and a count of what came."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from hub_typed.local.errors import HubResponseError
from hub_typed.local.xet.reconstruction import Reconstruction
from hub_typed.local.xet.store import XetStore


class Receiver:
    """The server; ``with`` starts and stops it.

    Attributes:
        requests: How often each kind of request came.
        xorbs: The serialized xorbs that came, by hash.
        shards: The shards that came.
    """

    def __init__(self, store: XetStore) -> None:
        self.store = store
        self.requests: Counter[str] = Counter()
        self.xorbs: dict[str, bytes] = {}
        self.shards: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def group(self) -> dict[str, Any]:
        """Arguments of the wheel's groups."""
        return {"endpoint": self.url, "token": "t", "token_expiry_unix_secs": int(time.time()) + 900}

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: bytes, span: tuple[int, int] | None) -> tuple[int, bytes]:
        kind, _, name = path.rpartition("/")
        self.requests[f"{method} {kind if len(name) == 64 else path}"] += 1
        match method, kind:
            case "POST", "/v1/xorbs/default":
                self.xorbs[name] = body
                return 200, json.dumps({"was_inserted": self.store.receive_xorb(name, len(body), [body])}).encode()
            case "POST", "/v2":
                self.shards.append(body)
                upload = self.store.open_shard(body)
                lines = [{"type": "validating", "verified": done, "total": upload.size} for done in upload.verify()]
                lines.append({"type": "result", "result": int(self.store.register(upload))})
                return 200, "".join(json.dumps(line) + "\n" for line in lines).encode()
            case "GET", "/v1/chunks/default":
                found = self.store.find_chunk(name)
                return (404, b"") if found is None else (200, found)
            case "GET", "/v2/reconstructions":
                start, stop = span or (0, None)
                return 200, json.dumps(self._told(self.store.reconstruction(name, start, stop))).encode()
            case "GET", "/xorbs":
                assert span is not None
                return 206, b"".join(self.store.read_xorb(name, *span))
        return 404, b""

    def _told(self, found: Reconstruction) -> dict[str, Any]:
        def ends(bounds: tuple[int, int], last: int = 0) -> dict[str, int]:
            return {"start": bounds[0], "end": bounds[1] - last}

        return {
            "offset_into_first_range": found.skip,
            "terms": [
                {"hash": term.xorb, "unpacked_length": term.size, "range": ends((term.start, term.stop))}
                for term in found.terms
            ],
            "xorbs": {
                xorb: [
                    {
                        "url": f"{self.url}/xorbs/{xorb}",
                        "ranges": [{"chunks": ends(one.chunks), "bytes": ends(one.bytes, 1)}],
                    }
                    for one in ranges
                ]
                for xorb, ranges in found.xorbs.items()
            },
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    receiver: Receiver

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
        span = found and (int(found[1]), int(found[2] or 1 << 62) + 1)
        try:
            status, content = self.receiver.answer(self.command, self.path, body, span)
        except HubResponseError as error:
            status, content = error.status, str(error).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        if status == 206 and span:
            self.send_header("content-range", f"bytes {span[0]}-{span[1] - 1}/*")
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass
