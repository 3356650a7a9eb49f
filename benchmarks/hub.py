"""The embedded Hub in a process of its own, so that it shares no interpreter lock with what is measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs

from hub_typed import HfApi

__all__ = ["Counts", "HubProcess", "processor_seconds"]


def processor_seconds(pid: int) -> float:
    """Return the seconds of the processor that a process took so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Counts:
    """What a Hub has counted so far.

    Attributes:
        requests: Number of requests.
        sent: Bytes that the Hub sent.
        xorb_bytes: Bytes of the xorbs that it received; ``None`` without Xet.
    """

    requests: int
    sent: int
    xorb_bytes: int | None = None


class HubProcess:
    """An embedded Hub on an empty folder, until the end of the ``with``.

    Attributes:
        xet: Whether it serves Xet.
        endpoint: Its URL.
        token: A token that may write.
        api: Our client, for what has to be there, or to be looked at, around a measurement.
    """

    def __init__(self, root: Path, *, xet: bool = False) -> None:
        self.xet = xet
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "hub_typed.local", "--xet" if xet else "--no-xet", "--root", str(root)],
            env=os.environ | {"TMPDIR": str(root)},  # where it keeps large requests until they are there
            stdout=subprocess.PIPE,
            text=True,
        )
        self.endpoint, self.token = (self._said() for _ in range(2))
        self.api = HfApi(endpoint=self.endpoint, token=self.token)

    def _said(self) -> str:
        """The value of the next ``export NAME=value``."""
        assert self._process.stdout is not None
        name, _, value = self._process.stdout.readline().strip().partition("=")
        if not value:
            raise RuntimeError(f"The embedded Hub did not start; it said {name!r}.")
        return value

    def create_repo(self) -> str:
        """A new, empty repository; its id."""
        self._made += 1
        return self.api.create_repo(f"local-user/measured-{self._made}").repo_id

    _made = 0

    @property
    def port(self) -> int:
        """Its port."""
        return int(self.endpoint.rpartition(":")[2])

    @property
    def cpu(self) -> float:
        """Seconds of the processor that it took so far."""
        return processor_seconds(self._process.pid)

    def count(self) -> Counts:
        """Return what it has counted so far."""
        with closing(HTTPConnection("127.0.0.1", self.port)) as connection:
            connection.request("GET", "/_stats", headers={"Authorization": f"Bearer {self.token}"})
            counts = json.load(connection.getresponse())
        return Counts(sum(counts["requests"].values()), counts["sent"], counts["xorb_bytes"] if self.xet else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.close()
        self._process.terminate()
        self._process.wait()
