"""Downloads of byte ranges with `hf_xet`.

Its stream blocks without an end, cannot be cancelled while it does, and does not notice Ctrl-C. A thread of its own
reads it, and the caller waits for that thread, so that timeouts, cancellations and Ctrl-C take effect at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

import attrs

from hub_typed.http.cancellation import Cancellation, current_cancellation
from hub_typed.xet.errors import XetTransferError, transfer_error, transfer_errors
from hub_typed.xet.sessions import XetSessions
from hub_typed.xet.suspension import Suspension

if TYPE_CHECKING:
    from hf_xet import XetDownloadStream, XetDownloadStreamGroup, XetSession

    from hub_typed.http.transfer_rate import TransferRate
    from hub_typed.settings import Settings
    from hub_typed_api.models import XetToken

__all__: list[str] = []

SLOWEST: Final = 64 << 10
"""Bytes per second below which a transfer counts as hanging, since `hf_xet` does not tell what it has received."""
MAX_SILENCES: Final = 3
"""Timeouts for received bytes that `hf_xet` may need for its own attempts."""
STOP_SECONDS: Final = 0.2
"""Seconds in which an aborted stream must end until its session is discarded."""
MAX_GROUPS: Final = 16
"""Groups that are kept, each with its connections."""
VALIDITY: Final = 24 * 3600
"""Seconds for which `hf_xet` uses a token: the caller renews it."""


@attrs.frozen
class XetRange:
    """A byte range of a file in Xet storage.

    Attributes:
        content_hash: Xet hash of the file.
        size: Size of the file in bytes.
        start: Position of the first byte.
        end: Position after the last byte.
        path: Path of the file, for messages.
    """

    content_hash: str
    size: int
    start: int
    end: int
    path: str


@attrs.frozen
class _Group:
    """Streams that use the same token. `hf_xet` refuses new streams of a group after one has failed."""

    session: XetSession
    streams: XetDownloadStreamGroup


class XetDownloads:
    """Downloads of one client; several threads may use it.

    Attributes:
        suspension: Whether the storage is not used, since downloads have failed.
    """

    def __init__(self, settings: Settings, user_agent: str, rate: TransferRate | None) -> None:
        """Create it, without a session.

        Args:
            user_agent: Sent to the storage.
            rate: Limit of the bytes per second that the client receives.
        """
        self._settings = settings
        self._user_agent = user_agent
        self._rate = rate
        self.suspension: Suspension = Suspension()
        self._sessions = XetSessions(settings, "download")
        self._groups: dict[str, _Group] = {}  # each step is an atomic operation

    def receive(self, token: XetToken, wanted: XetRange, write: Callable[[bytes], None]) -> None:
        """Receive a range, and pass its bytes on in order.

        Args:
            token: A token that is still valid.
            write: Receives the bytes; an exception that it raises ends the transfer.

        Raises:
            XetTransferError: The bytes did not arrive: the storage is not reachable, refuses the token, lacks the file,
                sends wrong data that `hf_xet` notices, or is too slow.
            CancelledError: The work was cancelled.
        """
        group = self._group(token)
        reader = _Reader(self._open(group, token, wanted))
        cancellation = current_cancellation.get()
        if cancellation is not None:
            cancellation.add(reader.wake)
        try:
            _start(reader)
            self._pass_on(reader, wanted, write, cancellation)
        except BaseException:
            self._forget(token, group)
            self._stop(reader, group)
            raise
        finally:
            if cancellation is not None:
                cancellation.remove(reader.wake)

    def close(self) -> None:
        """Abort all transfers; later ones create a new session."""
        self._groups.clear()
        self._sessions.close()

    def _group(self, token: XetToken) -> _Group:
        session = self._sessions.current()
        group = self._groups.get(token.access_token)
        if group is None or group.session is not session:
            known = list(self._groups.items())
            for position, (name, other) in enumerate(known):
                if other.session is not session or len(known) - position >= MAX_GROUPS:
                    self._groups.pop(name, None)
            try:
                with transfer_errors("connecting to the storage"):
                    streams = session.new_download_stream_group(
                        token.cas_url,
                        token.access_token,
                        int(time.time()) + VALIDITY,
                        custom_headers={"User-Agent": self._user_agent},
                    )
            except XetTransferError:
                self._sessions.discard(session)
                raise
            group = self._groups[token.access_token] = _Group(session, streams)
        return group

    def _open(self, group: _Group, token: XetToken, wanted: XetRange) -> XetDownloadStream:
        from hf_xet import XetFileInfo

        info = XetFileInfo(wanted.content_hash, wanted.size)
        try:
            with transfer_errors(f"downloading {wanted.path}"):
                return group.streams.download_stream(info, wanted.start, wanted.end)
        except XetTransferError:
            self._forget(token, group)
            raise

    def _pass_on(
        self,
        reader: _Reader,
        wanted: XetRange,
        write: Callable[[bytes], None],
        cancellation: Cancellation | None,
    ) -> None:
        at = wanted.start
        patience = MAX_SILENCES * self._settings.download_timeout + (wanted.end - wanted.start) / SLOWEST
        while True:
            try:
                got = reader.pieces.get(timeout=patience)
            except Empty:
                raise XetTransferError(f"Xet storage: no bytes of {wanted.path} within {patience:.0f} s.") from None
            if cancellation is not None:
                cancellation.check()
            if got is None:
                break
            if isinstance(got, BaseException):
                raise transfer_error(got, f"downloading {wanted.path}") from None
            at += len(got)
            if at > wanted.end:
                break
            self._write(got, write, cancellation)
        if at != wanted.end:
            raise XetTransferError(
                f"Xet storage: bytes {wanted.start} to {wanted.end} of {wanted.path} were requested, but end at {at}."
            )

    def _write(self, piece: bytes, write: Callable[[bytes], None], cancellation: Cancellation | None) -> None:
        """Pass on a piece: as it is, since each copy costs time; at a maximum rate, in small parts."""
        rate = self._rate
        size = len(piece) if rate is None else rate.piece_size(len(piece))
        for start in range(0, len(piece), size or 1):
            part = piece[start : start + size]
            write(part)
            if rate is not None:
                rate.wait(len(part), cancellation)
            if cancellation is not None:
                cancellation.check()

    def _forget(self, token: XetToken, group: _Group) -> None:
        """Forget a group in which a stream has failed."""
        if self._groups.get(token.access_token) is group:
            self._groups.pop(token.access_token, None)

    def _stop(self, reader: _Reader, group: _Group) -> None:
        """End a stream whose bytes are not needed any more.

        A stream that hangs can only be ended with its session. Other transfers of the session fail, and are repeated.
        """
        reader.stop()
        if not reader.is_alive():
            return
        group.streams.abort()
        reader.join(STOP_SECONDS)
        if reader.is_alive():
            self._sessions.discard(group.session)
            reader.join(STOP_SECONDS)


def _start(reader: _Reader) -> None:
    try:
        reader.start()
    except (
        RuntimeError
    ) as error:  # at interpreter shutdown, as in atexit handlers, or if the system has no more threads
        raise transfer_error(error, "starting a thread") from None


class _Reader(threading.Thread):
    """Reads a stream.

    Attributes:
        pieces: The bytes, then ``None`` at the end or an exception; ``None`` also after `wake`.
    """

    def __init__(self, stream: XetDownloadStream) -> None:
        super().__init__(name="hub-typed-xet", daemon=True)
        self.pieces: SimpleQueue[bytes | BaseException | None] = SimpleQueue()
        self._stream = stream
        self._stopped = False

    def run(self) -> None:
        try:
            for piece in self._stream:
                if self._stopped:
                    return
                self.pieces.put(piece)
        except BaseException as error:  # also the KeyboardInterrupt that `hf_xet` raises in a discarded session
            self.pieces.put(error)
        else:
            self.pieces.put(None)

    def wake(self) -> None:
        """Let the caller check whether it was cancelled."""
        self.pieces.put(None)

    def stop(self) -> None:
        """Stop at the next piece."""
        self._stopped = True
