"""Event streams on threads and asyncio: parsing, reconnection after breaks, and cancellation."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import given, strategies as st

from hub_typed.errors import CancelledError, HfHubHTTPError, ProtocolError, TransportError
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.cancellation import current_cancellation as _current
from hub_typed.http.event_streams import _EventParser, events
from hub_typed.http.io import drive_all
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response, Stream

SETTINGS = Settings(endpoint="https://hub.test", backoff=0.001, attempts=3)


def stream(*, replays=False):
    return Stream(Request(operation="jobs.logs", method="GET", path="/logs"), lambda data: data["n"], replays)


class Flowing:
    """A transport whose responses are lists of chunks; an exception in a list breaks the connection."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    def send(self, request, *, sink=None, timeout, cancellation=None):
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if isinstance(answer, int):
            return Response(status=answer, headers={}, url=request.path)
        assert sink is not None
        assert sink.begin(Response(status=200, headers={}, url=request.path))
        for piece in answer:
            if isinstance(piece, Exception):
                raise piece
            if piece is None:  # no data until the request is cancelled
                stopped = threading.Event()
                cancellation.add(stopped.set)
                assert stopped.wait(10)
                raise CancelledError("stopped")
            sink.write(piece)
        return Response(status=200, headers={}, url=request.path)

    def close(self):
        pass


@pytest.fixture(params=["threads", "asyncio"])
def told(request):
    """Return a function that collects all events of a stream, or the first few."""

    def told(transport, source, first=None):
        if request.param == "threads":
            found = []
            world = ThreadIo(SETTINGS, transport, False, {"user-agent": "test"})
            flow = drive_all(events(world, source))
            for event in flow:
                found.append(event)
                if len(found) == first:
                    flow.close()
            return found

        async def course():
            world = AsyncIo(SETTINGS, transport, False, {"user-agent": "test"})
            flow = events(world, source)
            found = []
            async for event in flow:
                found.append(event)
                if len(found) == first:
                    await flow.aclose()
            return found

        return asyncio.run(course())

    return told


def event(number):
    return b'data: {"n": %d}\n\n' % number


def test_events_come_in_order_however_they_are_cut(told):
    pieces = [b"event: log\nda", b'ta: {"n": 1}\r\n\r', b'\n: alive\n\ndata: {"n":\ndata: 2}\n\n', event(3)]
    assert told(Flowing(pieces), stream()) == [1, 2, 3]


def test_a_broken_stream_resumes_without_repeating_events(told):
    broken = TransportError("cut")
    again = Flowing([event(1), event(2), broken], [event(1), event(2), event(3)])
    assert told(again, stream(replays=True)) == [1, 2, 3]
    assert told(Flowing([event(1), broken], [event(2)]), stream()) == [1, 2]


def test_breaks_without_an_event_in_between_are_counted(told):
    transport = Flowing([TransportError("cut")])
    with pytest.raises(TransportError, match="cut"):
        told(transport, stream())
    assert transport.asked == SETTINGS.attempts


def test_an_error_of_the_hub_is_raised(told):
    with pytest.raises(HfHubHTTPError, match="404"):
        told(Flowing(404), stream())


def test_an_event_of_another_shape_is_named(told):
    with pytest.raises(ProtocolError, match=r"jobs\.logs: an event .* begins with"):
        told(Flowing([b"data: nonsense\n\n"]), stream())


def test_who_leaves_stops_the_connection(told):
    assert told(Flowing([event(1), event(2), None]), stream(), first=2) == [1, 2]


@given(st.lists(st.integers()), st.integers(1, 7))
def test_pieces_of_any_size(numbers, size):
    text = b"".join(b'data: {"n": %d}\r\n\r\n' % number for number in numbers)
    parser = _EventParser()
    found = [data for start in range(0, len(text), size) for data in parser.feed(text[start : start + size])]
    assert found == [f'{{"n": {number}}}' for number in numbers]


def test_an_event_without_data_is_a_sign_of_life(told):
    assert told(Flowing([b"data:\n\n", b"data: \n\n", b'data: {"n": 1}\n\n', b"data\n\n"]), stream()) == [1]


def test_the_context_between_two_events_is_that_of_the_caller():
    io = ThreadIo(SETTINGS, Flowing([b'data: {"n": 1}\n\n', b'data: {"n": 2}\n\n']), None, {})
    before = _current.get()
    for _ in drive_all(events(io, stream())):
        assert _current.get() is before
    io.close()
