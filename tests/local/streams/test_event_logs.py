"""Event streams of logs that grow, over sockets and in process."""

from __future__ import annotations

import json
import socket
import threading
import time

import pytest

from hub_typed import HfApi, HubTimeoutError, Settings, operations
from hub_typed.local import LocalHub
from hub_typed.local.streams.event_log import EventLog


@pytest.fixture
def hub():
    with LocalHub() as made:
        yield made


@pytest.fixture(params=["sockets", "in process"])
def api(request, hub):
    transport = None if request.param == "sockets" else hub.transport
    with HfApi(hub.endpoint if transport is None else None, hub.token, transport=transport) as made:
        yield made


def run(hub: LocalHub, api: HfApi) -> str:
    hub.jobs.simulate(held=True, logs=["begun"])
    return str(api.call(operations.jobs.run_job(hub.user, docker_image="i", flavor="cpu-basic")).id)


def test_a_stream_gives_each_line_as_it_is_written_and_ends_with_the_job(hub, api):
    job_id, read = run(hub, api), []
    for event in api.stream(operations.jobs.stream_job_logs(hub.user, job_id)):
        read.append(event.data)
        if len(read) < 3:
            hub.jobs.write(job_id, f"line {len(read)}")
        else:
            hub.jobs.end(job_id)
    assert read == ["begun", "line 1", "line 2"]


def test_a_reader_that_waits_is_woken_by_another_thread(hub, api):
    job_id = run(hub, api)
    threading.Timer(0.1, lambda: hub.jobs.end(job_id)).start()
    started = time.monotonic()
    assert len(list(api.stream(operations.jobs.stream_job_logs(hub.user, job_id)))) == 1
    assert time.monotonic() - started < 10


def test_a_reader_may_leave_before_the_end(hub, api):
    job_id = run(hub, api)
    for _ in range(40):  # more than the Hub has threads
        stream = api.stream(operations.jobs.stream_job_logs(hub.user, job_id))
        assert next(stream).data == "begun"
        stream.close()
    assert api.call(operations.jobs.inspect_job(hub.user, job_id)).status.stage == "RUNNING"


def test_many_readers_wait_and_other_requests_are_answered(hub):
    with HfApi(hub.endpoint, hub.token) as api:
        job_id = run(hub, api)
        port = int(hub.endpoint.rpartition(":")[2])
        path = f"/api/jobs/{hub.user}/{job_id}/logs"
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {hub.token}\r\n\r\n".encode()
        readers = [socket.create_connection(("127.0.0.1", port)) for _ in range(80)]
        for one in readers:
            one.sendall(head)
            assert b"200 OK" in one.recv(1000)
        assert api.call(operations.jobs.inspect_job(hub.user, job_id)).status.stage == "RUNNING"
        hub.jobs.end(job_id)
        for one in readers:
            while one.recv(1000)[-5:] != b"0\r\n\r\n":
                pass
            one.close()


def test_a_hub_that_stops_ends_its_streams_and_does_not_wait_for_them():
    hub = LocalHub()
    with HfApi(hub.endpoint, hub.token) as api:
        job_id = run(hub, api)
        stream = api.stream(operations.jobs.stream_job_logs(hub.user, job_id))
        next(stream)
        started = time.monotonic()
        hub.stop()
        assert time.monotonic() - started < 1
        assert list(stream) == []


def test_in_process_a_silent_stream_times_out_as_on_a_socket(hub):
    with HfApi(token=hub.token, transport=hub.transport, settings=Settings(read_timeout=0.2, attempts=1)) as api:
        job_id = run(hub, api)
        stream = api.stream(operations.jobs.stream_job_logs(hub.user, job_id))
        assert next(stream).data == "begun"
        with pytest.raises(HubTimeoutError, match=r"no data received for 0\.2 s"):
            next(stream)


def test_a_full_log_drops_what_comes_later():
    log = EventLog(full={"data": "full"}, max_events=2)
    for text in "abcd":
        log.append({"data": text, "number": 1})
    assert log.events == [{"data": "a", "number": 1}, {"data": "b", "number": 1}, {"data": "full", "number": 1}]
    log = EventLog(full={"data": "full"}, max_bytes=2 * len(json.dumps({"data": "a"})))
    for text in "abcd":
        log.append({"data": text})
    assert [one["data"] for one in log.events] == ["a", "b", "full"]
