"""Fixtures shared by the tests of the embedded Hub."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import attrs
import pytest

from hub_typed.local.accounts.identity import Role
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.server.app import Hub
from hub_typed.local.streams.live_body import LiveBody
from hub_typed_api.wire import Body, Source

ORIGIN = "http://hub.test"
STORAGE = "http://storage.test"
Line: TypeAlias = tuple[str, Mapping[str, object]]


@attrs.frozen
class Got:
    """A response with its whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str | None]:
        return self.status, self.headers.get("x-error-code")


class Caller:
    """Sends requests to a Hub as one user, without a socket."""

    def __init__(self, hub: Hub, token: str | None = None) -> None:
        self.hub = hub
        self.token = token

    def __call__(self, method: str, url: str, data: object = None, headers: Mapping[str, str] | None = None) -> Got:
        """Send a request; data other than bytes is sent as JSON."""
        parts = urlsplit(url)
        body = b"" if data is None else data if isinstance(data, bytes) else json.dumps(data).encode()
        given = {name.lower(): value for name, value in (headers or {}).items()}
        storage = parts.netloc == urlsplit(STORAGE).netloc
        if self.token is not None and not storage:
            given["authorization"] = f"Bearer {self.token}"
        answer = self.hub.answer(
            IncomingRequest(
                method=method,
                path=parts.path,
                query=parts.query,
                headers=given,
                body=io.BytesIO(body),
                size=len(body),
                origin=ORIGIN,
                storage_origin=STORAGE,
            )
        )
        return Got(answer.status, answer.headers, _read(answer.body))

    @staticmethod
    def file(path: str, content: bytes) -> Line:
        """Return the commit line of a regular file."""
        return "file", {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}

    @staticmethod
    def large(path: str, oid: str, size: int | None = None) -> Line:
        """Return the commit line of an uploaded LFS file."""
        return "lfsFile", {"path": path, "algo": "sha256", "oid": oid} | ({} if size is None else {"size": size})

    def commit(self, repo: str, *lines: Line, to: str = "main", **header: object) -> Got:
        """Send a commit with these lines, as ``("file", {...})``, after a header."""
        every = [("header", {"summary": "a change", **header}), *lines]
        text = "".join(json.dumps({"key": key, "value": value}) + "\n" for key, value in every)
        return self("POST", f"/api/{repo}/commit/{to}", text.encode(), {"content-type": "application/x-ndjson"})

    def put(self, repo: str, path: str, content: bytes, to: str = "main") -> str:
        """Commit one regular file; return the commit."""
        answer = self.commit(repo, self.file(path, content), to=to)
        assert answer.status == 200, answer.body
        return str(answer.json()["commitOid"])

    def upload(self, content: bytes, repo: str = "ada/m") -> str:
        """Upload an LFS file; return its hash."""
        oid = hashlib.sha256(content).hexdigest()
        asked = {"operation": "upload", "objects": [{"oid": oid, "size": len(content)}]}
        told = self("POST", f"/{repo}.git/info/lfs/objects/batch", asked).json()["objects"][0]
        assert self("PUT", told["actions"]["upload"]["href"], content).status == 200
        return oid


def _read(body: Body) -> bytes:
    """Return a body; of one that grows, what is there now."""
    if isinstance(body, LiveBody):
        return b"".join(takewhile(bool, body.open()))
    return b"".join(body.open()) if isinstance(body, Source) else body


@pytest.fixture
def git(tmp_path: Path) -> GitRepo:
    """An empty git repository."""
    return GitRepo.create(tmp_path / "repo.git")


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    """An empty Hub."""
    return Hub(tmp_path / "hub")


@pytest.fixture
def login() -> Callable[..., Caller]:
    """Return a function that creates a caller with a token of a role."""

    def made(hub: Hub, name: str, role: Role = "write") -> Caller:
        return Caller(hub, hub.accounts.add(name, role))

    return made


@pytest.fixture
def ada(hub: Hub, login: Callable[..., Caller]) -> Caller:
    """A user with a write token, who owns the public model ``ada/m``."""
    caller = login(hub, "ada")
    assert caller("POST", "/api/repos/create", {"name": "m"}).status == 200
    return caller


@pytest.fixture
def bob(hub: Hub, login: Callable[..., Caller]) -> Caller:
    """Another user with a write token."""
    return login(hub, "bob")


@pytest.fixture
def anyone(hub: Hub) -> Caller:
    """An anonymous caller."""
    return Caller(hub)
