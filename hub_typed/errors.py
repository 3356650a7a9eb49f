"""Exceptions of the library, under the names of the reference API.

`HubError` is the base class. `HfHubHTTPError` and its subclasses stand for error responses of the Hub, the others for
failures without a response. All can be pickled; no message contains a token or the query of a signed URL.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from hub_typed.http.hub_response import ErrorContext, HubRequest, HubResponse
from hub_typed.logs.redaction import sanitize
from hub_typed.strict.errors import (
    StrictDataclassClassValidationError as StrictDataclassClassValidationError,
    StrictDataclassDefinitionError as StrictDataclassDefinitionError,
    StrictDataclassError as StrictDataclassError,
    StrictDataclassFieldValidationError as StrictDataclassFieldValidationError,
)
from hub_typed_api.path import HFValidationError

if TYPE_CHECKING:
    from hub_typed.flows.commits.upload_limit import UploadLimit

__all__ = [
    "BadRequestError",
    "BucketBatchError",
    "BucketNotFoundError",
    "CacheNotFound",
    "CachedRepoTreeNotFoundError",
    "CancelledError",
    "CardError",
    "CertificateError",
    "CommitConflictError",
    "CommitRejectedError",
    "CorruptedCacheException",
    "DisabledRepoError",
    "DiskError",
    "DryRunError",
    "EntryNotFoundError",
    "ErrorContext",
    "FileMetadataError",
    "GatedRepoError",
    "HFValidationError",
    "HfHubHTTPError",
    "HfUriError",
    "HubError",
    "HubRequest",
    "HubResponse",
    "HubTimeoutError",
    "IncompleteSnapshotError",
    "InferenceEndpointError",
    "InferenceEndpointTimeoutError",
    "IntegrityError",
    "InvalidTokenError",
    "JobNotFoundError",
    "LfsRefusedError",
    "LocalEntryNotFoundError",
    "LocalTokenNotFoundError",
    "NotASafetensorsRepoError",
    "OfflineModeIsEnabled",
    "ProtocolError",
    "RemoteEntryNotFoundError",
    "RepositoryNotFoundError",
    "RevisionNotFoundError",
    "RevisionResolutionError",
    "SafetensorsParsingError",
    "SettingsError",
    "SourceChangedError",
    "TransportError",
    "UnsafePathError",
    "UploadLimitError",
    "XetUnavailableError",
]


HFValidationError.cleaned = sanitize


class HfUriError(HFValidationError):
    """A text is neither a valid ``hf://`` URI nor the URL of a page of the Hub that stands for one."""


class HubError(Exception):
    """Base of all errors of the library.

    Messages contain no secret that this process has sent, and control characters are escaped.

    Attributes:
        may_be_done: Whether the Hub may have carried out the request nevertheless, as after a 504; the message says so.
    """

    args: tuple[Any, ...]
    may_be_done: bool = False

    def __init__(self, *args: object) -> None:
        super().__init__(*(sanitize(one) if isinstance(one, str) else one for one in args))

    def append_to_message(self, more: str) -> None:
        """Append text to the message."""
        self.args = (f"{self.args[0]}{more}", *self.args[1:])


class HfHubHTTPError(HubError, OSError):
    """The Hub responded with an error.

    Attributes:
        response: The response.
        context: Request and response.
    """

    def __init__(
        self,
        message: str,
        response: HubResponse,
        *,
        context: ErrorContext | None = None,
        server_message: str | None = None,
    ) -> None:
        super().__init__(message)
        self.response = response
        self.context: ErrorContext = context or ErrorContext.of_response(response, server_message)

    def __reduce__(self) -> tuple[object, ...]:
        # Made without the constructor, which needs more than ``args``.
        return OSError.__new__, (type(self),), {**self.__dict__, "args": self.args}

    @property
    def request(self) -> HubRequest:
        """The request, as far as it may be shown."""
        return self.response.request

    @property
    def request_id(self) -> str | None:
        """ID of the request, for reports to the Hub."""
        return self.context.request_id

    @property
    def server_message(self) -> str | None:
        """Error message of the Hub."""
        return self.context.server_message


class CommitConflictError(HubError):
    """Commits since ``parent_commit`` changed paths of this commit; nothing was committed.

    Attributes:
        paths: The paths that both changed, and folders of them that are now files; those of deleted folders end with a
            slash.
        parent_commit: The commit that this one was to be based on.
        head: Head of the branch.
    """

    paths: tuple[str, ...] = ()
    parent_commit: str = ""
    head: str = ""


class CommitRejectedError(HfHubHTTPError, CommitConflictError):
    """The `CommitConflictError` of a commit that the Hub rejected."""


class BadRequestError(HfHubHTTPError, ValueError):
    """The Hub rejected the request as malformed (400)."""


class RepositoryNotFoundError(HfHubHTTPError):
    """The repository does not exist, or the token has no access to it."""


class GatedRepoError(RepositoryNotFoundError):
    """The repository is gated and the token has no access."""


class DisabledRepoError(HfHubHTTPError):
    """The Hub disabled the repository."""


class RevisionNotFoundError(HfHubHTTPError):
    """The repository has no such branch, tag or commit."""


class EntryNotFoundError(HubError):
    """The repository has no such file or folder at that revision."""


class RemoteEntryNotFoundError(HfHubHTTPError, EntryNotFoundError):
    """The Hub reports that the file or folder does not exist."""


class LocalEntryNotFoundError(EntryNotFoundError, FileNotFoundError):
    """The file is not in the cache, and the Hub is unreachable or must not be requested."""


class CachedRepoTreeNotFoundError(LocalEntryNotFoundError):
    """The list of files of a commit is not in the cache."""


class IncompleteSnapshotError(LocalEntryNotFoundError):
    """The cache has only some files of the snapshot. A name of the reference: this library does not raise it."""


class DryRunError(LocalEntryNotFoundError):
    """What a download of files would do is unknown: their list is neither on disk nor available from the Hub."""


class BucketNotFoundError(HfHubHTTPError):
    """The bucket does not exist, or the token has no access to it.

    Attributes:
        bucket_id: Name of the bucket, ``owner/name``; ``None`` if the URL of the request does not contain it.
    """

    bucket_id: str | None = None


class BucketBatchError(HfHubHTTPError):
    """Some of the files of a batch could not be added, copied or deleted; the others were.

    Attributes:
        failures: The files that failed, each with ``path`` and ``error``.
    """

    def __init__(
        self,
        message: str,
        response: HubResponse,
        *,
        context: ErrorContext | None = None,
        failures: Iterable[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(message, response, context=context)
        self.failures: list[dict[str, str]] = [dict(failure) for failure in failures]


class JobNotFoundError(HfHubHTTPError):
    """The job or scheduled job does not exist, or the token has no access to it."""


class RevisionResolutionError(LocalEntryNotFoundError):
    """The commit of a revision is not in the cache, and the Hub is unreachable or must not be requested."""


class ProtocolError(HubError, ValueError):
    """A response does not match the spec: truncated, not JSON, of another shape, or with a refused URL."""


Delivery: TypeAlias = Literal["none", "unknown", "complete"]


class TransportError(HubError, ConnectionError):
    """No complete response was received: the connection failed or broke.

    Attributes:
        delivery: How much of the request the server may have received: ``none`` of it, so that it can be sent again
            without consequences; ``complete``: only the response is missing; otherwise ``unknown``.
    """

    delivery: Delivery = "unknown"


class HubTimeoutError(TransportError, TimeoutError):
    """No complete response was received within the timeout."""


class CertificateError(TransportError):
    """The certificate of a server is not trusted, expired, or for another host; the request is not retried."""


class OfflineModeIsEnabled(TransportError):
    """A request was refused in offline mode."""


NEVER_RETRIED: Final = (CertificateError, OfflineModeIsEnabled)
"""Errors that a retry cannot fix."""


class SettingsError(HubError, ValueError):
    """A setting or its environment variable is invalid."""


class CancelledError(HubError):
    """Work was cancelled by the caller, or because concurrent work failed."""


class InvalidTokenError(HubError, ValueError):
    """A token is malformed. It is neither sent nor stored, and the message does not contain it."""


class LocalTokenNotFoundError(HubError, EnvironmentError):
    """``token=True`` was given, and no token is stored."""


class FileMetadataError(HubError, OSError):
    """The metadata of a file lack the commit, the etag or the size."""


class IntegrityError(HubError, OSError):
    """Downloaded bytes do not match the hash or size on the Hub."""


class DiskError(HubError, OSError):
    """A file cannot be written: the disk is full or read-only, or its path is taken by something else.

    ``errno`` and ``filename`` are those of the system's error.
    """


class LfsRefusedError(HubError, ValueError):
    """The Hub refused LFS files; the message lists each file with the reason."""


class UploadLimitError(HubError, ValueError):
    """An upload exceeds a hard limit of the Hub; nothing was uploaded.

    Attributes:
        limits: The hard limits that it exceeds.
    """

    def __init__(self, message: str, *args: object, limits: tuple[UploadLimit, ...] = ()) -> None:
        super().__init__(message, *args)
        self.limits = limits


class SourceChangedError(HubError, OSError):
    """A file changed or vanished during its upload; nothing was committed."""


class UnsafePathError(HubError, ValueError):
    """A path from the Hub points outside its folder."""


class XetUnavailableError(HubError, ImportError):
    """Files can only be uploaded with Xet storage, which this client cannot use; the message has the reason."""


class CacheNotFound(HubError):
    """The cache folder does not exist.

    Attributes:
        cache_dir: The folder.
    """

    def __init__(self, message: str, cache_dir: str | os.PathLike[str] = "", *args: object) -> None:
        super().__init__(message, *args)
        self.cache_dir: str | os.PathLike[str] = cache_dir


class CorruptedCacheException(HubError):
    """The cache has unexpected contents."""


class SafetensorsParsingError(HubError, ValueError):
    """A safetensors file or index has an invalid header; the message names the file."""


class NotASafetensorsRepoError(HubError, ValueError):
    """The repository has neither ``model.safetensors`` nor its index."""


class InferenceEndpointError(HubError):
    """An Inference Endpoint cannot be used, or its deployment failed."""


class InferenceEndpointTimeoutError(InferenceEndpointError, TimeoutError):
    """An Inference Endpoint was not ready in time."""


class DDUFError(HubError, ValueError):
    """A DDUF file cannot be read or written."""


class DDUFCorruptedFileError(DDUFError):
    """A file is no valid DDUF file."""


class DDUFExportError(DDUFError):
    """A DDUF file cannot be written from what was given."""


class DDUFInvalidEntryNameError(DDUFExportError):
    """The name of an entry is not allowed in a DDUF file."""


class CardError(HubError, ValueError):
    """The metadata of a card are invalid.

    Attributes:
        member: Name of the invalid member; ``None`` if the whole block is invalid.
    """

    def __init__(self, message: str, member: str | None = None) -> None:
        super().__init__(message)
        self.member = member
