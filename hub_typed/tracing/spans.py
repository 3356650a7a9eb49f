"""A span of OpenTelemetry for each request, by hooks of a client; names and attributes are those for HTTP clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from hub_typed.http.hooks import Hooks, RequestFailure, RequestInfo, ResponseInfo
from hub_typed.logs.redaction import sanitize
from hub_typed.version import version

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

__all__ = ["tracing_hooks"]

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def tracing_hooks(tracer_provider: TracerProvider | None = None) -> Hooks:
    """Return hooks that make a span for each request of a client, a child of the span of the caller.

    A retry is a span of its own, with ``http.request.resend_count``. Nothing is sent along with the requests. The extra
    ``otel`` is needed.

    Args:
        tracer_provider: Makes the spans; the global one by default.

    Raises:
        ImportError: The API of OpenTelemetry is not installed.
    """
    try:
        spans = _Spans(tracer_provider)
    except ImportError as error:
        raise ImportError(
            "tracing_hooks() needs the API of OpenTelemetry: pip install 'hub-typed[otel]'", name=error.name
        ) from error
    return Hooks(on_request=spans.begin, on_response=spans.end, on_error=spans.fail)


class _Spans:
    """Spans of the requests that are on their way; a pickled copy has none of them."""

    def __init__(self, tracer_provider: TracerProvider | None) -> None:
        from opentelemetry.trace import get_tracer

        self._provider = tracer_provider
        self._tracer: Tracer = get_tracer("hub_typed", version(), tracer_provider)
        self._open: WeakKeyDictionary[RequestInfo, Span] = WeakKeyDictionary()

    def __reduce__(self) -> tuple[type[_Spans], tuple[TracerProvider | None]]:
        return _Spans, (self._provider,)

    def begin(self, request: RequestInfo) -> None:
        from opentelemetry.trace import SpanKind

        if request in self._open:  # a client that has the same hooks twice
            return
        url = urlsplit(request.url)
        attributes: dict[str, str | int] = {
            "http.request.method": request.method,
            "url.full": request.url,
            "server.address": url.hostname or "",
            "server.port": url.port or DEFAULT_PORTS.get(url.scheme, 0),
            "hub.operation": request.operation,
        }
        if request.attempt > 1:
            attributes["http.request.resend_count"] = request.attempt - 1
        if request.repo_id is not None:
            attributes["hub.repo_id"] = request.repo_id
        name = f"{request.method} {request.operation}"
        self._open[request] = self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes)

    def end(self, response: ResponseInfo) -> None:
        if (span := self._open.pop(response.request, None)) is None:
            return
        span.set_attribute("http.response.status_code", response.status)
        if response.request_id is not None:
            span.set_attribute("http.response.header.x-request-id", [response.request_id])
        if response.status >= 400:
            self._set_error(span, str(response.status))
        span.end()

    def fail(self, failure: RequestFailure) -> None:
        if (span := self._open.pop(failure.request, None)) is not None:
            self._set_error(span, type(failure.error).__qualname__, sanitize(str(failure.error)))
            span.end()

    def _set_error(self, span: Span, kind: str, description: str | None = None) -> None:
        from opentelemetry.trace import StatusCode

        span.set_attribute("error.type", kind)
        span.set_status(StatusCode.ERROR, description)
