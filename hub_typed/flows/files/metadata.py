"""Metadata of a file on the Hub (resolve URL, etag, size, commit), requested before it is downloaded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import attrs

from hub_typed.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HubError,
    IntegrityError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed.flows.decorators import options_by_position
from hub_typed.flows.files.commit_tree import find_listed_file
from hub_typed.flows.files.head import send_head
from hub_typed.flows.files.offline import fallback_timeout
from hub_typed.flows.files.paths import COMMIT, checked_hash, is_hash, is_xet_hash
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.files.revision import request_commit
from hub_typed.http.header_values import link_target, whole_number
from hub_typed.http.io import Io
from hub_typed.http.requests import hub_url, resolve_reference
from hub_typed.logs.logger import log as _log
from hub_typed.settings import Settings
from hub_typed.urls.endpoint import Endpoint
from hub_typed.urls.repo_types import TYPES_BY_PLURAL
from hub_typed.urls.url import InvalidUrlError, display_url, parse_url
from hub_typed_api import path as rules
from hub_typed_api.fields import Fields
from hub_typed_api.models import RepoType
from hub_typed_api.operations import files as operations
from hub_typed_api.wire import Request, Response

__all__ = ["HfFileMetadata", "XetFileData", "file_exists", "get_hf_file_metadata", "hf_hub_url"]

DEFAULT_TIMEOUT: Final = 10
"""Default of ``etag_timeout`` and ``timeout``; stands for the value in the settings."""
_RESOLVE_PATH: Final = re.compile(
    r"/(?:(?P<kind>datasets|spaces|kernels)/)?(?P<repo>[^/]+(?:/[^/]+)?)/resolve/(?P<revision>[^/]+)/(?P<path>.+)"
)


@attrs.frozen
class XetFileData(Fields):
    """Where a file is in Xet storage.

    Attributes:
        file_hash: Hash of the content, 64 hexadecimal digits.
        refresh_route: URL at which the Hub provides a token to read it.
    """

    file_hash: str
    refresh_route: str


@attrs.frozen
class HfFileMetadata(Fields):
    """Metadata of a file on the Hub.

    Attributes:
        commit_hash: Commit of the requested revision, 40 hexadecimal digits.
        etag: Hash of the content: SHA-256 for an LFS file, git blob id for any other file.
        location: URL of the content; it may be signed and point to another host.
        size: Size of the content in bytes, also for an LFS file.
        xet_file_data: Where the content is in Xet storage; ``None`` if it is not there.
    """

    commit_hash: str | None
    etag: str | None
    location: str
    size: int | None
    xet_file_data: XetFileData | None = None


def hf_hub_url(
    repo_id: str,
    filename: str,
    *,
    subfolder: str | None = None,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    endpoint: str | None = None,
) -> str:
    """Build the resolve URL of a file, without sending a request.

    Args:
        filename: Path in the repository.
        subfolder: Folder that is prepended to ``filename``.
        revision: Branch, tag or commit; ``main`` if not given.
        endpoint: URL of the Hub; if not given, ``HF_ENDPOINT`` or https://huggingface.co.

    Raises:
        HFValidationError: The repository id, revision or path is invalid.
        SettingsError: The endpoint is not an http or https URL.
    """
    base = Endpoint.of(endpoint) if endpoint else Settings.from_environment().endpoint
    repository = f"{rules.web_type(repo_type)}{rules.repo_id(repo_id)}"
    return (
        f"{base}/{repository}/resolve/{rules.revision(revision or 'main')}/{rules.file(join_path(subfolder, filename))}"
    )


@options_by_position
async def get_hf_file_metadata(
    io: Io, url: str, *, proxies: Mapping[str, str | None] | None = None, timeout: float | None = DEFAULT_TIMEOUT
) -> HfFileMetadata:
    """Request the metadata of a file, without its content.

    What the response of a mirror lacks is taken from the file list of the repository.

    Args:
        url: URL of the file, as returned by `hf_hub_url`.
        proxies: Proxy URL by scheme (``http``, ``https``, ``all``), in place of those from the settings.
        timeout: Seconds to wait for the response; 10 stands for the value in the settings.

    Raises:
        ValueError: The URL is ambiguous, or not an http or https URL.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        GatedRepoError: The repository is gated, and access must be requested first.
        RevisionNotFoundError: The revision does not exist.
        EntryNotFoundError: The file does not exist.
    """
    io = io.with_proxies(proxies)
    request = Request(
        operation="files.resolve_head",
        method="HEAD",
        path=_checked_url(url, io.settings),
        headers={"accept-encoding": "identity"},  # otherwise the size would be that of the compressed file
        redirect="relative",  # an absolute Location is the URL of the content, and part of the result
    )
    seconds = metadata_timeout(io, timeout)
    response = await send_head(io, request, timeout=seconds, extend_for_rate_limit=timeout in (None, DEFAULT_TIMEOUT))
    found = _parse_metadata(request, response)
    if _is_complete(found) or (named := _parse_resolve_url(request.path, io.settings)) is None:
        return found
    return (await _complete_from_list(io, *named, found, timeout=seconds, single_attempt=False))[0]


def _checked_url(url: str, settings: Settings) -> str:
    try:
        found = parse_url(url, account=True)
        if found.account not in (None, settings.endpoint.account):
            parse_url(url)  # raises the error that describes the problem
        return found.text
    except InvalidUrlError as error:
        raise rules.HFValidationError(
            f"Invalid URL {display_url(url)!r}: {error}. Pass a URL as returned by hf_hub_url()."
        ) from None


async def file_exists(
    io: Io, repo_id: str, filename: str, *, repo_type: RepoType | None = None, revision: str | None = None
) -> bool:
    """Check whether a file exists in a repository.

    Args:
        filename: Path in the repository.
        revision: Branch, tag or commit; ``main`` if not given.

    Raises:
        GatedRepoError: The repository is gated, and access must be requested first.
    """
    call = operations.resolve_head(repo_id, filename, repo_type=repo_type, revision=revision)
    try:
        await send_head(io, call.request, timeout=io.settings.etag_timeout, extend_for_rate_limit=True)
    except GatedRepoError:
        raise
    except (RepositoryNotFoundError, RevisionNotFoundError, EntryNotFoundError):
        return False
    return True


async def get_remote_file(
    io: Io,
    repo_id: str,
    repo_type: str,
    path: str,
    revision: str,
    *,
    timeout: float | None,
    single_attempt: bool = False,
) -> RemoteFile:
    """Request the metadata of a file at a revision, as needed for a download.

    Args:
        timeout: Seconds to wait for the response.
        single_attempt: Send the request once, with a short timeout, since a file on disk can be used instead.

    Raises:
        FileMetadataError: Neither the response nor the file list has the commit, the ETag and the size.
        ProtocolError: The commit or the ETag is not a hash.
    """
    call = operations.resolve_head(repo_id, path, repo_type=repo_type, revision=revision)
    if single_attempt:
        timeout = fallback_timeout(timeout)
    response = await send_head(
        io, call.request, timeout=timeout, single_attempt=single_attempt, extend_for_rate_limit=True
    )
    found = _parse_metadata(call.request, response)
    failure: HubError | None = None
    if not _is_complete(found):
        found, failure = await _complete_from_list(
            io, repo_id, repo_type, revision, path, found, timeout=timeout, single_attempt=single_attempt
        )
    if found.commit_hash is None or found.etag is None or found.size is None:
        missing = [name for name in ("commit_hash", "etag", "size") if getattr(found, name) is None]
        raise FileMetadataError(
            f"{repo_id}: the response for {path!r} at {revision!r} lacks {', '.join(missing)}, and so does the list of "
            f"files. It may come from a proxy, a login page or a mirror instead of {io.settings.endpoint}."
        ) from failure
    return RemoteFile(
        repo_id=repo_id,
        repo_type=repo_type,
        commit=checked_hash(found.commit_hash, f"{repo_id}: the commit (X-Repo-Commit) of {path!r}"),
        path=path,
        etag=checked_hash(found.etag, f"{repo_id}: the ETag of {path!r}"),
        size=found.size,
        xet_hash=None if found.xet_file_data is None else found.xet_file_data.file_hash,
        location=found.location,
    )


async def correct_from_list(io: Io, remote: RemoteFile, error: IntegrityError, *, timeout: float | None) -> RemoteFile:
    """Return the metadata of a file from the file list, after a download that does not match those of the response.

    The ETag of a mirror may look like the hash of the content, and be another one.

    Args:
        error: Error of the download.
        timeout: Seconds to wait for each response.

    Raises:
        IntegrityError: The list confirms the metadata, or is not available.
    """
    try:
        listed = await find_listed_file(
            io, remote.repo_id, remote.repo_type, remote.commit, remote.path, timeout=timeout, single_attempt=False
        )
    except HubError as failure:
        _log.info("The metadata of %s in %s could not be confirmed: %s", remote.path, remote.repo_id, failure)
        listed = None
    corrected = None if listed is None else listed.remote(remote.repo_id, remote.repo_type, remote.commit)
    if corrected is None or (corrected.etag, corrected.size) == (remote.etag, remote.size):
        raise error
    _log.info("Downloading %s of %s again, with the hash from the file list", remote.path, remote.repo_id)
    return corrected


def _is_complete(found: HfFileMetadata) -> bool:
    """Whether a response has all metadata. That of a mirror may lack some, or have an ETag of its own."""
    return found.commit_hash is not None and is_hash(found.etag) and found.size is not None


async def _complete_from_list(
    io: Io,
    repo_id: str,
    repo_type: str,
    revision: str,
    path: str,
    found: HfFileMetadata,
    *,
    timeout: float | None,
    single_attempt: bool,
) -> tuple[HfFileMetadata, HubError | None]:
    """Replace missing and invalid metadata by that of the file list of the commit, as far as the server provides it.

    Returns:
        The metadata, and the error of a request that failed.
    """
    try:
        if found.commit_hash is None:
            commit = await request_commit(
                io, repo_id, repo_type, revision, timeout=timeout, single_attempt=single_attempt
            )
            found = attrs.evolve(found, commit_hash=commit)
        if not _is_complete(found) and is_hash(found.commit_hash):
            listed = await find_listed_file(
                io, repo_id, repo_type, found.commit_hash, path, timeout=timeout, single_attempt=single_attempt
            )
            if listed is not None and listed.etag is not None:
                found = attrs.evolve(found, etag=listed.etag, size=listed.size)
    except HubError as error:
        _log.info("The metadata of %s in %s could not be completed: %s", path, repo_id, error)
        return found, error
    return found, None


def _parse_resolve_url(url: str, settings: Settings) -> tuple[str, str, str, str] | None:
    """Return repository, type, revision and path of a resolve URL of the endpoint; ``None`` for any other URL."""
    base = parse_url(settings.endpoint).text
    parts = _RESOLVE_PATH.fullmatch(hub_url(url, settings).removeprefix(base).partition("?")[0])
    if parts is None:
        return None
    return parts["repo"], TYPES_BY_PLURAL[parts["kind"] or "models"], unquote(parts["revision"]), unquote(parts["path"])


_EMPTY = {
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
}
"""ETags of an empty file: git id, SHA-256."""


def commit_from_error(error: EntryNotFoundError) -> str | None:
    """Return the commit at which a file was not found, from the headers of the response."""
    commit = error.response.headers.get("x-repo-commit", "") if isinstance(error, HfHubHTTPError) else ""
    return commit if COMMIT.fullmatch(commit) else None


def metadata_timeout(io: Io, timeout: float | None) -> float | None:
    """Return the timeout of metadata requests; `DEFAULT_TIMEOUT` stands for the value in the settings."""
    return io.settings.etag_timeout if timeout == DEFAULT_TIMEOUT else timeout


def join_path(subfolder: str | None, filename: str) -> str:
    """Return the path in the repository."""
    return f"{subfolder}/{filename}" if subfolder else filename


def _parse_metadata(request: Request, response: Response) -> HfFileMetadata:
    headers = response.headers
    etag = headers.get("x-linked-etag") or headers.get("etag")
    size = content_size(response)
    etag = etag.removeprefix("W/").strip('"') if etag else None
    if size == 0 and etag not in _EMPTY:
        size = None  # some mirrors state the length of the response to HEAD, which has no body
    return HfFileMetadata(
        commit_hash=headers.get("x-repo-commit"),
        etag=etag,
        location=resolve_reference(request, response.url, headers.get("location", response.url)).text,
        size=size,
        xet_file_data=xet_file_data(headers),
    )


def content_size(response: Response) -> int | None:
    """Return the size of a file in bytes, from the response to a HEAD request; ``None`` if it does not tell."""
    headers = response.headers
    # The Content-Length of a redirect is the size of its own short body, that of an encoded body its encoded size.
    is_content = response.status < 300 and headers.get("content-encoding", "identity") == "identity"
    return whole_number(headers.get("x-linked-size") or (headers.get("content-length") if is_content else None))


def xet_file_data(headers: Mapping[str, str]) -> XetFileData | None:
    """Return where a file is in Xet storage, from the headers of a response; ``None`` if it is not there."""
    file_hash = headers.get("x-xet-hash")
    route = link_target(headers.get("link", ""), "xet-auth") or headers.get("x-xet-refresh-route")
    return XetFileData(file_hash, route) if is_xet_hash(file_hash) and route else None
