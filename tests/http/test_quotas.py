"""Requests wait for the quota of the Hub before they would be refused."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import random
import selectors
import threading
import time
from collections import Counter

import attrs
import pytest

from hub_typed.errors import CancelledError, HfHubHTTPError
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.cancellation import cancellable
from hub_typed.http.io import drive
from hub_typed.http.quotas import MAX_WINDOWS, Quotas, Turn, Window
from hub_typed.http.send import send_request
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response, Source

ENDPOINT = "https://hub.test"
NOW = 2_000_000_000.0
FILE = Request(operation="files.resolve_file", method="GET", path="/owner/name/resolve/main/a.bin")
API = Request(operation="models.model_info", method="GET", path="/api/models/owner/name")


class MeteredHub:
    """A Hub with quotas in fixed windows, for each token and policy.

    Attributes:
        clock: Returns the time of the Hub.
        counts: Requests by policy, token and window.
        refused: Number of responses with status 429.
        named: Policy names by first segment of the path, if they differ from what the path suggests.
    """

    def __init__(self, clock, *, quota=1000, window=300, offset=123.4, policies=True):
        self.clock = clock
        self.quota, self.window, self.offset, self.policies = quota, window, offset, policies
        self.counts = Counter()
        self.refused = 0
        self.named = {}
        self.lock = threading.Lock()

    def send(self, request, *, sink=None, timeout, cancellation=None):
        path = request.path.removeprefix(ENDPOINT)
        policy = "resolvers" if "/resolve/" in path else "api" if path.startswith("/api/") else "pages"
        policy = self.named.get(path.split("/")[1], policy)
        with self.lock:
            number, elapsed = divmod(self.clock() - self.offset, self.window)
            key = policy, request.headers.get("authorization"), number
            status = 200 if self.counts[key] < self.quota else 429
            self.refused += status == 429
            self.counts[key] += status == 200
            left, seconds = self.quota - self.counts[key], int(self.window - elapsed)
        headers = {"ratelimit": f'"{policy}";r={left};t={seconds}'}
        if self.policies:
            headers["ratelimit-policy"] = f'"fixed window";"{policy}";q={self.quota};w={self.window}'
        return Response(status=status, headers=headers, url=request.path)

    def close(self):
        pass

    @property
    def used(self):
        """Requests answered in each window, in order."""
        return [self.counts[key] for key in sorted(self.counts, key=lambda key: key[2])]


class JumpingIo(ThreadIo):
    """`ThreadIo` whose clock jumps to the end of each sleep; it records the sleeps."""

    def __init__(self, concurrency=32, token="hf_a", **settings):
        self.time = [NOW]
        self.slept = []
        hub = {name: settings.pop(name) for name in ("quota", "window", "offset", "policies") if name in settings}
        self.hub = MeteredHub(lambda: self.time[0], **hub)
        known = Settings(endpoint=ENDPOINT, concurrency=concurrency, **settings)
        super().__init__(known, self.hub, token, {"user-agent": "test/1"})

    def now(self):
        return self.time[0]

    async def sleep(self, seconds):
        end = self.time[0] + seconds
        time.sleep(0.001)
        self.slept.append(seconds)
        self.time[0] = max(self.time[0], end)

    def random(self):
        return 0.5

    def ask(self, request=FILE, **options):
        return drive(send_request(self, request, **options)).status


class VirtualLoop(asyncio.SelectorEventLoop):
    """Event loop whose clock jumps to the next timer."""

    def __init__(self):
        self.virtual = 0.0
        super().__init__(selectors.DefaultSelector())
        self._clock_resolution = 1e-6  # sums of floats are not exact
        select = self._selector.select

        def jump(timeout=None):
            assert timeout is not None, "all tasks wait for each other"
            self.virtual += timeout
            return select(0)

        self._selector.select = jump

    def time(self):
        return self.virtual


class VirtualIo(AsyncIo):
    """`AsyncIo` in virtual time. The way to the Hub and back takes random times."""

    def __init__(self, loop, hub, chance, slowest):
        super().__init__(Settings(endpoint=ENDPOINT, concurrency=32), hub, "hf_a", {"user-agent": "test/1"})
        self.loop, self.chance, self.slowest = loop, chance, slowest

    def now(self):
        return NOW + self.loop.time()

    async def send(self, request, *, sink=None, timeout=None, deadline=None):
        await asyncio.sleep(self.chance.random() * self.slowest)
        response = self.transport.send(request, timeout=1)
        await asyncio.sleep(self.chance.random() * self.slowest)
        return response


@pytest.mark.parametrize("slowest", [0.05, 3])
@pytest.mark.parametrize("seed", range(3))
def test_5000_files_with_a_quota_of_1000_end_without_a_refusal_and_use_it_all(seed, slowest):
    loop = VirtualLoop()
    hub = MeteredHub(loop.time, offset=seed * 77.7)
    io = VirtualIo(loop, hub, random.Random(seed), slowest)

    async def ask(_):
        await send_request(io, FILE)

    with contextlib.closing(loop):
        loop.run_until_complete(io.each(ask, range(5000)))
    assert hub.refused == 0
    assert sum(hub.used) == 5000
    assert hub.used[1:-1] == [1000] * len(hub.used[1:-1])
    assert len(hub.used) <= 6


@pytest.mark.parametrize("quota", [1, 5, 33, 100])
def test_threads_share_what_a_client_knows(quota):
    io = JumpingIo(quota=quota, deadline=10**9)  # the clock jumps for all threads
    io.ask()

    async def ask(_):
        await send_request(io, FILE)

    try:
        drive(io.each(ask, range(5 * quota)))
    finally:
        io.close()
    assert io.hub.refused == 0
    assert sum(io.hub.used) == 5 * quota + 1


def test_nothing_waits_until_the_quota_is_used_up():
    io = JumpingIo(quota=50)
    for _ in range(50):
        assert io.ask() == 200
    assert io.slept == []
    io.ask()
    assert len(io.slept) == 1
    assert 0 < io.slept[0] <= 301
    assert io.hub.used == [50, 1]


def test_a_job_of_few_more_files_than_threads_does_not_wait_for_the_next_window():
    loop = VirtualLoop()
    hub = MeteredHub(loop.time, quota=35)
    io = VirtualIo(loop, hub, random.Random(1), 1)

    async def ask(_):
        await send_request(io, FILE)

    with contextlib.closing(loop):
        loop.run_until_complete(io.each(ask, range(34)))
        assert loop.time() < 10
    assert hub.used == [34]


def test_files_pages_and_the_api_have_quotas_of_their_own():
    io = JumpingIo(quota=3)
    for request in (FILE, API, attrs.evolve(API, path="/settings")):
        for _ in range(3):
            io.ask(request)
    assert io.slept == []
    io.ask(API)
    assert len(io.slept) == 1


def test_each_token_has_a_quota_of_its_own_and_copies_share_it():
    io = JumpingIo(quota=2)
    same, other = io.with_token("hf_a"), io.with_token("hf_b")
    io.ask()
    same.ask()
    other.ask()
    other.ask()
    assert io.slept == []
    same.ask()
    assert len(io.slept) == 1
    assert io.hub.refused == 0


def test_the_hub_says_against_which_quota_a_path_counts():
    io = JumpingIo(quota=2)
    io.hub.named["owner"] = "api"
    batch = attrs.evolve(API, path="/owner/name.git/info/lfs/objects/batch", method="POST", body=b"{}")
    io.ask(batch)
    io.ask(API)
    io.ask(batch)
    assert len(io.slept) == 1
    assert io.hub.refused == 0


def test_hubs_that_do_not_tell_their_policy_are_not_asked_too_often():
    io = JumpingIo(quota=4, policies=False)
    for _ in range(13):
        io.ask()
    assert io.hub.refused == 0
    assert io.hub.used == [4, 4, 4, 1]


def test_a_refusal_lets_all_requests_wait():
    io = JumpingIo(quota=5)
    io.hub.counts["resolvers", "Bearer hf_a", (NOW - io.hub.offset) // 300] = 5  # other clients of the account
    assert io.ask() == 200
    assert io.hub.refused == 1
    assert len(io.slept) == 1


def exhausted(**settings):
    io = JumpingIo(quota=1, **settings)
    io.ask()
    return io


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"longest_wait": 20}, {}),
        ({}, {"timeout": 5}),
        ({}, {"extend_for_rate_limit": False}),
        ({}, {"single_attempt": True}),
    ],
    ids=["longest wait", "timeout", "deadline", "single attempt"],
)
def test_a_request_that_may_not_wait_so_long_is_sent_at_once(settings, options):
    io = exhausted(offset=(NOW - 1) % 300, **settings)
    with pytest.raises(HfHubHTTPError) as caught:
        io.ask(**options)
    assert caught.value.response.status_code == 429
    assert io.slept == []


@pytest.mark.parametrize(
    ("request_", "options"),
    [
        (FILE, {}),
        (FILE, {"timeout": 5, "extend_for_rate_limit": True}),
        (FILE, {"timeout": 400}),
        (attrs.evolve(API, method="POST", body=Source(lambda: [b"x"], 1)), {"timeout": 5}),
    ],
    ids=["default", "extended", "long timeout", "upload"],
)
def test_the_wait_extends_the_timeout_as_a_requested_delay_does(request_, options):
    io = JumpingIo(quota=1, offset=(NOW - 1) % 300)
    for _ in range(2):
        assert io.ask(request_, **options) == 200
    assert sum(io.slept) >= 299


def test_a_wait_is_logged_once_for_all_requests(caplog: pytest.LogCaptureFixture):
    io = JumpingIo(quota=4, deadline=10**9)
    with caplog.at_level(logging.INFO, "hub_typed"):
        io.ask()

        async def ask(_):
            await send_request(io, FILE)

        try:
            drive(io.each(ask, range(7)))
        finally:
            io.close()
    lines = [record.getMessage() for record in caplog.records if "quota" in record.getMessage()]
    assert len(lines) == 1
    assert "The quota 'resolvers' of hub.test is used up; requests wait for" in lines[0]
    assert "hf_a" not in caplog.text


def test_a_wait_ends_when_it_is_cancelled():
    io = ThreadIo(Settings(endpoint=ENDPOINT), MeteredHub(time.time, quota=1), None, {"user-agent": "test/1"})
    with cancellable() as cancellation:
        drive(send_request(io, FILE))
        threading.Timer(0.2, cancellation.stop).start()
        with pytest.raises(CancelledError):
            drive(send_request(io, FILE))
    assert io.transport.refused == 0


def test_storage_servers_have_no_quota():
    class Redirecting(MeteredHub):
        def send(self, request, *, sink=None, timeout, cancellation=None):
            headers = {"ratelimit": '"resolvers";r=0;t=55'}
            if request.path.startswith(ENDPOINT):
                return Response(status=302, headers={"location": "https://storage.test/x"}, url=request.path)
            return Response(status=200, headers=headers, url=request.path)

    io = JumpingIo()
    io.transport = Redirecting(io.now)
    for _ in range(3):
        io.ask()
    assert io.slept == []


@pytest.mark.parametrize("error", [RuntimeError("broken"), None])
def test_a_request_without_a_response_is_no_longer_in_flight(error):
    io = JumpingIo(quota=2)
    io.ask()
    send, io.hub.send = io.hub.send, lambda *_, **__: (_ for _ in ()).throw(RuntimeError("broken"))
    with pytest.raises(RuntimeError):
        io.ask()
    io.hub.send = send
    io.ask()  # the Hub may have counted the broken one
    assert len(io.slept) == 1


def take(quotas, key=("https", "hub.test", 443), at=NOW, until=math.inf):
    """The turn of a request, or the seconds that it must wait."""
    turn = Turn(quotas, lambda: at)
    return turn.begin((key, "", "api"), until, 300) or turn


def limited(left, seconds, policy=', "x";q=10;w=300'):
    return Response(status=200, headers={"ratelimit": f'"api";r={left};t={seconds}', "ratelimit-policy": policy})


def test_requests_in_flight_may_not_have_been_counted_yet():
    quotas = Quotas()
    turns = [take(quotas) for _ in range(4)]
    turns[1].end(limited(4, 100))
    turns.append(take(quotas))
    assert isinstance(turns[-1], Turn)
    assert take(quotas) == 0.1  # the Hub may count four more, and then none is left
    turns[2].end(limited(0, 100))
    assert take(quotas) == 101


def test_responses_out_of_order_are_no_later_news():
    window = Window()
    window.length = 300
    window.update(5, 100, NOW)
    window.update(9, 100, NOW + 1)
    assert (window.left, window.resets) == (5, NOW + 101)
    window.update(299, 299, NOW + 100.5)  # the next window, which began earlier than expected
    assert (window.left, window.resets) == (299, NOW + 400.5)
    window.update(0, 0, NOW + 110)  # of the window before
    assert (window.left, window.resets) == (299, NOW + 400.5)


def test_after_a_fork_no_request_is_in_flight():
    quotas = Quotas()
    turn = take(quotas)
    turn.end(limited(1, 100))
    take(quotas)
    quotas._lock.acquire()
    quotas._pid = -1
    assert isinstance(take(quotas), Turn)


def test_the_number_of_remembered_quotas_is_bounded():
    quotas = Quotas()
    for number in range(MAX_WINDOWS + 10):
        take(quotas, ("https", f"h{number}.test", 443)).end(None)
    assert len(quotas._windows) == MAX_WINDOWS


@pytest.mark.parametrize("text", ["", "r=0", '"api";r=x;t=1', '"api";r=0;t=' + "9" * 400, '"' + "a" * 5000])
def test_an_invalid_limit_never_lets_a_request_wait(text):
    quotas = Quotas()
    for _ in range(3):
        take(quotas).end(Response(status=200, headers={"ratelimit": text, "ratelimit-policy": "q=0;w=0"}))
    assert isinstance(take(quotas), Turn)
