"""Git smart HTTP protocol, served by ``git http-backend``."""

from __future__ import annotations

import http.client
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO, Literal, TypeAlias, cast

from hub_typed.local.errors import HubFault
from hub_typed.local.git.limits import MAX_DEPTH
from hub_typed.local.git.pre_receive import environment, install
from hub_typed.local.incoming_request import Incoming
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

__all__ = ["Backend", "Service"]

Service: TypeAlias = Literal["info/refs", "git-upload-pack", "git-receive-pack"]
CHUNK = 1 << 18
_log = logging.getLogger("hub_typed.local")


class Backend:
    """Runs git's HTTP backend on a repository, one process for each request.

    Args:
        hooks: Folder for the hook that guards the repositories; see `hub_typed.local.git.pre_receive`.
        lfs: Folder of the large files, which the hook looks into.
    """

    def __init__(self, hooks: Path, lfs: Path) -> None:
        self._lfs = lfs.absolute()  # git works in the folder of the repository
        self._settings = {
            "core.hooksPath": str(hooks.absolute()),
            "receive.fsckObjects": "true",
            "receive.denyDeleteCurrent": "refuse",
            "receive.autogc": "false",  # it would go on in the background, when the answer is long sent
            "safe.directory": "*",  # the folder is the Hub's, whoever owns it: a volume of a container, say
            "uploadpack.allowFilter": "true",
            "receive.maxInputSize": "2g",
            "core.bigFileThreshold": "32m",  # larger files, which are refused anyway, do not go through the memory
            "core.maxTreeDepth": str(MAX_DEPTH),  # which older versions of git do not know
        }
        # Now, and run much later: a file that somebody still holds open for writing cannot be run.
        install(hooks)

    def fetch(self, request: Incoming, repo: Path, service: Service) -> Answer:
        """Respond to a request of a fetch."""
        answer = self._answer(request, repo, service, {})
        return answer if service == "git-upload-pack" else _whole(answer)

    def push(
        self, request: Incoming, repo: Path, service: Service, *, user: str, refs: Sequence[str], uploads: Path
    ) -> Answer:
        """Respond to a request of a push.

        Args:
            user: Who pushes.
            refs: What may be pushed to: full names of refs, and beginnings, which end in a slash.
            uploads: Folder with a file for each large file that the user has uploaded for this repository.
        """
        # Also what says that pushing is permitted at all.
        more = {"REMOTE_USER": user, **environment(self._lfs, refs, uploads.absolute())}
        return _whole(self._answer(request, repo, service, more))

    def _answer(self, request: Incoming, repo: Path, service: Service, more: dict[str, str]) -> Answer:
        git = shutil.which("git")
        if git is None:
            raise HubFault(501, "git is not installed where this Hub runs: it can be used by its API alone")
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        errors = tempfile.TemporaryFile()  # noqa: SIM115, closed when the program ends
        with tempfile.TemporaryFile() as body:  # a program reads no Python object, and may write before it has read all
            shutil.copyfileobj(request.body, body)
            body.seek(0)
            process = subprocess.Popen(
                [git, *settings, "http-backend"],
                stdin=body,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=_environment(request, repo, service) | more,
            )
        pieces = _pieces(process, errors)
        headers = {name.lower(): value for name, value in http.client.parse_headers(_output(process)).items()}
        if not headers:
            next(pieces, None)
            raise HubFault(501, "git http-backend cannot be run where this Hub runs: is all of git installed?")
        status = int(headers.pop("status", "200").split()[0])
        return Answer(status=status, headers=headers, body=Source(lambda: pieces))


def _environment(request: Incoming, repo: Path, service: Service) -> dict[str, str]:
    """Environment of the CGI program, without the git configuration of the user."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {
        **kept,
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


def _pieces(process: subprocess.Popen[bytes], errors: IO[bytes]) -> Iterator[bytes]:
    """Yield the output of the program; it is killed if the client disconnects."""
    with errors, process:
        try:
            while piece := _output(process).read1(CHUNK):
                yield piece
        except GeneratorExit:
            process.kill()
            raise
        if process.wait() != 0:
            errors.seek(0)
            _log.error("git http-backend failed: %s", errors.read().decode(errors="replace").strip())


def _whole(answer: Answer) -> Answer:
    """Return the response once the program has ended."""
    assert isinstance(answer.body, Source)
    return Answer(status=answer.status, headers=answer.headers, body=b"".join(answer.body.open()))
