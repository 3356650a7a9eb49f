"""Tokens of Xet storage: requested once, kept until shortly before they expire, and never shown."""

from __future__ import annotations

import logging
import os
import time

import attrs
import pytest

from hub_typed import HfApi
from hub_typed.errors import ProtocolError
from hub_typed.flows.xet import tokens as flow
from hub_typed.flows.xet.tokens import xet_token
from hub_typed.http.io import drive
from hub_typed.local.faults import Status
from hub_typed.local.xet.tokens import XetTokens
from hub_typed.urls.endpoint import Endpoint
from hub_typed.xet.tokens import TokenCache, TokenKey
from hub_typed_api.models import XetToken

KEY = TokenKey("read", "model", "owner/name", "main", "hf_secret")


def token(exp: int = 1000) -> XetToken:
    return XetToken(cas_url="https://cas.test", access_token="xet_secret", exp=exp)


def test_a_token_is_kept_until_a_minute_before_it_expires():
    cache = TokenCache()
    cache.put(KEY, token(1000), 0)
    assert cache.get(KEY, 939) == token(1000)
    assert cache.get(KEY, 940) is None
    assert cache.get(attrs.evolve(KEY, authorization=None), 0) is None
    assert cache.get(attrs.evolve(KEY, scope="write"), 0) is None


def test_expired_tokens_do_not_pile_up():
    cache = TokenCache()
    for number in range(100):
        cache.put(attrs.evolve(KEY, revision=str(number)), token(number), number)
    assert len(cache._tokens) <= 2


def test_a_refused_token_is_forgotten():
    cache, refused = TokenCache(), token()
    cache.put(KEY, refused, 0)
    cache.forget(token())
    assert cache.get(KEY, 0) is refused
    cache.forget(refused)
    assert cache.get(KEY, 0) is None


def test_one_thread_requests_a_token_and_the_child_of_a_fork_another():
    cache = TokenCache()
    with cache.request(KEY) as first, cache.request(KEY) as second:
        assert (first, second) == (True, False)
        child = os.fork()
        if child == 0:
            with cache.request(KEY) as alone:
                os._exit(0 if alone else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with cache.request(KEY) as later:
        assert later


def test_tokens_are_not_shown():
    assert "secret" not in repr(KEY)
    assert "secret" not in repr(token())


@pytest.fixture
def io(stocked):
    with HfApi(stocked.endpoint, stocked.token) as api:
        yield api._io(None)
    stocked.faults.clear()


def repo(stocked):
    return f"{stocked.user}/model"


def test_a_token_is_requested_once_for_a_revision(io, stocked):
    seen = len(stocked.hub.requests)
    first = drive(xet_token(io, "read", repo(stocked), "model", "main"))
    assert drive(xet_token(io, "read", repo(stocked), "model", "main")) is first
    assert first.exp > time.time() + 60
    drive(xet_token(io, "write", repo(stocked), "model", None))
    asked = [one.operation for one in list(stocked.hub.requests)[seen:]]
    assert asked == ["xet.get_xet_read_token", "xet.get_xet_write_token"]


def test_threads_that_need_the_same_token_request_it_once(io, stocked):
    from concurrent.futures import ThreadPoolExecutor

    seen = len(stocked.hub.requests)
    with ThreadPoolExecutor(8) as pool:
        wanted = [pool.submit(drive, xet_token(io, "read", repo(stocked), "model", "main")) for _ in range(8)]
        found = {one.result().access_token for one in wanted}
    assert len(found) == 1
    assert len(list(stocked.hub.requests)[seen:]) == 1


def test_another_token_of_the_hub_gets_another_token_of_the_storage(stocked, io):
    mine = drive(xet_token(io, "read", repo(stocked), "model", "main"))
    without = drive(xet_token(io.with_token(False), "read", repo(stocked), "model", "main"))
    assert mine.access_token != without.access_token


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"cas_url": "ftp://cas.test"}, "ftp"),
        ({"cas_url": "http://cas.test"}, "not encrypted"),
        ({"cas_url": "https://user:hunter2@cas.test"}, "user name or password"),
        ({"access_token": "one\ntwo"}, "malformed"),
        ({"access_token": " "}, "malformed"),
    ],
)
def test_what_the_wheel_would_not_check_is_refused(io, changed, match):
    safe = attrs.evolve(io.settings, endpoint=Endpoint.of("https://hub.test"))
    with pytest.raises(ProtocolError, match=match) as raised:
        flow._check(_With(safe), KEY, attrs.evolve(token(), **changed))
    assert "hunter2" not in str(raised.value)


@attrs.frozen
class _With:
    settings: object


def test_the_storage_gets_its_own_token_only_and_no_message_shows_one(download, files, fault, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    received = set()

    def check(tokens, authorization):
        received.add(authorization.removeprefix("Bearer "))
        return checked(tokens, authorization)

    checked = XetTokens.check
    monkeypatch.setattr(XetTokens, "check", check)
    fault(Status(500), operation="storage.download_xorb")
    assert download.file("one.bin") == files["one.bin"]
    assert received
    assert download.hub.token not in received
    assert not [token for token in (download.hub.token, *received) if token in caplog.text]
