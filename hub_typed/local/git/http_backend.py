"""Git smart HTTP protocol, served by ``git http-backend``."""

from __future__ import annotations

import http.client
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import IO, Literal, TypeAlias, cast

from hub_typed.local.errors import HubResponseError
from hub_typed.local.git.limits import MAX_DEPTH
from hub_typed.local.git.pre_receive import environment, install
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["Backend", "Service"]

Service: TypeAlias = Literal["info/refs", "git-upload-pack", "git-receive-pack"]
CHUNK = 1 << 18
_log = logging.getLogger("hub_typed.local")


class Backend:
    """Runner of ``git http-backend`` on a repository, one process for each request.

    Args:
        hooks: Folder for the pre-receive hook; see `hub_typed.local.git.pre_receive`.
        lfs: Folder of the LFS objects, which the hook reads.
        xet: Folder of Xet storage, which the hook reads, too, if there is one.
    """

    def __init__(self, hooks: Path, lfs: Path, xet: Path | None = None) -> None:
        self._lfs = lfs.absolute()  # the working directory of git is the repository
        self._xet = xet and xet.absolute()
        self._settings = {
            "core.hooksPath": str(hooks.absolute()),
            "receive.fsckObjects": "true",
            "receive.denyDeleteCurrent": "refuse",
            "receive.autogc": "false",  # it would continue in the background after the response
            "safe.directory": "*",  # another user may own the folder, such as a volume of a container
            "uploadpack.allowFilter": "true",
            "receive.maxInputSize": "2g",
            "core.bigFileThreshold": "32m",  # larger files, which are refused anyway, are not loaded into memory
            "core.maxTreeDepth": str(MAX_DEPTH),  # older versions of git ignore it
        }
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._lock = threading.Lock()
        # Not on each request: a file that is open for writing cannot be executed.
        install(hooks)

    def stop(self) -> None:
        """Kill all running processes of git, whose responses nobody will read."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def fetch(self, request: IncomingRequest, repo: Path, service: Service) -> Answer:
        """Respond to a request of ``git fetch``."""
        answer = self._respond(request, repo, service, {})
        return answer if service == "git-upload-pack" else _completed(answer)

    def push(
        self, request: IncomingRequest, repo: Path, service: Service, *, user: str, refs: Sequence[str], uploads: Path
    ) -> Answer:
        """Respond to a request of ``git push``.

        Args:
            user: Name of the user who pushes.
            refs: Permitted refs: full names, and prefixes that end in a slash.
            uploads: Folder with a file for each LFS object that the user has uploaded for this repository.
        """
        # git permits pushes only if REMOTE_USER is set.
        variables = {"REMOTE_USER": user, **environment(self._lfs, self._xet, refs, uploads.absolute())}
        return _completed(self._respond(request, repo, service, variables))

    def _respond(self, request: IncomingRequest, repo: Path, service: Service, variables: dict[str, str]) -> Answer:
        git = shutil.which("git")
        if git is None:
            raise HubResponseError(501, "git is not installed on the machine of this Hub: use its HTTP API instead")
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        errors = tempfile.TemporaryFile()  # noqa: SIM115, closed when the process ends
        # The process needs a real file, and may write before it has read the whole body.
        with tempfile.TemporaryFile() as body:
            shutil.copyfileobj(request.body, body)
            body.seek(0)
            process = subprocess.Popen(
                [git, *settings, "http-backend"],
                stdin=body,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(request, repo, service) | variables,
                process_group=0,  # with its children: for `_kill`, and so that Ctrl-C does not reach them first
            )
        pieces = self._pieces(process, errors)
        headers = {name.lower(): value for name, value in http.client.parse_headers(_output(process)).items()}
        if not headers:
            next(pieces, None)
            raise HubResponseError(501, "git http-backend failed on the machine of this Hub: is git fully installed?")
        status = int(headers.pop("status", "200").split()[0])
        return Answer(status=status, headers=headers, body=Source(lambda: pieces))

    def _pieces(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> Iterator[bytes]:
        """Yield the output of a process; it is killed if the client disconnects."""
        with self._lock:
            self._running.add(process)
            if self._stopped:
                _kill(process)
        try:
            with errors, process:
                try:
                    while piece := _output(process).read1(CHUNK):
                        yield piece
                except GeneratorExit:
                    _kill(process)
                    raise
                if process.wait() != 0 and not self._stopped:
                    errors.seek(0)
                    _log.error("git http-backend failed: %s", errors.read().decode(errors="replace").strip())
        finally:
            with self._lock:
                self._running.discard(process)


def _environment(request: IncomingRequest, repo: Path, service: Service) -> dict[str, str]:
    """Return the environment of the CGI program, without the git configuration of the user."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **inherited,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": str(repo.absolute()),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "PATH_INFO": f"/{service}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(request.size),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }


def _output(process: subprocess.Popen[bytes]) -> BufferedReader:
    return cast(BufferedReader, process.stdout)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children, if it has not ended."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _completed(answer: Answer) -> Answer:
    """Return the response once the process has ended."""
    assert isinstance(answer.body, Source)
    return Answer(status=answer.status, headers=answer.headers, body=b"".join(answer.body.open()))
