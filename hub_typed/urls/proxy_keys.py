"""Keys of a mapping of proxies, as requests and httpx accept them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hub_typed.urls.url import Url, display_url

__all__ = ["check_proxy_keys", "excluded_hosts", "find_proxy_key"]

_KEY: Final = re.compile(r"(?:http|https|all)(?:://(?:\*|(?:\*\.?)?[^\s/?#@*\\]+)?)?", re.IGNORECASE)
_EXCLUSIONS: Final = ("no_proxy", "no")
_OTHER_PROTOCOLS: Final = ("ftp", "gopher", "socks", "ws", "wss")
"""Keys that other libraries and `urllib.request.getproxies` know; no request to the Hub has such a scheme."""


def check_proxy_keys(proxies: Mapping[str, str | None], argument: str) -> None:
    """Refuse keys that no request would ever match.

    Args:
        argument: Name of the argument, for the error.

    Raises:
        SettingsError: A key is unknown, or the argument is not a mapping.
    """
    from hub_typed.errors import SettingsError

    if not isinstance(proxies, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # a URL is a common mistake
        raise SettingsError(f"{argument} must be a dict, such as {{'https': 'http://proxy.test:3128'}}.")
    for key in proxies:
        if not (_KEY.fullmatch(key) or key.lower() in (*_EXCLUSIONS, *_OTHER_PROTOCOLS)):
            raise SettingsError(
                f"The key {display_url(key)!r} in {argument} is unknown. Pass 'http', 'https' or 'all', one of them "
                "with a host, such as 'https://hub.test', or 'no_proxy'."
            )


def find_proxy_key(url: Url, proxies: Mapping[str, str | None]) -> str | None:
    """Return the most specific key for a URL: with its host, then its scheme, then ``all``; ``None`` without one."""
    if not proxies:
        return None
    known = {_normalized(key): key for key in proxies}
    return next((known[key] for key in _keys(url) if key in known), None)


def excluded_hosts(proxies: Mapping[str, str | None]) -> str:
    """Return the hosts to connect to without a proxy, separated by commas."""
    return next((value for key in _EXCLUSIONS if (value := proxies.get(key))), "")


def _normalized(key: str) -> str:
    return (key if "://" in key else f"{key}://").lower()


def _keys(url: Url) -> Iterator[str]:
    labels = url.host.split(".")
    for scheme in (url.scheme, "all"):
        yield f"{scheme}://{url.host}:{url.port}"
        yield f"{scheme}://{url.host}"
        for number in range(len(labels)):  # `*.hub.test` is any subdomain, `*hub.test` the domain itself, too
            domain = ".".join(labels[number:])
            if number > 0:
                yield f"{scheme}://*.{domain}"
            yield f"{scheme}://*{domain}"
        yield f"{scheme}://*"
        yield f"{scheme}://"
