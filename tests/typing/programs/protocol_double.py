"""A function that needs two methods of the client, and a double of these for its tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hub_typed import CommitInfo, EntryNotFoundError, HfApi, LocalEntryNotFoundError


class Hub(Protocol):
    """What `bump` needs of a client."""

    def hf_hub_download(self, repo_id: str, filename: str, *, revision: str | None = None) -> str: ...

    def upload_file(
        self, *, path_or_fileobj: bytes, path_in_repo: str, repo_id: str, commit_message: str | None = None
    ) -> CommitInfo: ...


def bump(hub: Hub, repo_id: str) -> int:
    """Increment the version in a file of a repository."""
    try:
        with open(hub.hf_hub_download(repo_id, "VERSION"), encoding="utf-8") as file:
            version = int(file.read()) + 1
    except EntryNotFoundError:
        version = 1
    hub.upload_file(
        path_or_fileobj=str(version).encode(),
        path_in_repo="VERSION",
        repo_id=repo_id,
        commit_message=f"Version {version}",
    )
    return version


@dataclass
class FakeHub:
    """A double: files of a folder, and a list of uploads."""

    files: dict[str, str]
    uploaded: list[bytes] = field(default_factory=list[bytes])

    def hf_hub_download(self, repo_id: str, filename: str, *, revision: str | None = None) -> str:
        if filename not in self.files:
            raise LocalEntryNotFoundError(f"{repo_id} has no {filename} at {revision or 'main'}")
        return self.files[filename]

    def upload_file(
        self, *, path_or_fileobj: bytes, path_in_repo: str, repo_id: str, commit_message: str | None = None
    ) -> CommitInfo:
        self.uploaded.append(path_or_fileobj)
        return CommitInfo(
            commit_url=f"https://hub.test/{repo_id}/commit/{'0' * 40}",
            commit_message=commit_message or path_in_repo,
            commit_description="",
            oid="0" * 40,
        )


def bump_for_real(api: HfApi, repo_id: str) -> int:
    """The client has the methods of the protocol."""
    return bump(api, repo_id)


def bump_with_double(files: dict[str, str]) -> tuple[int, list[bytes]]:
    fake = FakeHub(files)
    return bump(fake, "owner/name"), fake.uploaded
