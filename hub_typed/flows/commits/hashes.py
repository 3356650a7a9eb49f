"""Oids of added files: computed from their content, or known from an earlier run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

import attrs

from hub_typed.disk.block_pool import Blocks
from hub_typed.flows.commits.prepared_changes import Upload
from hub_typed.flows.lfs.content import OnBlock
from hub_typed.http.io import Io
from hub_typed.progress import Observer, Transfer

__all__: list[str] = []


class SavedHashes(Protocol):
    """SHA-256 of files, stored across runs."""

    async def find(self, upload: Upload) -> str | None:
        """Return the SHA-256 of a file in hexadecimal, if an earlier run has stored it and the file is unchanged."""
        ...

    async def find_uploaded(self, upload: Upload) -> str | None:
        """Return the SHA-256 of a file, if an earlier run has uploaded its content and the file is unchanged."""
        ...

    async def save(self, upload: Upload, sha256: str | None) -> None:
        """Store the SHA-256 of a file."""
        ...


@attrs.frozen
class Hashes:
    """Computes the oids of files.

    Attributes:
        observer: Receives the progress.
        saved: Hashes of earlier runs. If given, those of regular files are computed, too: without them, the official
            client would start from the beginning.
    """

    io: Io
    observer: Observer | None
    saved: SavedHashes | None = None

    async def compute(self, upload: Upload, *, keep: Blocks | None = None) -> None:
        """Compute the oid of an LFS file, or of a regular file that replaces an existing one.

        Args:
            keep: Where to keep the content of an LFS file.

        Raises:
            SourceChangedError: The file changed while it was read.
        """
        content = upload.content
        sha256 = await self.saved.find(upload) if self.saved else None
        if sha256 is None and (upload.lfs or self.saved):
            sha256 = await self._read(upload, partial(content.sha256, keep=keep))
        if upload.lfs:
            upload.oid = sha256 or ""
        elif upload.existing_oid:
            upload.oid = await self._read(upload, content.git_id)
        await self.save(upload, sha256)

    async def take_uploaded(self, upload: Upload) -> bool:
        """Set the oid of a file that an earlier run has uploaded, and return whether it has."""
        upload.oid = (await self.saved.find_uploaded(upload) if self.saved else None) or ""
        return bool(upload.oid)

    async def save(self, upload: Upload, sha256: str | None) -> None:
        """Store the SHA-256 of a file for later runs."""
        if self.saved:
            await self.saved.save(upload, sha256)

    async def _read(self, upload: Upload, compute: Callable[[OnBlock], str]) -> str:
        """Return the result of a method of the content that reads it, and report the progress."""

        def compute_it() -> str:
            with Transfer(self.observer, "hash", upload.path, upload.content.size) as transfer:

                def on_block(size: int) -> None:
                    self.io.check()
                    transfer.advance(size)

                return compute(on_block)

        return await self.io.run_blocking(compute_it)
