"""Upload of a folder by the workers of a cluster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Final

import attrs

from hub_typed.client import HfApi
from hub_typed.clients.default import default_client
from hub_typed.cluster.allowance import Allowance
from hub_typed.cluster.batches import Batch, batches_of
from hub_typed.cluster.coordinator import run_batches
from hub_typed.cluster.executor import Executor
from hub_typed.cluster.worker_client import run_flow, run_on_worker, worker_client
from hub_typed.flows.commits.upload_contents import FolderContents, find_contents, upload_contents

__all__ = ["upload_folder"]

REQUESTS_PER_FILE: Final = 2
"""Maximum number of API requests for a file, if it is the only one of a group: its LFS batch and its verification."""


def upload_folder(
    executor: Executor,
    repo_id: str,
    folder_path: str | os.PathLike[str],
    *,
    repo_type: str,
    revision: str | None = None,
    private: bool | None = None,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    allowance: Allowance | None = None,
    client: HfApi | None = None,
    send_token: bool = False,
) -> None:
    """Upload a folder on shared storage in as many commits as needed; another call resumes an interrupted upload.

    The workers hash the files and upload those in LFS or Xet storage, and record both in ``.cache/huggingface`` of the
    folder. Then the caller commits all files with `upload_large_folder`, which does not read those that the workers
    have uploaded. Each file is committed once, also if a worker or the caller is killed and the call is made again.

    Args:
        executor: Runs tasks on the workers.
        repo_id: Name, ``owner/name``; a missing repository is created.
        folder_path: Folder on storage that the caller and all workers share under the same path, and may write to.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; required.
        revision: Branch to commit to, which must exist; ``main`` if not given.
        private: Whether a created repository is private; the default of the owner if not given.
        allow_patterns: Shell patterns; only matching files are uploaded.
        ignore_patterns: Shell patterns; matching files are skipped.
        allowance: What all workers together may use; unlimited by default. The commits do not count.
        client: Client of the caller; the default one if not given. The workers get its settings.
        send_token: Send the token and the headers of the client to the workers, within the pickled tasks. By default,
            each worker uses the token of its own environment.

    Raises:
        UploadLimitError: The folder exceeds a hard limit of the Hub, as 10,000 entries in a folder.
        ValueError: An argument, a path or the metadata of the README is invalid.
        RevisionNotFoundError: The repository has no such branch.
        HfHubHTTPError: The Hub refused a request, also after retries.
        SourceChangedError: A file changed during the upload; call again to resume.
        BrokenExecutor: A process of the pool died; call again with another pool to continue. Dask continues by itself.
    """
    client = client or default_client()
    allowance = allowance or Allowance()
    contents = run_flow(
        client,
        partial(
            find_contents,
            repo_id=repo_id,
            folder_path=os.path.abspath(os.path.expanduser(folder_path)),
            repo_type=repo_type,
            revision=revision,
            private=private,
            allow_patterns=allow_patterns,
            ignore_patterns=ignore_patterns,
        ),
    )
    sizes = contents.sizes
    batches = batches_of(sizes, size=sizes.__getitem__, content=str, max_files=allowance.requests / REQUESTS_PER_FILE)
    task = partial(_upload, worker_client(client, send_token=send_token), attrs.evolve(contents, sizes={}))
    run_batches(executor, task, batches, allowance, requests=_requests)
    client.upload_large_folder(
        repo_id,
        folder_path,
        repo_type=repo_type,
        revision=revision,
        private=private,
        allow_patterns=allow_patterns,
        ignore_patterns=ignore_patterns,
        print_report=False,
    )


def _upload(client: HfApi, contents: FolderContents, paths: list[str]) -> None:
    """Hash and upload a batch of files, on a worker."""
    run_on_worker(client, partial(upload_contents, contents=contents, paths=paths))


def _requests(batch: Batch[str]) -> int:
    """Return the number of requests of a batch; the first two are for upload modes and a token of Xet storage."""
    return 2 + REQUESTS_PER_FILE * len(batch.files)
