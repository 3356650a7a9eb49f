"""Xet storage as a client uses it: whether it may, its tokens, and its sessions."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hub_typed.errors import SettingsError
from hub_typed.logs.logger import log as _log
from hub_typed.xet.downloads import XetDownloads
from hub_typed.xet.tokens import TokenCache
from hub_typed.xet.uploads import XetUploads

if TYPE_CHECKING:
    from hub_typed.http.transfer_rate import TransferRate
    from hub_typed.settings import Settings

__all__: list[str] = []


class XetStorage:
    """Xet storage for one client.

    Attributes:
        tokens: Tokens of the storage.
        downloads: Downloads of byte ranges.
        uploads: Uploads of files.
    """

    def __init__(
        self,
        settings: Settings,
        user_agent: str,
        download_rate: TransferRate | None,
        upload_rate: TransferRate | None,
    ) -> None:
        """Create it; nothing is imported or opened before the first transfer.

        Args:
            user_agent: Sent to the storage.
            download_rate: Limit of the bytes per second that the client receives; ``None`` if it has a transport of its
                own, which has none.
            upload_rate: The same for the bytes that it sends.
        """
        self.settings = settings
        self.tokens: TokenCache = TokenCache()
        self.downloads: XetDownloads = XetDownloads(settings, user_agent, download_rate)
        self.uploads: XetUploads = XetUploads(settings, user_agent, upload_rate)
        self._has_own_transport = download_rate is None

    @property
    def is_usable(self) -> bool:
        """Whether transfers may use Xet storage."""
        return self.obstacle is None

    @cached_property
    def obstacle(self) -> str | None:
        """Why transfers may not use Xet storage; ``None`` if they may."""
        reason = self._find_obstacle()
        if reason is not None:
            _log.info("Xet storage is not used: %s", reason)
        return reason

    def _find_obstacle(self) -> str | None:
        settings = self.settings
        if not settings.xet:
            return "it is switched off by HF_HUB_DISABLE_XET or Settings(xet=False)"
        if self._has_own_transport:
            return "the client has a transport of its own, which hf_xet would bypass"
        if find_spec("hf_xet") is None:
            return "hf_xet is not installed; it comes with hub-typed[xet]"
        # hf_xet reads proxies and certificates from the environment.
        try:
            given = type(settings).from_environment()
        except SettingsError as error:  # this client has settings of its own
            return f"the environment, from which hf_xet takes proxies and certificates, is invalid: {error}"
        if (settings.proxies, settings.no_proxy) != (given.proxies, given.no_proxy):
            return "the proxies of the settings are not those of the environment, which hf_xet uses"
        if settings.ca_bundle not in (None, given.ca_bundle):
            return "the CA bundle of the settings is not that of the environment; hf_xet uses SSL_CERT_FILE"
        return None

    def close(self) -> None:
        """Abort all transfers; later ones create new sessions."""
        self.downloads.close()
        self.uploads.close()
