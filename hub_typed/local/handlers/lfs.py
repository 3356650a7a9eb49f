"""Handlers of the Git LFS batch API."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, cast
from urllib.parse import quote

import attrs

from hub_typed.local.accounts.access_requests import MASK
from hub_typed.local.community.discussion_events import account_of
from hub_typed.local.errors import bad_request, conflict, forbidden, not_found, too_large, unprocessable
from hub_typed.local.git.commit_text import author_name, commit_date
from hub_typed.local.git.large_files import LargeFile, large_files, lfs_oids, remove_blobs
from hub_typed.local.handlers.storage import object_path
from hub_typed.local.lfs.signed_urls import LIFETIME
from hub_typed.local.lfs.store import checked_oid
from hub_typed.local.repos.pull_requests import record_commits
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed.local.request.lfs_access import usable_oids, used_contents
from hub_typed.local.request.xet_access import issue_token, token_headers
from hub_typed_api import models
from hub_typed_api.codec.lfs import structure_lfs_object
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server import lfs

__all__ = ["LFS_ROUTES", "Lfs"]

_VERIFY = "/_lfs/verify"
_MAX_FILES = 1000
"""Maximum number of files in one request."""
_MAX_PARTS = 10_000
"""Maximum number of parts of all files in one request."""
_MAX_FILE_SIZE = 5 << 40
"""Bytes; the usual limit of object stores."""


class Lfs(lfs.LfsHandlers[Call]):
    """Handlers of the operations in the area ``lfs``."""

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
            raise conflict(f"Unknown hash_algo {hash_algo!r}: LFS objects are identified by their sha256")
        _check_objects(call, objects)
        if operation == "download":
            known = lfs_oids(call.openable(repo_type, repo_id).path)
            return models.LfsBatchAnswer(transfer="basic", objects=[_download(call, asked, known) for asked in objects])
        if operation != "upload":
            raise bad_request(f"Unknown operation {operation!r}: it must be upload or download")
        # Without a ref, the upload may be for a pull request that does not exist yet.
        repo = call.writable(repo_type, repo_id, ref.name) if ref else call.uploadable(repo_type, repo_id)
        stored = {asked.oid for asked in objects if call.lfs.size(checked_oid(asked.oid)) == asked.size}
        # Do not reveal whether other objects are stored: a caller who cannot read an object has to upload it.
        present = usable_oids(call, repo, stored)
        if call.xet is not None and "xet" in (transfers or ()):
            actions = _xet_actions(call, repo, ref)
            return models.LfsBatchAnswer(
                transfer="xet",
                objects=[
                    models.LfsBatchObject(
                        oid=asked.oid,
                        size=asked.size,
                        authenticated=True,
                        actions=None if asked.oid in present else actions,
                    )
                    for asked in objects
                ],
            )
        in_parts = "multipart" in (transfers or ()) and any(asked.size > call.lfs.part_size for asked in objects)
        return models.LfsBatchAnswer(
            transfer="multipart" if in_parts else "basic",
            objects=[
                _UploadActions(call, repo).batch_object(asked, asked.oid in present, in_parts=in_parts)
                for asked in objects
            ],
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
        masked = (
            call.access_refusal(repo) is not None
        )  # a member may write and still have to request access to the files
        return [_listed(call, file, masked=masked) for file in large_files(repo.path)]

    def permanently_delete_lfs_files(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, deletions: models.LfsDeletions
    ) -> None:
        if not 1 <= len(deletions.sha) <= _MAX_FILES:
            raise bad_request(f"Invalid sha: it must have 1 to {_MAX_FILES} items")
        repo = call.writable(repo_type, repo_id)
        with call.writing(repo):
            known = {file.blob: file for file in large_files(repo.path)}
            unknown = sorted(set(deletions.sha) - known.keys())
            if unknown:
                raise not_found(f"This repository stores no LFS file {unknown[0]}")
            _delete(call, repo, [known[sha] for sha in deletions.sha], rewrite_history=deletions.rewrite_history)

    def delete_lfs_file(
        self,
        call: Call,
        *,
        repo_id: str,
        sha: str,
        repo_type: models.RepoType,
        rewrite_history: bool | None = None,
    ) -> None:
        repo = call.writable(repo_type, repo_id)
        with call.writing(repo):
            found = [file for file in large_files(repo.path) if file.pointer.sha256 == sha]
            if not found:
                raise not_found(f"This repository stores no LFS file with the SHA-256 {sha}")
            _delete(call, repo, found, rewrite_history=rewrite_history)

    def duplicate_lfs_files(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        target: models.LfsTarget,
        files: Sequence[models.LfsDuplicate],
    ) -> models.LfsDuplication:
        source = call.openable(repo_type, repo_id)
        return _duplicate_contents(call, lfs_oids(source.path), target, files)

    def duplicate_bucket_lfs_files(
        self,
        call: Call,
        *,
        namespace: str,
        bucket: str,
        target: models.LfsTarget,
        files: Sequence[models.LfsDuplicate],
    ) -> models.LfsDuplication:
        source = call.readable_bucket(f"{namespace}/{bucket}")
        return _duplicate_contents(call, set(source.files.contents.values()), target, files)


def _delete(call: Call, repo: Repo, files: Collection[LargeFile], *, rewrite_history: bool | None) -> None:
    """Delete the content of files, unless something else names it, and by default their pointers in all commits."""
    if rewrite_history is not False:
        record_commits(repo, call.actor(), remove_blobs(repo.path, [file.blob for file in files]))
    for oid in {file.pointer.sha256 for file in files} - used_contents(call.store, call.buckets, but=repo):
        call.lfs.remove(oid)


def _duplicate_contents(
    call: Call, known: Collection[str], target: models.LfsTarget, files: Sequence[models.LfsDuplicate]
) -> models.LfsDuplication:
    """Let the caller use contents in another repository.

    All repositories and buckets share one store, so that nothing is copied.

    Args:
        known: The contents of the source.
    """
    if not 1 <= len(files) <= _MAX_FILES:
        raise bad_request(f"Invalid files: it must have 1 to {_MAX_FILES} items")
    repo = call.writable(target.type, target.name)
    failed: list[models.LfsDuplicationFailure] = []
    for file in files:
        if file.sha256 in known and _is_hash_of(call, file):
            call.lfs.note_upload(file.sha256, repo=repo.facts.id, user=call.user().user.name)
        else:
            failed.append(
                models.LfsDuplicationFailure(xet_hash=file.xet_hash, sha256=file.sha256, error="File not found")
            )
    return models.LfsDuplication(
        success=not failed, processed=len(files), succeeded=len(files) - len(failed), failed=failed
    )


def _is_hash_of(call: Call, file: models.LfsDuplicate) -> bool:
    """Whether the Xet hash of a file belongs to its SHA-256; without Xet, every hash is accepted."""
    stored = None if call.xet is None else call.xet.file(checked_oid(file.xet_hash))
    return call.xet is None or (stored is not None and stored.sha256 == file.sha256)


def _check_objects(call: Call, objects: Sequence[models.LfsObject]) -> None:
    """Check the limits of a batch: each part of an upload needs a URL of its own."""
    if len(objects) > _MAX_FILES:
        raise too_large(f"A batch has at most {_MAX_FILES} objects, this one has {len(objects)}")
    for asked in objects:
        if not 0 <= asked.size <= _MAX_FILE_SIZE:
            raise unprocessable(
                f"Invalid size of {asked.oid[:80]!r}: it must be a number of bytes up to {_MAX_FILE_SIZE}"
            )
    parts = sum(-(-asked.size // call.lfs.part_size) for asked in objects)
    if parts > _MAX_PARTS + len(objects):
        raise unprocessable(f"A batch has at most {_MAX_PARTS} parts, this one has {parts}: send fewer objects")


def _listed(call: Call, file: LargeFile, *, masked: bool) -> models.LFSFileInfo:
    user = call.accounts.user(author_name(file.commit))
    return models.LFSFileInfo(
        file_oid=file.blob,
        oid=MASK if masked else file.pointer.sha256,
        xet_hash=None if masked else call.xet_hash(file.pointer.sha256),
        filename=file.path,
        size=file.pointer.size,
        pushed_at=commit_date(file.commit),
        ref=file.ref,
        pusher=None if user is None else account_of(user),
    )


@attrs.frozen
class _UploadActions:
    """Builds upload actions, whose URLs are valid for one user and one repository."""

    call: Call
    repo: Repo

    @property
    def _claims(self) -> dict[str, str]:
        return {"repo": self.repo.facts.id, "user": self.call.user().user.name}

    def batch_object(self, asked: models.LfsObject, present: bool, *, in_parts: bool) -> models.LfsBatchObject:
        if present:
            return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True)
        verify = self.call.signer.sign("POST", _VERIFY, oid=asked.oid, **self._claims)
        actions = models.LfsActions(
            upload=self._parts(asked) if in_parts and asked.size > self.call.lfs.part_size else self._whole(asked),
            # This URL is signed too: git-lfs sends no token if the response is marked as authenticated.
            verify=models.LfsAction(href=self.call.request.origin + verify),
        )
        return models.LfsBatchObject(oid=asked.oid, size=asked.size, authenticated=True, actions=actions)

    def _whole(self, asked: models.LfsObject) -> models.LfsAction:
        href = self.call.storage_url("PUT", object_path(asked.oid), size=asked.size, **self._claims)
        return models.LfsAction(href=href, expires_in=LIFETIME)

    def _parts(self, asked: models.LfsObject) -> models.LfsAction:
        """Return the action of a multipart upload: part URLs by number in its headers, the completing URL as href."""
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


def _xet_actions(call: Call, repo: Repo, ref: models.LfsRef | None) -> models.LfsActions:
    """Return the action of uploads through Xet: the URL that renews the token, and the token in its headers."""
    token = issue_token(call, repo, writes=True, revision=ref.name if ref else None)
    revision = quote(ref.name, safe="") if ref else "None?create_pr=1"
    href = f"{call.request.origin}/api/{repo.repo_type}s/{repo.repo_id}/xet-write-token/{revision}"
    return models.LfsActions(upload=models.LfsAction(href=href, header=token_headers(token)))


def _download(call: Call, asked: models.LfsObject, known: Collection[str]) -> models.LfsBatchObject:
    if call.lfs.size(checked_oid(asked.oid)) != asked.size or asked.oid not in known:
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
    # Uploads of other users do not count.
    if not call.lfs.was_uploaded(asked.oid, repo=given.query["repo"][-1], user=given.query["user"][-1]):
        raise not_found(f"The LFS object {asked.oid} was not uploaded")
    handlers.lfs_verify(call, oid=asked.oid, size=asked.size)


def _duplication(route: Route[Any, Call], handlers: Lfs, call: Call, given: Given) -> object:
    """Return the result for each file, with status 207 unless all succeeded."""
    result = cast(dict[str, Any], route.bind(handlers, call, given))
    if result["success"]:
        return result
    headers = {"content-type": "application/json; charset=utf-8"}
    return Answer(status=207, headers=headers, body=json.dumps(result).encode())


def _route(route: Route[Any, Call]) -> Route[Any, Call]:
    if route.operation in ("lfs.duplicate_lfs_files", "lfs.duplicate_bucket_lfs_files"):
        return attrs.evolve(route, bind=partial(_duplication, route))
    # git-lfs appends to the URL that was cloned, which may lack the suffix `.git`.
    return attrs.evolve(route, pattern=route.pattern.replace(r"\.git/", r"(?:\.git)?/"))


LFS_ROUTES: Sequence[Route[Any, Call]] = (
    *map(_route, lfs.ROUTES),
    # The spec leaves this path to the Hub: clients take it from the href in the batch response.
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
