"""Uploads on real sockets whose connection breaks or that are refused: before, during or after their request."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile
from urllib.parse import urlsplit

import attrs
import pytest

from hub_typed import AsyncHfApi, CommitOperationAdd, HfApi, Settings
from hub_typed.errors import HfHubHTTPError
from hub_typed.local import LocalHub

BREAKS = ["reset", "close", "mute", "cut in the head", "cut in the body"]
FILES = {"a.txt": b"a" * 100_000, "w.bin": b"\0" * 5000}
UPLOADS = {
    "commit": (b"/commit/", {f"{number}.txt": bytes([65 + number]) * (8 << 20) for number in range(3)}),
    "file": (b"PUT ", {"w.bin": bytes(24 << 20)}),
}
"""What the first line of uploads contains that no buffer of a connection holds, and their files."""


class BreakingProxy:
    """Passes requests to the Hub, each on a connection of its own, and breaks those of commits.

    Attributes:
        script: What happens to the next commit requests: ``before`` or ``after`` the Hub gets it, and how; or
            ``during`` the request, and the status with which it is refused.
        concerns: What the first line of other requests contains that the script concerns instead.
    """

    def __init__(self, endpoint: str) -> None:
        self.script: list[tuple[str, str]] = []
        self.concerns = b"/commit/"
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
            lines = list(takewhile(lambda line: line != b"\r\n", received))
            if not lines:
                return
            sizes = [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]
            is_concerned = self.concerns in lines[0]
            when, how = self.script.pop(0) if is_concerned and self.script else ("", "")
            if when == "during":
                received.read(10_000)
                text = b'{"error": "refused early"}'
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.sendall(f"HTTP/1.1 {how} Refused\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
                return  # which resets the connection, since the rest was not read
            body = received.read(sum(sizes))
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

    def call(repo_id, files=FILES, **words):
        operations = [CommitOperationAdd(path, content) for path, content in files.items()]
        words |= {"commit_message": "m"}
        if request.param == "sync":
            with HfApi(proxy.endpoint, local_hub.token, settings=settings) as api:
                return api.create_commit(repo_id, operations, **words)

        async def call_async():
            async with AsyncHfApi(proxy.endpoint, local_hub.token, settings=settings) as api:
                return await api.create_commit(repo_id, operations, **words)

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


@pytest.mark.parametrize("upload", UPLOADS)
@pytest.mark.parametrize("status", ["401", "403", "413"])
def test_an_upload_that_is_refused_before_its_end_raises_the_error_of_the_response(
    local_hub, proxy, commit, upload, status
):
    repo_id = f"{local_hub.user}/refused"
    proxy.concerns, files = UPLOADS[upload]
    proxy.script = [("during", status)] * 2  # the second one for a file whose URL may have expired
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        api.create_repo(repo_id)
        with pytest.raises(HfHubHTTPError, match="refused early") as caught:
            commit(repo_id, files)
        assert caught.value.response.status_code == int(status)
        assert [one.title for one in api.list_repo_commits(repo_id)] == ["initial commit"]


@pytest.mark.parametrize("upload", UPLOADS)
@pytest.mark.parametrize("status", ["429", "503"])
def test_an_upload_that_is_refused_for_now_before_its_end_is_sent_again(local_hub, proxy, commit, upload, status):
    repo_id = f"{local_hub.user}/refused"
    proxy.concerns, files = UPLOADS[upload]
    proxy.script = [("during", status)]
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        api.create_repo(repo_id)
        commit(repo_id, files)
        assert not proxy.script
        assert [one.title for one in api.list_repo_commits(repo_id)] == ["m", "initial commit"]
