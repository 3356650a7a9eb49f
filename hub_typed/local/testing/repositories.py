"""Repositories of an embedded Hub, made from files."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

import attrs

from hub_typed import CommitOperationAdd, HfApi, Settings
from hub_typed.local import LocalHub
from hub_typed.local.repos.store import RepoType

__all__ = ["Content", "HubRepo", "HubRepoFactory"]

Content: TypeAlias = str | bytes | Path
"""Content of a file: text, bytes, or the path of a file to copy."""


@attrs.frozen(kw_only=True)
class HubRepo:
    """A repository of an embedded Hub.

    Attributes:
        repo_id: Name, ``owner/name``.
        repo_type: Type: ``model``, ``dataset``, ``space`` or ``kernel``.
        url: URL of the repository.
        git_url: URL for git, with the token of the owner.
        commit: Id of the latest commit when it was made.
    """

    repo_id: str
    repo_type: RepoType
    url: str
    git_url: str = attrs.field(repr=False)
    commit: str


class HubRepoFactory:
    """Function that makes repositories of a Hub.

    Example:
        repo = make({"README.md": "# A model", "model.safetensors": b"...", "config.json": Path("config.json")})
    """

    def __init__(self, hub: LocalHub) -> None:
        self._hub = hub
        self._numbers = count(1)

    def __call__(
        self,
        files: Mapping[str, Content] | None = None,
        *,
        name: str | None = None,
        owner: str | None = None,
        repo_type: RepoType = "model",
        private: bool = False,
        gated: Literal["auto", "manual", False] = False,
        space_sdk: str = "static",
    ) -> HubRepo:
        """Create a repository with files, in one commit.

        Args:
            files: Content of each file by its path in the repository.
            name: Name without the owner; by default, ``repo-1`` and so on.
            owner: User or organization; by default, the user of the Hub. A user who is missing is created.
            private: Whether only its owner can see it.
            gated: Whether access to its files must be requested.
            space_sdk: SDK, if it is a Space.

        Raises:
            HfHubHTTPError: The Hub refuses it, for example because it exists already.
            ValueError: A path is that of a file and of a folder.
        """
        _check_paths(files or {})
        hub = self._hub
        owner = owner or hub.user
        repo_id = f"{owner}/{name or f'repo-{next(self._numbers)}'}"
        token = self._token(owner)
        settings = Settings(endpoint=hub.endpoint, xet=False, progress=False)
        # A test need not write perfect cards, of which commits warn otherwise.
        with (
            warnings.catch_warnings(action="ignore", category=UserWarning),
            HfApi(token=token, settings=settings, transport=hub.transport) as api,
        ):
            url = api.create_repo(
                repo_id,
                repo_type=repo_type,
                private=private,
                space_sdk=space_sdk if repo_type == "space" else None,
            )
            if gated:
                api.update_repo_settings(repo_id, repo_type=repo_type, gated=gated)
            if files:
                added = [CommitOperationAdd(path, _source(content)) for path, content in files.items()]
                api.create_commit(repo_id, added, repo_type=repo_type, commit_message="Add files")
            commit = api.repo_info(repo_id, repo_type=repo_type).sha
        assert commit is not None
        return HubRepo(
            repo_id=repo_id,
            repo_type=repo_type,
            url=str(url),
            git_url=str(url).replace("://", f"://{hub.user}:{token}@", 1),
            commit=commit,
        )

    def _token(self, owner: str) -> str:
        """Return a token that may create repositories of a user or an organization."""
        organization = self._hub.hub.accounts.organization(owner)
        if organization is None:
            return self._hub.add_user(owner)
        for name, role in organization.members.items():
            if role == "admin":
                return self._hub.add_user(name)
        raise ValueError(f"The organization {owner} has no admin who could own a repository")


def _check_paths(paths: Collection[str]) -> None:
    folders = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
    if both := sorted(folders.intersection(paths)):
        raise ValueError(f"{both[0]} cannot be a file and a folder of the same repository")


def _source(content: Content) -> bytes | Path:
    return content.encode() if isinstance(content, str) else content
