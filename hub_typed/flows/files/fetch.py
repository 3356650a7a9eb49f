"""The bytes of one file: asked for, resumed where they broke off, and not believed until their hash is right."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import BinaryIO, Final

from hub_typed.errors import (
    NEVER_RETRIED,
    HfHubHTTPError,
    HubError,
    IntegrityError,
    ProtocolError,
    TransportError,
)
from hub_typed.flows.files.disk import digest_of_kind, move_file, read_into
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.header_values import range_start, whole_number
from hub_typed.io import Io
from hub_typed.logs import log as _log
from hub_typed.progress import Observer, Transfer
from hub_typed.session import answer, patience
from hub_typed_api.operations import files as operations
from hub_typed_api.wire import Response

__all__: list[str] = []

SLOW: Final = 60
"""Seconds over which a connection must bring `LEAST` bytes, lest it count as dead."""
LEAST: Final = SLOW * 1024
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


async def fetch(
    io: Io, remote: RemoteFile, partial: Path, target: Path, observer: Observer | None, *, anew: bool = False
) -> None:
    """Download a file. Its bytes gather in a partial file, where a later run goes on, and move when all are right.

    The caller holds the lock that guards the partial file.

    Args:
        partial: The partial file, on the same disk as the target.
        target: Where the whole file goes; what is there is replaced at the last moment.
        observer: Is told how far it is.
        anew: Drop what an earlier run left.

    Raises:
        IntegrityError: The bytes that came do not have the size or the hash that the Hub said.
        TransportError: The connection broke too often without a byte of progress.
        OSError: The disk is full, or may not be written.
    """
    part = _Part(io, remote, partial)
    try:
        await io.work(lambda: part.open(anew))
        part.transfer = Transfer(observer, "download", remote.path, remote.size, part.done)
        try:
            await _fill_twice(io, part)
            await io.work(lambda: part.move(target))
        except BaseException:
            part.transfer.fail()
            raise
        part.transfer.finish()
    except IntegrityError:
        part.drop()
        raise
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        part.drop()
        raise OSError(error.errno, f"No room for the {remote.size} bytes of {remote.path}", str(partial)) from error
    finally:
        part.close()


async def _fill_twice(io: Io, part: _Part) -> None:
    """Fill the part; once more from its beginning if wrong bytes may stem from what was there before."""
    try:
        await _fill(io, part)
    except IntegrityError as error:
        if not part.resumed:
            raise
        _log.warning("Downloading anew, since a resumed file turned out wrong: %s", error)
        part.restart()
        await _fill(io, part)


async def _fill(io: Io, part: _Part) -> None:
    """Ask for bytes until all are there and right; give up when several requests in a row bring nothing new."""
    remote = part.remote
    furthest = part.done
    fruitless = 0
    while part.done < remote.size:
        failure = await _ask(io, part)
        if failure is None:
            break
        fruitless = 0 if part.done > furthest else fruitless + 1
        furthest = max(furthest, part.done)
        if fruitless >= io.settings.attempts:
            raise failure
        _log.info("%s broke off at byte %d of %d: %s", remote.path, part.done, remote.size, failure)
        await io.pause(patience(None, max(1, fruitless), io.settings, io.chance(), io.now()) or 0.0)
    part.verify()


async def _ask(io: Io, part: _Part) -> HubError | None:
    """One request for the bytes that are still missing; a failure that another request may mend is given back."""
    remote = part.remote
    call = operations.resolve_file(
        remote.repo_id,
        remote.path,
        repo_type=remote.repo_type,
        revision=remote.commit,  # a branch may move between two requests
        byte_range=part.byte_range,
    )
    try:
        await answer(io, call, sink=part, timeout=io.settings.download_timeout)
    except NEVER_RETRIED:
        raise
    except TransportError as error:
        return error
    except ProtocolError as error:
        if error is not part.refused:
            raise
        return error
    except HfHubHTTPError as error:
        if error.response is None or error.response.status_code != 416:
            raise
        part.from_start = True
        return error
    if part.done < remote.size:
        return TransportError(f"{remote.repo_id}: {remote.path} ended after {part.done} of {remote.size} bytes.")
    return None


class _Part:
    """What is there of a file: on disk, and in the running hash. It is the sink of the answers.

    Attributes:
        transfer: Is told how far it is; there once the part is open.
        done: Bytes that are there.
        resumed: Whether they come from more than one answer.
        from_start: Whether the next answer is to bring the whole file, because a range was not answered well.
        refused: The error with which an answer was turned away.
    """

    transfer: Transfer

    def __init__(self, io: Io, remote: RemoteFile, path: Path) -> None:
        self.remote = remote
        self.done = 0
        self.resumed = False
        self.from_start = False
        self.refused: ProtocolError | None = None
        self._io = io
        self._path = path
        self._file: BinaryIO | None = None
        self._digest = digest_of_kind(remote.etag, remote.size)
        self._version: tuple[str, str] | None = None
        self._since = 0.0
        self._heard = 0

    @property
    def byte_range(self) -> str | None:
        """The range to ask for; ``None``: all."""
        return f"bytes={self.done}-" if self.done and not self.from_start else None

    def open(self, anew: bool) -> None:
        """Go on with what an earlier run left, unless that is not wanted or too long to be right."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open(self._path, "ab")  # noqa: SIM115  # close() does; a new one has the rights usual here
        found = self._file.tell()
        if anew or found > self.remote.size:
            self._file.truncate(0)
        elif found:
            read_into(self._digest, self._path, self._io.check)
            self.done = found
            self.resumed = True

    def begin(self, response: Response) -> bool:
        """Take the body of an answer that goes on where the part ends, or that begins the file."""
        if response.status not in (200, 206):
            return False
        headers = response.headers
        encoding = headers.get("content-encoding", "identity")
        etag = headers.get("etag")
        version = ("/".join(response.url.split("/", 3)[:3]), etag) if etag else None  # each host has ETags of its own
        if response.status == 206:
            start = range_start(headers.get("content-range", ""))
            if start != self.done:
                self._refuse(f"of {headers.get('content-range')!r}, which does not begin at byte {self.done}")
            if encoding != "identity":
                self._refuse(f"of {encoding} data")
            if version and self._version and version[0] == self._version[0] and version[1] != self._version[1]:
                self._refuse(f"of another version: {version[1]}, not {self._version[1]}")
            self.resumed = self.done > 0
        else:
            length = whole_number(headers.get("content-length"))
            if encoding == "identity" and length is not None and length != self.remote.size:
                raise self._wrong(f"has {self.remote.size} bytes by its metadata, and {length} by the answer")
            if self.done:
                self.restart()
        self.from_start = False
        self._version = version
        self._since, self._heard = self._io.now(), 0
        return True

    def write(self, piece: bytes) -> None:
        """Put the next bytes on disk and into the hash."""
        assert self._file is not None
        if self.done + len(piece) > self.remote.size:
            raise self._wrong(f"has {self.remote.size} bytes by its metadata, and more came")
        self._file.write(piece)
        self._digest.update(piece)
        self.done += len(piece)
        self.transfer.reach(self.done)
        self._keep_pace(len(piece))

    def restart(self) -> None:
        """Forget all bytes."""
        assert self._file is not None
        self._file.truncate(0)
        self._digest = digest_of_kind(self.remote.etag, self.remote.size)
        self.done = 0
        self.resumed = False
        self.transfer.reach(0)

    def verify(self) -> None:
        """See that the hash is right.

        Raises:
            IntegrityError: It is not.
        """
        found = self._digest.hexdigest()
        if found != self.remote.etag:
            raise self._wrong(f"has the hash {self.remote.etag} by its metadata, and {found} by its bytes")

    def move(self, target: Path) -> None:
        """Put the file in its place."""
        self.close()
        move_file(self._path, target)

    def drop(self) -> None:
        """Delete what is there."""
        self.close()
        self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._file.close()

    def _keep_pace(self, count: int) -> None:
        """Read time-outs catch silence; this catches a connection that drips."""
        self._heard += count
        if self._io.now() - self._since < SLOW:
            return
        if self._heard < LEAST:
            raise TransportError(f"{self.remote.path}: only {self._heard} bytes came in {SLOW} s.")
        self._since, self._heard = self._io.now(), 0

    def _refuse(self, what: str) -> None:
        self.from_start = True
        self.refused = ProtocolError(
            f"{self.remote.repo_id}: {self.remote.path} was answered with a range {what}; refused."
        )
        raise self.refused

    def _wrong(self, how: str) -> IntegrityError:
        remote = self.remote
        return IntegrityError(
            f"{remote.repo_id}: {remote.path} at commit {remote.commit} {how}. Nothing was kept. Try again; if it "
            "stays so, a proxy or mirror on the way alters the file, or the Hub's copy is damaged."
        )
