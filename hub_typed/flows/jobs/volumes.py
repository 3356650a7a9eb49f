"""Local folders as volumes of jobs."""

from __future__ import annotations

import os
import platform
from hashlib import sha256
from pathlib import Path

from hub_typed.flows.buckets.batch import batch_bucket_files
from hub_typed.flows.buckets.sync import sync_bucket
from hub_typed.flows.jobs.uploaded_scripts import artifacts_bucket
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.urls.hf_uri import HfUri
from hub_typed_api.models import Volume

__all__ = ["sync_job_volume"]


async def sync_job_volume(
    io: Io,
    source: str | os.PathLike[str],
    mount_path: str,
    *,
    remote_name: str | None = None,
    read_only: bool = True,
    namespace: str | None = None,
) -> Volume:
    """Copy a local folder to the bucket of an account's jobs, and return it as a volume for a job.

    The bucket is ``jobs-artifacts`` of the namespace. Another call for the same folder, from the same machine, only
    transfers what has changed. What a job writes comes back by `sync_bucket`.

    Args:
        source: Local folder.
        mount_path: Absolute path in the container, for example ``/data``.
        remote_name: Name of the folder in the bucket; one that depends on the folder and the machine if not given.
        read_only: Whether jobs cannot write to it.
        namespace: User or organization that owns the job; the account of the token if not given.

    Raises:
        ValueError: ``mount_path`` is not absolute, or ``source`` is no folder.
        XetUnavailableError: This client cannot use Xet storage, for example because ``hub-typed[xet]`` is missing.
        BucketBatchError: Some files could not be added.
        SourceChangedError: A file changed while it was read.
        HfHubHTTPError: The token may not write to the bucket (403).
    """
    if not mount_path.startswith("/"):
        raise ValueError(f"The mount path {mount_path!r} is not absolute: pass for example '/data'.")
    folder = await io.run_blocking(lambda: _existing_folder(source))
    bucket_id = await artifacts_bucket(io, namespace or await own_namespace(io))
    name = _stable_name(folder) if remote_name is None else remote_name
    await sync_bucket(io, folder, HfUri("bucket", bucket_id, path_in_repo=name))
    if await io.run_blocking(lambda: not any(path.is_file() for path in folder.rglob("*"))):
        # A folder without files does not exist in a bucket, and could not be mounted.
        await batch_bucket_files(io, bucket_id, add=[(b"", f"{name}/.keep")])
    return Volume(type="bucket", source=bucket_id, mount_path=mount_path, path=name, read_only=read_only)


def _existing_folder(source: str | os.PathLike[str]) -> Path:
    """Return the absolute path of a folder."""
    folder = Path(source).expanduser().resolve()
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder: pass an existing one.")
    return folder


def _stable_name(folder: Path) -> str:
    """Return a name that is the same for each call with a folder of this machine, and another for other folders."""
    digest = sha256(f"{platform.node()}:{folder}".encode()).hexdigest()[:8]
    return f"{folder.name.replace(' ', '_') or 'root'}-{digest}"
