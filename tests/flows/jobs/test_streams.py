"""Logs and metrics of jobs on threads and asyncio: what is followed, continued after breaks, and left."""

from __future__ import annotations

import asyncio
import json

import pytest

from hub_typed.errors import HubTimeoutError, JobNotFoundError, TransportError
from hub_typed.flows.jobs import streams
from hub_typed.flows.jobs.streams import fetch_job_logs, fetch_job_metrics
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.io import drive_all
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from hub_typed_api.wire import Response

SETTINGS = Settings(endpoint="https://hub.test", backoff=0.001, attempts=3)
ALIVE = b": keep-alive\n\n"
CUT = TransportError("cut")
SILENT = HubTimeoutError("silent")
DATE = "Fri, 02 Jan 2026 00:00:30 GMT"


class Job:
    """A transport of a Hub with one job.

    Args:
        connections: What each connection to its stream sends: a status, or pieces; an exception breaks the connection.
        stages: Stages that the job has when it is inspected, the last one from then on.
    """

    def __init__(self, *connections, stages=("COMPLETED",)):
        self.connections = list(connections)
        self.stages = list(stages)
        self.queries = []
        self.inspected = 0

    def send(self, request, *, sink=None, timeout, cancellation=None):
        if sink is None:
            stage = self.stages[min(self.inspected, len(self.stages) - 1)]
            self.inspected += 1
            job = {"id": "1", "owner": {"id": "2", "name": "ann", "type": "user"}, "status": {"stage": stage}}
            headers = {"content-type": "application/json"}
            return Response(status=200, headers=headers, body=json.dumps(job).encode(), url=request.path)
        self.queries.append(request.path.partition("?")[2])
        pieces = self.connections[len(self.queries) - 1]
        if isinstance(pieces, int):
            return Response(status=pieces, headers={}, url=request.path)
        if pieces == [HubTimeoutError]:
            raise HubTimeoutError("nobody answers")
        answer = Response(status=200, headers={"date": DATE}, url=request.path)
        assert sink.begin(answer)
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            sink.write(piece)
        return answer

    def close(self):
        pass


def line(text, second=0):
    event = {"data": text, "timestamp": f"2026-01-02T00:00:{second:02}.000Z"}
    return f"data: {json.dumps(event)}\n\n".encode()


def measured(percent):
    return f'event: metric\ndata: {{"cpu_usage_pct": {percent}}}\n\n'.encode()


@pytest.fixture(params=["threads", "asyncio"])
def read(request, monkeypatch):
    """Reads a stream of a job: ``read(job, fetch_job_logs, follow=True)``."""
    monkeypatch.setattr(streams, "PAUSES", (0.001,))

    def read(transport, flow, **arguments):
        given = {"job_id": "1", "namespace": "ann", **arguments}
        if request.param == "threads":
            return list(drive_all(flow(ThreadIo(SETTINGS, transport, False, {}), **given)))

        async def course():
            return [item async for item in flow(AsyncIo(SETTINGS, transport, False, {}), **given)]

        return asyncio.run(course())

    return read


def test_a_broken_log_continues_without_a_line_twice_or_lost(read):
    start = line("===== Job started at 2026-01-02 =====")
    job = Job(
        [start, line("a"), line("a"), CUT],
        [start, line("a"), CUT],
        [start, line("a"), line("a"), line("b"), CUT],
        [start, line("a"), line("a"), line("b"), line("c")],
    )
    assert read(job, fetch_job_logs, follow=True) == ["a", "a", "b", "c"]
    assert job.inspected == 1


def test_a_log_that_ends_before_its_job_is_requested_again(read):
    job = Job([line("a")], [line("a"), line("b")], stages=["RUNNING", "COMPLETED"])
    assert read(job, fetch_job_logs, follow=True) == ["a", "b"]


def test_a_log_that_stays_silent_ends_with_its_job(read):
    job = Job([line("a"), ALIVE, line("b"), ALIVE, line("never")], stages=["RUNNING", "ERROR"])
    assert read(job, fetch_job_logs, follow=True) == ["a", "b"]


def test_a_connection_without_a_sign_of_life_is_replaced(read):
    job = Job([line("a"), SILENT], [line("a"), line("b"), SILENT], stages=["RUNNING", "COMPLETED"])
    assert read(job, fetch_job_logs, follow=True) == ["a", "b"]


def test_the_last_lines_of_a_log_continue_in_the_whole_log(read):
    whole = [line("a", 1), line("b", 2), line("b", 2), line("c", 2), line("d", 3), line("e", 3)]
    job = Job([*whole[2:4], CUT], [*whole[:5], CUT], whole)
    assert read(job, fetch_job_logs, follow=True, tail=2) == ["b", "c", "d", "e"]
    assert job.queries == ["tail=2", "", ""]


def test_last_lines_that_the_hub_no_longer_has_do_not_hide_later_ones(read):
    job = Job([line("b", 2), CUT], [line("c", 3), line("d", 3)])
    assert read(job, fetch_job_logs, follow=True, tail=1) == ["b", "c", "d"]


def test_the_tail_is_requested_again_if_nothing_of_it_came(read):
    job = Job([CUT], [line("b")])
    assert read(job, fetch_job_logs, follow=True, tail=1) == ["b"]
    assert job.queries == ["tail=1", "tail=1"]


def test_breaks_without_a_line_in_between_are_counted(read):
    job = Job([line("a"), CUT], [CUT], [CUT])
    with pytest.raises(TransportError, match="cut"):
        read(job, fetch_job_logs, follow=True)
    assert len(job.queries) == SETTINGS.attempts


def test_stored_lines_end_with_the_stream(read):
    job = Job([line("a"), line("b")])
    assert read(job, fetch_job_logs, tail=5) == ["a", "b"]
    assert (job.queries, job.inspected) == (["tail=5"], 0)


def test_stored_lines_end_when_nothing_more_comes(read):
    assert read(Job([line("a"), ALIVE, SILENT]), fetch_job_logs) == ["a"]


def test_stored_lines_end_at_the_first_line_written_after_the_request(read):
    assert read(Job([line("a", 29), line("b", 31), line("c", 32)]), fetch_job_logs) == ["a", "b"]


@pytest.mark.parametrize("tail", [None, 2])
def test_stored_lines_continue_after_a_broken_connection(read, tail):
    job = Job([line("a", 1), CUT], [line("a", 1), line("b", 2), SILENT])
    assert read(job, fetch_job_logs, tail=tail) == ["a", "b"]


def test_an_unreachable_hub_is_no_empty_log(read):
    with pytest.raises(HubTimeoutError, match="nobody answers"):
        read(Job(*[[HubTimeoutError]] * SETTINGS.attempts), fetch_job_logs)


def test_a_missing_job_has_its_error(read):
    with pytest.raises(JobNotFoundError, match=r"jobs\.stream_job_logs.*\n.*list_jobs\(\)"):
        read(Job(404), fetch_job_logs, follow=True)


def test_the_current_metrics_are_one_measurement(read):
    [found] = read(Job([measured(1), measured(2)]), fetch_job_metrics)
    assert found["cpu_usage_pct"] == found.cpu_usage_pct == 1


def test_followed_metrics_end_with_the_job(read):
    job = Job([measured(1), CUT], [measured(2), SILENT], [measured(3), SILENT], stages=["RUNNING", "COMPLETED"])
    assert [one.cpu_usage_pct for one in read(job, fetch_job_metrics, follow=True)] == [1, 2, 3]


@pytest.mark.parametrize("follow", [False, True])
def test_a_finished_job_has_no_metrics(read, follow):
    assert read(Job(406), fetch_job_metrics, follow=follow) == []
