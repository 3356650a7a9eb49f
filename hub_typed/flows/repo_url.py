"""URL of a repository, with its parts."""

from __future__ import annotations

from typing import Self

from hub_typed.settings import Settings
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT, Endpoint
from hub_typed.urls.repo_types import TYPES_BY_PLURAL
from hub_typed.urls.url import InvalidUrlError, display_url, parse_url
from hub_typed_api.path import checked_repo_id

__all__ = ["DuplicatedRepoUrl", "RepoUrl"]


class RepoUrl(str):
    """URL of a repository, with its parts as attributes.

    Attributes:
        endpoint: URL of the Hub.
        namespace: Owner; ``None`` for a canonical repository, for example ``gpt2``.
        repo_name: Name without the owner.
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``.
    """

    __slots__ = ("endpoint", "namespace", "repo_id", "repo_name", "repo_type")

    endpoint: str
    namespace: str | None
    repo_name: str
    repo_id: str
    repo_type: str

    def __new__(cls, url: object, endpoint: str | None = None) -> Self:
        """Parse a URL.

        Args:
            url: URL on the Hub, ``hf://...``, or only the path of these, for example ``datasets/owner/name``.
            endpoint: URL of the Hub; if not given, the host of ``url``, or ``HF_ENDPOINT``.

        Raises:
            ValueError: ``url`` is not the URL of a repository.
        """
        text, home = str(url), Endpoint.of(endpoint) if endpoint else None
        if home and (text + "/").startswith(DEFAULT_ENDPOINT + "/"):
            text = home + text[len(DEFAULT_ENDPOINT) :]
        home = home or _endpoint_of(text)
        rest = text.removeprefix(home) if text.startswith(home) else text.removeprefix("hf://")
        repo_type, repo_id = _parse_path(text, rest)
        self = super().__new__(cls, text)
        self.endpoint, self.repo_type, self.repo_id = home, repo_type, repo_id
        owner, _, self.repo_name = repo_id.rpartition("/")
        self.namespace = owner or None
        return self

    @property
    def url(self) -> str:
        """The URL as a plain string."""
        return str(self)

    def __reduce__(self) -> tuple[type[RepoUrl], tuple[object, ...]]:
        return RepoUrl, (str(self), self.endpoint)

    def __repr__(self) -> str:
        url, endpoint = display_url(str(self)), display_url(self.endpoint)
        return f"RepoUrl('{url}', endpoint='{endpoint}', repo_type='{self.repo_type}', repo_id='{self.repo_id}')"


class DuplicatedRepoUrl(RepoUrl):
    """URL of a copy of a repository, as returned by `duplicate_repo`.

    Attributes:
        files_copy_pending: Whether the Hub is still copying the large files, which may not be downloadable until then.
    """

    __slots__ = ("files_copy_pending",)

    files_copy_pending: bool

    def __new__(cls, url: object, endpoint: str | None = None, files_copy_pending: bool = False) -> Self:
        """Parse a URL; see `RepoUrl`."""
        self = super().__new__(cls, url, endpoint)
        self.files_copy_pending = files_copy_pending
        return self

    def __reduce__(self) -> tuple[type[RepoUrl], tuple[object, ...]]:
        return DuplicatedRepoUrl, (str(self), self.endpoint, self.files_copy_pending)


def _endpoint_of(url: str) -> Endpoint:
    """Return the endpoint of a URL: that of the environment if it matches, otherwise its host."""
    endpoint = Settings.from_environment().endpoint
    if not url.lower().startswith(("http://", "https://")) or url.startswith(endpoint + "/"):
        return endpoint
    try:
        parsed = parse_url(url)
    except InvalidUrlError as error:
        raise ValueError(f"{display_url(url)!r} is not the URL of a repository: {error}.") from None
    return Endpoint.of(parsed.text.removesuffix(parsed.target))


def _parse_path(url: str, rest: str) -> tuple[str, str]:
    """Return the type and name of the repository in the path of a URL."""
    parts = rest.strip("/").split("/")
    repo_type = "model"
    if parts[0] in TYPES_BY_PLURAL:
        repo_type, parts = TYPES_BY_PLURAL[parts[0]], parts[1:]
    elif len(parts) == 3 and parts[0] in TYPES_BY_PLURAL.values():
        repo_type, parts = parts[0], parts[1:]
    try:
        return repo_type, checked_repo_id("/".join(parts))
    except ValueError as error:
        raise ValueError(f"{display_url(url)!r} is not the URL of a repository: {error}") from error
