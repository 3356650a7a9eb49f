"""Jobs as processes on this machine, each in a folder of its own. They are not isolated from it: there is no container.

This needs POSIX: a job is a process group, which is stopped as a whole, also if the Hub is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from hub_typed.local.errors import HubResponseError
from hub_typed.local.jobs.guard import Guard
from hub_typed.local.jobs.job import Job
from hub_typed.local.jobs.jobs import Jobs
from hub_typed.local.jobs.runner import Owner
from hub_typed.local.jobs.volumes import Volumes, with_folders
from hub_typed.local.json_files import make_private

__all__ = ["Processes", "open_jobs"]

GRACE: Final = 2.0
"""Seconds that a job gets to end after SIGTERM, before SIGKILL."""
_LONGEST_READ: Final = 64 << 10
_NOT_STARTED: Final = 127
"""Exit status of a job that could not be started, as in a shell."""


def open_jobs(folder: Path, now: Callable[[], datetime], volumes: Volumes, endpoint: Callable[[], str] | None) -> Jobs:
    """Open the jobs in a folder.

    Args:
        now: Clock of the Hub.
        endpoint: Returns the URL of the Hub for the jobs, which then are processes; ``None`` only records them.
    """
    if endpoint is None:
        return Jobs(folder, now)
    return Jobs(
        folder,
        now,
        runner=lambda owner: Processes(owner, folder=folder / "running", volumes=volumes, endpoint=endpoint),
    )


class Processes:
    """Runner of jobs as processes.

    Args:
        owner: Is told about output and ends.
        folder: Folder for the folders of the jobs.
        volumes: What the jobs may mount.
        endpoint: Returns the URL of the Hub for the jobs.

    Attributes:
        max_running: Maximum number of jobs that run at once; others wait.
    """

    def __init__(self, owner: Owner, *, folder: Path, volumes: Volumes, endpoint: Callable[[], str]) -> None:
        self._owner = owner
        self._folder = folder
        self._volumes = volumes
        self._endpoint = endpoint
        self.max_running: int = 4
        self._lock = threading.Lock()
        self._guard = Guard()
        self._attempts: dict[str, _Attempt] = {}
        self._threads: set[threading.Thread] = set()
        shutil.rmtree(folder, ignore_errors=True)  # the remains of a killed process
        make_private(folder)

    def has_room(self) -> bool:
        with self._lock:
            return len(self._threads) < self.max_running

    def start(self, job: Job) -> None:
        attempt = _Attempt(self._guard)
        thread = threading.Thread(target=self._run, args=(job, attempt), name=f"hub-typed-job-{job.id}", daemon=True)
        with self._lock:
            self._attempts[job.id] = attempt
            self._threads.add(thread)
        thread.start()

    def stop(self, job_id: str) -> None:
        with self._lock:
            attempt = self._attempts.pop(job_id, None)
        if attempt is not None:
            attempt.stop()

    def resume(self, job: Job) -> bool:  # noqa: ARG002, of the protocol
        return False

    def url(self, job: Job, port: int) -> str:  # noqa: ARG002, of the protocol
        return f"http://127.0.0.1:{port}"

    def metrics(self, job: Job) -> Mapping[str, Any]:  # noqa: ARG002, of the protocol
        return {"cpu_millicores": 1000 * (os.cpu_count() or 1)}

    def close(self) -> None:
        with self._lock:
            attempts, threads = list(self._attempts.values()), list(self._threads)
            self._attempts.clear()
        for attempt in attempts:
            attempt.stop()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(2 * GRACE)
        self._guard.close()

    def _run(self, job: Job, attempt: _Attempt) -> None:
        message: str | None = None
        try:
            # On any failure the job must end, or those who wait for it would wait for ever.
            with tempfile.TemporaryDirectory(prefix=f"{job.id}-", dir=self._folder, ignore_cleanup_errors=True) as root:
                exit_code = self._execute(job, attempt, Path(root))
        except HubResponseError as error:  # of a volume
            exit_code, message = _NOT_STARTED, error.message
        except (OSError, RuntimeError, ValueError) as error:
            exit_code, message = _NOT_STARTED, _explain(error, job)
        with self._lock:
            self._threads.discard(threading.current_thread())
            if self._attempts.get(job.id) is attempt:
                del self._attempts[job.id]
        if attempt.is_stopped:
            self._owner.start_waiting()
            return
        if message is not None:
            self._owner.write(job.id, message)
        self._owner.end(job.id, exit_code, message)

    def _execute(self, job: Job, attempt: _Attempt, root: Path) -> int:
        """Run the command and return its exit status.

        Raises:
            HubResponseError: 404, a volume cannot be read.
            OSError: The process cannot be started.
            ValueError: The job has no command.
        """
        home, temporary = root / "home", root / "tmp"
        home.mkdir()
        temporary.mkdir()
        folders: dict[str, str] = {}
        for number, volume in enumerate(job.spec.volumes or ()):
            folder = root / "volumes" / str(number) / Path(volume.mount_path).name
            self._volumes.copy(volume, job.creator.name, folder)
            folders[volume.mount_path.rstrip("/") or "/"] = str(folder)
        if not job.command:
            raise ValueError("The job has no command")
        environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "JOB_ID": job.id,
            "HF_ENDPOINT": self._endpoint(),
            **{name: with_folders(value, folders) for name, value in (job.spec.environment or {}).items()},
            **(job.spec.secrets or {}),
        }
        command = [with_folders(word, folders) for word in job.command]
        return attempt.run(command, environment, home, lambda line: self._owner.write(job.id, line))


class _Attempt:
    """One process with its group, which is stopped as a whole."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.is_stopped: bool = False

    def run(
        self, command: list[str], environment: Mapping[str, str], folder: Path, write: Callable[[str], None]
    ) -> int:
        """Run a command to its end, without a shell, and return its exit status; 128 and the number after a signal."""
        with self._lock:
            if self.is_stopped:
                return _NOT_STARTED
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._process = process
            self._guard.add(process.pid)
        assert process.stdout is not None
        reader = threading.Thread(target=_read_lines, args=(process.stdout, write), daemon=True)
        reader.start()
        status = process.wait()
        with self._lock:
            self._process = None
            _signal(process.pid, signal.SIGKILL)  # what the command has left behind would keep the output open
            self._guard.discard(process.pid)
        reader.join(GRACE)
        return status if status >= 0 else 128 - status

    def stop(self) -> None:
        """Stop the process and its group, or do not start it."""
        with self._lock:
            self.is_stopped = True
            if self._process is not None:
                _signal(self._process.pid, signal.SIGTERM)
                timer = threading.Timer(GRACE, self._kill)
                timer.daemon = True
                timer.start()

    def _kill(self) -> None:
        with self._lock:
            if self._process is not None:
                _signal(self._process.pid, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _read_lines(stream: IO[bytes], write: Callable[[str], None]) -> None:
    with stream, suppress(ValueError):  # the stream was closed
        while line := stream.readline(_LONGEST_READ):
            write(line.decode(errors="replace").rstrip("\r\n"))


def _explain(error: Exception, job: Job) -> str:
    """Return why a job could not be started."""
    where = f"jobs of this embedded Hub run as processes of its machine, not in the image {job.image}"
    if isinstance(error, FileNotFoundError) and job.command:
        return f"{job.command[0]}: not found on this machine: {where}"
    return f"{error}: {where}"
