"""Upload of LFS files: a batch request, then a single or multipart upload of each file."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import attrs

from hub_typed.errors import HfHubHTTPError, HubError, LfsRefusedError, ProtocolError
from hub_typed.flows.lfs.content import Content
from hub_typed.http.header_values import whole_number
from hub_typed.http.io import Io
from hub_typed.http.requests import resolve_reference
from hub_typed.http.send import execute
from hub_typed.progress import Observer, Transfer
from hub_typed.progress_bars import observer_for
from hub_typed_api.models import LfsAction, LfsActions, LfsObject, LfsPart, LfsRef
from hub_typed_api.operations import lfs as operations
from hub_typed_api.wire import Request, Source

__all__: list[str] = []

OBJECTS_PER_BATCH = 256


@attrs.frozen(kw_only=True)
class LfsFile:
    """An LFS file to upload.

    Attributes:
        path: Path in the repository.
        oid: SHA-256 of the content in hexadecimal.
    """

    path: str
    oid: str
    content: Content


OnUploaded: TypeAlias = Callable[[LfsFile], Coroutine[Any, Any, None]]


async def upload_lfs_files(
    io: Io,
    repo_id: str,
    files: Sequence[LfsFile],
    *,
    repo_type: str | None,
    revision: str | None,
    at_once: int | None,
    on_uploaded: OnUploaded | None = None,
) -> None:
    """Upload the contents that the Hub does not have, each of them once.

    Args:
        revision: Branch of the later commit; ``None`` for a pull request, whose author may lack write access to the
            branch.
        at_once: Maximum number of concurrent file uploads, and of concurrent parts of one file; ``None`` for as many
            as the connection and the processor allow.
        on_uploaded: Called with each file after its upload.

    Raises:
        LfsRefusedError: The Hub refused some of the files.
        SourceChangedError: A file changed during the upload.
    """
    upload = _Upload(io, repo_id, repo_type, revision, at_once, observer_for(io.settings), on_uploaded)
    unique = list({file.oid: file for file in files}.values())
    for first in range(0, len(unique), OBJECTS_PER_BATCH):
        batch = unique[first : first + OBJECTS_PER_BATCH]
        actions = await upload.request_actions(batch)
        missing = [(file, needed) for file in batch if (needed := actions[file.oid])]
        await io.each(upload.upload_file, missing, limit=at_once, adaptive=at_once is None)


@attrs.frozen
class _Upload:
    """State shared by all files of one upload."""

    io: Io
    repo_id: str
    repo_type: str | None
    revision: str | None
    at_once: int | None
    observer: Observer | None
    on_uploaded: OnUploaded | None

    async def request_actions(self, files: Sequence[LfsFile]) -> dict[str, LfsActions | None]:
        """Request the upload actions of files and return them by oid; ``None`` if the Hub already has the content."""
        call = operations.lfs_batch(
            self.repo_id,
            repo_type=self.repo_type,
            operation="upload",
            transfers=["basic", "multipart"],
            objects=[LfsObject(oid=file.oid, size=file.content.size) for file in files],
            hash_algo="sha256",
            ref=None if self.revision is None else LfsRef(name=self.revision),
        )
        objects = {each.oid: each for each in (await execute(self.io, call)).objects}
        refused = [
            f"{file.path}: {error.message}"
            for file in files
            if file.oid in objects and (error := objects[file.oid].error)
        ]
        if refused:
            raise LfsRefusedError(
                f"The Hub refused {len(refused)} LFS files of {self.repo_id}, so nothing was committed:\n"
                + "\n".join(refused)
            )
        unanswered = [file.path for file in files if file.oid not in objects]
        if unanswered:
            raise ProtocolError(
                f"{call.request.operation}: the response for {self.repo_id} does not include {', '.join(unanswered)}."
            )
        checked = partial(_checked_actions, self.io, call.request)
        return {oid: each.actions and checked(each.actions) for oid, each in objects.items()}

    async def upload_file(self, job: tuple[LfsFile, LfsActions]) -> None:
        """Upload one file and verify it."""
        file, actions = job
        transfer = Transfer(self.observer, "upload", file.path, file.content.size)
        try:
            await self._transfer(file, actions, transfer)
        except BaseException as error:
            transfer.fail()
            if isinstance(error, HubError):
                error.add_note(f"This was the upload of {file.path} to {self.repo_id}; nothing was committed.")
            raise
        transfer.finish()
        if self.on_uploaded is not None:
            await self.on_uploaded(file)

    async def _transfer(self, file: LfsFile, actions: LfsActions, transfer: Transfer) -> None:
        needed: LfsActions | None = actions
        if actions.upload:
            try:
                await self._put(file, actions.upload, transfer)
            except HfHubHTTPError as error:
                if error.response is None or error.response.status_code != 403:
                    raise
                # The signed URLs may have expired while other files were uploaded.
                needed = (await self.request_actions([file]))[file.oid]
                if needed and needed.upload:
                    transfer.set_done(0)
                    await self._put(file, needed.upload, transfer)
        if needed and needed.verify:
            await execute(self.io, operations.lfs_verify(needed.verify.href, oid=file.oid, size=file.content.size))

    async def _put(self, file: LfsFile, action: LfsAction, transfer: Transfer) -> None:
        parts = _parts(file, action.header or {})
        if not parts:
            await execute(self.io, operations.lfs_upload(action.href, body=_part(file.content, 0, None, transfer)))
            return

        async def upload_part(part: _Part) -> LfsPart:
            body = _part(file.content, part.start, part.stop, transfer)
            etag = (await execute(self.io, operations.lfs_upload(part.href, body=body))).headers.get("etag")
            if not etag:
                raise ProtocolError(f"The storage returned no ETag for part {part.number} of {file.path}.")
            return LfsPart(part_number=part.number, etag=etag)

        limit = self.at_once if file.content.allows_concurrent_reads else 1
        uploaded = await self.io.each(upload_part, parts, limit=limit, adaptive=limit is None)
        completion = operations.lfs_complete(action.href, oid=file.oid, parts=uploaded)
        await execute(self.io, completion, timeout=self.io.settings.answer_timeout)


def _checked_actions(io: Io, request: Request, actions: LfsActions) -> LfsActions:
    """Check the URLs of the actions and resolve them.

    Raises:
        ProtocolError: A URL is refused, as an http URL of an https Hub.
    """

    def checked(href: str) -> str:
        return resolve_reference(request, io.settings.endpoint, href).text

    upload, verify = actions.upload, actions.verify
    if upload:
        parts = {key: checked(value) if key.isdecimal() else value for key, value in (upload.header or {}).items()}
        upload = attrs.evolve(upload, href=checked(upload.href), header=parts)
    if verify:
        verify = attrs.evolve(verify, href=checked(verify.href))
    return attrs.evolve(actions, upload=upload, verify=verify)


@attrs.frozen
class _Part:
    """One part of a multipart upload; ``number`` counts from 1."""

    number: int
    href: str
    start: int
    stop: int


def _parts(file: LfsFile, header: Mapping[str, str]) -> list[_Part]:
    """Return the parts of a multipart upload, from the header of the action; empty for a single upload.

    Raises:
        ProtocolError: The parts do not add up to the size of the file.
    """
    if "chunk_size" not in header:
        return []
    text, size = header["chunk_size"], file.content.size
    length = whole_number(text) or 0
    numbers = {key: number for key in header if (number := whole_number(key)) is not None}
    hrefs = [header[key] for key in sorted(numbers, key=lambda key: numbers[key])]
    if length == 0 or len(hrefs) != -(-size // length):
        raise ProtocolError(
            f"The Hub requests {file.path}, {size} bytes, in {len(hrefs)} parts of {text} bytes, which does not add up."
        )
    return [
        _Part(number, href, (number - 1) * length, min(number * length, size)) for number, href in enumerate(hrefs, 1)
    ]


def _part(content: Content, start: int, stop: int | None, transfer: Transfer) -> Source:
    """Return the body of one part, which reports its progress and resets it if the body is read again."""
    end = content.size if stop is None else stop
    reported = 0

    def pieces() -> Iterator[bytes]:
        nonlocal reported
        if reported:
            transfer.advance(-reported)
            reported = 0
        for piece in content.pieces(start, end):
            yield piece
            reported += len(piece)
            transfer.advance(len(piece))

    return Source(pieces, end - start)
