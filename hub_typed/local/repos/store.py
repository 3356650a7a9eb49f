"""Storage of repositories: their git repositories, metadata outside git, and write locks."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs
import pygit2

from hub_typed.local.accounts.access_requests import AccessRequests
from hub_typed.local.community.discussions import Discussions
from hub_typed.local.community.likes import Likes
from hub_typed.local.errors import bad_request, repo_missing
from hub_typed.local.git.objects import AuthoredMessage, Change, Put
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.json_files import read_json, write_json
from hub_typed.local.repos.named_folders import NamedFolder, NamedFolders
from hub_typed.local.repos.space_logs import LogType, SpaceLogs
from hub_typed.local.repos.space_settings import SpaceFile, SpaceSettings
from hub_typed.local.repos.sql_queries import SqlQueries
from hub_typed_api.path import HFValidationError

__all__ = ["GITATTRIBUTES", "PREFIXED_TYPES", "REPO_TYPES", "Facts", "Repo", "RepoType", "Store", "known_type"]

RepoType: TypeAlias = Literal["model", "dataset", "space", "kernel"]
REPO_TYPES: tuple[RepoType, ...] = ("model", "dataset", "space", "kernel")
PREFIXED_TYPES = "|".join(kind for kind in REPO_TYPES if kind != "model")
"""Pattern of the types that paths of pages and of git start with; models have no prefix there."""
_FACTS = "hub.json"
_DISCUSSIONS = "discussions"
_LIKES = "likes.json"
_DOWNLOADS = "downloads"
_ACCESS = "access.json"
_SPACE = "space.json"
_LOGS = "logs.json"
_SQL = "sql_queries.json"

# Binary file types that tend to be large. The upload mode of other files depends on their size and first bytes.
_LARGE = (
    "*.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gguf *.gz *.h5 *.joblib *.lz4 *.mlmodel *.model *.msgpack *.npy *.npz "
    "*.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors *.tar *.tflite *.tgz *.wasm *.xz *.zip "
    "*.zst *tfevents* saved_model/**/*"
)
GITATTRIBUTES = "".join(f"{pattern} filter=lfs diff=lfs merge=lfs -text\n" for pattern in _LARGE.split())


@attrs.frozen(kw_only=True)
class Facts:
    """Metadata of a repository outside git.

    Attributes:
        created_at: Time of creation, in ISO 8601.
        creator: Name of the user who created it.
        gated: Whether access to its files must be requested; ``auto`` grants requests at once, ``manual`` lets its
            owners decide.
        org_members_gated: Whether members of the owning organization must request access, too; admins never must.
    """

    id: str
    created_at: str
    creator: str = ""
    private: bool = False
    sdk: str | None = None
    gated: Literal["auto", "manual", False] = False
    org_members_gated: bool = False
    discussions_disabled: bool = False


def known_type(name: str) -> RepoType:
    """Return the type of repositories with this name.

    Raises:
        HubResponseError: 400, the type is unknown.
    """
    for repo_type in REPO_TYPES:
        if name == repo_type:
            return repo_type
    raise bad_request(f"Invalid repository type: {name!r}, it must be one of {', '.join(REPO_TYPES)}")


class Repo:
    """One stored repository.

    Attributes:
        path: Folder of the bare git repository, which also contains the other files of the repository.
    """

    def __init__(self, repo_type: RepoType, folder: NamedFolder) -> None:
        self.repo_type: RepoType = repo_type
        self.repo_id: str = folder.name
        self.path: Path = folder.path
        self._lock = folder.lock

    @property
    def namespace(self) -> str:
        """Name of the owner; empty for canonical models."""
        return self.repo_id.rpartition("/")[0]

    @property
    def facts(self) -> Facts:
        stored = read_json(self.path / _FACTS)
        if stored is None:  # deleted or moved since it was found
            raise repo_missing(logged_in=True)
        return Facts(**stored)

    @property
    def discussions(self) -> Discussions:
        return Discussions(self.path / _DISCUSSIONS)

    @property
    def likes(self) -> Likes:
        return Likes(self.path / _LIKES)

    @property
    def downloads(self) -> int:
        """Number of downloads."""
        try:
            return (self.path / _DOWNLOADS).stat().st_size
        except FileNotFoundError:
            return 0

    def count_download(self) -> None:
        """Count a download by appending a byte to a file, without a lock."""
        with suppress(FileNotFoundError), (self.path / _DOWNLOADS).open("ab") as file:  # deleted concurrently
            file.write(b".")

    @property
    def access_requests(self) -> AccessRequests:
        return AccessRequests(self.path / _ACCESS)

    @property
    def space(self) -> SpaceFile:
        """File with the settings, if the repository is a Space."""
        return SpaceFile(self.path / _SPACE)

    @property
    def logs(self) -> SpaceLogs:
        """File with the logs, if the repository is a Space."""
        return SpaceLogs(self.path / _LOGS)

    @property
    def sql_queries(self) -> SqlQueries:
        """Saved queries of the SQL console, if the repository is a dataset."""
        return SqlQueries(self.path / _SQL)

    def git(self) -> GitRepo:
        """Open the git repository for reading."""
        try:
            return GitRepo(self.path)
        except pygit2.GitError:
            raise repo_missing(logged_in=True) from None

    @contextmanager
    def writing(self) -> Generator[GitRepo, None, None]:
        """Lock the git repository for writing."""
        with self._lock:
            yield self.git()

    def change(self, **changes: Any) -> Facts:
        """Change and return the metadata."""
        with self._lock:
            facts = attrs.evolve(self.facts, **changes)
            write_json(self.path / _FACTS, attrs.asdict(facts))
            return facts


class Store:
    """All repositories. Their metadata is stored inside their folder, so that it moves with them."""

    def __init__(self, root: Path, now: Callable[[], datetime]) -> None:
        self._root = root
        self._now = now
        self._folders = NamedFolders(root, suffix=".git", moves="moves.json")

    def find(self, repo_type: RepoType, repo_id: str) -> Repo | None:
        """Return the repository with this name, in any letter case; ``None`` if it does not exist."""
        return _repo(repo_type, self._folders.find(repo_type, repo_id))

    def has(self, repo_type: RepoType, repo_id: str) -> bool:
        """Whether there is a repository with this name, in any letter case; false for a name that is not allowed."""
        try:
            return self.find(repo_type, repo_id) is not None
        except HFValidationError:
            return False

    def moved(self, repo_type: RepoType, repo_id: str) -> Repo | None:
        """Return the repository that had this name before it was renamed; ``None`` if there is none."""
        return _repo(repo_type, self._folders.moved(repo_type, repo_id))

    def write_space_log(self, repo_id: str, log_type: LogType, text: str) -> None:
        """Add a text to a log of a Space.

        Raises:
            KeyError: There is no such Space.
        """
        repo = self.find("space", repo_id)
        if repo is None:
            raise KeyError(repo_id)
        with repo.writing():
            repo.logs.write(log_type, text, self._now().isoformat())

    def all(self, repo_type: RepoType) -> Iterator[Repo]:
        """Iterate over the repositories of one type, sorted by name."""
        return (Repo(repo_type, folder) for folder in self._folders.all(repo_type))

    def create(
        self,
        repo_type: RepoType,
        repo_id: str,
        *,
        user: str,
        private: bool = False,
        sdk: str | None = None,
        files: Sequence[Change] = (),
        space: SpaceSettings | None = None,
    ) -> Repo:
        """Create a repository with a first commit, and with settings if it is a Space.

        Raises:
            HubResponseError: 409, it exists already.
        """
        scratch = self._folders.new()
        facts = Facts(
            id=secrets.token_hex(12), created_at=self._now().isoformat(), creator=user, private=private, sdk=sdk
        )
        first = [Put(".gitattributes", GITATTRIBUTES.encode()), *files]
        GitRepo.create(scratch).commit("main", None, first, AuthoredMessage(user=user, message="initial commit"))
        write_json(scratch / _FACTS, attrs.asdict(facts))
        if space is not None:
            SpaceFile(scratch / _SPACE).put(space)
        return Repo(repo_type, self._folders.add(repo_type, repo_id, scratch))

    def delete(self, repo: Repo) -> None:
        """Delete a repository. LFS objects are kept, since other repositories may use them."""
        self._folders.delete(repo.repo_type, repo.repo_id)

    def move(self, repo: Repo, repo_id: str) -> Repo:
        """Rename a repository; the old name redirects until another repository uses it.

        Raises:
            HubResponseError: 409, a repository with the new name exists already.
        """
        return Repo(repo.repo_type, self._folders.move(repo.repo_type, repo.repo_id, repo_id))


def _repo(repo_type: RepoType, folder: NamedFolder | None) -> Repo | None:
    return None if folder is None else Repo(repo_type, folder)
