"""Upload of LFS files: batch request, then single or multipart upload of each file."""

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

OBJECTS_A_BATCH = 256
SECONDS_TO_COMPLETE = 300.0
"""Until the store has put the parts together; it is silent meanwhile."""


@attrs.frozen(kw_only=True)
class LfsFile:
    """An LFS file to upload.

    Attributes:
        path: Where it will be in the repository.
        oid: SHA-256 of its content in hexadecimal.
    """

    path: str
    oid: str
    content: Content


Stored: TypeAlias = Callable[[LfsFile], Coroutine[Any, Any, None]]


async def upload_lfs_files(
    io: Io,
    repo_id: str,
    files: Sequence[LfsFile],
    *,
    repo_type: str | None,
    revision: str | None,
    at_once: int,
    stored: Stored | None = None,
) -> None:
    """Upload the contents that the Hub lacks, each content once.

    Args:
        revision: Branch they will be committed to; ``None`` for a pull request, whose author may not write to it.
        at_once: How many files, and how many parts of one file, travel at the same time.
        stored: Called with each file that was uploaded, when it is there.

    Raises:
        LfsRefusedError: The Hub does not take some of them.
        SourceChangedError: One changed meanwhile.
    """
    upload = _Upload(io, repo_id, repo_type, revision, at_once, observer_for(io.settings), stored)
    several = list({file.oid: file for file in files}.values())
    for first in range(0, len(several), OBJECTS_A_BATCH):
        chunk = several[first : first + OBJECTS_A_BATCH]
        actions = await upload.ask(chunk)
        missing = [(file, todo) for file in chunk if (todo := actions[file.oid])]
        await io.each(upload.send, missing, limit=at_once)


@attrs.frozen
class _Upload:
    """Shared state of all files of one upload."""

    io: Io
    repo_id: str
    repo_type: str | None
    revision: str | None
    at_once: int
    observer: Observer | None
    stored: Stored | None

    async def ask(self, files: Sequence[LfsFile]) -> dict[str, LfsActions | None]:
        """Request the upload actions of each file, by oid; ``None`` where the Hub has the content."""
        call = operations.lfs_batch(
            self.repo_id,
            repo_type=self.repo_type,
            operation="upload",
            transfers=["basic", "multipart"],
            objects=[LfsObject(oid=file.oid, size=file.content.size) for file in files],
            hash_algo="sha256",
            ref=None if self.revision is None else LfsRef(name=self.revision),
        )
        found = {each.oid: each for each in (await execute(self.io, call)).objects}
        refused = [
            f"{file.path}: {error.message}" for file in files if file.oid in found and (error := found[file.oid].error)
        ]
        if refused:
            raise LfsRefusedError(
                f"{self.repo_id} does not take {len(refused)} of its large files, so nothing was committed:\n"
                + "\n".join(refused)
            )
        forgotten = [file.path for file in files if file.oid not in found]
        if forgotten:
            raise ProtocolError(
                f"{call.request.operation}: the answer on {self.repo_id} says nothing of {', '.join(forgotten)}."
            )
        checked = partial(_checked_actions, self.io, call.request)
        return {oid: each.actions and checked(each.actions) for oid, each in found.items()}

    async def send(self, job: tuple[LfsFile, LfsActions]) -> None:
        """Upload one file and verify it."""
        file, actions = job
        transfer = Transfer(self.observer, "upload", file.path, file.content.size)
        try:
            await self._move(file, actions, transfer)
        except BaseException as error:
            transfer.fail()
            if isinstance(error, HubError):
                error.add_note(f"This was the upload of {file.path} to {self.repo_id}; nothing was committed.")
            raise
        transfer.finish()
        if self.stored is not None:
            await self.stored(file)

    async def _move(self, file: LfsFile, actions: LfsActions, transfer: Transfer) -> None:
        todo: LfsActions | None = actions
        if actions.upload:
            try:
                await self._store(file, actions.upload, transfer)
            except HfHubHTTPError as error:
                if error.response is None or error.response.status_code != 403:
                    raise
                todo = (await self.ask([file]))[file.oid]  # signed URLs age while other files travel
                if todo and todo.upload:
                    transfer.reach(0)
                    await self._store(file, todo.upload, transfer)
        if todo and todo.verify:
            await execute(self.io, operations.lfs_verify(todo.verify.href, oid=file.oid, size=file.content.size))

    async def _store(self, file: LfsFile, action: LfsAction, transfer: Transfer) -> None:
        parts = _parts(file, action.header or {})
        if not parts:
            await execute(self.io, operations.lfs_upload(action.href, body=_part(file.content, 0, None, transfer)))
            return

        async def one(part: _Part) -> LfsPart:
            body = _part(file.content, part.start, part.stop, transfer)
            etag = (await execute(self.io, operations.lfs_upload(part.href, body=body))).headers.get("etag")
            if not etag:
                raise ProtocolError(f"The store gave no ETag for part {part.number} of {file.path}.")
            return LfsPart(part_number=part.number, etag=etag)

        stored = await self.io.each(one, parts, limit=self.at_once if file.content.shareable else 1)
        completion = operations.lfs_complete(action.href, oid=file.oid, parts=stored)
        await execute(self.io, completion, timeout=max(self.io.settings.read_timeout, SECONDS_TO_COMPLETE))


def _checked_actions(io: Io, request: Request, actions: LfsActions) -> LfsActions:
    """Return the actions with checked URLs.

    Raises:
        ProtocolError: One is refused, as one of an https Hub that is not encrypted.
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
    """Parts of a multipart upload, from the header of the action; empty for a single upload.

    Raises:
        ProtocolError: They do not make up the file.
    """
    if "chunk_size" not in header:
        return []
    text, size = header["chunk_size"], file.content.size
    length = whole_number(text) or 0
    numbers = {key: number for key in header if (number := whole_number(key)) is not None}
    hrefs = [header[key] for key in sorted(numbers, key=lambda key: numbers[key])]
    if length == 0 or len(hrefs) != -(-size // length):
        raise ProtocolError(
            f"The Hub wants {file.path}, {size} bytes, in {len(hrefs)} parts of {text} bytes, which does not add up."
        )
    return [
        _Part(number, href, (number - 1) * length, min(number * length, size)) for number, href in enumerate(hrefs, 1)
    ]


def _part(content: Content, start: int, stop: int | None, transfer: Transfer) -> Source:
    """Body of one part; reports the bytes read, and takes them back when it is read again."""
    end = content.size if stop is None else stop
    told = 0

    def pieces() -> Iterator[bytes]:
        nonlocal told
        if told:
            transfer.advance(-told)
            told = 0
        for piece in content.pieces(start, end):
            yield piece
            told += len(piece)
            transfer.advance(len(piece))

    return Source(pieces, end - start)
