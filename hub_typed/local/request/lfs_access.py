"""Permission to use an LFS object: the caller uploaded it, or may read it in some repository or bucket.

All repositories and buckets share one store. The existence of an object there must neither be disclosed nor grant
access to it.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from hub_typed.local.buckets.store import Buckets
from hub_typed.local.errors import HubResponseError, unprocessable
from hub_typed.local.git.large_files import lfs_oids
from hub_typed.local.lfs.store import MAX_POINTER, Pointer
from hub_typed.local.repos.store import REPO_TYPES, Repo, Store
from hub_typed.local.request.call import Call

__all__ = ["check_pointer", "checked_content", "usable_oids", "used_contents"]


def usable_oids(call: Call, repo: Repo, oids: Collection[str]) -> set[str]:
    """Return which of these LFS objects the caller may add to a repository.

    Objects that the caller may read elsewhere are recorded as uploaded, so that a later push is accepted.
    """
    user, repo_key = call.user().user.name, repo.facts.id
    uploaded = {oid for oid in oids if call.lfs.was_uploaded(oid, repo=repo_key, user=user)}
    missing = set(oids) - uploaded
    if missing:
        missing -= lfs_oids(repo.path)
    for oid in _readable_elsewhere(call, repo, missing):
        call.lfs.note_upload(oid, repo=repo_key, user=user)
        missing.discard(oid)
    return set(oids) - missing


def used_contents(store: Store, buckets: Buckets, *, but: Repo | None = None) -> set[str]:
    """Return the SHA-256 of each content that a revision of a repository or a bucket names.

    Args:
        but: A repository that does not count.
    """
    repos = (repo for kind in REPO_TYPES for repo in store.all(kind) if but is None or repo.path != but.path)
    return buckets.contents().union(*(lfs_oids(repo.path) for repo in repos))


def check_pointer(call: Call, repo: Repo, pointer: Pointer, path: str) -> None:
    """Check that the caller may commit a pointer.

    Raises:
        HubResponseError: 422, the object does not exist, or the caller has no access; the message does not say which.
    """
    if call.lfs.size(pointer.sha256) != pointer.size or not usable_oids(call, repo, [pointer.sha256]):
        raise unprocessable(f"The LFS object {pointer.sha256} of {path} was not uploaded, or has another size")


def checked_content(call: Call, repo: Repo, path: str, content: bytes) -> bytes:
    """Return the content of a regular file; if it is an LFS pointer, the caller must be allowed to commit it.

    Raises:
        HubResponseError: Errors of `check_pointer`.
    """
    pointer = Pointer.parse(content) if len(content) < MAX_POINTER else None
    if pointer is not None:
        check_pointer(call, repo, pointer, path)
    return content


def _readable_elsewhere(call: Call, repo: Repo, oids: Collection[str]) -> set[str]:
    """Return which of these LFS objects are in buckets, or other repositories, whose files the caller may read."""
    wanted, found = set(oids), set[str]()
    for bucket in call.buckets.all() if wanted else ():
        with suppress(HubResponseError):  # deleted just now
            if call.may_read(bucket):
                found |= wanted.intersection(bucket.files.contents.values())
    for kind in REPO_TYPES if wanted else ():
        for other in call.store.all(kind):
            try:
                if other.path != repo.path and call.may_read(other) and call.access_refusal(other) is None:
                    found |= wanted & lfs_oids(other.path)
            except (HubResponseError, ValueError, TypeError, OSError):  # deleted concurrently, or damaged
                continue
            if found == wanted:
                return found
    return found
