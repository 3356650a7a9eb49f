"""Uploads to Xet storage: whether it is used, repetitions, and the way to LFS storage after failures."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any, Final

import attrs

from hub_typed.errors import CancelledError, HfHubHTTPError, HubError, XetUnavailableError
from hub_typed.flows.joined_pieces import joined
from hub_typed.flows.lfs.content import Content
from hub_typed.flows.xet.tokens import renewal_request, xet_token
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Observer, Transfer
from hub_typed.xet.errors import XetTransferError
from hub_typed.xet.suspension import Suspension
from hub_typed.xet.upload_commit import SentFile, UploadCommit
from hub_typed_api.models import XetToken

__all__: list[str] = []

ATTEMPTS: Final = 2
"""Commits that are tried before the files go to LFS storage; `hf_xet` repeats single requests itself."""
PIECE_SIZE: Final = 1 << 20
"""Minimum number of bytes that `hf_xet` gets at once, except for the last ones: it takes more in the same time."""
NO_STORAGE: Final = (404, 501)
"""Statuses of the token operation of a Hub without Xet storage; 404 without the code of a missing repository."""


@attrs.frozen
class XetCommit:
    """An open upload commit; files are stored at its end."""

    _io: Io
    _commit: UploadCommit
    _observer: Observer | None

    async def send(self, path: str, content: Content, sha256: str | None) -> SentFile:
        """Send one file.

        Args:
            path: Path in the repository.
            sha256: SHA-256 of the content if it was computed from it; computed by `hf_xet` if not given; `NO_SHA256` if
                it is not needed.

        Raises:
            XetTransferError: The storage failed.
            SourceChangedError: The file changed since it was inspected.
        """
        transfer = Transfer(self._observer, "upload", path, content.size)

        def pieces() -> Iterator[bytes]:
            return joined(content.pieces(remember=False), PIECE_SIZE)

        return await self._io.run_blocking(partial(self._commit.send, pieces, transfer, sha256))


class XetUploader:
    """Uploads files of one repository to Xet storage, if the Hub and the client have it.

    Args:
        revision: Branch of the later commit; ``None`` for a new pull request.
        observer: Receives the progress.
    """

    def __init__(
        self, io: Io, repo_id: str, repo_type: str, revision: str | None, *, observer: Observer | None
    ) -> None:
        self._io = io
        self._repo_id = repo_id
        self._repo_type = repo_type
        self._revision = revision
        self._observer = observer

    async def upload(self, send_files: Callable[[XetCommit], Coroutine[Any, Any, object]]) -> bool:
        """Run a function that sends files in an upload commit, and store them at its end.

        Args:
            send_files: Sends the files; called again after a failure of the storage.

        Returns:
            Whether the files are stored; if not, they must be sent to LFS storage.

        Raises:
            CancelledError: The upload was cancelled.
            Exception: Errors of ``send_files`` that are not failures of the storage.
        """
        failure: XetTransferError | None = None
        for _ in range(ATTEMPTS):
            token = await self._token()
            if token is None:
                break
            try:
                await _send_in_commit(
                    self._io, self._repo_id, self._repo_type, self._revision, token, send_files, self._observer
                )
            except XetTransferError as error:
                failure = error
                self._io.xet.tokens.forget(token)  # the storage may have refused it
                _log.info("%s", error)
            else:
                self._suspension.record_success()
                return True
        if failure is not None:
            self._suspension.record_failure(self._io.now())
            _log.warning("Uploading files of %s without Xet: %s", self._repo_id, failure)
        return False

    @property
    def _suspension(self) -> Suspension:
        return self._io.xet.uploads.suspension

    async def _token(self) -> XetToken | None:
        """Return a token to write; ``None`` if Xet storage is not used."""
        if not self._io.xet.is_usable or self._suspension.is_active(self._io.now()):
            return None
        try:
            return await xet_token(self._io, "write", self._repo_id, self._repo_type, self._revision)
        except CancelledError:
            raise
        except HubError as error:
            # If the reason is one against uploads in general, LFS storage refuses the files, too.
            if _has_no_storage(error):
                self._suspension.record_absence()
            _log.info("%s: Xet storage is not used: %s", self._repo_id, error)
            return None


async def upload_to_bucket(
    io: Io,
    bucket_id: str,
    send_files: Callable[[XetCommit], Coroutine[Any, Any, object]],
    *,
    observer: Observer | None,
) -> None:
    """Run a function that sends files of a bucket in an upload commit, and store them at its end.

    There is no other storage for the files of buckets.

    Args:
        bucket_id: Name, ``owner/name``.
        send_files: Sends the files; called again after a failure of the storage.
        observer: Receives the progress.

    Raises:
        XetUnavailableError: This client cannot use Xet storage.
        XetTransferError: The storage failed repeatedly.
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not write (403).
    """
    if (reason := io.xet.obstacle) is not None:
        raise XetUnavailableError(f"{bucket_id}: files of buckets are uploaded with Xet storage, but {reason}.")
    attempt = 0
    while True:
        attempt += 1
        token = await xet_token(io, "write", bucket_id, "bucket", None)
        try:
            await _send_in_commit(io, bucket_id, "bucket", None, token, send_files, observer)
        except XetTransferError as error:
            io.xet.tokens.forget(token)
            if attempt == ATTEMPTS:
                raise
            _log.info("%s", error)
        else:
            return


async def _send_in_commit(
    io: Io,
    repo_id: str,
    repo_type: str,
    revision: str | None,
    token: XetToken,
    send_files: Callable[[XetCommit], Coroutine[Any, Any, object]],
    observer: Observer | None,
) -> None:
    """Send files in one upload commit."""
    renewal = renewal_request(io, repo_id, repo_type, revision)
    what = f"the upload to {repo_id}"
    commit = await io.run_blocking(lambda: io.xet.uploads.open(token, renewal, what))
    try:
        await send_files(XetCommit(io, commit, observer))
        await io.run_blocking(commit.finish)
    except BaseException:
        commit.fail()
        raise


def _has_no_storage(error: HubError) -> bool:
    """Return whether the Hub has no Xet storage at all."""
    return isinstance(error, HfHubHTTPError) and error.context.status in NO_STORAGE and error.context.code is None
