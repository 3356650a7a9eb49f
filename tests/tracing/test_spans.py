"""Spans of OpenTelemetry: one for each request, below that of the caller."""

from __future__ import annotations

import asyncio
import pickle
import sys

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from hub_typed import AsyncHfApi, HfApi, Hooks, RepositoryNotFoundError, Settings, TransportError
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from hub_typed.tracing import tracing_hooks
from hub_typed_api.wire import Call, Request, text


@pytest.fixture
def provider():
    return TracerProvider()


@pytest.fixture
def exporter(provider):
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


@pytest.fixture
def api(hub, provider):
    settings = Settings(endpoint="https://hub.test", backoff=0)
    return HfApi(token="hf_secretsecretsecret", settings=settings, transport=hub, hooks=[tracing_hooks(provider)])


def test_a_request_is_a_span_with_the_attributes_of_http_clients(hub, api, exporter):
    hub.says(200, {"id": "o/n"}, x_request_id="id-1")
    api.model_info("o/n", files_metadata=True)
    (span,) = exporter.get_finished_spans()
    assert (span.name, span.kind) == ("GET models.model_info", SpanKind.CLIENT)
    assert span.attributes == {
        "http.request.method": "GET",
        "url.full": "https://hub.test/api/models/o/n?blobs=true",
        "server.address": "hub.test",
        "server.port": 443,
        "hub.operation": "models.model_info",
        "hub.repo_id": "o/n",
        "http.response.status_code": 200,
        "http.response.header.x-request-id": ("id-1",),
    }
    assert span.status.status_code is StatusCode.UNSET
    assert span.instrumentation_scope.name == "hub_typed"


def test_retries_and_redirects_are_spans_of_their_own_without_signatures(hub, api, exporter):
    hub.says(503).says(302, location="https://cdn.test:8443/f?Signature=abcdefabcdef").says(200, b"x")
    api.call(Call(Request(operation="files.file", method="GET", path="/f"), text))
    first, second, third = (span.attributes for span in exporter.get_finished_spans())
    assert (first["error.type"], first["http.response.status_code"]) == ("503", 503)
    assert [one.get("http.request.resend_count") for one in (first, second, third)] == [None, 1, 1]
    assert (third["url.full"], third["server.port"]) == ("https://cdn.test:8443/f?...", 8443)


def test_an_error_status_and_a_broken_connection_are_errors(hub, api, exporter):
    hub.says(404, {"error": "no"}, x_error_code="RepoNotFound")
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("o/n")
    hub.breaks(TransportError("the connection broke"))
    with pytest.raises(TransportError):
        api.with_options(retries=0).model_info("o/n")
    missing, broken = exporter.get_finished_spans()
    assert [span.status.status_code for span in (missing, broken)] == [StatusCode.ERROR, StatusCode.ERROR]
    assert (missing.attributes["error.type"], missing.status.description) == ("404", None)
    assert broken.attributes["error.type"] == "TransportError"
    assert broken.status.description == "the connection broke"
    assert "http.response.status_code" not in broken.attributes


@pytest.mark.parametrize("hook", ["on_request", "on_response"])
def test_spans_end_though_another_hook_raises(hub, provider, exporter, hook):
    def fail(_):
        raise OSError("mine")

    hub.says(200, {"id": "o/n"})
    hooks = [tracing_hooks(provider), Hooks(**{hook: fail}), tracing_hooks(provider)]
    settings = Settings(endpoint="https://hub.test")
    with pytest.raises(OSError, match="mine"):
        HfApi(token=False, settings=settings, transport=hub, hooks=hooks).model_info("o/n")
    assert len(exporter.get_finished_spans()) == 2


def test_the_same_hooks_twice_make_one_span(hub, api, exporter):
    hub.says(200, {"id": "o/n"})
    api.with_options(hooks=api.hooks).model_info("o/n")
    assert len(exporter.get_finished_spans()) == 1


def test_a_client_that_traces_is_pickled():
    api = HfApi(token=False, settings=Settings(endpoint="https://hub.test"), hooks=[tracing_hooks()])
    (hooks,) = pickle.loads(pickle.dumps(api)).hooks
    assert hooks.on_request.__self__ is hooks.on_response.__self__


def test_concurrent_tasks_have_spans_below_their_own(provider, exporter):
    tracer = provider.get_tracer("program")

    async def scenario(hub):
        async with AsyncHfApi(hub.endpoint, token=hub.token, hooks=[tracing_hooks(provider)]) as api:

            async def work(number):
                with tracer.start_as_current_span(f"work {number}"):
                    await api.whoami()

            await asyncio.gather(*map(work, range(4)))

    with LocalHub() as hub:
        hub.faults.add(Status(503, headers={"retry-after": "0"}), operation="users.whoami", times=1)
        asyncio.run(scenario(hub))
    spans = exporter.get_finished_spans()
    parents = {span.context.span_id: span.name for span in spans if span.name.startswith("work")}
    children = sorted(parents[span.parent.span_id] for span in spans if not span.name.startswith("work"))
    assert len(children) == 5
    assert set(children) == {f"work {number}" for number in range(4)}


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    with pytest.raises(ImportError, match=r"hub-typed\[otel\]"):
        tracing_hooks()
