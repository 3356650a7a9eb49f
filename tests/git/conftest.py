"""git and git-lfs against an embedded Hub, without the machine's settings and without prompts."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed.local.accounts.identity import Role
from hub_typed.settings import Settings

SETTINGS = """
[user]
    name = Grace
    email = grace@example.org
[init]
    defaultBranch = main
[filter "lfs"]
    process = git-lfs filter-process
    clean = git-lfs clean -- %f
    smudge = git-lfs smudge -- %f
    required = true
"""


@attrs.frozen
class Git:
    """Runs git in a folder."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *words: str, check: bool = True) -> str:
        """What git says on its standard output."""
        done = self.run(*words)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.decode(errors="surrogateescape").rstrip("\n")

    def run(self, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env=self.environment,
            input=given,
            capture_output=True,
            check=False,
            timeout=60,
        )

    def refused(self, *words: str) -> str:
        """What git says on its standard error when it fails, as it must."""
        done = self.run(*words)
        assert done.returncode != 0, done.stdout
        return done.stderr.decode()

    def within(self, folder: Path) -> Git:
        return attrs.evolve(self, folder=folder)

    def clone(self, *words: str) -> Git:
        """A clone below this folder."""
        folder = self.folder / f"clone-{len(list(self.folder.iterdir()))}"
        self("clone", "--quiet", *words, str(folder))
        return self.within(folder)

    def commit(self, message: str, **files: bytes) -> str:
        """Commit files; the commit."""
        return self.commit_files(message, files)

    def commit_files(self, message: str, files: dict[str, bytes]) -> str:
        for path, content in files.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_bytes(content)
        self("add", "--all")
        self("commit", "--quiet", "--message", message)
        return self("rev-parse", "HEAD")

    def files(self) -> dict[str, bytes]:
        """What lies in the working copy."""
        every = [path for path in self.folder.rglob("*") if ".git" not in path.relative_to(self.folder).parts]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in every if path.is_file()}


@attrs.frozen
class Remote:
    """A repository of the Hub.

    Attributes:
        api: A client of its owner.
    """

    hub: LocalHub
    repo_id: str
    api: HfApi

    @property
    def path(self) -> Path:
        """Where it lies on disk."""
        return self.hub.root / "models" / f"{self.repo_id}.git"

    def url(self, token: str | None = None) -> str:
        """What to clone; with a token, as the password of somebody."""
        host = self.hub.endpoint if token is None else self.hub.endpoint.replace("://", f"://somebody:{token}@")
        return f"{host}/{self.repo_id}"

    @property
    def mine(self) -> str:
        """The URL by which its owner may push."""
        return self.url(self.hub.token)

    def api_of(self, user: str, role: Role = "write") -> HfApi:
        """A client of somebody else."""
        return HfApi(endpoint=self.hub.endpoint, token=self.hub.add_user(user, role), settings=Settings())

    def head(self, ref: str = "refs/heads/main") -> str:
        """The commit that a ref points to."""
        refs = self.api.list_repo_refs(self.repo_id, include_pull_requests=True)
        every = [*refs.branches, *refs.tags, *(refs.pull_requests or ())]
        return next(one.target_commit for one in every if one.ref == ref)

    def content(self, path: str, revision: str | None = None) -> bytes:
        """A file, as the client gets it."""
        return Path(self.api.hf_hub_download(self.repo_id, path, revision=revision)).read_bytes()


@pytest.fixture(scope="session")
def hub() -> Iterator[LocalHub]:
    with LocalHub() as hub:
        yield hub


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """git in an empty folder."""
    (tmp_path / "settings").write_text(SETTINGS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return Git(
        tmp_path,
        {
            **kept,
            "HOME": str(tmp_path),
            "GIT_CONFIG_GLOBAL": str(tmp_path / "settings"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_LFS_SKIP_SMUDGE": "0",
            "LC_ALL": "C.UTF-8",
        },
    )


@pytest.fixture
def git_lfs() -> None:
    """Skip a test where git-lfs is not installed."""
    if shutil.which("git-lfs") is None:
        pytest.skip("git-lfs is not installed: apt-get install git-lfs")


@pytest.fixture
def make(hub: LocalHub, git: Git) -> Iterator[Callable[..., Remote]]:
    """Makes repositories of the Hub; at the end, git looks for anything that is wrong with them."""
    made: list[Remote] = []

    def make(*, private: bool = False) -> Remote:
        api = HfApi(endpoint=hub.endpoint, token=hub.token, settings=Settings())
        name = f"m{len(list(hub.hub.store.all('model')))}"
        repo_id = api.create_repo(name, private=private).repo_id
        made.append(Remote(hub, repo_id, api))
        return made[-1]

    yield make
    for remote in made:
        if remote.path.exists():
            git.within(remote.path)("fsck", "--strict", "--no-dangling")
        remote.api.close()


@pytest.fixture
def remote(make: Callable[..., Remote]) -> Remote:
    """A public repository."""
    return make()
