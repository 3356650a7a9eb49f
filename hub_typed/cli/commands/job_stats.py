"""``jobs stats``: what jobs use of their hardware."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, Annotated, TypeAlias

import attrs
from cyclopts import Parameter

from hub_typed.cli.cells import Size
from hub_typed.cli.job_ids import Namespace, split_job_ids
from hub_typed.cli.messages import say
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions

if TYPE_CHECKING:
    from hub_typed import HfApi
    from hub_typed_api.models import JobMetrics

__all__ = ["stats"]


@attrs.frozen
class Usage:
    """A measurement of a job."""

    job_id: str
    metrics: JobMetrics


Usages: TypeAlias = "Iterator[Usage]"


def stats(
    *job_ids: Annotated[str, Parameter(help="Ids of jobs of one namespace, or namespace/id; all that run if none.")],
    follow: Annotated[
        bool, Parameter(name=("--follow", "-f"), help="Go on with a line per second, until the jobs have finished.")
    ] = False,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print what running jobs use of their hardware."""
    ids, owner = split_job_ids(job_ids, namespace)
    with hub.client() as api:
        if not ids:
            ids = [job.id for job in api.list_jobs(status="RUNNING", namespace=owner)]
        usages = _merged(api, ids, owner, follow=follow)
        if follow and output.shape == "human":
            for one in usages:
                _print([one], output)
        else:
            _print(usages, output)


def _print(usages: Iterable[Usage], output: Output) -> None:
    output.rows(
        usages,
        {
            "job": lambda one: one.job_id,
            "cpu %": lambda one: one.metrics.cpu_usage_pct,
            "millicores": lambda one: one.metrics.cpu_millicores,
            "memory": lambda one: _size(one.metrics.memory_used_bytes),
            "of": lambda one: _size(one.metrics.memory_total_bytes),
            "received/s": lambda one: _size(one.metrics.rx_bps),
            "sent/s": lambda one: _size(one.metrics.tx_bps),
            "gpu %": lambda one: [gpu.utilization for gpu in (one.metrics.gpus or {}).values()],
            "gpu memory": lambda one: [_size(gpu.memory_used_bytes) for gpu in (one.metrics.gpus or {}).values()],
        },
        id=lambda one: one.job_id,
    )


def _size(value: float | None) -> Size | None:
    return None if value is None else Size(value)


def _merged(api: HfApi, ids: list[str], namespace: str | None, *, follow: bool) -> Usages:
    """Yield the measurements of several jobs as they come; one of each, unless they are followed."""
    if not ids:
        return
    received: SimpleQueue[Usage | None] = SimpleQueue()

    def read(job_id: str) -> None:
        found = False
        try:
            for metrics in api.fetch_job_metrics(job_id=job_id, namespace=namespace, follow=follow):
                found = True
                received.put(Usage(job_id, metrics))
            if not found:
                say(f"{job_id} does not run, so it has no metrics.")
        finally:
            received.put(None)

    with ThreadPoolExecutor(len(ids)) as threads:
        running = [threads.submit(read, one) for one in ids]
        left = len(ids)
        while left:
            usage = received.get()
            if usage is None:
                left -= 1
            else:
                yield usage
        for one in running:
            one.result()
