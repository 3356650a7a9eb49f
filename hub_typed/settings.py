"""Settings of a client, read from the environment when it is built."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import attrs

from hub_typed.urls import endpoint as endpoints

if TYPE_CHECKING:
    from hub_typed.progress import JobObserver, Observer

__all__ = ["Settings"]

DEFAULT_ENDPOINT = endpoints.DEFAULT_ENDPOINT
INFERENCE_ENDPOINTS = "https://api.endpoints.huggingface.cloud"
"""Server of Inference Endpoints in the spec."""
INFERENCE_CATALOG = "https://endpoints.huggingface.co"
"""Server of the catalog of Inference Endpoints in the spec."""
DATASET_VIEWER = "https://datasets-server.huggingface.co"
"""Server of the dataset viewer in the spec."""
SERVER_VARIABLES = {
    INFERENCE_ENDPOINTS: "HF_INFERENCE_ENDPOINTS_ENDPOINT",
    INFERENCE_CATALOG: "HUB_TYPED_INFERENCE_CATALOG_ENDPOINT",
    DATASET_VIEWER: "HUB_TYPED_DATASET_VIEWER_ENDPOINT",
}
"""Variables with the URLs that replace other servers of the spec."""
Links: TypeAlias = Literal["refuse", "follow"]
RATE_VARIABLES = {
    "max_download_rate": "HUB_TYPED_MAX_DOWNLOAD_RATE",
    "max_upload_rate": "HUB_TYPED_MAX_UPLOAD_RATE",
}
MAX_SECONDS = 1e9
"""Longest time limit; that of sockets is a little longer."""
LINKS_VARIABLE = "HUB_TYPED_LOCAL_DIR_LINKS"
_assigned: dict[str, str] = {}
"""Values that take the place of environment variables; see `hub_typed.constants`."""


def process_environment() -> Mapping[str, str]:
    """Return the environment variables of the process, with the values that `assign_variable` put in their place."""
    return {**os.environ, **_assigned} if _assigned else os.environ


def assign_variable(name: str, value: str | None) -> None:
    """Put a value in the place of an environment variable, for this library alone; ``None`` removes it again."""
    if value is None:
        _assigned.pop(name, None)
    else:
        _assigned[name] = value


def _endpoint(value: str) -> endpoints.Endpoint:
    return endpoints.Endpoint.of(value, "Settings(endpoint=...)")


def _servers(value: Mapping[str, str]) -> Mapping[str, str]:
    return {
        server.rstrip("/"): str(endpoints.Endpoint.of(url, "Settings(servers=...)")) for server, url in value.items()
    }


def _expanded(path: str | os.PathLike[str]) -> str:
    return os.path.expanduser(path)


def _endpoint_and_account(endpoint: endpoints.Endpoint) -> tuple[str, str | None]:
    return str(endpoint), endpoint.account


def _repr_url(url: str) -> str:
    from hub_typed.urls.url import display_url

    return repr(display_url(url))


def _repr_proxies(proxies: Mapping[str, str] | None) -> str:
    return "None" if proxies is None else f"{{{', '.join(f'{k!r}: {_repr_url(v)}' for k, v in proxies.items())}}}"


def _checked_proxies(proxies: Mapping[str, str] | None) -> Mapping[str, str] | None:
    if proxies:
        from hub_typed.urls.proxy_keys import check_proxy_keys

        check_proxy_keys(proxies, "Settings(proxies=...)")
    return proxies


def _download_rate(value: float | str | None) -> float | None:
    return _rate("max_download_rate", value)


def _upload_rate(value: float | str | None) -> float | None:
    return _rate("max_upload_rate", value)


def _rate(name: str, value: float | str | None) -> float | None:
    try:
        rate = None if value is None else float(value)
    except ValueError:
        rate = 0.0
    if rate is None or 0 < rate < math.inf:
        return rate
    from hub_typed.errors import SettingsError

    raise SettingsError(
        f"{name} is {value!r}: pass a positive number of bytes per second, such as 1e6, or None for no limit, with "
        f"Settings({name}=...) or the environment variable {RATE_VARIABLES[name]}."
    )


def _at_least_one(_settings: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value < 1:
        from hub_typed.errors import SettingsError

        raise SettingsError(f"{attribute.name} is {value}: pass at least 1 with Settings({attribute.name}=...).")


def check_seconds(name: str, value: object) -> None:
    """Check a time limit.

    Raises:
        SettingsError: It is not a number of seconds that a socket can wait.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_SECONDS:
        from hub_typed.errors import SettingsError

        raise SettingsError(f"{name} is {value!r}: pass a positive number of seconds up to 1e9, such as {name}=60.")


def _seconds_of_socket(_settings: object, attribute: attrs.Attribute[float], value: object) -> None:
    check_seconds(attribute.name, value)


def _links(value: Links) -> Links:
    if value not in ("refuse", "follow"):
        from hub_typed.errors import SettingsError

        raise SettingsError(
            f"local_dir_links is {value!r}: pass 'refuse' or 'follow' with Settings(local_dir_links=...) or the "
            f"environment variable {LINKS_VARIABLE}."
        )
    return value


@attrs.frozen(kw_only=True)
class Settings:
    """Configuration of a client.

    Attributes:
        endpoint: URL of the Hub. A user and password in it (``https://user:password@hub.test``) are sent to the Hub
            with requests that have no token, and never appear in messages.
        servers: URLs that replace other servers of the spec, such as that of Inference Endpoints
            (``https://api.endpoints.huggingface.cloud``), for example by an embedded Hub. With another endpoint than
            the default one, only servers that are named here receive the token.
        cache_dir: Folder of the cache of downloaded files.
        token_path: File of the stored token.
        implicit_token: Whether the stored token is sent if the caller passes none.
        offline: Whether every request is refused.
        connect_timeout: Seconds to establish a connection.
        read_timeout: Seconds without received bytes until a request times out.
        write_timeout: Seconds in which the server takes no byte of a request until the request times out.
        answer_timeout: Seconds for the response to an upload or a commit, after the server has taken its last byte.
        deadline: Seconds for a complete response, including retries and redirects. Bodies of downloads and uploads and
            delays requested by a rate limit do not count.
        etag_timeout: The same for the metadata of a file.
        download_timeout: Seconds without received bytes until a download times out.
        max_response_size: Maximum size of an API response in bytes, after decompression.
        attempts: Maximum number of attempts for a request that may be retried.
        backoff: Seconds before the first retry; doubled for each further one, then multiplied by a random fraction.
        longest_backoff: Maximum of the backoff in seconds.
        longest_wait: Longest delay in seconds that the Hub may request (``Retry-After``, ``RateLimit``); a longer one
            raises the error. With 429, such delays use up no attempts; their sum is at most that of ``attempts`` of the
            longest ones.
        concurrency: Maximum number of connections and threads of one client.
        max_download_rate: Maximum number of bytes of files received per second, by all threads of the client together
            (``HUB_TYPED_MAX_DOWNLOAD_RATE``); unlimited by default.
        max_upload_rate: The same for bytes of files sent (``HUB_TYPED_MAX_UPLOAD_RATE``). With Xet storage, it applies
            to the bytes that are read; what is new of them is sent in requests of up to 64 MiB, at full speed.
        xet: Whether large files are transferred with Xet storage if the Hub offers it and `hf_xet` (extra ``xet``) is
            installed; ``HF_HUB_DISABLE_XET`` switches it off. `hf_xet` reads further variables (``HF_XET_*``) itself.
        xet_memory: Maximum number of bytes that all downloads with Xet storage buffer, and that an upload has in
            requests at the same time, which have at most 64 MiB each; it collects the next ones meanwhile.
        proxies: Proxy URL by scheme (``http``, ``https``, ``all``), or by scheme and host (``https://hub.test``), and
            ``no_proxy``; the keys of httpx (``https://``, ``all://*.hub.test``) work, too. SOCKS proxies
            (``socks5h://...``) need the extra ``socks``.
        no_proxy: Hosts, domains, IP addresses and networks (``10.0.0.0/8``) to connect to without a proxy, separated by
            commas.
        ca_bundle: File of trusted certificates, instead of the system's.
        symlinks: Whether the cache may use symbolic links.
        local_dir_links: Whether downloads to ``local_dir`` write through symbolic links to folders inside it:
            ``refuse``, since a cloned folder may contain links, or ``follow``, for folders that you linked to another
            disk. A link in place of a file is replaced; links in the cache are never followed.
        progress: ``None`` shows progress bars on a terminal and in notebooks; ``True`` elsewhere, too, as a line every
            few seconds on the standard error; ``False`` never. A function receives every event of transfers, a
            `JobObserver` those of jobs, too. `disable_progress_bars` and ``HF_HUB_DISABLE_PROGRESS_BARS`` switch bars
            off.
    """

    endpoint: endpoints.Endpoint = attrs.field(
        default=endpoints.Endpoint(DEFAULT_ENDPOINT), converter=_endpoint, eq=_endpoint_and_account
    )
    servers: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_servers)
    cache_dir: str = attrs.field(factory=lambda: os.path.join(home(process_environment()), "hub"), converter=_expanded)
    token_path: str = attrs.field(
        factory=lambda: os.path.join(home(process_environment()), "token"), converter=_expanded
    )
    implicit_token: bool = True
    offline: bool = False
    connect_timeout: float = attrs.field(default=10.0, validator=_seconds_of_socket)
    read_timeout: float = attrs.field(default=30.0, validator=_seconds_of_socket)
    write_timeout: float = attrs.field(default=30.0, validator=_seconds_of_socket)
    answer_timeout: float = attrs.field(default=300.0, validator=_seconds_of_socket)
    deadline: float = 120
    etag_timeout: float = 10
    download_timeout: float = 10
    max_response_size: int = 64 << 20
    attempts: int = 5
    backoff: float = 0.5
    longest_backoff: float = 20
    longest_wait: float = 300
    concurrency: int = attrs.field(default=32, validator=_at_least_one)
    max_download_rate: float | None = attrs.field(default=None, converter=_download_rate)
    max_upload_rate: float | None = attrs.field(default=None, converter=_upload_rate)
    xet: bool = True
    xet_memory: int = attrs.field(default=128 << 20, validator=_at_least_one)
    proxies: Mapping[str, str] | None = attrs.field(default=None, converter=_checked_proxies, repr=_repr_proxies)
    no_proxy: str = ""
    ca_bundle: str | None = attrs.field(default=None, converter=attrs.converters.optional(_expanded))
    symlinks: bool = True
    local_dir_links: Links = attrs.field(default="refuse", converter=_links)
    progress: bool | Observer | JobObserver | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from environment variables, under the official client's names.

        Args:
            environ: Environment variables; those of the process by default.

        Raises:
            SettingsError: The value of a variable is invalid.
        """
        env = process_environment() if environ is None else environ
        folder = home(env)
        bars = env.get("HF_HUB_DISABLE_PROGRESS_BARS")
        return cls(
            endpoint=_variable_url(env, "HF_ENDPOINT") or DEFAULT_ENDPOINT,
            servers={
                server: url
                for server, name in SERVER_VARIABLES.items()
                if (url := _variable_url(env, name)) is not None
            },
            cache_dir=expanded_path(
                env.get("HF_HUB_CACHE") or env.get("HUGGINGFACE_HUB_CACHE") or os.path.join(folder, "hub")
            ),
            token_path=expanded_path(env.get("HF_TOKEN_PATH") or os.path.join(folder, "token")),
            implicit_token=not is_true(env.get("HF_HUB_DISABLE_IMPLICIT_TOKEN")),
            offline=is_true(env.get("HF_HUB_OFFLINE") or env.get("TRANSFORMERS_OFFLINE")),
            etag_timeout=_seconds(env, "HF_HUB_ETAG_TIMEOUT", 10),
            download_timeout=_seconds(env, "HF_HUB_DOWNLOAD_TIMEOUT", 10),
            max_download_rate=_download_rate(env.get(RATE_VARIABLES["max_download_rate"]) or None),
            max_upload_rate=_upload_rate(env.get(RATE_VARIABLES["max_upload_rate"]) or None),
            xet=not is_true(env.get("HF_HUB_DISABLE_XET")),
            proxies=_proxies(env),
            no_proxy=_proxy_variable(env, "no_proxy"),
            ca_bundle=env.get("REQUESTS_CA_BUNDLE") or env.get("CURL_CA_BUNDLE") or env.get("SSL_CERT_FILE") or None,
            symlinks=not is_true(env.get("HF_HUB_DISABLE_SYMLINKS")),
            local_dir_links=cast("Links", (env.get(LINKS_VARIABLE) or "refuse").strip().lower()),
            progress=None if bars is None else not is_true(bars),
        )


def home(env: Mapping[str, str]) -> str:
    """Return the folder of caches and tokens, ``HF_HOME``."""
    caches = env.get("XDG_CACHE_HOME") or os.path.join("~", ".cache")
    return expanded_path(env.get("HF_HOME") or os.path.join(caches, "huggingface"))


def expanded_path(text: str) -> str:
    """Return a path with its variables and ``~`` expanded."""
    return os.path.expandvars(os.path.expanduser(text))


def is_true(value: str | None) -> bool:
    """Return whether the value of a variable means yes."""
    return (value or "").upper() in ("1", "ON", "YES", "TRUE")


def _seconds(env: Mapping[str, str], name: str, default: float) -> float:
    text = env.get(name)
    if not text:
        return default
    try:
        return float(text)
    except ValueError:
        from hub_typed.errors import SettingsError

        raise SettingsError(f"{name} must be a number of seconds, such as {default:g}, not {text!r}.") from None


def _proxies(env: Mapping[str, str]) -> Mapping[str, str] | None:
    found = {scheme: _proxy_variable(env, f"{scheme}_proxy") for scheme in ("http", "https", "all")}
    return {scheme: value for scheme, value in found.items() if value} or None


def _proxy_variable(env: Mapping[str, str], name: str) -> str:
    """Return the value of a variable. In lower case, it takes precedence, and an empty one switches the other off."""
    return env.get(name, env.get(name.upper(), ""))


def _variable_url(env: Mapping[str, str], name: str) -> endpoints.Endpoint | None:
    value = env.get(name)
    return endpoints.Endpoint.of(value, f"the environment variable {name}") if value else None
