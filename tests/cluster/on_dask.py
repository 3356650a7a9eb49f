"""Call a function of `hub_typed.cluster` on a Dask cluster of processes: first print their ids, then the result."""

from __future__ import annotations

import json
import os
import sys

from distributed import Client, LocalCluster

from hub_typed import cluster
from hub_typed.cluster import batches


def main() -> None:
    function, arguments = sys.argv[1:]
    batches.BATCH_FILES = 4
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as workers,
        Client(workers) as client,
    ):
        print(json.dumps(list(client.run(os.getpid).values())), flush=True)
        print(json.dumps(getattr(cluster, function)(client.get_executor(), **json.loads(arguments))), flush=True)


if __name__ == "__main__":
    main()
