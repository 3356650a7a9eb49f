"""Upload of LFS files in one request or in parts, which are sent once even if URLs expire or a run is killed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

from hub_typed.errors import HfHubHTTPError, HubError, ProtocolError
from hub_typed.flows.lfs.actions import LfsFile, LfsTarget, request_actions
from hub_typed.flows.lfs.part_records import PartRecord, PartRecords
from hub_typed.flows.lfs.parts import Part, parts_of, upload_id
from hub_typed.flows.observed_body import observed
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Observer, Transfer
from hub_typed_api.models import LfsAction, LfsActions
from hub_typed_api.operations import lfs as operations
from hub_typed_api.wire import Source

__all__: list[str] = []

EXPIRED = 403
"""Status of a signed URL that has expired."""

OnUploaded: TypeAlias = Callable[[str], Coroutine[Any, Any, None]]


class LfsUploader:
    """Uploads the contents that the Hub does not have, each of them once.

    Attributes:
        target: Repository and branch of the later commit.
        on_uploaded: Called with the path of each file after its upload.
    """

    def __init__(
        self,
        io: Io,
        target: LfsTarget,
        *,
        observer: Observer | None,
        records: PartRecords,
        on_uploaded: OnUploaded | None = None,
    ) -> None:
        self.target = target
        self.on_uploaded = on_uploaded
        self._io = io
        self._observer = observer
        self._records = records
        self._claimed: dict[str, LfsFile] = {}  # setdefault() is atomic

    async def upload(self, files: Sequence[LfsFile], *, at_once: int | None, dry_run: bool = False) -> set[str]:
        """Upload some files, and return the oids of those that the Hub had; other calls may upload others meanwhile.

        Args:
            files: At most as many as one batch request may name.
            at_once: Maximum number of files and parts that are sent at the same time; ``None`` for as many as the
                connection and the processor allow.
            dry_run: Only ask the Hub which files it has.

        Raises:
            LfsRefusedError: The Hub refused some of the files.
            SourceChangedError: A file changed during the upload.
        """
        if not (new := self._claim(files)):
            return set()
        try:
            actions = await request_actions(self._io, self.target, new)
            if not dry_run:
                missing = [(file, needed) for file in new if (needed := actions[file.oid])]
                upload = partial(self._upload_file, parts_at_once=_parts_at_once(len(missing), at_once))
                await self._io.each(upload, missing, limit=at_once, adaptive=at_once is None)
        except BaseException:
            for file in new:  # the caller may try again
                del self._claimed[file.oid]
            raise
        return {file.oid for file in new if not actions[file.oid]}

    async def find_stored(self, files: Sequence[LfsFile]) -> set[str]:
        """Return the oids of the files that the Hub has.

        Raises:
            LfsRefusedError: The Hub refused some of the files.
        """
        different = list({file.oid: file for file in files}.values())
        actions = await request_actions(self._io, self.target, different) if different else {}
        return {oid for oid, needed in actions.items() if not needed}

    def _claim(self, files: Sequence[LfsFile]) -> list[LfsFile]:
        """Return the files whose content is not being uploaded yet."""
        return [file for file in files if self._claimed.setdefault(file.oid, file) is file]

    async def _upload_file(self, job: tuple[LfsFile, LfsActions], *, parts_at_once: int | None) -> None:
        """Upload one file."""
        file, actions = job
        transfer = Transfer(self._observer, "upload", file.path, file.content.size)
        try:
            await _FileUpload(self._io, self.target, file, transfer, self._records, parts_at_once).run(actions)
        except BaseException as error:
            transfer.fail()
            if isinstance(error, HubError):
                error.append_to_message(
                    f"\nThis was the upload of {file.path} to {self.target.repo_id}; nothing was committed. "
                    "Call again to send what is missing."
                )
            raise
        transfer.finish()
        if self.on_uploaded is not None:
            await self.on_uploaded(file.path)


def _parts_at_once(files: int, at_once: int | None) -> int | None:
    """Return the maximum number of concurrent parts of each file.

    Where several files are sent at the same time, their parts need not be; and of each of them, a killed process loses
    only one part.
    """
    if files <= 1:
        return at_once
    return 1 if at_once is None else max(at_once // files, 1)


class _FileUpload:
    """Upload of one file, whose URLs are requested again when they expire."""

    def __init__(
        self,
        io: Io,
        target: LfsTarget,
        file: LfsFile,
        transfer: Transfer,
        records: PartRecords,
        at_once: int | None,
    ) -> None:
        self._io = io
        self._target = target
        self._file = file
        self._transfer = transfer
        self._records = records
        self._at_once = at_once if file.content.allows_concurrent_reads else 1
        self._outdated: HfHubHTTPError | None = None  # why the actions must be requested again
        self._reached = -1  # parts that the storage had when the actions were last requested again
        self._restarted = False  # whether the storage has dropped the parts of an earlier run

    async def run(self, actions: LfsActions) -> None:
        """Upload and verify the file."""
        current: LfsActions | None = actions
        while current and current.upload:
            self._outdated = None
            if parts := parts_of(self._file, current.upload.header or {}):
                progress = await self._send_parts(current.upload, parts)
            else:
                progress = await self._send_whole(current.upload)
            if self._outdated is None:
                break
            if progress <= self._reached:  # the new URLs have expired, too
                raise self._outdated
            self._reached = progress
            current = await self._renewed_actions()
        if current and current.verify:
            with self._noting_expiry():
                await self._verify(current.verify)
            if self._outdated and (renewed := await self._renewed_actions()) and renewed.verify:
                await self._verify(renewed.verify)

    async def _renewed_actions(self) -> LfsActions | None:
        return (await request_actions(self._io, self._target, [self._file]))[self._file.oid]

    async def _send_whole(self, action: LfsAction) -> int:
        """Send the file in one request; return 0, the number of parts that the storage keeps if the URL has expired."""
        self._transfer.set_done(0)
        body = self._body(0, self._file.content.size)
        with self._noting_expiry():
            await execute(self._io, operations.lfs_upload(action.href, body=body))
        return 0

    async def _verify(self, action: LfsAction) -> None:
        """Verify the uploaded file."""
        await execute(self._io, operations.lfs_verify(action.href, oid=self._file.oid, size=self._file.content.size))

    @contextmanager
    def _noting_expiry(self) -> Generator[None, None, None]:
        """Note in `_outdated` that the URL of a request has expired; all other errors are raised."""
        try:
            yield
        except HfHubHTTPError as error:
            if error.response.status_code != EXPIRED:
                raise
            self._outdated = error

    async def _send_parts(self, action: LfsAction, parts: Sequence[Part]) -> int:
        """Send the parts that the storage lacks and complete the upload; return the number of parts that it has."""
        record = await self._io.run_blocking(
            lambda: self._records.open(self._file.oid, upload_id(action), len(parts), self._io.now())
        )
        if record.resumed:
            _log.info(
                "%s: the storage has %d of %d parts from an earlier run", self._file.path, len(record.parts), len(parts)
            )

        async def send(part: Part) -> None:
            if self._outdated is not None:
                return
            body = self._body(part.start, part.stop)
            with self._noting_expiry():
                answer = await execute(self._io, operations.lfs_upload(part.href, body=body))
                etag = answer.headers.get("etag")
                if not etag:
                    raise ProtocolError(f"The storage returned no ETag for part {part.number} of {self._file.path}.")
                await self._io.run_blocking(lambda: record.add(part, etag))

        self._transfer.set_done(sum(part.size for part in parts if part.number in record.parts))
        missing = [part for part in parts if part.number not in record.parts]
        await self._io.each(send, missing, limit=self._at_once, adaptive=self._at_once is None)
        if self._outdated is None:
            await self._complete(action, record)
        return len(record.parts)

    async def _complete(self, action: LfsAction, record: PartRecord) -> None:
        """Let the storage assemble the parts."""
        call = operations.lfs_complete(action.href, oid=self._file.oid, parts=record.completion())
        try:
            with self._noting_expiry():
                await execute(self._io, call, timeout=self._io.settings.answer_timeout)
        except HfHubHTTPError as error:
            # An earlier attempt, or another client, may have completed it; the storage has no parts any more then.
            renewed = await self._renewed_actions()
            if renewed and renewed.upload:
                if self._restarted or not record.resumed:
                    raise
                _log.info("%s: the storage no longer has the parts of an earlier run: all are sent", self._file.path)
                self._outdated, self._restarted, self._reached = error, True, -1
                await self._io.run_blocking(record.forget)
                return
        if self._outdated is None:
            await self._io.run_blocking(record.forget)

    def _body(self, start: int, stop: int) -> Source:
        content = self._file.content
        return observed(Source(lambda: content.pieces(start, stop), stop - start), self._transfer)
