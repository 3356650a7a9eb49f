"""Owner of a temporary file, encoded in its name, so that other processes know whether it is still in use.

An owner is written ``<machine>-<process>-<start>-<subject>-<random>``, all hexadecimal. The process and its start are
known on its machine only; elsewhere, a file is taken to be in use until it was not changed for `LEASE` seconds. This
holds on disks whose locks cannot be trusted, too.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from typing import Final

__all__: list[str] = []

LEASE: Final = 90
"""Seconds without a change after which a file of an owner that cannot be asked is nobody's."""
OWNER: Final = re.compile(r"([0-9a-f]{8})-([0-9a-f]{1,8})-([0-9a-f]{1,12})-([0-9a-f]{6})-[0-9a-f]{6}")
_active: set[str] = set()
"""Owners of this process that have not ended."""


class Use(Enum):
    """Whether a temporary file is in use."""

    LIVE = "its process runs on this machine"
    LEFT = "its process has ended"
    UNKNOWN = "another machine, or another client, wrote it"


def new_owner(subject: str) -> str:
    """Create an owner of this process, which is live until `end` is called.

    Args:
        subject: What the file is for, as the path of a file in a repository.
    """
    owner = f"{_here(os.getpid())}-{subject_tag(subject)}-{secrets.token_hex(3)}"
    _active.add(owner)
    return owner


def end(owner: str) -> None:
    """Mark an owner of this process as ended."""
    _active.discard(owner)


@lru_cache(maxsize=4096)
def subject_tag(subject: str) -> str:
    """Return the tag of a subject in the names of its owners."""
    return hashlib.sha1(subject.encode(errors="replace"), usedforsecurity=False).hexdigest()[:6]


def use_of(name: str) -> tuple[Use, str | None]:
    """Return whether the file with this name is in use, and the tag of its subject."""
    found = OWNER.search(name)
    if found is None:
        return Use.UNKNOWN, None
    machine, process, start, subject = found.groups()
    here = _here(os.getpid()).split("-")
    if machine != here[0]:
        return Use.UNKNOWN, subject
    if [process, start] == here[1:]:
        return (Use.LIVE if found[0] in _active else Use.LEFT), subject
    if os.name == "nt":  # where looking at a process may end it
        return Use.UNKNOWN, subject
    running = _start(int(process, 16))
    if running is None:
        return Use.LEFT, subject
    if 0 in (running, int(start, 16)):  # some process has this number, perhaps a later one
        return Use.UNKNOWN, subject
    return (Use.LIVE if f"{running:x}" == start else Use.LEFT), subject


@lru_cache(maxsize=2)
def _here(process: int) -> str:
    """Return the prefix of owners of this process."""
    return f"{_machine()}-{process:x}-{_start(process) or 0:x}"


def _machine() -> str:
    """Return an id of this machine since its last boot; containers count as machines of their own."""
    known = [os.environ.get("COMPUTERNAME", "")]
    with suppress(AttributeError):
        known.append(os.uname().nodename)
    with suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        known.append(file.read())
    with suppress(OSError):
        known.append(str(os.stat("/proc/self/ns/pid").st_ino))
    return hashlib.sha1("\n".join(known).encode(), usedforsecurity=False).hexdigest()[:8]


def _start(process: int) -> int | None:
    """Return the start time of a process, 0 if unknown; ``None`` if it has ended."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] in ("Z", "X") else int(fields[19])
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has ended, or is somebody else's, which /proc may hide
    except (OSError, ValueError, IndexError):
        return 0
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return 0
