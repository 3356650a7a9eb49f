"""Call a function on a Dask cluster of processes: first print their ids, then the result.

The function is one of `hub_typed.cluster`, or ``read_tables``, which begins when a line arrives on standard input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from distributed import Client, LocalCluster

from hub_typed import cluster
from hub_typed.cluster import batches


def main() -> None:
    name, arguments = sys.argv[1:]
    batches.BATCH_FILES = 4
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as workers,
        Client(workers) as client,
    ):
        call = prepared(client, name, json.loads(arguments))
        print(json.dumps(list(client.run(os.getpid).values())), flush=True)
        print(json.dumps(call()), flush=True)


def prepared(client: Client, name: str, arguments: dict[str, Any]) -> Callable[[], object]:
    """The call, with all its arguments."""
    if name == "read_tables":
        return tables_reader(**arguments)
    return partial(getattr(cluster, name), client.get_executor(), **arguments)


def tables_reader(path: str, folder: str) -> Callable[[], bool]:
    """A call that returns whether tables of the Hub, which workers read by ``hf://``, are those of a folder."""
    import dask.dataframe
    import pandas as pd

    from hub_typed.fs import register

    register()
    frame = dask.dataframe.read_parquet(f"hf://{path}")

    def read() -> bool:
        sys.stdin.readline()
        found = frame.compute().sort_values("row", ignore_index=True)
        return bool(found.equals(pd.read_parquet(folder).sort_values("row", ignore_index=True)))

    return read


if __name__ == "__main__":
    main()
