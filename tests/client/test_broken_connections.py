"""Commits whose connection breaks, on real sockets, before or after the Hub has created the commit."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import attrs
import pytest

from hub_typed import AsyncHfApi, CommitOperationAdd, HfApi, Settings
from hub_typed.local import LocalHub

BREAKS = ["reset", "close", "mute", "cut in the head", "cut in the body"]
FILES = {"a.txt": b"a" * 100_000, "w.bin": b"\0" * 5000}


class BreakingProxy:
    """Passes requests to the Hub, each on a connection of its own, and breaks those of commits.

    Attributes:
        script: What happens to the next commit requests: ``before`` or ``after`` the Hub gets it, and how.
    """

    def __init__(self, endpoint: str) -> None:
        self.script: list[tuple[str, str]] = []
        self._hub = urlsplit(endpoint)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as received, suppress(OSError):
            lines = list(iter(received.readline, b"\r\n"))
            sizes = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
            body = received.read(sum(sizes))
            is_commit = b"/commit/" in lines[0]
            when, how = self.script.pop(0) if is_commit and self.script else ("", "")
            response = b"" if when == "before" else self._pass_on(lines, body)
            head = response.find(b"\r\n\r\n") + 4
            if how == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif how == "mute":
                received.read()
            elif how != "close":
                end = {"cut in the head": head // 2, "cut in the body": head + 10}.get(how, len(response))
                connection.sendall(response[:end])

    def _pass_on(self, lines: list[bytes], body: bytes) -> bytes:
        kept = [line for line in lines if not line.lower().startswith(b"connection:")]
        with socket.create_connection((self._hub.hostname, self._hub.port)) as connection:
            connection.sendall(b"".join([*kept, b"connection: close\r\n\r\n", body]))
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))


@pytest.fixture
def proxy(local_hub: LocalHub) -> Iterator[BreakingProxy]:
    made = BreakingProxy(local_hub.endpoint)
    yield made
    made.close()


@pytest.fixture(params=["sync", "async"])
def commit(request: pytest.FixtureRequest, local_hub: LocalHub, proxy: BreakingProxy):
    """Commits the files through the proxy."""
    settings = attrs.evolve(Settings.from_environment(), backoff=0.01, read_timeout=0.3, answer_timeout=1)

    def operations() -> list[CommitOperationAdd]:
        return [CommitOperationAdd(path, content) for path, content in FILES.items()]

    def call(repo_id, **words):
        words |= {"commit_message": "m"}
        if request.param == "sync":
            with HfApi(proxy.endpoint, local_hub.token, settings=settings) as api:
                return api.create_commit(repo_id, operations(), **words)

        async def call_async():
            async with AsyncHfApi(proxy.endpoint, local_hub.token, settings=settings) as api:
                return await api.create_commit(repo_id, operations(), **words)

        return asyncio.run(call_async())

    return call


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_whose_connection_breaks_is_created_once(local_hub, proxy, commit, when, how):
    repo_id = f"{local_hub.user}/broken"
    proxy.script = [(when, how)]
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        api.create_repo(repo_id)
        info = commit(repo_id)
        assert not proxy.script
        assert [one.title for one in api.list_repo_commits(repo_id)] == ["m", "initial commit"]
        assert api.model_info(repo_id).sha == info.oid
        assert {entry.path: entry.size for entry in api.get_paths_info(repo_id, list(FILES))} == {
            path: len(content) for path, content in FILES.items()
        }


@pytest.mark.parametrize("how", BREAKS)
def test_a_pull_request_whose_connection_breaks_is_opened_once(local_hub, proxy, commit, how):
    repo_id = f"{local_hub.user}/broken"
    proxy.script = [("after", how)]
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        api.create_repo(repo_id)
        info = commit(repo_id, create_pr=True)
        (opened,) = api.get_repo_discussions(repo_id)
        assert (info.pr_num, opened.title) == (opened.num, "m")
