"""Receive a file in one stream, and resume it after failures."""

from __future__ import annotations

from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, HubError, ProtocolError, TransportError
from hub_typed.flows.files.file_download import FileDownload, Pace
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.xet.content import XetContent
from hub_typed.http.io import Io
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed_api.wire import Response

__all__: list[str] = []


class StreamDownload(FileDownload):
    """A download in one stream. It is the sink of the responses.

    Attributes:
        from_start: Whether the next request asks for the whole file, because the response to a range was invalid.
        refused: Error raised for a refused response.
    """

    def __init__(self, io: Io, remote: RemoteFile, partial_files: PartialFiles, xet: XetContent | None) -> None:
        super().__init__(io, remote, partial_files, xet)
        self.from_start: bool = False
        self.refused: ProtocolError | None = None
        self._done = 0
        self._resumed = False
        self._pace = Pace(io, remote.path)

    @property
    def done(self) -> int:
        return self._done

    @property
    def resumed(self) -> bool:
        return self._resumed

    def open(self, force: bool) -> None:
        with self._disk_errors():
            self._file = self.partial_files.claim(self._digest, self.io.check, force=force)
        self._done = self._file.done
        self._resumed = self._done > 0

    async def fill(self) -> None:
        io, remote = self.io, self.remote
        furthest = self._done
        stalled_attempts = 0
        while self._done < remote.size:
            failure = await self._request_missing_bytes()
            if failure is None:
                break
            stalled_attempts = 0 if self._done > furthest else stalled_attempts + 1
            furthest = max(furthest, self._done)
            if stalled_attempts >= io.settings.attempts:
                raise failure
            _log.info("Download of %s interrupted at byte %d of %d: %s", remote.path, self._done, remote.size, failure)
            await io.sleep(retry_delay(None, max(1, stalled_attempts), io.settings, io.random(), io.now()) or 0.0)

    async def _request_missing_bytes(self) -> HubError | None:
        """Send one request for the missing bytes; return the error if another request may succeed."""
        remote = self.remote
        try:
            if self._xet is not None and self._xet.is_usable:
                await self._xet.receive(self._done, remote.size, self)
            else:
                await self._request()
        except NEVER_RETRIED:
            raise
        except TransportError as error:
            return error
        except ProtocolError as error:
            if error is not self.refused:
                raise
            return error
        except HfHubHTTPError as error:
            if error.response.status_code != 416:
                raise
            self.from_start = True
            return error
        if self._done < remote.size:
            return TransportError(f"{remote.repo_id}: {remote.path} ended after {self._done} of {remote.size} bytes.")
        return None

    async def _request(self) -> None:
        call = self.remote.content_request(f"bytes={self._done}-" if self._done and not self.from_start else None)
        await execute(self.io, call, sink=self, timeout=self.io.settings.download_timeout)

    def begin(self, response: Response) -> bool:
        """Accept a response that continues where the partial file ends, or that starts from the beginning."""
        if response.status not in (200, 206):
            return False
        if response.status == 206:
            if reason := self.versions.reason_to_refuse(response, self._done):
                self.from_start = True
                self.refused = self.refusal(reason)
                raise self.refused
            self._resumed = self._done > 0
        else:
            self.check_length(response)
            if self._done:
                self.restart()
        self.from_start = False
        self.versions.forget()
        self.versions.remember(response)
        self._pace = Pace(self.io, self.remote.path)
        return True

    def write(self, piece: bytes) -> None:
        """Write the next bytes and update the hash."""
        assert self._file is not None
        if self._done + len(piece) > self.remote.size:
            raise self._integrity_error(f"has {self.remote.size} bytes by its metadata, but the response has more")
        with self._disk_errors():
            self._file.write(piece)
        self._digest.update(piece)
        self._done += len(piece)
        self.transfer.set_done(self._done)
        self._pace.receive(len(piece))

    def restart(self) -> None:
        assert self._file is not None
        with self._disk_errors():
            self._file.truncate()
        self._digest = self._new_digest()
        self._done = 0
        self._resumed = False
        self.transfer.set_done(0)
