"""A fake Hub in memory, and a fixture that runs flows with threads and with asyncio."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import attrs
import pytest

from hub_typed.http.async_io import AsyncIo
from hub_typed.http.io import Io, Sink, drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.progress import TransferEvent
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response, Source

T = TypeVar("T")
HEAD = "a" * 40
NEW = "b" * 40
FOLDER = {"type": "directory", "path": "folder", "oid": HEAD, "size": 0}
KINDS = {
    "/preupload/": "preupload",
    "/info/lfs/objects/batch": "batch",
    "/api/validate-yaml": "validate",
    "/commit/": "commit",
    "/commits/": "commits",
    "/tree/": "tree",
    "/paths-info/": "paths",
    "/super-squash/": "squash",
    "/resolve/": "resolve",
    "/lfs-verify": "verify",
    "/discussions": "discussions",
}


@attrs.frozen
class Sent:
    """A received request."""

    kind: str
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.body.splitlines()]


def answered(status: int = 200, body: object = None, **headers: str) -> Response:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        status=status, headers={"content-type": "application/json"} | headers, body=json.dumps(body).encode()
    )


@attrs.define(slots=False)
class MiniHub:
    """A transport that responds like the Hub and its LFS storage.

    Attributes:
        files: Files of the repository: blob id or SHA-256, by path.
        contents: Contents of the regular files, by blob id.
        stored: Contents in LFS storage, by SHA-256.
        faults: Responses and errors, by kind of request, each used once instead of a normal response.
    """

    files: dict[str, str] = attrs.field(factory=dict)
    contents: dict[str, bytes] = attrs.field(factory=dict)
    stored: dict[str, bytes] = attrs.field(factory=dict)
    sent: list[Sent] = attrs.field(factory=list)
    faults: dict[str, list[Response | Exception]] = attrs.field(factory=lambda: defaultdict(list))
    ignored: set[str] = attrs.field(factory=set)
    refused: dict[str, str] = attrs.field(factory=dict)
    part_size: int | None = None
    verifies: bool = False
    parts: dict[str, dict[int, bytes]] = attrs.field(factory=lambda: defaultdict(dict))
    pieces: list[int] = attrs.field(factory=list)
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    @staticmethod
    def sha256(content: bytes) -> str:
        return hashlib.sha256(content).hexdigest()

    @staticmethod
    def git_id(content: bytes) -> str:
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    def fail(self, kind: str, *answers: Response | Exception) -> None:
        """Make the next requests of a kind fail with these results, after two pieces of the body are read."""
        self.faults[kind] += answers

    def of(self, kind: str) -> list[Sent]:
        return [one for one in self.sent if one.kind == kind]

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.sent]

    answered = staticmethod(answered)

    def close(self) -> None: ...

    def send(self, request: Request, *, sink: Sink | None = None, **_: object) -> Response:
        parts = urlsplit(request.path)
        kind = next((kind for mark, kind in KINDS.items() if mark in parts.path), "")
        if not kind:
            assert parts.netloc == "store.test", request.path
            kind = {"PUT": "put", "POST": "complete"}[request.method]
        with self.lock:
            fault = self.faults[kind].pop(0) if self.faults[kind] else None
        body = self.read(request, whole=fault is None)
        one = Sent(kind, request.method, unquote(parts.path), parse_qs(parts.query), dict(request.headers), body)
        with self.lock:
            self.sent.append(one)
        if isinstance(fault, Exception):
            raise fault
        response = attrs.evolve(fault or getattr(self, kind)(one), url=request.path)
        if sink is None or not sink.begin(response):
            return response
        sink.write(response.body)
        return attrs.evolve(response, body=b"")

    def has(self, path: str, content: bytes) -> str:
        """Add a regular file to the repository and return its blob id."""
        oid = self.git_id(content)
        self.files[path], self.contents[oid] = oid, content
        return oid

    def read(self, request: Request, *, whole: bool) -> bytes:
        if not isinstance(request.body, Source):
            return request.body or b""
        pieces = request.body.open()
        if not whole:
            return b"".join(islice(pieces, 2))
        read = list(pieces)
        self.pieces += map(len, read)
        assert request.body.measured()[0] == sum(map(len, read))
        return b"".join(read)

    def preupload(self, one: Sent) -> Response:
        files = []
        for file in one.json["files"]:
            mode = "lfs" if file["path"].endswith(".bin") else "regular"
            decision = {"path": file["path"], "uploadMode": mode, "shouldIgnore": file["path"] in self.ignored}
            files.append(decision | ({"oid": self.files[file["path"]]} if file["path"] in self.files else {}))
        return answered(body={"files": files, "commitOid": HEAD})

    def batch(self, one: Sent) -> Response:
        return answered(body={"transfer": "basic", "objects": [self.granted(asked) for asked in one.json["objects"]]})

    def granted(self, asked: dict[str, Any]) -> dict[str, Any]:
        oid, size = asked["oid"], asked["size"]
        if oid in self.refused:
            return asked | {"error": {"code": 422, "message": self.refused[oid]}}
        if oid in self.stored:
            return asked
        upload: dict[str, Any] = {"href": f"https://store.test/{oid}?signature=secret"}
        if self.part_size:
            count = -(-size // self.part_size)
            hrefs = {f"{n:05}": f"https://store.test/{oid}?part={n}&signature=secret" for n in range(count, 0, -1)}
            upload["header"] = {"chunk_size": str(self.part_size)} | hrefs
        verify = {"verify": {"href": "https://hub.test/lfs-verify"}} if self.verifies else {}
        return asked | {"actions": {"upload": upload} | verify}

    def put(self, one: Sent) -> Response:
        oid = one.path.strip("/")
        if "part" not in one.query:
            self.stored[oid] = one.body
            return answered(etag='"whole"')
        number = int(one.query["part"][0])
        self.parts[oid][number] = one.body
        return answered(etag=f'"part-{number}"')

    def complete(self, one: Sent) -> Response:
        assert [part["etag"] for part in one.json["parts"]] == [
            f'"part-{part["partNumber"]}"' for part in one.json["parts"]
        ]
        oid = one.json["oid"]
        self.stored[oid] = b"".join(self.parts[oid][part["partNumber"]] for part in one.json["parts"])
        return answered()

    def verify(self, one: Sent) -> Response:
        assert len(self.stored[one.json["oid"]]) == one.json["size"]
        return answered()

    def validate(self, _: Sent) -> Response:
        return answered(body={"errors": [], "warnings": []})

    def commit(self, one: Sent) -> Response:
        made = {"success": True, "commitOid": NEW, "commitUrl": f"https://hub.test/me/repo/commit/{NEW}"}
        if "create_pr" in one.query:
            made["pullRequestUrl"] = "https://hub.test/me/repo/discussions/7"
        return answered(body=made)

    def commits(self, _: Sent) -> Response:
        head = {"id": HEAD, "title": "t", "message": "", "authors": [], "date": "2026-01-01T00:00:00.000Z"}
        return answered(body=[head])

    def tree(self, one: Sent) -> Response:
        folder = one.path.partition("/tree/main")[2].strip("/")
        inside = [path for path in self.files if path.startswith(f"{folder}/" if folder else "")]
        if folder and not inside:
            return answered(404, {"error": "no such folder"}, x_error_code="EntryNotFound")
        return answered(body=[FOLDER, *map(self.entry, inside)])

    def paths(self, one: Sent) -> Response:
        asked = parse_qs(one.body.decode())["paths"]
        found = [self.entry(path) for path in asked if path in self.files]
        return answered(body=found + [self.folder(path) for path in asked if self.is_folder(path)])

    def is_folder(self, path: str) -> bool:
        return any(file.startswith(f"{path}/") for file in self.files)

    def folder(self, path: str) -> dict[str, Any]:
        inside = sorted((file, oid) for file, oid in self.files.items() if file.startswith(f"{path}/"))
        return FOLDER | {"path": path, "oid": self.git_id(repr(inside).encode())}

    def entry(self, path: str) -> dict[str, Any]:
        oid = self.files[path]
        listed = {"type": "file", "path": path, "oid": oid, "size": len(self.contents.get(oid, b"?"))}
        if len(oid) == 64:  # an LFS file; git contains a pointer instead
            return listed | {"oid": self.git_id(oid.encode()), "lfs": {"oid": oid, "size": 1, "pointerSize": 127}}
        return listed

    def resolve(self, one: Sent) -> Response:
        path = one.path.partition("/resolve/")[2].partition("/")[2]
        return attrs.evolve(answered(), body=self.contents[self.files[path]])

    def squash(self, _: Sent) -> Response:
        return answered(body={"commitId": NEW})


@pytest.fixture
def hub() -> MiniHub:
    return MiniHub()


@pytest.fixture
def events() -> list[TransferEvent]:
    """Transfer events that the progress observer received."""
    return []


Run = Callable[[Callable[[Io], Coroutine[Any, Any, T]]], T]


@pytest.fixture(params=["threads", "asyncio"])
def run(
    request: pytest.FixtureRequest, hub: MiniHub, events: list[TransferEvent], tmp_path: Path
) -> Iterator[Run[Any]]:
    """Function that runs a flow with threads or with asyncio."""
    settings = Settings(
        endpoint="https://hub.test",
        backoff=0.0,
        concurrency=4,
        progress=events.append,
        cache_dir=str(tmp_path / "cache"),
    )
    world = ThreadIo if request.param == "threads" else AsyncIo
    io: Any = world(settings, hub, "hf_token", {"user-agent": "test"})

    def in_world(flow: Callable[[Io], Coroutine[Any, Any, T]]) -> T:
        return drive(flow(io)) if world is ThreadIo else asyncio.run(flow(io))  # type: ignore[arg-type]  # any world

    yield in_world
    io.close()
