"""Settings of a client, read from the environment when it is built."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from hub_typed.urls import endpoint as endpoints

if TYPE_CHECKING:
    from hub_typed.progress import TransferEvent

__all__ = ["Settings"]

DEFAULT_ENDPOINT = endpoints.DEFAULT_ENDPOINT


def _endpoint(value: str) -> endpoints.Endpoint:
    return endpoints.Endpoint.of(value)


def _with_account(endpoint: endpoints.Endpoint) -> tuple[str, str | None]:
    return str(endpoint), endpoint.account


def _shown_url(url: str) -> str:
    from hub_typed.urls.url import shown

    return repr(shown(url))


def _shown_proxies(proxies: Mapping[str, str] | None) -> str:
    return "None" if proxies is None else f"{{{', '.join(f'{k!r}: {_shown_url(v)}' for k, v in proxies.items())}}}"


@attrs.frozen(kw_only=True)
class Settings:
    """Configuration of a client.

    Attributes:
        endpoint: URL of the Hub. A user and password in it (``https://user:password@hub.test``) are sent to the Hub
            where no token is, and never shown.
        cache_dir: Folder of the cache of downloaded files.
        token_path: File that holds the token of this machine.
        implicit_token: Whether the stored token is sent where none is asked for.
        offline: Refuse every request.
        connect_timeout: Seconds until a connection must stand.
        read_timeout: Seconds without a byte until a connection counts as dead.
        deadline: Seconds until a whole answer must be there, repeated requests and redirects included. Bodies
            of downloads and uploads do not count, nor do waits that a rate limit asks for.
        etag_timeout: The same, for the question what a file is.
        download_timeout: Seconds without a byte of a file until its connection counts as dead.
        max_response_size: Bytes that an answer of the API may have at most, counted after decompression.
        attempts: How often a request that may be repeated is sent at most.
        backoff: Seconds of the first wait between attempts; doubled each time, shortened at random.
        longest_backoff: Seconds the wait grows to.
        longest_wait: Seconds the Hub may ask for (``Retry-After``, ``RateLimit``) before an error is raised instead.
        concurrency: Connections and threads of one client at most.
        proxies: Proxy URL by scheme (``http``, ``https``, ``all``); those of the environment if ``None``.
        no_proxy: Hosts, domains, IP addresses and networks (``10.0.0.0/8``), separated by commas, that are reached
            without a proxy.
        ca_bundle: File of certificates to trust instead of the system's.
        symlinks: Whether the cache may use symbolic links.
        progress: ``None``: a bar on a terminal; ``True``, ``False``: always, never; a function gets every event.
    """

    endpoint: endpoints.Endpoint = attrs.field(
        default=endpoints.Endpoint(DEFAULT_ENDPOINT), converter=_endpoint, eq=_with_account
    )
    cache_dir: str = attrs.field(factory=lambda: os.path.join(_home(os.environ), "hub"))
    token_path: str = attrs.field(factory=lambda: os.path.join(_home(os.environ), "token"))
    implicit_token: bool = True
    offline: bool = False
    connect_timeout: float = 10
    read_timeout: float = 30
    deadline: float = 120
    etag_timeout: float = 10
    download_timeout: float = 10
    max_response_size: int = 64 << 20
    attempts: int = 5
    backoff: float = 0.5
    longest_backoff: float = 20
    longest_wait: float = 300
    concurrency: int = 16
    proxies: Mapping[str, str] | None = attrs.field(default=None, repr=_shown_proxies)
    no_proxy: str = ""
    ca_bundle: str | None = None
    symlinks: bool = True
    progress: bool | Callable[[TransferEvent], None] | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from environment variables, under the official client's names.

        Args:
            environ: In place of the process's own.
        """
        env = os.environ if environ is None else environ
        home = _home(env)
        bars = env.get("HF_HUB_DISABLE_PROGRESS_BARS")
        return cls(
            endpoint=env.get("HF_ENDPOINT") or DEFAULT_ENDPOINT,
            cache_dir=_path(env.get("HF_HUB_CACHE") or env.get("HUGGINGFACE_HUB_CACHE") or os.path.join(home, "hub")),
            token_path=_path(env.get("HF_TOKEN_PATH") or os.path.join(home, "token")),
            implicit_token=not _true(env.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")),
            offline=_true(env.get("HF_HUB_OFFLINE")) or _true(env.get("TRANSFORMERS_OFFLINE")),
            etag_timeout=_seconds(env, "HF_HUB_ETAG_TIMEOUT", 10),
            download_timeout=_seconds(env, "HF_HUB_DOWNLOAD_TIMEOUT", 10),
            proxies=_proxies(env),
            no_proxy=env.get("no_proxy") or env.get("NO_PROXY") or "",
            ca_bundle=env.get("REQUESTS_CA_BUNDLE") or env.get("SSL_CERT_FILE") or None,
            symlinks=not _true(env.get("HF_HUB_DISABLE_SYMLINKS")),
            progress=None if bars is None else not _true(bars),
        )


def _home(env: Mapping[str, str]) -> str:
    caches = env.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    return _path(env.get("HF_HOME") or os.path.join(caches, "huggingface"))


def _path(text: str) -> str:
    return os.path.expandvars(os.path.expanduser(text))


def _true(value: str | None) -> bool:
    return (value or "").upper() in ("1", "ON", "YES", "TRUE")


def _seconds(env: Mapping[str, str], name: str, usual: float) -> float:
    text = env.get(name)
    if not text:
        return usual
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}; it must be a number of seconds, as {usual:g}.") from None


def _proxies(env: Mapping[str, str]) -> Mapping[str, str] | None:
    """Proxies of the environment. A variable in lower case wins; an empty one disables the proxy."""
    names = {scheme: f"{scheme}_proxy" for scheme in ("http", "https", "all")}
    found = {scheme: env.get(name, env.get(name.upper(), "")) for scheme, name in names.items()}
    return {scheme: value for scheme, value in found.items() if value} or None
