"""Sessions of `hf_xet`: one for each client and direction, replaced after a fork or an abort."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from hub_typed.xet.configuration import Direction, session_config
from hub_typed.xet.errors import XetTransferError, transfer_error, transfer_errors

if TYPE_CHECKING:
    from hf_xet import XetSession

    from hub_typed.settings import Settings

__all__: list[str] = []


class XetSessions:
    """The current session of one direction; several threads may use it.

    A session owns threads and connections, so that the child of a fork needs its own.
    """

    def __init__(self, settings: Settings, direction: Direction) -> None:
        self._settings = settings
        self._direction: Direction = direction
        self._session: XetSession | None = None
        self._of_parent: list[XetSession] = []
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def current(self) -> XetSession:
        """Return the session, and create it if needed.

        Raises:
            XetTransferError: The installed `hf_xet` is damaged or too old, or the system lacks resources for threads.
        """
        self._reset_after_fork()
        with self._lock:
            if self._session is None:
                self._session = self._create()
            return self._session

    def discard(self, session: XetSession) -> None:
        """Abort all transfers of a session, also those that hang; the next transfer creates a new one."""
        with self._lock:
            if self._session is not session:
                return
            self._session = None
        session.sigint_abort()

    def close(self) -> None:
        """Abort all transfers."""
        self._reset_after_fork()
        if (session := self._session) is not None:
            self.discard(session)

    def _create(self) -> XetSession:
        try:
            import hf_xet
        except Exception as error:  # an extension module that does not fit the system raises many kinds
            raise transfer_error(error, "importing hf_xet") from None
        # Older releases cannot abort a hanging transfer.
        if not hasattr(getattr(hf_xet, "XetDownloadStreamGroup", None), "abort"):
            raise XetTransferError("The installed hf_xet is too old. Install hf-xet 1.7 or later.")
        with transfer_errors("starting a session"):
            return hf_xet.XetSession(session_config(self._settings, self._direction))

    def _reset_after_fork(self) -> None:
        """After a fork, forget the session of the parent, whose threads do not exist, and the lock; it may be held."""
        if self._pid != os.getpid():
            self._lock, self._pid = threading.Lock(), os.getpid()
            if self._session is not None:
                self._of_parent.append(self._session)  # kept: its destructor would wait for the missing threads
                self._session = None
