"""Exceptions of the library, under the names of the reference API.

`HubError` is the root. `HfHubHTTPError` and its children stand for an answer of the Hub, the others for what happened
without one. Each can be pickled; none prints a token or the query of a signed URL.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final

import attrs

from hub_typed.logs.redaction import cleaned
from hub_typed_api.path import HFValidationError

__all__ = [
    "BadRequestError",
    "CacheNotFound",
    "CancelledError",
    "CardError",
    "CertificateError",
    "CorruptedCacheException",
    "DisabledRepoError",
    "DiskError",
    "EntryNotFoundError",
    "ErrorContext",
    "FileMetadataError",
    "GatedRepoError",
    "HFValidationError",
    "HfHubHTTPError",
    "HubError",
    "HubResponse",
    "HubTimeoutError",
    "IntegrityError",
    "InvalidTokenError",
    "LfsRefusedError",
    "LocalEntryNotFoundError",
    "LocalTokenNotFoundError",
    "NotASafetensorsRepoError",
    "OfflineModeIsEnabled",
    "ProtocolError",
    "RemoteEntryNotFoundError",
    "RepositoryNotFoundError",
    "RevisionNotFoundError",
    "SafetensorsParsingError",
    "SettingsError",
    "SourceChangedError",
    "TransportError",
    "UnsafePathError",
]


HFValidationError.cleaned = cleaned


class HubError(Exception):
    """Anything that goes wrong between the caller and the Hub.

    Its text holds no secret that this process sends, and control characters are escaped.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(cleaned(one) if isinstance(one, str) else one for one in args))


@attrs.frozen(kw_only=True)
class ErrorContext:
    """What was asked, and what the Hub said.

    Attributes:
        operation: Name of the operation, as ``refs.list_repo_refs``.
        url: Without its query.
        status: HTTP status of the answer.
        code: The Hub's ``X-Error-Code``, as ``RepoNotFound``.
        server_message: What the Hub says went wrong.
        request_id: What the Hub's people ask for when something is wrong on their side.
        repo_id: The repository that was asked about.
        retry_after: Seconds that the Hub asks one to wait before the next request.
    """

    operation: str
    method: str
    url: str
    status: int
    code: str | None = None
    server_message: str | None = None
    request_id: str | None = None
    repo_id: str | None = None
    retry_after: float | None = None


class _Headers(dict[str, str]):
    """Headers that are found whatever their case."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


class HubResponse:
    """The answer behind an error, read as callers of the reference read theirs.

    The secrets of the request, and what headers are known to hold of others, are replaced by ``...``.

    Attributes:
        status_code: HTTP status.
        headers: Found whatever their case.
        url: Where it came from, without its query.
        content: The body.
    """

    def __init__(self, status_code: int, headers: Mapping[str, str], content: bytes, url: str) -> None:
        self.status_code = status_code
        self.headers: Mapping[str, str] = _Headers({name.lower(): value for name, value in headers.items()})
        self.content = content
        self.url = url

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is not JSON.
        """
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    def __repr__(self) -> str:
        return f"<HubResponse [{self.status_code}]>"


class HfHubHTTPError(HubError, OSError):
    """The Hub answered with an error.

    Attributes:
        response: The answer; ``None`` where the error was found without asking the Hub.
        context: What was asked and what the Hub said; ``None`` likewise.
    """

    args: tuple[Any, ...]

    def __init__(
        self, message: str, response: HubResponse | None = None, *, context: ErrorContext | None = None
    ) -> None:
        super().__init__(message)
        self.response = response
        self.context = context

    @property
    def request_id(self) -> str | None:
        """The id of the request, for a report to the Hub's people."""
        return self.context.request_id if self.context else None

    @property
    def server_message(self) -> str | None:
        """What the Hub says went wrong."""
        return self.context.server_message if self.context else None

    def append_to_message(self, more: str) -> None:
        """Say more than the Hub did."""
        self.args = (f"{self.args[0]}{more}", *self.args[1:])


class BadRequestError(HfHubHTTPError, ValueError):
    """The Hub makes no sense of the request (400)."""


class RepositoryNotFoundError(HfHubHTTPError):
    """The repository does not exist, or the token may not see it."""


class GatedRepoError(RepositoryNotFoundError):
    """Access to the repository must be asked for first."""


class DisabledRepoError(HfHubHTTPError):
    """The repository was disabled by the Hub."""


class RevisionNotFoundError(HfHubHTTPError):
    """The repository has no such branch, tag or commit."""


class EntryNotFoundError(HfHubHTTPError):
    """The repository has no such file or folder at that revision."""


class RemoteEntryNotFoundError(EntryNotFoundError):
    """The Hub says that there is no such file or folder."""


class LocalEntryNotFoundError(EntryNotFoundError, FileNotFoundError, ValueError):
    """The file is not in the cache, and the Hub could not, or was not to be, asked."""


class ProtocolError(HubError, ValueError):
    """The Hub's answer is not what the spec says: cut, not JSON, of another shape, or leading elsewhere."""


class TransportError(HubError, ConnectionError):
    """There was no whole answer: the connection could not be made, or broke."""


class HubTimeoutError(TransportError, TimeoutError):
    """There was no answer in time."""


class CertificateError(TransportError):
    """The certificate of a server is not trusted, has expired or names another host; it is not tried again."""


class OfflineModeIsEnabled(TransportError):
    """A request was about to be made in offline mode."""


NEVER_RETRIED: Final = (CertificateError, OfflineModeIsEnabled)
"""What another attempt cannot mend."""


class SettingsError(HubError, ValueError):
    """A setting, or the variable of the environment that stands for it, cannot be right."""


class CancelledError(HubError):
    """The work was stopped because something beside it failed, or the caller asked for it."""


class InvalidTokenError(HubError, ValueError):
    """A token that cannot be one, refused before it is sent or stored; the message does not hold it."""


class LocalTokenNotFoundError(HubError, EnvironmentError):
    """``token=True`` was asked for, and no token is stored."""


class FileMetadataError(HubError, OSError):
    """The Hub's answer on a file lacks its commit, its ETag or its size."""


class IntegrityError(HubError, OSError):
    """The bytes that came are not those the Hub promised."""


class DiskError(HubError, OSError):
    """This disk does not take a file: it is full, read-only, or something else has the file's place.

    ``errno`` and ``filename`` are those of the system's error.
    """


class LfsRefusedError(HubError, ValueError):
    """The Hub does not take some large files; the message names each with the reason."""


class SourceChangedError(HubError, OSError):
    """A file changed, or vanished, while it was uploaded; nothing was committed."""


class UnsafePathError(HubError, ValueError):
    """A path from the Hub leaves the folder it is to be written to."""


class CacheNotFound(HubError):
    """There is no folder where the cache should be.

    Attributes:
        cache_dir: The folder.
    """

    def __init__(self, message: str, cache_dir: str | os.PathLike[str] = "") -> None:
        super().__init__(message)
        self.cache_dir: str | os.PathLike[str] = cache_dir


class CorruptedCacheException(HubError):
    """Something in the cache is not as clients of the Hub leave it."""


class SafetensorsParsingError(HubError, ValueError):
    """A safetensors file, or the index of several, does not begin as it should; the message names the file."""


class NotASafetensorsRepoError(HubError, ValueError):
    """The repository has neither ``model.safetensors`` nor an index of several such files."""


class CardError(HubError, ValueError):
    """The metadata of a card cannot be read, or contradict each other.

    Attributes:
        member: The member that is wrong; ``None``, where it is the whole block.
    """

    def __init__(self, message: str, member: str | None = None) -> None:
        super().__init__(message)
        self.member = member
