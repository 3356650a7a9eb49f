"""Batch request of Git LFS: the actions that upload each file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import attrs

from hub_typed.errors import LfsRefusedError, ProtocolError
from hub_typed.flows.lfs.content import Content
from hub_typed.http.io import Io
from hub_typed.http.requests import resolve_reference
from hub_typed.http.send import execute
from hub_typed_api.models import LfsActions, LfsObject, LfsRef
from hub_typed_api.operations import lfs as operations
from hub_typed_api.wire import Request

__all__: list[str] = []

OBJECTS_PER_BATCH = 256


@attrs.frozen(kw_only=True)
class LfsTarget:
    """Repository and branch that LFS files are uploaded for.

    Attributes:
        revision: Branch of the later commit; ``None`` for a pull request, whose author may lack write access to the
            branch.
    """

    repo_id: str
    repo_type: str | None
    revision: str | None


@attrs.frozen(kw_only=True)
class LfsFile:
    """An LFS file to upload.

    Attributes:
        path: Path in the repository.
        oid: SHA-256 of the content in hexadecimal.
    """

    path: str
    oid: str
    content: Content


async def request_actions(io: Io, target: LfsTarget, files: Sequence[LfsFile]) -> dict[str, LfsActions | None]:
    """Request the actions of files and return them by oid; ``None`` if the Hub already has the content.

    Args:
        files: At most `OBJECTS_PER_BATCH` files, each content once.

    Raises:
        LfsRefusedError: The Hub refused some of the files.
        ProtocolError: The response omits a file, or has a URL that is refused.
    """
    call = operations.lfs_batch(
        target.repo_id,
        repo_type=target.repo_type,
        operation="upload",
        transfers=["basic", "multipart"],
        objects=[LfsObject(oid=file.oid, size=file.content.size) for file in files],
        hash_algo="sha256",
        ref=None if target.revision is None else LfsRef(name=target.revision),
    )
    objects = {each.oid: each for each in (await execute(io, call)).objects}
    refused = [
        f"{file.path}: {error.message}" for file in files if file.oid in objects and (error := objects[file.oid].error)
    ]
    if refused:
        raise LfsRefusedError(
            f"The Hub refused {len(refused)} LFS files of {target.repo_id}, so nothing was committed:\n"
            + "\n".join(refused)
        )
    unanswered = [file.path for file in files if file.oid not in objects]
    if unanswered:
        raise ProtocolError(
            f"{call.request.operation}: the response for {target.repo_id} does not include {', '.join(unanswered)}."
        )
    checked = partial(_checked_actions, io, call.request)
    return {oid: each.actions and checked(each.actions) for oid, each in objects.items()}


def _checked_actions(io: Io, request: Request, actions: LfsActions) -> LfsActions:
    """Check the URLs of the actions and resolve them.

    Raises:
        ProtocolError: A URL is refused, as an http URL of an https Hub.
    """

    def checked(href: str) -> str:
        return resolve_reference(request, io.settings.endpoint, href).text

    upload, verify = actions.upload, actions.verify
    if upload:
        parts = {key: checked(value) if key.isdecimal() else value for key, value in (upload.header or {}).items()}
        upload = attrs.evolve(upload, href=checked(upload.href), header=parts)
    if verify:
        verify = attrs.evolve(verify, href=checked(verify.href))
    return attrs.evolve(actions, upload=upload, verify=verify)
