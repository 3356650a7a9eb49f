"""Handlers of the Git LFS batch API."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, cast

import attrs

from hub_typed.local.accounts.access_requests import MASK
from hub_typed.local.community.discussion_events import account_of
from hub_typed.local.errors import bad_request, conflict, forbidden, not_found, too_large, unprocessable
from hub_typed.local.git.commit_text import author_name, when
from hub_typed.local.git.large_files import LargeFile, held, large_files, take_out
from hub_typed.local.handlers.storage import object_path
from hub_typed.local.lfs.signed_urls import LIFETIME
from hub_typed.local.lfs.store import checked_oid
from hub_typed.local.repos.pull_requests import record_commits
from hub_typed.local.repos.store import REPO_TYPES, Repo
from hub_typed.local.request.call import Call
from hub_typed.local.request.lfs_access import usable
from hub_typed_api import models
from hub_typed_api.codec.lfs import structure_lfs_object
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server import lfs

__all__ = ["LFS_ROUTES", "Lfs"]

_VERIFY = "/_lfs/verify"
_MOST = 1000
"""Files in one request."""
_MOST_PARTS = 10_000
"""Parts of all files in one request."""
_LARGEST = 5 << 40
"""Bytes of a file, as in other stores of this kind."""


class Lfs(lfs.LfsHandlers[Call]):
    """Handlers of the area lfs."""

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
        _check_objects(call, objects)
        if operation == "download":
            mine = held(call.openable(repo_type, repo_id).path)
            return models.LfsBatchAnswer(transfer="basic", objects=[_download(call, asked, mine) for asked in objects])
        if operation != "upload":
            raise bad_request(f"Unknown operation {operation!r}: it must be upload or download")
        # Without a ref, it is perhaps for a pull request that is yet to be opened.
        repo = call.writable(repo_type, repo_id, ref.name) if ref else call.uploadable(repo_type, repo_id)
        stored = {asked.oid for asked in objects if call.lfs.size(checked_oid(asked.oid)) == asked.size}
        # Of the others not even this is said: whoever cannot read an object uploads it, whether it is stored or not.
        present = usable(call, repo, stored)
        in_parts = "multipart" in (transfers or ()) and any(asked.size > call.lfs.part_size for asked in objects)
        return models.LfsBatchAnswer(
            transfer="multipart" if in_parts else "basic",
            objects=[_Upload(call, repo).answer(asked, asked.oid in present, in_parts=in_parts) for asked in objects],
        )

    def lfs_verify(self, call: Call, *, oid: str, size: int) -> None:
        found = call.lfs.size(checked_oid(oid))
        if found is None:
            raise not_found(f"The LFS object {oid} was not uploaded")
        if found != size:
            raise unprocessable(f"The LFS object {oid} has {found} bytes, not {size}")

    def list_lfs_files(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        limit: int | None = None,
        xet: bool | None = None,
        cursor: str | None = None,
    ) -> Sequence[models.LFSFileInfo]:
        repo = call.writable(repo_type, repo_id)
        masked = call.closed(repo) is not None  # a member who may write, and has to ask for the files
        return [_listed(call, file, masked=masked) for file in large_files(repo.path)]

    def permanently_delete_lfs_files(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, deletions: models.LfsDeletions
    ) -> None:
        if not 1 <= len(deletions.sha) <= _MOST:
            raise bad_request(f"Invalid sha: it must have 1 to {_MOST} items")
        repo = call.writable(repo_type, repo_id)
        with call.writing(repo):
            known = {file.blob: file.pointer.sha256 for file in large_files(repo.path)}
            unknown = sorted(set(deletions.sha) - known.keys())
            if unknown:
                raise not_found(f"This repository stores no LFS file {unknown[0]}")
            if deletions.rewrite_history is not False:
                record_commits(repo, call.actor(), take_out(repo.path, deletions.sha))
            for oid in {known[sha] for sha in deletions.sha} - _held_elsewhere(call, repo):
                call.lfs.remove(oid)

    def duplicate_lfs_files(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        target: models.LfsTarget,
        files: Sequence[models.LfsDuplicate],
    ) -> models.LfsDuplication:
        if not 1 <= len(files) <= _MOST:
            raise bad_request(f"Invalid files: it must have 1 to {_MOST} items")
        source = call.openable(repo_type, repo_id)
        repo = call.writable(target.type, target.name)
        # All repositories share one store: nothing is copied, but the caller may name these objects there now.
        known = held(source.path)
        for file in files:
            if file.sha256 in known:
                call.lfs.note_upload(file.sha256, repo=repo.facts.id, user=call.user().user.name)
        failed = [
            models.LfsDuplicationFailure(xet_hash=file.xet_hash, sha256=file.sha256, error="File not found")
            for file in files
            if file.sha256 not in known
        ]
        return models.LfsDuplication(
            success=not failed, processed=len(files), succeeded=len(files) - len(failed), failed=failed
        )


def _check_objects(call: Call, objects: Sequence[models.LfsObject]) -> None:
    """Check the size of a batch: each part of an upload gets a URL."""
    if len(objects) > _MOST:
        raise too_large(f"A batch has at most {_MOST} objects, this one has {len(objects)}")
    for asked in objects:
        if not 0 <= asked.size <= _LARGEST:
            raise unprocessable(f"Invalid size of {asked.oid[:80]!r}: it must be a number of bytes up to {_LARGEST}")
    parts = sum(-(-asked.size // call.lfs.part_size) for asked in objects)
    if parts > _MOST_PARTS + len(objects):
        raise unprocessable(f"A batch has at most {_MOST_PARTS} parts, this one has {parts}: ask for fewer objects")


def _listed(call: Call, file: LargeFile, *, masked: bool) -> models.LFSFileInfo:
    user = call.accounts.user(author_name(file.commit))
    return models.LFSFileInfo(
        file_oid=file.blob,
        oid=MASK if masked else file.pointer.sha256,
        filename=file.path,
        size=file.pointer.size,
        pushed_at=when(file.commit),
        ref=file.ref,
        pusher=None if user is None else account_of(user),
    )


def _held_elsewhere(call: Call, repo: Repo) -> set[str]:
    """Return the LFS objects that other repositories use, too."""
    others = [one for kind in REPO_TYPES for one in call.store.all(kind) if one.path != repo.path]
    return {oid for one in others for oid in held(one.path)}


@attrs.frozen
class _Upload:
    """Builds upload actions; their URLs are valid for one user and one repository."""

    call: Call
    repo: Repo

    @property
    def _claims(self) -> dict[str, str]:
        return {"repo": self.repo.facts.id, "user": self.call.user().user.name}

    def answer(self, asked: models.LfsObject, present: bool, *, in_parts: bool) -> models.LfsBatchObject:
        if present:
            return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True)
        verify = self.call.signer.sign("POST", _VERIFY, oid=asked.oid, **self._claims)
        actions = models.LfsActions(
            upload=self._parts(asked) if in_parts and asked.size > self.call.lfs.part_size else self._whole(asked),
            # Signed like the other one: git-lfs sends no token where an answer calls itself authenticated.
            verify=models.LfsAction(href=self.call.request.origin + verify),
        )
        return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True, actions=actions)

    def _whole(self, asked: models.LfsObject) -> models.LfsAction:
        href = self.call.storage_url("PUT", object_path(asked.oid), size=asked.size, **self._claims)
        return models.LfsAction(href=href, expires_in=LIFETIME)

    def _parts(self, asked: models.LfsObject) -> models.LfsAction:
        """Actions of a multipart upload: part URLs are in the headers, by number; the href completes it."""
        each, claims = self.call.lfs.part_size, self._claims
        urls = {
            f"{number:05}": self.call.storage_url(
                "PUT", object_path(asked.oid, number), size=min(each, asked.size - start), **claims
            )
            for number, start in enumerate(range(0, asked.size, each), 1)
        }
        return models.LfsAction(
            href=self.call.storage_url("POST", object_path(asked.oid), size=asked.size, **claims),
            header={"chunk_size": str(each), **urls},
            expires_in=LIFETIME,
        )


def _download(call: Call, asked: models.LfsObject, mine: Collection[str]) -> models.LfsBatchObject:
    if call.lfs.size(checked_oid(asked.oid)) != asked.size or asked.oid not in mine:
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
    # What others have uploaded is as good as absent.
    if not call.lfs.was_uploaded(asked.oid, repo=given.query["repo"][-1], user=given.query["user"][-1]):
        raise not_found(f"The LFS object {asked.oid} was not uploaded")
    handlers.lfs_verify(call, oid=asked.oid, size=asked.size)


def _duplicated(route: Route[Any, Call], handlers: Lfs, call: Call, given: Given) -> object:
    """Results for each file; the status shows whether all succeeded."""
    told = cast(dict[str, Any], route.bind(handlers, call, given))
    if told["success"]:
        return told
    headers = {"content-type": "application/json; charset=utf-8"}
    return Answer(status=207, headers=headers, body=json.dumps(told).encode())


def _route(route: Route[Any, Call]) -> Route[Any, Call]:
    if route.operation == "lfs.duplicate_lfs_files":
        return attrs.evolve(route, bind=partial(_duplicated, route))
    # The API of git-lfs lies below the URL of the repository, whichever of the two somebody has cloned.
    return attrs.evolve(route, pattern=route.pattern.replace(r"\.git/", r"(?:\.git)?/"))


LFS_ROUTES: Sequence[Route[Any, Call]] = (
    *map(_route, lfs.ROUTES),
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
