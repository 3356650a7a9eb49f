"""URIs of repositories and buckets, and of files in them: ``hf://datasets/owner/name@revision/path``."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias
from urllib.parse import quote, unquote

import attrs

from hub_typed.errors import HfUriError
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT
from hub_typed.urls.repo_types import TYPES_BY_PLURAL, KnownRepoType
from hub_typed.urls.url import InvalidUrlError, display_url, parse_url
from hub_typed_api.path import HFValidationError, checked_file, checked_repo_id

__all__ = ["HfUri", "is_hf_uri", "parse_hf_uri"]

HfUriType: TypeAlias = KnownRepoType | Literal["bucket"]
"""Type of a repository, or of a bucket."""

_SCHEME: Final = "hf://"
_FORM: Final = "hf://[models/|datasets/|spaces/|kernels/|buckets/]owner/name[@revision][/path]"
_TYPES: Final[dict[str, HfUriType]] = {**TYPES_BY_PLURAL, "buckets": "bucket"}
_REF: Final = r"refs/(?:pr/[0-9]+|convert/[^/]+)"
"""A ref whose slashes need no ``%2F``."""
_SPECIAL_REF: Final = re.compile(_REF)
_BODY: Final = re.compile(
    rf"(?P<id>[^/@]*/[^/@]*)(?:@(?P<revision>{_REF}(?![^/])|[^/]*))?(?:/(?P<path>.*))?", re.DOTALL
)
_PAGE: Final = re.compile(
    rf"(?P<id>[^/]+/[^/]+)(?:/(?P<route>[^/]+)(?:/(?P<revision>{_REF}(?![^/])|[^/]+)(?:/(?P<path>.*))?)?)?", re.DOTALL
)
_BUCKET_PAGE: Final = re.compile(r"(?P<id>[^/]+/[^/]+)(?:/(?P<route>[^/]+)(?:/(?P<path>.*))?)?", re.DOTALL)
_HAS_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_HOSTS: Final = ("huggingface.co", "hf.co", "hub-ci.huggingface.co")
_ROUTES: Final = ("blob", "blame", "raw", "resolve", "tree")
_BUCKET_ROUTES: Final = ("resolve", "tree")


@attrs.frozen
class HfUri:
    """A repository, a bucket, or a file or folder in one.

    Attributes:
        type: ``model``, ``dataset``, ``space``, ``kernel`` or ``bucket``.
        id: Name, ``owner/name``.
        revision: Branch, tag, other ref or commit; ``None`` if not given, and for a bucket.
        path_in_repo: Path in the repository or bucket, without slashes around it; empty for all of it.
    """

    type: HfUriType
    id: str
    revision: str | None = None
    path_in_repo: str = ""

    def __attrs_post_init__(self) -> None:
        if self.type not in _TYPES.values():
            raise HfUriError(f"the type {self.type!r} is not one of {', '.join(_TYPES.values())}")
        try:
            checked_repo_id(self.id)
            if self.path_in_repo:
                checked_file(self.path_in_repo)
        except HFValidationError as error:
            raise HfUriError(str(error).rstrip(".")) from None
        if "/" not in self.id:
            raise HfUriError(f"{self.id!r} is not owner/name")
        if self.revision == "":
            raise HfUriError(f"the revision of {self.id} is empty")
        if self.is_bucket and self.revision is not None:
            raise HfUriError(f"{self.id} is a bucket, which has no revisions")

    @property
    def is_bucket(self) -> bool:
        """Whether it is a bucket, or a file or folder in one."""
        return self.type == "bucket"

    @property
    def is_repo(self) -> bool:
        """Whether it is a repository, or a file or folder in one."""
        return not self.is_bucket

    def to_uri(self) -> str:
        """Return the URI, with its type: ``hf://models/owner/name``."""
        path = f"/{self.path_in_repo}" if self.path_in_repo else ""
        return f"{_SCHEME}{self.type}s/{self.id}{self._revision('@')}{path}"

    def to_url(self, endpoint: str | None = None) -> str:
        """Return the URL of the page on the Hub; for a path without revision, that of ``main``.

        The page of a path is that of a file; the Hub redirects it if the path is a folder.

        Args:
            endpoint: URL of the Hub; ``https://huggingface.co`` if not given.
        """
        kind = "" if self.type == "model" else f"{self.type}s/"
        home = f"{(endpoint or DEFAULT_ENDPOINT).rstrip('/')}/{kind}{self.id}"
        path = f"/{quote(self.path_in_repo)}" if self.path_in_repo else ""
        if self.is_bucket:
            return f"{home}/tree{path}" if path else home
        if path:
            return f"{home}/blob{self._revision('/') or '/main'}{path}"
        return f"{home}/tree{self._revision('/')}" if self.revision else home

    def _revision(self, mark: str) -> str:
        """Return the revision after a mark, encoded such that `parse_hf_uri` finds its end."""
        if self.revision is None:
            return ""
        return mark + (self.revision if _SPECIAL_REF.fullmatch(self.revision) else quote(self.revision, safe="@:"))


def is_hf_uri(uri: str) -> bool:
    """Whether `parse_hf_uri` accepts a text."""
    try:
        parse_hf_uri(uri)
    except HfUriError:
        return False
    return True


def parse_hf_uri(uri: str, endpoint: str | None = None) -> HfUri:
    """Parse a URI of the Hub, or the URL of the page of a repository, a bucket, or a file or folder in one.

    In a URI, slashes of a revision are written as ``%2F``, except in ``refs/pr/1`` and ``refs/convert/parquet``.

    Args:
        uri: ``hf://[TYPE/]owner/name[@revision][/path]``, where ``TYPE`` is ``models`` (if left out), ``datasets``,
            ``spaces``, ``kernels`` or ``buckets``; or a URL, with or without ``https://``, whose query is ignored.
        endpoint: URL of a further Hub whose pages are accepted, beside those of ``https://huggingface.co``.

    Raises:
        HfUriError: The text is neither.
    """
    try:
        return _parse_body(uri.removeprefix(_SCHEME)) if uri.startswith(_SCHEME) else _parse_page(uri, endpoint)
    except (HfUriError, InvalidUrlError) as error:
        shown = uri if uri.startswith(_SCHEME) else display_url(uri)
        raise HfUriError(f"{shown!r} is no URI of the Hub: {error}. Pass {_FORM}.") from None


def _parse_body(body: str) -> HfUri:
    """Parse a URI without its scheme."""
    kind, _, rest = body.partition("/")
    if f"{kind}s" in _TYPES and rest.count("/"):
        raise HfUriError(f"its type is the plural {kind}s, not {kind}")
    match = _BODY.fullmatch(rest if kind in _TYPES else body)
    if match is None:
        raise HfUriError("it does not name owner/name")
    revision = None if match["revision"] is None else unquote(match["revision"])
    return HfUri(_TYPES.get(kind, "model"), match["id"], revision, (match["path"] or "").removesuffix("/"))


def _parse_page(text: str, endpoint: str | None) -> HfUri:
    """Parse the URL of a page."""
    path = _path_of_page(text, endpoint).strip("/")
    kind, _, rest = path.partition("/")
    is_bucket = _TYPES.get(kind) == "bucket"
    match = (_BUCKET_PAGE if is_bucket else _PAGE).fullmatch(rest if kind in _TYPES else path)
    if match is None:
        raise HfUriError("it is not a page of owner/name")
    if match["route"] not in (None, *(_BUCKET_ROUTES if is_bucket else _ROUTES)):
        raise HfUriError(f"a page /{match['route']} stands for no file or folder")
    revision = None if is_bucket or match["revision"] is None else unquote(match["revision"])
    return HfUri(_TYPES.get(kind, "model"), match["id"], revision, unquote(match["path"] or ""))


def _path_of_page(text: str, endpoint: str | None) -> str:
    """Return the path of a URL below the Hub.

    Raises:
        InvalidUrlError: It is not a URL.
        HfUriError: It is on another host.
    """
    page = parse_url(text if _HAS_SCHEME.match(text) else f"https://{text}", account=True)
    if endpoint is not None:
        home = parse_url(endpoint, account=True)
        base = home.path.rstrip("/")
        if page.origin == home.origin and f"{page.path}/".startswith(f"{base}/"):
            return page.path[len(base) :]
    if page.host not in _HOSTS:
        raise HfUriError(f"{page.host} is not the host of the Hub")
    return page.path
