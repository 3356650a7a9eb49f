"""Local files of jobs, in the bucket that the jobs of an account share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hub_typed.constants import HF_JOBS_ARTIFACTS_BUCKET_NAME, HF_JOBS_ARTIFACTS_MOUNT_PATH
from hub_typed.flows.buckets.batch import batch_bucket_files
from hub_typed.flows.buckets.buckets import bucket_info, create_bucket
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.logs.warnings import warn
from hub_typed_api.models import Volume

__all__: list[str] = []

_SUFFIXES: Final = (".py", ".sh", ".yaml", ".yml", ".toml")
"""Suffixes of files that are meant to be local, unless they are URLs."""


async def upload_scripts(
    io: Io, owner: str, words: Sequence[str], volumes: Iterable[Volume]
) -> tuple[dict[str, str], list[Volume]]:
    """Upload the local files among the words of a command.

    Args:
        owner: User or organization that owns the job.
        volumes: The other volumes of the job.

    Returns:
        The path of each local file in the job, and the volume that has them; both are empty without local files.

    Raises:
        FileNotFoundError: A word is the path of a script or configuration file that does not exist.
        ValueError: Another volume has the same mount path.
    """
    local = await io.run_blocking(lambda: [word for word in dict.fromkeys(words) if _is_local(word)])
    if not local:
        return {}, []
    if any(volume.mount_path == HF_JOBS_ARTIFACTS_MOUNT_PATH for volume in volumes):
        raise ValueError(
            f"Local files of a job are mounted at {HF_JOBS_ARTIFACTS_MOUNT_PATH}: mount the other volume elsewhere."
        )
    names = _remote_names(local)
    bucket_id = await artifacts_bucket(io, owner)
    folder = f"{datetime.fromtimestamp(io.now(), UTC):%Y%m%dT%H%M%S}-{int(io.random() * 16**6):06x}"
    await batch_bucket_files(io, bucket_id, add=[(Path(one), f"{folder}/{name}") for one, name in names.items()])
    _log.info("uploaded %d files of a job to %s/%s", len(names), bucket_id, folder)
    places = {one: f"{HF_JOBS_ARTIFACTS_MOUNT_PATH}/{name}" for one, name in names.items()}
    volume = Volume(
        type="bucket", source=bucket_id, mount_path=HF_JOBS_ARTIFACTS_MOUNT_PATH, path=folder, read_only=False
    )
    return places, [volume]


async def artifacts_bucket(io: Io, owner: str) -> str:
    """Return the name of the bucket with the files of an account's jobs, which is created private if it is missing."""
    bucket_id = f"{owner}/{HF_JOBS_ARTIFACTS_BUCKET_NAME}"
    await create_bucket(io, bucket_id, private=True, exist_ok=True)
    if not (await bucket_info(io, bucket_id)).private:
        warn(f"The bucket {bucket_id} is public, so everyone can read the files of your jobs. Make it private.")
    return bucket_id


def _is_local(word: str) -> bool:
    path = Path(word)
    if path.is_file():
        return True
    if path.suffix in _SUFFIXES and not word.startswith(("http://", "https://")):
        raise FileNotFoundError(f"{word} does not exist: pass an existing file, or the URL of one.")
    return False


def _remote_names(paths: Iterable[str]) -> dict[str, str]:
    """Return a unique name for each file: its own without blanks, with a number if another one has it."""
    names: dict[str, str] = {}
    for path in paths:
        name = Path(Path(path).name.replace(" ", "_"))
        unique, number = name.name, 0
        while unique in names.values():
            unique, number = f"{name.stem}({number}){name.suffix}", number + 1
        names[path] = unique
    return names
