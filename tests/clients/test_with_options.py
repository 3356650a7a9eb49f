"""Clients with other options: what they change, and what they share."""

from __future__ import annotations

import asyncio
import pickle
import time

import pytest

from hub_typed import AsyncHfApi, HfApi, Hooks, HubTimeoutError, InvalidTokenError, Settings, SettingsError
from hub_typed.local import LocalHub
from hub_typed.local.faults import Stall
from tests.scripted_hub import ScriptedHub

ENDPOINT = "https://hub.test"


def client(hub: ScriptedHub, **options) -> HfApi:
    return HfApi(settings=Settings(endpoint=ENDPOINT, backoff=0), transport=hub, **options)


def test_options_are_those_of_the_new_client_alone(hub):
    api = client(hub, token="hf_first", headers={"x-a": "1", "x-b": "1"})
    other = api.with_options(token="hf_second", headers={"x-b": "2", "x-c": "2"}, timeout=7)
    for one in (other, api):
        hub.says(200, {"id": "o/n"})
        one.model_info("o/n")
    changed, plain = (request.headers for request in hub.asked)
    assert [changed[name] for name in ("authorization", "x-a", "x-b", "x-c")] == ["Bearer hf_second", "1", "2", "2"]
    assert [plain.get(name) for name in ("authorization", "x-a", "x-b", "x-c")] == ["Bearer hf_first", "1", "1", None]
    assert (other.settings.deadline, api.settings.deadline) == (7, 120)
    assert hub.timeouts == [7, 30]
    assert type(other) is HfApi


def test_no_retry_or_another_number_of_them(hub):
    hub.says(503)
    with pytest.raises(OSError, match="503"):
        client(hub).with_options(retries=0).model_info("o/n")
    hub.says(503).says(503).says(200, {"id": "o/n"})
    client(hub).with_options(retries=2).model_info("o/n")
    assert hub.exhausted


def test_hooks_are_added(hub):
    called = []
    api = client(hub, hooks=[Hooks(on_request=lambda _: called.append("client"))])
    hub.says(200, {"id": "o/n"}).says(200, {"id": "o/n"})
    api.with_options(hooks=[Hooks(on_request=lambda _: called.append("call"))]).model_info("o/n")
    api.model_info("o/n")
    assert called == ["client", "call", "client"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"timeout": 0}, SettingsError),
        ({"timeout": -1}, SettingsError),
        ({"timeout": float("inf")}, SettingsError),
        ({"timeout": "5"}, SettingsError),
        ({"retries": -1}, SettingsError),
        ({"retries": 1.5}, SettingsError),
        ({"retries": "2"}, SettingsError),
        ({"token": "a\nb"}, InvalidTokenError),
    ],
)
def test_wrong_options_are_refused(hub, options, error):
    with pytest.raises(error, match=f"^{next(iter(options))} is|The token"):
        client(hub).with_options(**options)


def test_connections_are_shared_and_the_time_limit_ends_a_call():
    with LocalHub() as hub, HfApi(hub.endpoint, token=hub.token) as api:
        api.whoami()
        other = api.with_options(timeout=20)
        other.whoami()
        assert other._io(None).transport is api._io(None).transport
        hub.faults.add(Stall(30), operation="users.whoami")
        began = time.monotonic()
        with pytest.raises(HubTimeoutError):
            api.with_options(timeout=0.3, retries=0).whoami()
        assert time.monotonic() - began < 10


def test_the_asynchronous_client_has_them_too():
    async def scenario(hub):
        async with AsyncHfApi(hub.endpoint, token=hub.token) as api:
            await api.whoami()
            other = api.with_options(timeout=20, token=hub.read_token)
            assert (await other.whoami()).auth.access_token.role == "read"
            assert (await api.whoami()).auth.access_token.role == "write"
            assert other._io(None).transport is api._io(None).transport

    with LocalHub() as hub:
        asyncio.run(scenario(hub))


def test_a_client_with_options_is_pickled_with_them(hub):
    api = HfApi(ENDPOINT).with_options(retries=1, headers={"x-a": "1"})
    copied = pickle.loads(pickle.dumps(api))
    assert (copied.settings, copied.headers) == (api.settings, {"x-a": "1"})


def test_background_work_of_one_client_does_not_wait_for_that_of_the_other(hub):
    api = client(hub)
    assert api.run_as_future(lambda: 1).result() == 1
    other = api.with_options(retries=0)
    assert other.run_as_future(lambda: 2).result() == 2
    other.close()
    assert api.run_as_future(lambda: 3).result() == 3
    api.close()
