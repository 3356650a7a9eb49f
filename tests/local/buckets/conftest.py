"""A Hub that serves Xet, and the bucket ``ada/b``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller, Got
from tests.local.xet.material import put_for_bucket

BUCKET = "/api/buckets/ada/b"


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "hub", xet=True)


@pytest.fixture
def ada(hub: Hub, login: Callable[..., Caller]) -> Caller:
    """A user with a write token, who owns the public bucket ``ada/b``."""
    caller = login(hub, "ada")
    assert caller("POST", BUCKET).status == 200
    return caller


def batch(caller: Caller, *lines: Mapping[str, object], to: str = BUCKET) -> Got:
    """Send lines as a batch."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return caller("POST", f"{to}/batch", text.encode(), {"content-type": "application/x-ndjson"})


def added(path: str, xet_hash: str, **more: object) -> dict[str, object]:
    """Return the line that adds a file."""
    return {"type": "addFile", "path": path, "xetHash": xet_hash, **more}


def copied(path: str, xet_hash: str, kind: str, name: str, **more: object) -> dict[str, object]:
    """Return the line that copies a file."""
    source = {"sourceRepoType": kind, "sourceRepoId": name}
    return {"type": "copyFile", "path": path, "xetHash": xet_hash, **source, **more}


def deleted(path: str) -> dict[str, object]:
    """Return the line that deletes a file."""
    return {"type": "deleteFile", "path": path}


@pytest.fixture
def upload(hub: Hub) -> Callable[..., str]:
    """Return a function that uploads a content for a bucket through Xet, and returns its Xet hash."""

    def uploaded(*chunks: bytes, bucket: str = "ada/b", user: str = "ada") -> str:
        return put_for_bucket(hub, bucket, user, *chunks)

    return uploaded


@pytest.fixture
def fill(ada: Caller, upload: Callable[..., str]) -> Callable[..., None]:
    """Return a function that adds files of one byte to the bucket."""

    def filled(*paths: str) -> None:
        name = upload(b"x")
        assert batch(ada, *(added(path, name) for path in paths)).status == 200

    return filled
