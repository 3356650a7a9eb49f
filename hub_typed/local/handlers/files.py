"""Handlers of file contents: regular files come from git, LFS files by a redirect to the storage."""

from __future__ import annotations

import json
from typing import Final

import pygit2

from hub_typed.local.errors import HubResponseError, entry_missing
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.handlers.storage import object_path
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.byte_ranges import content, content_disposition
from hub_typed.local.request.call import Call
from hub_typed.local.request.xet_access import storage_root
from hub_typed_api import models
from hub_typed_api.codec.files import unstructure_xet_file_source
from hub_typed_api.serve import Answer
from hub_typed_api.server.files import FilesHandlers

__all__ = ["Files"]

_XET_INFO: Final = "application/vnd.xet-fileinfo+json"


class Files(FilesHandlers[Call]):
    """Handlers of the operations in the area ``files``."""

    def resolve_head(
        self, call: Call, *, repo_id: str, repo_type: models.RepoType, revision: str, path_in_repo: str
    ) -> Answer:
        return self.resolve_file(
            call, repo_id=repo_id, repo_type=repo_type, revision=revision, path_in_repo=path_in_repo
        )

    def resolve_file(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoType,
        revision: str,
        path_in_repo: str,
        byte_range: str | None = None,
        if_match: str | None = None,
    ) -> Answer:
        repo = call.openable(repo_type, repo_id)
        git = repo.git()
        commit, file = _find_file(git, revision, path_in_repo)
        etag = f'"{file.pointer.sha256 if file.pointer else file.oid}"'
        if if_match not in (None, "*", etag):
            raise HubResponseError(412, "Precondition Failed")
        if call.request.method == "GET":
            repo.count_download()
        if file.pointer:
            return _large_file(call, repo, file, commit, etag)
        return _regular_file(call, git, file, commit, etag)

    def resolve_cached_file(
        self,
        call: Call,
        *,
        repo_id: str,
        path_in_repo: str,
        repo_type: models.RepoType,
        revision: str,
        byte_range: str | None = None,
        if_match: str | None = None,
    ) -> Answer:
        return self.resolve_file(
            call,
            repo_id=repo_id,
            repo_type=repo_type,
            revision=revision,
            path_in_repo=path_in_repo,
            byte_range=byte_range,
            if_match=if_match,
        )

    def raw_file(
        self, call: Call, *, repo_id: str, path_in_repo: str, repo_type: models.RepoType, revision: str
    ) -> Answer:
        git = call.openable(repo_type, repo_id).git()
        commit, file = _find_file(git, revision, path_in_repo)
        return _regular_file(call, git, file, commit, f'"{file.oid}"')


def _find_file(git: GitRepo, revision: str, path: str) -> tuple[pygit2.Commit, Entry]:
    commit = git.commit_at(revision)
    file = git.entry(commit, path)
    if file is None or file.kind != "file":
        raise entry_missing(commit=str(commit.id))
    return commit, file


def _large_file(call: Call, repo: Repo, file: Entry, commit: pygit2.Commit, etag: str) -> Answer:
    """Redirect to the storage of LFS objects; clients that ask for it get the location in the Xet storage instead."""
    assert file.pointer is not None
    headers = {
        "accept-ranges": "bytes",
        "x-repo-commit": str(commit.id),
        "x-linked-size": str(file.size),
        "x-linked-etag": etag,
    }
    # The hash of a file that came by LFS is computed now, once; a large file is read without Xet until that is done.
    xet_hash = None if call.xet is None else call.xet.hash_of(file.pointer.sha256)
    if xet_hash is not None:
        token = f"{call.request.origin}/api/{repo.repo_type}s/{repo.repo_id}/xet-read-token/{commit.id}"
        reconstruction = f"{storage_root(call)}/v1/reconstructions/{xet_hash}"
        headers |= {
            "x-xet-hash": xet_hash,
            "x-xet-refresh-route": token,
            "link": f'<{token}>; rel="xet-auth", <{reconstruction}>; rel="xet-reconstruction-info"',
        }
        if _XET_INFO in call.request.headers.get("accept", ""):
            found = models.XetFileSource(
                hash=xet_hash, size=file.size, etag=etag, refresh_url=token, reconstruction_url=reconstruction
            )
            body = json.dumps(unstructure_xet_file_source(found)).encode()
            return Answer(headers={**headers, "content-type": _XET_INFO}, body=body)
    location = call.storage_url("GET", object_path(file.pointer.sha256))
    text = f"Found. Redirecting to {location}".encode()
    headers |= {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text)), "location": location}
    return Answer(status=302, headers=headers, body=text)


def _regular_file(call: Call, git: GitRepo, file: Entry, commit: pygit2.Commit, etag: str) -> Answer:
    data = git.read(file)
    headers = {
        "content-type": "application/octet-stream" if b"\0" in data else "text/plain; charset=utf-8",
        "content-disposition": content_disposition(file.path),
        "x-repo-commit": str(commit.id),
    }
    return content(
        lambda start, stop: [data[start:stop]], len(data), etag=etag, request=call.request.headers, headers=headers
    )
