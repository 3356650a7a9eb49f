"""Uploads with `hf_xet`: the session of a client, in which upload commits are opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub_typed.xet.errors import XetTransferError, transfer_errors
from hub_typed.xet.sessions import XetSessions
from hub_typed.xet.suspension import Suspension
from hub_typed.xet.upload_commit import UploadCommit

if TYPE_CHECKING:
    from hub_typed.http.transfer_rate import TransferRate
    from hub_typed.settings import Settings
    from hub_typed_api.models import XetToken
    from hub_typed_api.wire import Request

__all__: list[str] = []


class XetUploads:
    """Uploads of one client; several threads may use it.

    Attributes:
        suspension: Whether the storage is not used, since uploads have failed or the Hub has none.
    """

    def __init__(self, settings: Settings, user_agent: str, rate: TransferRate | None) -> None:
        """Create it, without a session.

        Args:
            user_agent: Sent to the storage.
            rate: Limit of the bytes per second that the client sends.
        """
        self._settings = settings
        self._rate = rate
        self._sessions = XetSessions(settings, "upload")
        self._user_agent = user_agent
        self.suspension: Suspension = Suspension()

    def open(self, token: XetToken, renewal: Request, what: str) -> UploadCommit:
        """Open an upload commit.

        Args:
            token: Token of the storage.
            renewal: Request to the Hub, with its token, with which `hf_xet` gets the next token of the storage.
            what: What is uploaded, for messages.

        Raises:
            XetTransferError: The commit cannot be opened.
        """
        session = self._sessions.current()
        try:
            with transfer_errors(what):
                commit = session.new_upload_commit(
                    token.cas_url,
                    token.access_token,
                    token.exp,
                    token_refresh_url=renewal.path,
                    token_refresh_headers=renewal.headers,
                    custom_headers={"User-Agent": self._user_agent},
                )
        except XetTransferError:
            self._sessions.discard(session)
            raise
        return UploadCommit(commit, what, stall_timeout=self._settings.answer_timeout, rate=self._rate)

    def close(self) -> None:
        """Abort all uploads; later ones create a new session."""
        self._sessions.close()
