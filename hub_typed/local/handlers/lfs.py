"""The Git LFS batch API: where large files are sent to and fetched from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import attrs

from hub_typed.local.call import Call
from hub_typed.local.faults import bad_request, conflict, forbidden, not_found, unprocessable
from hub_typed.local.handlers.storage import object_path
from hub_typed.local.lfs import checked_oid
from hub_typed.local.signing import LIFETIME
from hub_typed_api import models
from hub_typed_api.codec.lfs import structure_lfs_object
from hub_typed_api.serve import Given, Route
from hub_typed_api.server import lfs

__all__ = ["LFS_ROUTES", "Lfs"]

_VERIFY = "/_lfs/verify"


class Lfs(lfs.LfsHandlers[Call]):
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
        if hash_algo not in (None, "sha256", "sha_256"):
            raise conflict(f"Unknown hash_algo {hash_algo!r}: LFS objects are known by their sha256")
        if operation == "download":
            call.openable(repo_type, repo_id)
            return models.LfsBatchAnswer(transfer="basic", objects=[_download(call, asked) for asked in objects])
        if operation != "upload":
            raise bad_request(f"Unknown operation {operation!r}: it must be upload or download")
        if ref is None:  # for a pull request that is yet to be opened
            call.proposable(repo_type, repo_id)
        else:
            call.writable(repo_type, repo_id, ref.name)
        in_parts = "multipart" in (transfers or ()) and any(asked.size > call.lfs.part_size for asked in objects)
        return models.LfsBatchAnswer(
            transfer="multipart" if in_parts else "basic",
            objects=[_upload(call, asked, in_parts=in_parts) for asked in objects],
        )

    def lfs_verify(self, call: Call, *, oid: str, size: int) -> None:
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
        # Signed like the other one: git-lfs sends no token where an answer calls itself authenticated.
        verify=models.LfsAction(href=call.request.origin + call.signer.sign("POST", _VERIFY, oid=asked.oid)),
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
    call.signer.check("POST", _VERIFY, given.query)
    if given.text("oid") != asked.oid:
        raise forbidden("SignatureDoesNotMatch")
    handlers.lfs_verify(call, oid=asked.oid, size=asked.size)


LFS_ROUTES: Sequence[Route[Any, Call]] = (
    # The API of git-lfs lies below the URL of the repository, whichever of the two somebody has cloned.
    *(attrs.evolve(route, pattern=route.pattern.replace(r"\.git/", r"(?:\.git)?/")) for route in lfs.ROUTES),
    # In the spec the href of the batch answer is the whole path, so that only we know where it leads.
    Route(
        operation="lfs.lfs_verify",
        method="POST",
        pattern=re.escape(_VERIFY),
        body="json",
        status=200,
        media_type="",
        bind=_verify,
    ),
)
