"""Choice of the proxy for a URL."""

from __future__ import annotations

from collections.abc import Mapping

from hub_typed.errors import (
    SettingsError,
)
from hub_typed.http.error_responses import display_url
from hub_typed.settings import Settings
from hub_typed.urls.url import InvalidUrlError, Url, no_proxy_matches, parse_url

__all__: list[str] = []


def proxy_for(url: Url, settings: Settings) -> Url | None:
    """Return the proxy for a URL; ``None`` if there is none, or if ``no_proxy`` excludes the host.

    Raises:
        SettingsError: The URL of the proxy is invalid.
    """
    proxies: Mapping[str, str] | None = settings.proxies
    if not proxies:
        return None
    found = proxies.get(url.scheme) or proxies.get("all")
    if not found or no_proxy_matches(url, settings.no_proxy):
        return None
    proxy = found if "://" in found else f"http://{found}"
    try:
        return parse_url(proxy, account=True)
    except InvalidUrlError as error:
        raise SettingsError(
            f"The proxy for {url.scheme}, {display_url(proxy)!r}, is invalid: {error}. Pass a URL such as "
            f"'http://proxy.test:3128' with Settings(proxies=...) or the variables {url.scheme}_proxy and all_proxy."
        ) from None
