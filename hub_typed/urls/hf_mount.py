"""Mounts of repositories and buckets in jobs and Spaces: ``hf://datasets/owner/name:/data:ro``."""

from __future__ import annotations

from typing import Final

import attrs

from hub_typed.errors import HfUriError
from hub_typed.urls.hf_uri import HfUri, parse_hf_uri

__all__ = ["HfMount", "parse_hf_mount"]

_FLAGS: Final = {":ro": True, ":rw": False}


@attrs.frozen
class HfMount:
    """A repository or bucket, or a folder in one, and where it is mounted.

    Attributes:
        source: What is mounted.
        mount_path: Absolute path in the container.
        read_only: Whether it cannot be written to; the default of the Hub if ``None``.
    """

    source: HfUri
    mount_path: str
    read_only: bool | None = None

    def __attrs_post_init__(self) -> None:
        if not self.mount_path.startswith("/") or self.mount_path == "/":
            raise HfUriError(f"the mount path {self.mount_path!r} is not an absolute path below /")

    def to_uri(self) -> str:
        """Return the mount as text: ``hf://models/owner/name:/data:ro``."""
        flag = next((text for text, read_only in _FLAGS.items() if read_only == self.read_only), "")
        return f"{self.source.to_uri()}:{self.mount_path}{flag}"


def parse_hf_mount(mount_str: str) -> HfMount:
    """Parse a mount of a repository or bucket.

    Args:
        mount_str: ``hf://[TYPE/]owner/name[@revision][/path]:/mount/path[:ro|:rw]``, see `parse_hf_uri`.

    Raises:
        HfUriError: The text is no mount.
    """
    source, path, read_only = split_mount(mount_str)
    if not source.startswith("hf://"):
        raise HfUriError(f"{mount_str!r} is no mount: it does not begin with hf://.")
    try:
        return HfMount(parse_hf_uri(source), path, read_only)
    except HfUriError as error:
        raise HfUriError(f"{mount_str!r} is no mount: {error}") from None


def split_mount(text: str) -> tuple[str, str, bool | None]:
    """Split a mount into what is mounted, the mount path, and whether it is read-only.

    Raises:
        HfUriError: There is no mount path.
    """
    flag = text[-3:] if text.endswith(tuple(_FLAGS)) else ""
    scheme = "hf://" if text.startswith("hf://") else ""
    source, separator, path = text.removeprefix(scheme).removesuffix(flag).rpartition(":/")
    if not separator or not source:
        raise HfUriError(f"{text!r} has no mount path: append :/PATH, for example :/data, or :/data:ro.")
    return scheme + source, f"/{path}", _FLAGS.get(flag)
