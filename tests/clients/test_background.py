"""Background work: calls run one after the other, also after a fork and until the interpreter exits."""

from __future__ import annotations

import os
import pickle
import threading
from concurrent.futures import Future

import pytest

import hub_typed
from hub_typed import HfApi
from hub_typed.clients.background import Background
from hub_typed.clients.default import reset_default_client


def test_one_thing_comes_after_the_other():
    with HfApi() as api:
        gate, order = threading.Event(), []
        first = api.run_as_future(lambda: (gate.wait(10), order.append("first")))
        second = api.run_as_future(order.append, "second")
        assert not second.done()
        gate.set()
        second.result(10)
        assert first.done()
    assert order == ["first", "second"]


def test_arguments_are_passed_on_and_errors_come_with_the_future():
    with HfApi() as api:
        assert api.run_as_future(int, "ff", base=16).result(10) == 255
        assert isinstance(api.run_as_future(int, "x").exception(10), ValueError)


def test_closing_waits_and_the_next_one_begins_anew():
    api = HfApi()
    done: list[int] = []
    api.run_as_future(done.append, 1)
    api.close()
    assert done == [1]
    assert api.run_as_future(len, "ab").result(10) == 2
    api.close()


def test_many_threads_get_one_line():
    api = HfApi()
    ready = threading.Barrier(8)
    busy = threading.Lock()
    futures: list[Future[bool]] = []

    def alone() -> bool:
        return busy.acquire(blocking=False) and (busy.release() or True)

    def submit() -> None:
        ready.wait(10)
        futures.append(api.run_as_future(alone))

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [future.result(10) for future in futures] == [True] * 8
    api.close()


def test_a_client_is_pickled_without_it():
    with HfApi() as api:
        api.run_as_future(int).result(10)
        with pickle.loads(pickle.dumps(api)) as copy:
            assert copy.run_as_future(int).result(10) == 0


def test_a_forked_child_has_a_thread_of_its_own():
    background = Background()
    background.submit(int).result(10)
    background._pid = os.getppid()  # as in the child of a fork
    background._lock.acquire()  # may be held by a thread that does not exist in the child
    assert background.submit(len, "abc").result(10) == 3
    background.close()


@pytest.fixture
def default_client():
    reset_default_client()
    yield
    reset_default_client()


def test_the_function_of_the_module_uses_the_default_client(default_client):
    assert hub_typed.run_as_future(len, "abc").result(10) == 3
