"""One measurement of one client, in a process of its own: ``side.py CLIENT TASK ARGUMENTS``; prints JSON.

Both clients have the same names, so the same lines measure both. The clock starts when the client is there and the Hub
has answered it once, unless that is what is measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from time import perf_counter, process_time
from typing import Any, Self

__all__: list[str] = []


class Clock:
    """Measures what is done inside, in seconds, and in seconds of the processor, all threads together."""

    memory: float | None = None

    def __enter__(self) -> Self:
        self._began = perf_counter(), process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.cpu = perf_counter() - self._began[0], process_time() - self._began[1]


def imported(client: str) -> Clock:
    """Import the client and make one."""
    with Clock() as clock:
        import_module(client).HfApi()
    return clock


def asked(client: str) -> Clock:
    """The same, and have a first answer."""
    with Clock() as clock:
        import_module(client).HfApi().whoami()
    return clock


def decoded(client: str, payload: str) -> Clock:
    """From JSON to objects as `list_models` of each does it; for the second time, with the first objects freed."""
    with open(payload, "rb") as file:
        body = file.read()
    decode = _decoder(client, body)
    assert len(decode()[-1].siblings) == 26
    with Clock() as clock:
        decode()
    return clock


def _decoder(client: str, body: bytes) -> Callable[[], list[Any]]:
    if client == "hub_typed":
        from hub_typed_api.operations.models import list_models
        from hub_typed_api.wire import Response

        response = Response(status=200, headers={}, body=body)
        return lambda: list_models().parse(response)
    info = import_module(client).ModelInfo
    return lambda: [info(**item) for item in json.loads(body)]


def downloaded(client: str, repo_id: str, cache: str) -> Clock:
    """Have all files of a repository in a cache."""
    api = _ready(client)
    with Clock() as clock:
        api.snapshot_download(repo_id, cache_dir=cache)
    return clock


def started(client: str, repo_id: str, cache: str) -> Clock:
    """The same, import included."""
    with Clock() as clock:
        import_module(client).HfApi().snapshot_download(repo_id, cache_dir=cache)
    return clock


def repeated(client: str, repo_id: str, cache: str) -> Clock:
    """Have them once more, in a process that has just had them."""
    api = _ready(client)
    api.snapshot_download(repo_id, cache_dir=cache)
    with Clock() as clock:
        api.snapshot_download(repo_id, cache_dir=cache)
    return clock


def listed(client: str, tree: str) -> Clock:
    """From JSON to the objects of `list_repo_tree`; the memory is what they take."""
    with open(tree, "rb") as file:
        body = file.read()
    if client == "hub_typed":
        from hub_typed_api.operations.tree import list_repo_tree
        from hub_typed_api.wire import Response

        response = Response(status=200, headers={}, body=body)

        def decode() -> list[Any]:
            return list_repo_tree("a/b").parse(response)
    else:
        entry = import_module(f"{client}.hf_api").RepoFile

        def decode() -> list[Any]:
            return [entry(**item) for item in json.loads(body)]

    before = _resident()
    with Clock() as clock:
        found = decode()
    clock.memory = _resident() - before
    assert len(found) > 1
    return clock


def uploaded(client: str, repo_id: str, folder: str) -> Clock:
    """Commit a folder."""
    api = _ready(client)
    with Clock() as clock:
        api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="Measure")
    return clock


def read_tables(client: str, library: str, repo_id: str, *files_ahead: str) -> Clock:
    """Read all Parquet files of a repository with PyArrow, by the file system of the client."""
    return _read_tables(_file_system(client, library), repo_id, *files_ahead)


def read_local_tables(_: str, folder: str, *files_ahead: str) -> Clock:
    """Read all Parquet files of a folder with PyArrow, without a client."""
    return _read_tables(None, folder, *files_ahead)


def _read_tables(fs: Any, path: str, *files_ahead: str) -> Clock:
    """Read tables; files and batches that PyArrow reads ahead are limited if a number is given."""
    ds = import_module("pyarrow.dataset")
    limits = {name: int(number) for number in files_ahead for name in ("fragment_readahead", "batch_readahead")}
    with Clock() as clock:
        found = ds.dataset(path, filesystem=fs, format="parquet")
        rows = sum(batch.num_rows for batch in found.to_batches(**limits))
    assert rows > 0
    return clock


def read_randomly(client: str, library: str, repo_id: str) -> Clock:
    """Read 100 KiB at 20 random positions of each of the files, one after the other."""
    from random import Random

    fs = _file_system(client, library)
    chance = Random(1)
    with Clock() as clock:
        for path in fs.find(repo_id):
            with fs.open(path, "rb") as file:
                for _ in range(20):
                    file.seek(chance.randrange(file.size - 102_400))
                    assert len(file.read(102_400)) == 102_400
    return clock


def _file_system(client: str, library: str) -> Any:
    """The file system of a client that is installed, or in the folders of a path list."""
    sys.path[:0] = library.split(os.pathsep)
    return import_module(client).HfFileSystem()


def bare(_: str, urls: str) -> Clock:
    """Nothing but the GETs of a download, to see how fast the Hub gives them."""
    from concurrent.futures import ThreadPoolExecutor

    from urllib3 import PoolManager

    with open(urls, encoding="utf-8") as file:
        wanted = file.read().split()
    pool = PoolManager(maxsize=8)

    def get(url: str) -> int:
        return pool.request("GET", url).status

    get(wanted[0])
    with Clock() as clock, ThreadPoolExecutor(8) as threads:
        statuses = set(threads.map(get, wanted))
    assert statuses == {200}
    return clock


def _resident() -> float:
    """MiB that the process has in memory."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


def _peak() -> float:
    """MiB that the process had in memory at most; ``ru_maxrss`` would include the process that started it."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def _ready(client: str) -> Any:
    api = import_module(client).HfApi()
    api.whoami()
    return api


if __name__ == "__main__":
    reading = (imported, asked, decoded, listed, downloaded, started, repeated, read_tables, read_randomly)
    tasks: list[Callable[..., Clock]] = [*reading, read_local_tables, uploaded, bare]
    package, wanted, *arguments = sys.argv[1:]
    measured = {task.__name__: task for task in tasks}[wanted](package, *arguments)
    memory = _peak() if measured.memory is None else measured.memory
    print(json.dumps({"seconds": measured.seconds, "cpu": measured.cpu, "memory": memory}), flush=True)
    os._exit(0)  # threads of PyArrow that still need the interpreter would abort the process
