"""The Git LFS batch API: where large files are sent to and fetched from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hub_typed.local.call import Call
from hub_typed.local.faults import not_found, unprocessable
from hub_typed.local.lfs import checked_oid
from hub_typed.local.signing import LIFETIME
from hub_typed.local.storage import object_path
from hub_typed_api import models
from hub_typed_api.codec.lfs import structure_lfs_object
from hub_typed_api.serve import Given, Route
from hub_typed_api.server.lfs import LfsHandlers

__all__ = ["VERIFY_ROUTE", "Lfs"]

_VERIFY = "/_lfs/verify"


class Lfs(LfsHandlers[Call]):
    """Answers the operations of the area lfs."""

    def lfs_batch(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        operation: str,
        objects: Sequence[models.LfsObject],
        transfers: Sequence[str] | None = None,
        hash_algo: str | None = None,
        ref: models.LfsRef | None = None,
    ) -> models.LfsBatchAnswer:
        if operation == "download":
            call.readable(repo_type, repo_id)
            return models.LfsBatchAnswer(transfer="basic", objects=[_download(call, asked) for asked in objects])
        call.writable(repo_type, repo_id)
        in_parts = "multipart" in (transfers or ()) and any(asked.size > call.lfs.part_size for asked in objects)
        return models.LfsBatchAnswer(
            transfer="multipart" if in_parts else "basic",
            objects=[_upload(call, asked, in_parts=in_parts) for asked in objects],
        )

    def lfs_verify(self, call: Call, *, oid: str, size: int) -> None:
        call.user()
        found = call.lfs.size(checked_oid(oid))
        if found is None:
            raise not_found(f"The LFS object {oid} was not uploaded")
        if found != size:
            raise unprocessable(f"The LFS object {oid} has {found} bytes, not {size}")


def _upload(call: Call, asked: models.LfsObject, *, in_parts: bool) -> models.LfsBatchObject:
    if call.lfs.size(checked_oid(asked.oid)) == asked.size:
        return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True)
    actions = models.LfsActions(
        upload=_parts(call, asked) if in_parts and asked.size > call.lfs.part_size else _whole(call, asked),
        verify=models.LfsAction(href=f"{call.request.origin}{_VERIFY}"),
    )
    return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True, actions=actions)


def _whole(call: Call, asked: models.LfsObject) -> models.LfsAction:
    return models.LfsAction(href=call.storage_url("PUT", object_path(asked.oid), size=asked.size), expires_in=LIFETIME)


def _parts(call: Call, asked: models.LfsObject) -> models.LfsAction:
    """An upload in parts: their URLs stand among the headers, by number; the href is for the completion."""
    each = call.lfs.part_size
    starts = range(0, asked.size, each)
    urls = {
        f"{number:05}": call.storage_url("PUT", object_path(asked.oid, number), size=min(each, asked.size - start))
        for number, start in enumerate(starts, 1)
    }
    return models.LfsAction(
        href=call.storage_url("POST", object_path(asked.oid), size=asked.size),
        header={"chunk_size": str(each), **urls},
        expires_in=LIFETIME,
    )


def _download(call: Call, asked: models.LfsObject) -> models.LfsBatchObject:
    if call.lfs.size(checked_oid(asked.oid)) != asked.size:
        error = models.LfsObjectError(code=404, message="Object does not exist")
        return models.LfsBatchObject(oid=asked.oid, size=asked.size, error=error)
    href = call.storage_url("GET", object_path(asked.oid))
    actions = models.LfsActions(download=models.LfsAction(href=href, expires_in=LIFETIME))
    return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True, actions=actions)


def _verify(handlers: Lfs, call: Call, given: Given) -> None:
    asked = structure_lfs_object(given.json())
    handlers.lfs_verify(call, oid=asked.oid, size=asked.size)


# In the spec the href of the batch answer is the whole path, so that only we know where it leads.
VERIFY_ROUTE: Route[Lfs, Call] = Route(
    operation="lfs.lfs_verify",
    method="POST",
    pattern=re.escape(_VERIFY),
    body="json",
    status=200,
    media_type="",
    bind=_verify,
)
