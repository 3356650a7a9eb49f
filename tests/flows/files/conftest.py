"""Fixtures of the download tests: an in-memory Hub with injectable faults, and both kinds of Io to run a flow."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections import deque
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import attrs
import pytest

from hub_typed.errors import TransportError
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.io import Sink, drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response

ENDPOINT = "https://hub.test"
STORAGE = "https://storage.test"
REPO = "org/model"
NOW = 2_000_000_000.0
RESOLVE = re.compile(r"/(?:(datasets|spaces)/)?(.+?)/resolve/([^/]+)/(.+)")
API = re.compile(r"/api/(models|datasets|spaces)/(.+?)/(revision|tree)/([^/?]+)(?:/([^/?]+))?")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@attrs.frozen
class Large:
    """Content of an LFS file."""

    content: bytes


@attrs.define
class Spoilt:
    """Fault of the next response with the content of a file.

    Attributes:
        cut: The connection breaks after this number of bytes.
        short: The body ends, without an error, after this number of bytes.
        status: The response has this error status.
        whole: The response ignores the requested range.
        headers: Headers that replace the original ones.
        without: Name of a header that is missing.
        body: Body that replaces the original one.
        error: Exception raised instead of a response.
    """

    cut: int | None = None
    short: int | None = None
    status: int | None = None
    whole: bool = False
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    without: str = ""
    body: bytes | None = None
    error: Exception | None = None


@attrs.define
class FakeHub:
    """A Hub with one repository. It serves regular files itself, and redirects to a storage host for LFS files.

    Attributes:
        asked: Method and path of each request, with the first byte of its range.
        spoilt: Faults of the next responses with content, in order.
        head: Headers that replace those of HEAD responses; ``None`` removes a header.
        down: Exception or status with which every request fails.
        gone: Status and headers with which HEAD and GET of a file fail.
        head_status: Status with which HEAD of a file fails, as at a mirror that only serves GET.
        api_status: Status with which requests of the API fail, as at a mirror that only has the files.
        piece: Number of bytes passed to a sink at once.
        storage: URL of the storage host to which LFS files are redirected.
        page: Number of entries per page of the file list.
        tree: File list that replaces that of the commit.
    """

    repo_id: str = REPO
    repo_type: str = "model"
    commits: dict[str, dict[str, bytes | Large]] = attrs.field(factory=dict)
    refs: dict[str, str] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    requests: list[Request] = attrs.field(factory=list)
    spoilt: deque[Spoilt] = attrs.field(factory=deque)
    head: dict[str, str | None] = attrs.field(factory=dict)
    tree: list[dict[str, Any]] | None = None
    down: Exception | int | None = None
    gone: tuple[int, dict[str, str]] | None = None
    head_status: int | None = None
    api_status: int | None = None
    piece: int = 4
    storage: str = STORAGE
    page: int = 1000

    def commit(self, files: dict[str, bytes | Large], ref: str = "main") -> str:
        """Create a commit of these files, and point a ref to it."""
        names = repr(sorted(files.items()))
        commit = hashlib.sha1(f"{len(self.commits)}{names}".encode(), usedforsecurity=False).hexdigest()
        self.commits[commit] = files
        self.refs[ref] = commit
        return commit

    def forget(self) -> None:
        """Clear the recorded requests."""
        self.asked.clear()
        self.requests.clear()

    def close(self) -> None:
        """Do nothing; the fake has no connections."""

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        url = urlsplit(request.path)
        start, _, end = request.headers.get("range", "").removeprefix("bytes=").partition("-")
        path = url.path if url.netloc == urlsplit(ENDPOINT).netloc else f"{url.scheme}://{url.netloc}{url.path}"
        self.asked.append(f"{request.method} {path}" + (f" from {start}" if start else ""))
        self.requests.append(request)
        if cancellation is not None:
            cancellation.check()
        if isinstance(self.down, Exception):
            raise self.down
        if self.down is not None:
            return Response(status=self.down, headers={}, body=b"out of order", url=request.path)
        status, headers, body, spoilt = self._answer(request, int(start or 0), int(end) + 1 if end else None)
        head = Response(status=status, headers=headers, url=request.path)
        if spoilt.error is not None:
            raise spoilt.error
        if sink is None or not sink.begin(head):
            return attrs.evolve(head, body=body)
        for at in range(0, len(body), self.piece):
            stop = min(at + self.piece, len(body) if spoilt.cut is None else spoilt.cut)
            if stop > at:
                sink.write(body[at:stop])
            if spoilt.cut is not None and stop >= spoilt.cut:
                raise TransportError("the connection broke")
        return head

    def _answer(self, request: Request, start: int, stop: int | None) -> tuple[int, dict[str, str], bytes, Spoilt]:
        url = urlsplit(request.path)
        fine = Spoilt()
        if url.netloc != urlsplit(ENDPOINT).netloc:
            files = [file for files in self.commits.values() for file in files.values()]
            content = next(f.content for f in files if isinstance(f, Large) and url.path[1:] == sha256(f.content))
            etag = f'"{url.netloc}-{sha256(content)[:8]}"'
            return self._content(content, etag, start, stop, "range" in request.headers)
        if found := API.fullmatch(url.path):
            if self.api_status is not None:
                return self.api_status, {}, b"", fine
            return *self._api(found[1], unquote(found[2]), found[3], unquote(found[4]), url.query, found[5]), fine
        found = RESOLVE.fullmatch(url.path)
        assert found, request.path
        if request.method == "HEAD" and self.head_status is not None:
            return self.head_status, {}, b"", fine
        if self.gone is not None:
            return self.gone[0], self.gone[1], b"", fine
        error = self._missing(found[1] or "models", found[2], unquote(found[3]))
        if error:
            return 404, {"x-error-code": error}, b"", fine
        commit = self._commit(unquote(found[3]))
        file = self.commits[commit].get(unquote(found[4]))
        known = {"x-repo-commit": commit}
        if file is None:
            return 404, known | {"x-error-code": "EntryNotFound"}, b"Entry not found", fine
        if isinstance(file, Large):
            etag = sha256(file.content)
            known |= {
                "location": f"{self.storage}/{etag}?signature=secret",
                "x-linked-etag": f'"{etag}"',
                "x-linked-size": str(len(file.content)),
                "content-length": "99",
            }
            if request.method == "HEAD":
                known = self._headed(known)
            return 302, known, b"Found", fine
        etag = f'W/"{git_id(file)}"'
        if request.method == "HEAD":
            return 200, self._headed(known | {"etag": etag, "content-length": str(len(file))}), b"", fine
        status, headers, body, spoilt = self._content(file, etag, start, stop, "range" in request.headers)
        return status, known | headers, body, spoilt

    def _headed(self, headers: dict[str, str]) -> dict[str, str]:
        merged = {**headers, **self.head}
        return {name: value for name, value in merged.items() if value is not None}

    def _content(
        self, content: bytes, etag: str, start: int, stop: int | None, ranged: bool
    ) -> tuple[int, dict[str, str], bytes, Spoilt]:
        spoilt = self.spoilt.popleft() if self.spoilt else Spoilt()
        if spoilt.status is not None:
            return spoilt.status, {}, b"", Spoilt()
        size = len(content)
        if ranged and start >= size:
            return 416, {"content-range": f"bytes */{size}"}, b"", spoilt
        body = content if spoilt.body is None else spoilt.body
        headers = {"etag": etag}
        if ranged and not spoilt.whole:
            status, body = 206, body[start:stop]
            headers["content-range"] = f"bytes {start}-{(stop or size) - 1}/{size}"
        else:
            status = 200
            headers["content-length"] = str(len(body))
        if spoilt.short is not None:
            body = body[: spoilt.short]
        headers |= spoilt.headers
        headers.pop(spoilt.without, None)
        return status, headers, body, spoilt

    def _missing(self, kind: str, repo_id: str, revision: str) -> str:
        if repo_id != self.repo_id or kind != f"{self.repo_type}s":
            return "RepoNotFound"
        return "" if self._commit(revision) in self.commits else "RevisionNotFound"

    def _commit(self, revision: str) -> str:
        return self.refs.get(revision, revision)

    def _api(
        self, kind: str, repo_id: str, what: str, revision: str, query: str, folder: str | None
    ) -> tuple[int, dict[str, str], bytes]:
        error = self._missing(kind, repo_id, revision)
        if error:
            return 404, {"x-error-code": error}, b""
        commit = self._commit(revision)
        json_type = {"content-type": "application/json"}
        if what == "revision":
            return 200, json_type, json.dumps({"_id": "1", "id": repo_id, "sha": commit}).encode()
        entries = self.tree if self.tree is not None else [_entry(*item) for item in self.commits[commit].items()]
        if folder is not None:
            entries = [entry for entry in entries if entry["path"].startswith(f"{unquote(folder)}/")]
        start = int(parse_qs(query).get("cursor", ["0"])[0])
        page, rest = entries[start : start + self.page], entries[start + self.page :]
        if rest:
            path = f"{quote(revision, safe='')}{'/' + folder if folder else ''}"
            cursor = f"{ENDPOINT}/api/{kind}/{repo_id}/tree/{path}?cursor={start + self.page}"
            json_type["link"] = f'<{cursor}>; rel="next"'
        return 200, json_type, json.dumps(page).encode()


def _entry(path: str, file: bytes | Large) -> dict[str, Any]:
    if isinstance(file, bytes):
        return {"type": "file", "path": path, "oid": git_id(file), "size": len(file)}
    size = len(file.content)
    lfs = {"oid": sha256(file.content), "size": size, "pointerSize": 130}
    return {"type": "file", "path": path, "oid": git_id(b"pointer"), "size": size, "lfs": lfs, "xetHash": "e" * 64}


class _Still:
    """An Io whose clock advances only by sleeping, almost without delay, and whose random numbers are constant."""

    waited: float = 0.0
    paused: Callable[[float], None] | None = None

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds
        time.sleep(0.001)  # lets other threads work while this one polls for a lock
        if self.paused is not None:
            self.paused(seconds)

    def now(self) -> float:
        return NOW + self.waited

    def random(self) -> float:
        return 0.5


class StillThreadIo(_Still, ThreadIo):
    """The synchronous variant."""


class StillAsyncIo(_Still, AsyncIo):
    """The asynchronous variant."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await asyncio.sleep(0)  # lets the other coroutines work, too


@attrs.define
class World:
    """Runner of flows against the fake Hub, as in one of the two clients.

    Attributes:
        io: Io of the last flow.
    """

    hub: FakeHub
    kind: str
    settings: Settings
    io: Any = None

    def __call__(
        self,
        flow: Callable[..., Coroutine[Any, Any, Any]],
        *arguments: Any,
        paused: Callable[[float], None] | None = None,
        token: str = "hf_secret",
        **named: Any,
    ) -> Any:
        """Run a flow to completion."""
        made = StillThreadIo if self.kind == "sync" else StillAsyncIo
        self.io = made(self.settings, self.hub, token, {"user-agent": "test/1"})
        self.io.paused = paused
        try:
            running = flow(self.io, *arguments, **named)
            return drive(running) if self.kind == "sync" else asyncio.run(running)
        finally:
            self.io.close()

    def set(self, **settings: Any) -> World:
        """Change the settings of the next flows."""
        self.settings = attrs.evolve(self.settings, **settings)
        return self


@pytest.fixture
def hub() -> FakeHub:
    return FakeHub()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Folder of the cache."""
    return tmp_path / "cache"


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest, hub: FakeHub, cache: Path) -> World:
    """Runner of flows against the fake Hub, synchronous and asynchronous."""
    return World(hub, request.param, Settings(endpoint=ENDPOINT, cache_dir=str(cache), progress=False))


@pytest.fixture
def large() -> type[Large]:
    """Class of the contents of LFS files."""
    return Large


@pytest.fixture
def spoil(hub: FakeHub) -> Callable[..., None]:
    """Function that sets the fault of the next response with content."""

    def add(**how: Any) -> None:
        hub.spoilt.append(Spoilt(**how))

    return add


@pytest.fixture
def listing() -> Callable[[Path], dict[str, str]]:
    """Function that returns the links and the contents of the files below a folder."""

    def read(folder: Path) -> dict[str, str]:
        return {
            str(path.relative_to(folder)): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
            for path in sorted(folder.rglob("*"))
            if path.is_symlink() or path.is_file()
        }

    return read
