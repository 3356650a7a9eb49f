"""`ThreadIo` and `AsyncIo`: concurrent work, its first error, cancellation, and the threads it runs on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import threading
import time

import pytest

from hub_typed.errors import CancelledError
from hub_typed.http import async_io, thread_workers
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.io import drive, drive_all
from hub_typed.http.thread_io import ThreadIo
from hub_typed.http.worker_count import WorkerCount
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response

LONG = 20
"""Timeout of these tests in seconds."""


class Mute:
    """A transport whose requests end only when they are cancelled."""

    def __init__(self):
        self.begun = threading.Semaphore(0)
        self._ends = []

    @property
    def ended(self):
        return len(self._ends)

    def send(self, request, *, sink=None, timeout, cancellation=None):
        stopped = threading.Event()
        cancellation.add(stopped.set)
        self.begun.release()
        if not stopped.wait(LONG):
            return Response(status=200, headers={})
        self._ends.append(request)
        raise CancelledError("stopped")

    def close(self):
        pass


REQUEST = Request(operation="o", method="GET", path="/x")


def world(kind, concurrency=4, transport=None):
    return kind(Settings(concurrency=concurrency), transport or Mute(), False, {"user-agent": "test/1"})


def run(io, flow):
    """Run a flow with its `Io`, and check that no thread is left running."""
    before = set(threading.enumerate())
    try:
        return drive(flow) if isinstance(io, ThreadIo) else asyncio.run(flow)
    finally:
        io.close()
        left = [thread for thread in threading.enumerate() if thread not in before]
        for thread in left:
            thread.join(LONG)
        assert not any(thread.is_alive() for thread in left)


class Crowd:
    """Counter of concurrent workers, current and maximum."""

    def __init__(self):
        self._lock = threading.Lock()
        self.now = self.most = 0

    def __enter__(self):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self._lock:
            self.now -= 1


both = pytest.mark.parametrize("kind", [ThreadIo, AsyncIo])


# Concurrency


@both
def test_the_results_stand_in_the_order_of_the_items(kind):
    io = world(kind)

    async def slow_first(number):
        return await io.run_blocking(lambda: (time.sleep(0.02 if number < 2 else 0), number * 10)[1])

    assert run(io, io.each(slow_first, range(9))) == [number * 10 for number in range(9)]


@both
def test_of_nothing_nothing_comes(kind):
    io = world(kind)

    async def never(item):
        raise AssertionError(item)

    assert run(io, io.each(never, [])) == []


@both
@pytest.mark.parametrize(("limit", "concurrency", "most"), [(1, 4, 1), (2, 4, 2), (None, 3, 3), (8, 4, 4)])
def test_no_more_run_at_once_than_the_limit_and_the_budget_allow(kind, limit, concurrency, most):
    io, crowd = world(kind, concurrency), Crowd()
    together = threading.Barrier(most)

    def meet():
        with crowd:
            together.wait(LONG)  # passes only if as many workers as allowed run at the same time
            time.sleep(0.01)

    async def visit(_):
        await io.run_blocking(meet)

    run(io, io.each(visit, range(most * 3), limit=limit))
    assert crowd.most == most


@both
def test_items_that_wait_get_as_many_workers_as_allowed(kind):
    io, crowd = world(kind, concurrency=16), Crowd()

    def wait():
        with crowd:
            time.sleep(0.02)

    async def visit(number):
        await io.run_blocking(wait)
        return number

    assert run(io, io.each(visit, range(100), adaptive=True)) == list(range(100))
    assert crowd.most == 16


def test_items_that_compute_get_few_workers(monkeypatch):
    """Each item computes for a quarter of its time, by clocks that the load of the machine does not change."""
    io, crowd = world(ThreadIo, concurrency=16), Crowd()
    most = []

    class Clocks:
        perf_counter = time.perf_counter

        @staticmethod
        def thread_time():
            return time.perf_counter() / 4

    async def visit(_):
        with crowd:
            most.append(crowd.now)
            time.sleep(0.02)

    monkeypatch.setattr(thread_workers, "time", Clocks)
    run(io, io.each(visit, range(60), adaptive=True))
    assert max(most) <= 4, "as at the start"
    assert max(most[30:]) <= 3


@both
def test_the_work_of_nested_items_counts_for_the_item_they_are_part_of(kind, monkeypatch):
    io, measured = world(kind, concurrency=16), []

    class Count(WorkerCount):
        def add(self, computed, elapsed):
            if self.limit == 2:
                measured.append(computed)
            return super().add(computed, elapsed)

    def compute():
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass

    async def part(_):
        await io.run_blocking(compute)

    async def whole(_):
        await io.each(part, range(3), adaptive=True)

    for module in (thread_workers, async_io):
        monkeypatch.setattr(module, "WorkerCount", Count)
    run(io, io.each(whole, range(2), adaptive=True))
    assert len(measured) == 2
    assert all(0.06 <= seconds < 0.12 for seconds in measured)


def test_workers_that_adapt_give_their_threads_back():
    io = world(ThreadIo, concurrency=8)

    async def wait(_):
        time.sleep(0.01)

    async def fail(number):
        time.sleep(0.01)
        if number == 40:
            raise LookupError

    for _ in range(2):
        drive(io.each(wait, range(60), adaptive=True))
        with pytest.raises(LookupError):
            drive(io.each(fail, range(60), adaptive=True))
    assert io._threads.borrow(100) == 8
    io.close()


@both
def test_nesting_deeper_than_the_budget_does_not_wait_for_itself(kind):
    io, crowd = world(kind, concurrency=2), Crowd()

    async def down(depth):
        if depth:
            return sum(await io.each(down, [depth - 1] * 3))
        return await io.run_blocking(count)

    def count():
        with crowd:
            time.sleep(0.001)
            return 1

    assert run(io, down(4)) == 81
    assert crowd.most <= 3  # the budget and the calling thread, which works too


def test_the_caller_takes_its_share_where_the_budget_is_used_up():
    io = world(ThreadIo, concurrency=1)

    async def who(_):
        return threading.current_thread()

    assert set(run(io, io.each(who, range(5)))) == {threading.current_thread()}


def test_the_budget_is_given_back_also_after_an_error():
    io = world(ThreadIo, concurrency=4)

    async def fail(_):
        raise LookupError

    async def meet(_):
        together.wait(LONG)

    for _ in range(3):
        with pytest.raises(LookupError):
            drive(io.each(fail, range(9)))
    together = threading.Barrier(4)
    run(io, io.each(meet, range(4)))


# The first error


@both
def test_the_first_error_is_raised_and_what_has_not_begun_never_begins(kind):
    io, begun = world(kind, concurrency=2), []

    async def fail_at_three(number):
        begun.append(number)
        await io.run_blocking(lambda: time.sleep(0.01))
        if number == 3:
            raise LookupError("the third")

    with pytest.raises(LookupError, match="the third"):
        run(io, io.each(fail_at_three, range(100)))
    assert len(begun) < 10


@both
def test_an_error_stops_the_requests_beside_it_and_is_the_one_that_is_raised(kind):
    hub = Mute()
    io = world(kind, transport=hub)

    async def fail_once_the_others_wait(number):
        if number:
            return await io.send(REQUEST)
        return await io.run_blocking(fail)

    def fail():
        for _ in range(3):
            assert hub.begun.acquire(timeout=LONG)
        raise LookupError("the reason")

    since = time.monotonic()
    with pytest.raises(LookupError, match="the reason"):
        run(io, io.each(fail_once_the_others_wait, range(4)))
    assert hub.ended == 3
    assert time.monotonic() - since < LONG / 2


@both
def test_an_error_stops_what_is_nested_under_its_siblings(kind):
    hub = Mute()
    io = world(kind, transport=hub)

    async def ask(_):
        await io.send(REQUEST)

    async def outer(number):
        if number:
            await io.each(ask, range(1))
        else:
            await io.run_blocking(lambda: hub.begun.acquire(timeout=LONG))
            raise LookupError("the reason")

    with pytest.raises(LookupError, match="the reason"):
        run(io, io.each(outer, range(2)))
    assert hub.ended == 1


def test_waits_and_work_in_threads_end_with_the_first_error():
    io = world(ThreadIo)
    waiting, ends = threading.Semaphore(0), []

    async def visit(number):
        waiting.release()
        try:
            if number == 0:
                await io.sleep(LONG)
            elif number == 1:
                while True:
                    io.check()
                    time.sleep(0.001)
            else:
                for _ in range(3):
                    assert waiting.acquire(timeout=LONG)
                raise LookupError("the reason")
        except CancelledError:
            ends.append(number)
            raise

    since = time.monotonic()
    with pytest.raises(LookupError, match="the reason"):
        run(io, io.each(visit, range(3)))
    assert sorted(ends) == [0, 1]
    assert time.monotonic() - since < LONG / 2


@both
def test_nothing_is_stopped_once_all_went_well(kind):
    io = world(kind)

    async def check(_):
        io.check()
        await io.run_blocking(io.check)
        await io.sleep(0)

    async def twice():
        await io.each(check, range(3))
        io.check()
        await io.each(check, range(3))

    run(io, twice())


# Cancellation by the caller


def test_ctrl_c_in_the_caller_stops_the_helpers_and_comes_out():
    hub = Mute()
    io = world(ThreadIo, transport=hub)

    async def ask(number):
        if threading.current_thread() is threading.main_thread():
            for _ in range(3):
                assert hub.begun.acquire(timeout=LONG)
            raise KeyboardInterrupt
        await io.send(REQUEST)

    with pytest.raises(KeyboardInterrupt):
        run(io, io.each(ask, range(50)))
    assert hub.ended == 3


def test_ctrl_c_while_the_caller_waits_for_its_helpers_stops_them():
    hub = Mute()
    io = world(ThreadIo, concurrency=2, transport=hub)

    async def ask(_):
        if threading.current_thread() is threading.main_thread():
            assert hub.begun.acquire(timeout=LONG)
            main = threading.get_ident()
            threading.Timer(0.2, lambda: interrupt(main)).start()
        else:
            await io.send(REQUEST)

    def interrupt(ident):
        import signal

        signal.pthread_kill(ident, signal.SIGINT)

    since = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(io, io.each(ask, range(2)))
    assert hub.ended == 1
    assert time.monotonic() - since < LONG / 2


@pytest.mark.parametrize("times", [1, 3])
def test_a_cancelled_task_waits_for_its_thread_however_often_it_is_cancelled(times):
    io = world(AsyncIo)
    entered, leave, left = threading.Event(), threading.Event(), []

    def work():
        entered.set()
        leave.wait(LONG)
        left.append(True)

    async def main():
        task = asyncio.ensure_future(io.run_blocking(work))
        await asyncio.to_thread(entered.wait, LONG)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.01)
            assert not task.done()
        leave.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left == [True]

    run(io, main())


def test_a_cancelled_task_shuts_its_request_down_and_leaves_nothing_to_complain_of():
    hub, complaints = Mute(), []
    io = world(AsyncIo, transport=hub)

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(io.send(REQUEST), 0.1)
        assert hub.ended == 1
        gc.collect()
        await asyncio.sleep(0)

    run(io, main())
    assert complaints == []


def test_cancelling_work_that_waits_for_a_thread_means_that_it_is_never_begun():
    io = world(AsyncIo, concurrency=1)
    leave, begun = threading.Event(), []

    async def main():
        first = asyncio.ensure_future(io.run_blocking(lambda: leave.wait(LONG)))
        second = asyncio.ensure_future(io.run_blocking(lambda: begun.append(True)))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        leave.set()
        assert await first

    run(io, main())
    assert begun == []


def test_cancelling_many_tasks_stops_them_all():
    hub = Mute()
    io = world(AsyncIo, transport=hub)

    async def ask(_):
        await io.send(REQUEST)

    async def main():
        task = asyncio.ensure_future(io.each(ask, range(50)))
        for _ in range(4):
            assert await asyncio.to_thread(hub.begun.acquire, timeout=LONG)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert hub.ended == 4

    run(io, main())


def test_the_loop_goes_on_while_threads_work():
    io = world(AsyncIo)
    release = threading.Event()

    async def main():
        working = asyncio.ensure_future(io.run_blocking(lambda: release.wait(LONG)))
        await asyncio.sleep(0.01)
        assert not working.done()
        release.set()
        assert await working

    run(io, main())


# The class `Cancellation`


def test_a_stop_reaches_what_runs_under_it_and_not_what_it_runs_under():
    outer = Cancellation()
    inner, other = Cancellation(outer), Cancellation(outer)
    inner.stop()
    assert (outer.stopped, inner.stopped, other.stopped) == (False, True, False)
    outer.stop()
    assert other.stopped
    with pytest.raises(CancelledError):
        other.check()


def test_what_is_added_too_late_is_stopped_at_once_and_what_ended_is_not():
    calls = []
    cancellation = Cancellation()
    cancellation.add(lambda: calls.append("early"))
    ended = lambda: calls.append("ended")  # noqa: E731
    cancellation.add(ended)
    cancellation.remove(ended)
    cancellation.stop()
    cancellation.add(lambda: calls.append("late"))
    cancellation.stop()
    assert calls == ["early", "late"]


def test_a_child_that_ended_is_forgotten_by_its_parent():
    calls = []
    parent = Cancellation()
    child = Cancellation(parent)
    child.add(lambda: calls.append("child"))
    child.end()
    parent.stop()
    assert calls == []


# `drive` and `drive_all`


def test_a_flow_that_waits_for_something_else_than_io_is_refused_and_closed():
    closed = []

    class Elsewhere:
        def __await__(self):
            yield

    async def wrong():
        try:
            await Elsewhere()
        finally:
            closed.append(True)

    with pytest.raises(RuntimeError, match="not Io"):
        drive(wrong())
    assert closed == [True]


def test_a_generator_gives_its_items_when_they_are_wanted_and_is_closed_where_one_stops():
    log = []

    async def numbers():
        try:
            for number in range(5):
                log.append(number)
                yield number
        finally:
            log.append("closed")

    found = drive_all(numbers())
    assert log == []
    assert [next(found), next(found)] == [0, 1]
    assert log == [0, 1]
    found.close()
    assert log == [0, 1, "closed"]
    assert list(drive_all(numbers())) == [0, 1, 2, 3, 4]


def test_an_error_of_a_generator_comes_out_where_its_item_would():
    async def numbers():
        yield 1
        raise LookupError

    found = drive_all(numbers())
    assert next(found) == 1
    with pytest.raises(LookupError):
        next(found)
    assert list(found) == []


# One `Io` shared by threads, tokens and processes


@both
def test_an_io_with_another_token_shares_everything_else(kind):
    io = world(kind)
    other = io.with_token("hf_other")
    assert (io.token, other.token) == (False, "hf_other")
    assert other.transport is io.transport
    assert other._threads is io._threads
    assert io.with_token(None) is io
    assert io.with_token(False).token is False


@both
def test_a_closed_io_starts_again_with_the_next_work(kind):
    io = world(kind)

    async def one(number):
        return await io.run_blocking(lambda: number)

    for _ in range(2):
        assert run(io, io.each(one, range(8))) == list(range(8))


def test_a_forked_child_creates_its_own_threads():
    io = world(ThreadIo)

    async def meet(_):
        together.wait(LONG)

    together = threading.Barrier(4)
    drive(io.each(meet, range(4)))
    with io._threads._lock:  # as if another thread were calling borrow()
        child = os.fork()
        if child == 0:  # pragma: no cover
            status = 1
            with contextlib.suppress(BaseException):
                together = threading.Barrier(4)
                drive(io.each(meet, range(4)))
                io.close()
                status = 0
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    io.close()


def test_closing_in_a_forked_child_does_not_wait_for_the_parents_threads():
    io = world(ThreadIo)
    io._threads.pool()
    with io._threads._lock:
        child = os.fork()
        if child == 0:  # pragma: no cover
            import signal

            signal.alarm(LONG)
            io.close()
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    io.close()
