"""Hooks: what they are told, in which order, and that it contains no secret."""

from __future__ import annotations

import asyncio

import pytest

from hub_typed import (
    AsyncHfApi,
    AsyncHooks,
    HfApi,
    HfHubHTTPError,
    Hooks,
    RepositoryNotFoundError,
    Settings,
    TransportError,
)
from hub_typed.local import LocalHub
from hub_typed.local.faults import Stall, Status
from hub_typed_api.wire import Call, Request, text
from tests.scripted_hub import ScriptedHub

TOKEN = "hf_secretsecretsecret"
ENDPOINT = "https://hub.test"


class Log:
    """Hooks that keep what they are told."""

    def __init__(self):
        self.events = []
        self.hooks = Hooks(
            on_request=self.events.append,
            on_response=self.events.append,
            on_error=self.events.append,
            on_retry=self.events.append,
        )

    @property
    def kinds(self):
        return [type(event).__name__ for event in self.events]


@pytest.fixture
def log():
    return Log()


def client(hub: ScriptedHub, *hooks: Hooks, **settings: object) -> HfApi:
    known = Settings(endpoint=ENDPOINT, **{"backoff": 0, **settings})
    return HfApi(token=TOKEN, settings=known, transport=hub, hooks=hooks)


def test_a_request_and_its_response_are_told(hub, log):
    hub.says(200, {"id": "o/n"}, x_request_id="id-1", set_cookie="session=1")
    client(hub, log.hooks).model_info("o/n", files_metadata=True)
    request, response = log.events
    assert response.request is request
    assert (request.operation, request.method, request.attempt, request.repo_id) == (
        "models.model_info",
        "GET",
        1,
        "o/n",
    )
    assert request.url == f"{ENDPOINT}/api/models/o/n?blobs=true"
    assert request.headers["Authorization"] == "..."
    assert (response.status, response.request_id, response.headers["Set-Cookie"]) == (200, "id-1", "...")
    assert response.elapsed >= 0
    assert TOKEN not in repr(log.events)


def test_an_error_status_is_a_response(hub, log):
    hub.says(404, {"error": "no"}, x_error_code="RepoNotFound")
    with pytest.raises(HfHubHTTPError):
        client(hub, log.hooks).model_info("o/n")
    assert log.kinds == ["RequestInfo", "ResponseInfo"]
    assert log.events[-1].status == 404


def test_retries_are_told_before_their_delay(hub, log):
    hub.says(503).breaks(TransportError("the connection broke")).says(200, {"id": "o/n"})
    client(hub, log.hooks).model_info("o/n")
    assert log.kinds == [
        *("RequestInfo", "ResponseInfo", "RetryInfo"),
        *("RequestInfo", "RequestFailure", "RetryInfo"),
        *("RequestInfo", "ResponseInfo"),
    ]
    first, second = log.events[2], log.events[5]
    assert isinstance(first.error, HfHubHTTPError)
    assert first.error.response.status_code == 503
    assert second.error is log.events[4].error
    assert (first.request, second.request) == (log.events[0], log.events[3])
    assert [event.attempt for event in log.events if type(event).__name__ == "RequestInfo"] == [1, 2, 3]


def test_a_signature_is_not_shown_nor_is_the_token_sent_along(hub, log):
    signed = "https://storage.test/object?X-Amz-Signature=abcdefabcdef&user=someone"
    hub.says(302, location=signed).says(200, b"content")
    query = (("token", "querysecret"), ("download", "true"))
    request = Request(operation="files.file", method="GET", path="/o/n/resolve/main/f", query=query)
    client(hub, log.hooks).call(Call(request, text))
    assert [event.url for event in log.events if type(event).__name__ == "RequestInfo"] == [
        f"{ENDPOINT}/o/n/resolve/main/f?token=...&download=true",
        "https://storage.test/object?...",
    ]
    assert "abcdefabcdef" not in repr(log.events)
    assert "querysecret" not in repr(log.events)


SITUATIONS = {
    "on_request": lambda hub: None,
    "on_response": lambda hub: hub.says(200, {"id": "o/n"}),
    "on_error": lambda hub: hub.breaks(TransportError("the connection broke")),
    "on_retry": lambda hub: hub.says(503),
}


@pytest.mark.parametrize("hook", SITUATIONS)
def test_what_a_hook_raises_reaches_the_caller_and_is_not_retried(hub, hook):
    mine = OSError("mine")

    def fail(_):
        raise mine

    SITUATIONS[hook](hub)
    with pytest.raises(OSError, match="mine") as caught:
        client(hub, Hooks(**{hook: fail})).model_info("o/n")
    assert caught.value is mine
    assert hub.exhausted


@pytest.mark.parametrize("hook", SITUATIONS)
def test_an_error_of_this_library_from_a_hook_is_not_taken_for_one_of_the_request(hub, hook):
    hub.says(404, {"error": "Repository not found"}, x_error_code="RepoNotFound")
    with pytest.raises(RepositoryNotFoundError) as missing:
        client(hub).model_info("o/other")

    def fail(_):
        raise missing.value

    SITUATIONS[hook](hub)
    with pytest.raises(RuntimeError, match="A hook raised RepositoryNotFoundError") as caught:
        client(hub, Hooks(**{hook: fail})).repo_exists("o/n")
    assert caught.value.__cause__ is missing.value
    assert hub.exhausted


@pytest.mark.parametrize("hook", ["on_request", "on_response"])
def test_other_hooks_are_told_though_one_raises(hub, hook):
    def fail(_):
        raise OSError("mine")

    failing, before, after = Hooks(**{hook: fail}), Log(), Log()
    SITUATIONS[hook](hub)
    with pytest.raises(OSError, match="mine"):
        client(hub, before.hooks, failing, after.hooks).model_info("o/n")
    second = "RequestFailure" if hook == "on_request" else "ResponseInfo"
    assert before.kinds == after.kinds == ["RequestInfo", second]


@pytest.mark.parametrize("hooks", [print, AsyncHooks(), Hooks(on_request=asyncio.sleep)])
def test_hooks_that_the_client_cannot_call_are_refused_when_it_is_made(hub, hooks):
    with pytest.raises(TypeError, match=r"pass hooks=\[Hooks|AsyncHfApi"):
        client(hub, hooks)
    with pytest.raises(TypeError, match=r"pass hooks=\[Hooks|AsyncHfApi"):
        client(hub).with_options(hooks=[hooks])


def test_several_hooks_are_called_in_their_order(hub):
    hub.says(200, {"id": "o/n"})
    called = []
    hooks = [Hooks(on_request=lambda _, name=name: called.append(name)) for name in "ab"]
    client(hub, *hooks).model_info("o/n")
    assert called == ["a", "b"]


def test_both_clients_call_hooks_and_the_asynchronous_one_awaits_them():
    with LocalHub() as hub:
        with HfApi(hub.endpoint, token=hub.token) as api:
            repo = api.create_repo(f"{hub.user}/n").repo_id
        hub.faults.add(Status(503, headers={"retry-after": "0"}), operation="models.model_info", times=1)
        plain, awaited = Log(), []

        async def on_response(response):
            await asyncio.sleep(0)
            awaited.append(response.status)

        async def scenario():
            hooks = [plain.hooks, AsyncHooks(on_response=on_response)]
            async with AsyncHfApi(hub.endpoint, token=hub.token, hooks=hooks) as api:
                await api.model_info(repo)

        asyncio.run(scenario())
        assert awaited == [503, 200]
        assert plain.kinds == ["RequestInfo", "ResponseInfo", "RetryInfo", "RequestInfo", "ResponseInfo"]
        assert hub.token not in repr(plain.events)


def test_a_cancelled_call_is_told_as_an_error():
    events = []
    with LocalHub() as hub:
        hub.faults.add(Stall(30), operation="users.whoami")

        async def scenario():
            hooks = [Hooks(on_error=events.append)]
            async with AsyncHfApi(hub.endpoint, token=hub.token, hooks=hooks) as api:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(api.whoami(), 0.2)

        asyncio.run(scenario())
    assert isinstance(events[0].error, asyncio.CancelledError)
