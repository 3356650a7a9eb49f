"""Server that answers as an OpenAPI document says, with examples made of its schemas."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from codegen.documents.read import Documents, child
from codegen.spec.document import Mapping, items_of

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["DocumentServer"]

_SCALARS: Final[dict[object, Any]] = {"string": "text", "integer": 3, "number": 2.5, "boolean": True, "null": None}


class DocumentServer:
    """A server of the ``GET`` operations of a document.

    Attributes:
        sent: The JSON that was sent last; ``None`` if there was no JSON.
    """

    def __init__(self, documents: Documents, document: Mapping) -> None:
        self._documents = documents
        self.sent: Any = None
        items = [(path, documents.resolved(item)) for path, item in child(document, "paths").items()]
        known = [(path, item["get"]) for path, item in items if "get" in item]
        # paths without places first, as OpenAPI says
        self._routes = [(_pattern(path), one) for path, one in sorted(known, key=lambda item: item[0].count("{"))]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, media_type, outer.sent = outer.answer(urlsplit(self.path).path)
                body = json.dumps(outer.sent).encode() if media_type else b""
                self.send_response(status)
                self.send_header("content-type", media_type or "text/plain")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, path: str) -> tuple[int, str, Any]:
        """Return status, media type and value of the first successful response of an operation."""
        operation = next((one for pattern, one in self._routes if pattern.fullmatch(path)), None)
        if operation is None:
            return 404, "application/json", {"error": f"{path}: there is no such operation"}
        responses: Mapping = child(operation, "responses")
        status = next((status for status in responses if status.startswith("2")), "")
        if not status:
            return 200, "", None
        content: Mapping = child(self._documents.resolved(responses[status]), "content")
        media_type = next((kind for kind in content if "json" in kind), "")
        value = self.example(content[media_type].get("schema")) if media_type else None
        return int(status), media_type, value

    def example(self, schema: Any, around: tuple[int, ...] = ()) -> Any:
        """Make a value of a schema.

        Args:
            around: The schemas that the value is within.
        """
        if not isinstance(schema, Mapping):
            return {}
        node = self._documents.resolved(schema)
        inner = (*around, id(node))
        for word in ("oneOf", "anyOf"):
            if word in node:
                return self.example(items_of(node[word])[0], inner)
        if values := items_of(node.get("enum")):
            return values[0]
        kind = node.get("type")
        kind = items_of(kind)[0] if isinstance(kind, list) else kind or ("array" if "items" in node else None)
        if kind == "array":
            return [] if self._is_within(node.get("items"), inner) else [self.example(node.get("items"), inner)]
        if kind == "string" and node.get("format") == "date-time":
            return "2024-02-29T12:00:00.000Z"
        if kind in _SCALARS:
            return _SCALARS[kind]
        members = child(node, "properties").items()
        own = {name: self.example(one, inner) for name, one in members if not self._is_within(one, inner)}
        parts = [self.example(part, inner) for part in items_of(node.get("allOf"))]
        if parts and not isinstance(parts[0], dict):
            return parts[0]
        found: dict[str, Any] = {}
        for part in [*parts, own]:
            found |= part
        return found

    def _is_within(self, schema: Any, around: tuple[int, ...]) -> bool:
        return isinstance(schema, Mapping) and id(self._documents.resolved(schema)) in around


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^{}]+\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)))
