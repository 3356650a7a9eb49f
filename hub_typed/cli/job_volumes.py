"""Mounts of jobs, as options name them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hub_typed.cli.failures import CommandError
from hub_typed.cli.messages import say
from hub_typed.cli.volumes import volume_of

if TYPE_CHECKING:
    from hub_typed import HfApi
    from hub_typed_api.models import Volume

__all__ = ["merge_mounts", "read_volumes"]


def merge_mounts(of_script: Iterable[str], given: Iterable[str]) -> list[str]:
    """Return all mounts; one that is given replaces that of the script at the same path.

    Raises:
        HfUriError: One has no mount path.
    """
    from hub_typed.urls.hf_mount import split_mount

    return list({split_mount(one)[1]: one for one in (*of_script, *given)}.values())


def read_volumes(api: HfApi, mounts: Iterable[str], *, namespace: str | None, is_dry: bool) -> list[Volume]:
    """Return mounts as volumes.

    Args:
        api: Copies local folders to the bucket of the namespace.
        is_dry: Whether local folders are only checked.

    Raises:
        CommandError: A source is neither a URI nor a local folder.
        HfUriError: A mount is invalid.
    """
    from hub_typed.urls.hf_mount import split_mount

    volumes: list[Volume] = []
    for text in mounts:
        if text.startswith("hf://"):
            volumes.append(volume_of(text))
            continue
        folder, path, read_only = split_mount(text)
        if not Path(folder).expanduser().is_dir():
            raise CommandError(f"{folder} is neither a local folder nor a URI such as hf://buckets/owner/name.")
        if not is_dry:
            volume = api.sync_job_volume(folder, path, read_only=read_only is not False, namespace=namespace)
            if volume.read_only is False:
                place = f"hf://buckets/{volume.source}/{volume.path}"
                say(f"`hub-typed buckets sync {place} {folder}` copies back what jobs have written to {path}.")
            volumes.append(volume)
    return volumes
