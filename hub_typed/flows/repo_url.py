"""URL of a repository, with its parts."""

from __future__ import annotations

from typing import Self

from hub_typed.settings import Settings
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT, Endpoint
from hub_typed.urls.url import InvalidUrlError, parse_url, shown
from hub_typed_api.path import checked_repo_id

__all__ = ["RepoUrl"]

_TYPES = {"models": "model", "datasets": "dataset", "spaces": "space"}


class RepoUrl(str):
    """URL of a repository, with its parts as attributes.

    Attributes:
        endpoint: URL of the Hub it lies on.
        namespace: Its owner; ``None`` for a canonical repository, as ``gpt2``.
        repo_name: Its name without the owner.
        repo_id: Its name as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``.
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
            url: A web address on the Hub, ``hf://...``, or what follows these, as ``datasets/owner/name``.
            endpoint: URL of the Hub; if not given, that of the address, or of ``HF_ENDPOINT``.

        Raises:
            ValueError: It is no URL of a repository.
        """
        text, home = str(url), Endpoint.of(endpoint) if endpoint else None
        if home and (text + "/").startswith(DEFAULT_ENDPOINT + "/"):
            text = home + text[len(DEFAULT_ENDPOINT) :]
        home = home or _home(text)
        rest = text.removeprefix(home) if text.startswith(home) else text.removeprefix("hf://")
        repo_type, repo_id = _parts(text, rest)
        self = super().__new__(cls, text)
        self.endpoint, self.repo_type, self.repo_id = home, repo_type, repo_id
        owner, _, self.repo_name = repo_id.rpartition("/")
        self.namespace = owner or None
        return self

    @property
    def url(self) -> str:
        """The URL as plain text."""
        return str(self)

    def __reduce__(self) -> tuple[type[RepoUrl], tuple[str, str]]:
        return RepoUrl, (str(self), self.endpoint)

    def __repr__(self) -> str:
        url, endpoint = shown(str(self)), shown(self.endpoint)
        return f"RepoUrl('{url}', endpoint='{endpoint}', repo_type='{self.repo_type}', repo_id='{self.repo_id}')"


def _home(url: str) -> Endpoint:
    """Endpoint of a URL: that of the environment if it matches, else its host."""
    endpoint = Settings.from_environment().endpoint
    if not url.lower().startswith(("http://", "https://")) or url.startswith(endpoint + "/"):
        return endpoint
    try:
        found = parse_url(url)
    except InvalidUrlError as error:
        raise ValueError(f"{shown(url)!r} is no URL of a model, dataset or Space: {error}.") from None
    return Endpoint.of(found.text.removesuffix(found.target))


def _parts(url: str, rest: str) -> tuple[str, str]:
    """Parse type and id of the repository from the path of a URL."""
    parts = rest.strip("/").split("/")
    repo_type = "model"
    if parts[0] in _TYPES:
        repo_type, parts = _TYPES[parts[0]], parts[1:]
    elif len(parts) == 3 and parts[0] in _TYPES.values():
        repo_type, parts = parts[0], parts[1:]
    try:
        return repo_type, checked_repo_id("/".join(parts))
    except ValueError as error:
        raise ValueError(f"{shown(url)!r} is no URL of a model, dataset or Space: {error}") from error
