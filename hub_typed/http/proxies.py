"""Choice of the proxy for a URL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

import attrs

from hub_typed.errors import SettingsError
from hub_typed.http.error_responses import display_url
from hub_typed.settings import Settings
from hub_typed.urls.proxy_keys import excluded_hosts, find_proxy_key
from hub_typed.urls.url import InvalidUrlError, Url, no_proxy_matches, parse_url

__all__: list[str] = []

SOCKS_SCHEMES: Final = ("socks4", "socks4a", "socks5", "socks5h")
"""With ``socks4a`` and ``socks5h``, the proxy resolves the names of hosts."""


@attrs.frozen
class Proxy:
    """A proxy.

    Attributes:
        scheme: ``http``, ``https`` or one of `SOCKS_SCHEMES`.
        url: URL of the proxy; that of a SOCKS proxy has the scheme ``http``.
    """

    scheme: str
    url: Url

    @property
    def text(self) -> str:
        """URL of the proxy, without user and password."""
        return self.scheme + self.url.text.removeprefix(self.url.scheme)


def proxy_for(url: Url, settings: Settings, given: Mapping[str, str | None] | None = None) -> Proxy | None:
    """Return the proxy for a URL; ``None`` if there is none, or if ``no_proxy`` excludes the host.

    Args:
        given: Proxies of one call, with the keys of ``Settings(proxies=...)``. They precede the settings, also where
            these exclude the host; an empty one switches the proxy off.

    Raises:
        SettingsError: The URL of the proxy is invalid.
    """
    proxies, argument = given or {}, "proxies"
    no_proxy = excluded_hosts(proxies)
    key = find_proxy_key(url, proxies)
    if key is None:
        proxies, argument = settings.proxies or {}, "Settings(proxies=...)"
        no_proxy = no_proxy or excluded_hosts(proxies) or settings.no_proxy
        key = find_proxy_key(url, proxies)
    if key is None or not (value := proxies[key]) or no_proxy_matches(url, no_proxy):
        return None
    try:
        return _parse_proxy(value)
    except InvalidUrlError as error:
        raise SettingsError(
            f"The proxy {display_url(value)!r} from {_source(key, value, argument)} is invalid: {error}. Pass a URL "
            "such as 'http://proxy.test:3128' or 'socks5h://proxy.test:1080'."
        ) from None


def _source(key: str, value: str, argument: str) -> str:
    """Return the environment variable or the argument that the URL of a proxy comes from."""
    if argument != "proxies":
        for name in (f"{key}_proxy", f"{key}_proxy".upper()):
            if os.environ.get(name) == value:
                return f"the environment variable {name}"
    return f"{key!r} in {argument}"


def _parse_proxy(value: str) -> Proxy:
    scheme, mark, rest = value.strip().partition("://")
    if not mark:
        scheme, rest = "http", value.strip()
    scheme = scheme.lower()
    if scheme in SOCKS_SCHEMES:
        return Proxy(scheme, parse_url(f"http://{rest}", account=True))
    if scheme not in ("http", "https"):
        raise InvalidUrlError(f"its scheme must be http, https, {', '.join(SOCKS_SCHEMES[:-1])} or {SOCKS_SCHEMES[-1]}")
    return Proxy(scheme, parse_url(f"{scheme}://{rest}", account=True))
