"""Download of a repository by the workers of a cluster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

import attrs

from hub_typed.client import HfApi
from hub_typed.clients.default import default_client
from hub_typed.cluster.allowance import Allowance
from hub_typed.cluster.batches import batches_of
from hub_typed.cluster.coordinator import run_batches
from hub_typed.cluster.executor import Executor
from hub_typed.cluster.worker_client import run_flow, run_on_worker, worker_client
from hub_typed.flows.files.commit_tree import TreeFile
from hub_typed.flows.files.shared_snapshot import (
    SharedSnapshot,
    download_files,
    find_missing,
    finish_snapshot,
    list_snapshot,
)
from hub_typed_api.models import RepoType

__all__ = ["snapshot_download"]


def snapshot_download(
    executor: Executor,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    allowance: Allowance | None = None,
    client: HfApi | None = None,
    send_token: bool = False,
) -> str:
    """Download the files of a repository into a cache that all workers share, and return their folder.

    The caller lists the files once and pins their commit. The workers download batches of files, and send no requests
    but those of the files. Each content is downloaded once, verified, and resumed where an earlier call stopped. Files
    that are in the cache cost nothing.

    Args:
        executor: Runs tasks on the workers.
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        cache_dir: Folder of the cache, on storage that the caller and all workers share under the same path; the one
            from the settings of the client if not given.
        allow_patterns: One or more shell patterns; only paths that match one are downloaded.
        ignore_patterns: One or more shell patterns; paths that match one are skipped.
        allowance: What all workers together may use; unlimited by default.
        client: Client of the caller; the default one if not given. The workers get its settings.
        send_token: Send the token and the headers of the client to the workers, within the pickled tasks. By default,
            each worker uses the token of its own environment.

    Raises:
        LocalEntryNotFoundError: After the download, files are missing: the workers do not share the cache.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
        IntegrityError: The size or hash of a received file differs from the metadata of the Hub.
        DiskError: The missing files do not fit on the disk, or cannot be written to it.
        BrokenExecutor: A process of the pool died; call again with another pool to continue. Dask continues by itself.
    """
    client = client or default_client()
    allowance = allowance or Allowance()
    snapshot = run_flow(
        client,
        partial(
            list_snapshot,
            repo_id=repo_id,
            repo_type=repo_type,
            revision=revision,
            cache_dir=cache_dir or client.settings.cache_dir,
            allow_patterns=allow_patterns,
            ignore_patterns=ignore_patterns,
        ),
    )
    missing = run_flow(client, partial(find_missing, snapshot=snapshot))
    batches = batches_of(
        missing,
        size=lambda file: file.size,
        content=lambda file: file.etag or file.path,
        max_files=allowance.requests,
    )
    task = partial(_download, worker_client(client, send_token=send_token), attrs.evolve(snapshot, files=[]))
    run_batches(executor, task, batches, allowance, requests=lambda batch: len(batch.files))
    return str(run_flow(client, partial(finish_snapshot, snapshot=snapshot)))


def _download(client: HfApi, snapshot: SharedSnapshot, files: list[TreeFile]) -> None:
    """Download a batch of files, on a worker."""
    run_on_worker(client, partial(download_files, snapshot=attrs.evolve(snapshot, files=files)))
