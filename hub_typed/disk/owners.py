"""Owner of a temporary file, encoded in its name, so that other processes can tell whether it is still in use.

An owner has the form ``<machine>-<process>-<start>-<subject>-<random>``, all hexadecimal. Only its own machine can
check the process and its start time; elsewhere, a file counts as in use until it is unchanged for `LEASE` seconds. This
works on disks with unreliable locks, too.
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
"""Seconds without a change after which a file counts as abandoned if its process cannot be checked."""
OWNER: Final = re.compile(r"([0-9a-f]{8})-([0-9a-f]{1,8})-([0-9a-f]{1,12})-([0-9a-f]{6})-[0-9a-f]{6}")
_active: set[str] = set()
"""Owners of this process that have not ended yet; each operation on the set is atomic, so that it needs no lock."""


class OwnerState(Enum):
    """State of the owner of a temporary file."""

    LIVE = "its process runs on this machine"
    ENDED = "its process has ended"
    UNKNOWN = "another machine, or another client, wrote it"


def new_owner(subject: str) -> str:
    """Create an owner of this process, live until `end_owner` is called.

    Args:
        subject: Purpose of the temporary file, as the path of a file in a repository.
    """
    owner = f"{_process_prefix(os.getpid())}-{subject_tag(subject)}-{secrets.token_hex(3)}"
    _active.add(owner)
    return owner


def end_owner(owner: str) -> None:
    """Mark an owner of this process as ended."""
    _active.discard(owner)


@lru_cache(maxsize=4096)
def subject_tag(subject: str) -> str:
    """Return the tag of a subject in the names of its owners."""
    return hashlib.sha1(subject.encode(errors="replace"), usedforsecurity=False).hexdigest()[:6]


def owner_state(name: str) -> tuple[OwnerState, str | None]:
    """Return the state of the owner in a file name, and the tag of its subject."""
    match = OWNER.search(name)
    if match is None:
        return OwnerState.UNKNOWN, None
    machine, process, start, subject = match.groups()
    here = _process_prefix(os.getpid()).split("-")
    if machine != here[0]:
        return OwnerState.UNKNOWN, subject
    if [process, start] == here[1:]:
        return (OwnerState.LIVE if match[0] in _active else OwnerState.ENDED), subject
    if os.name == "nt":  # where os.kill() would end the process
        return OwnerState.UNKNOWN, subject
    running = _start_time(int(process, 16))
    if running is None:
        return OwnerState.ENDED, subject
    if 0 in (running, int(start, 16)):  # a process has this id, possibly a later one
        return OwnerState.UNKNOWN, subject
    return (OwnerState.LIVE if f"{running:x}" == start else OwnerState.ENDED), subject


@lru_cache(maxsize=2)
def _process_prefix(process: int) -> str:
    """Return the prefix of owners of this process."""
    return f"{_machine()}-{process:x}-{_start_time(process) or 0:x}"


def is_fresh(status: os.stat_result, now: float) -> bool:
    """Whether a file was changed less than `LEASE` seconds ago, so that it counts as in use if its owner is unknown.

    Args:
        now: Seconds since 1970.
    """
    return now - status.st_mtime < LEASE


def _machine() -> str:
    """Return an id of this machine since its last boot; each container counts as a machine."""
    known = [os.environ.get("COMPUTERNAME", "")]
    with suppress(AttributeError):
        known.append(os.uname().nodename)
    with suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        known.append(file.read())
    with suppress(OSError):
        known.append(str(os.stat("/proc/self/ns/pid").st_ino))
    return hashlib.sha1("\n".join(known).encode(), usedforsecurity=False).hexdigest()[:8]


def _start_time(process: int) -> int | None:
    """Return the start time of a process; 0 if unknown, ``None`` if the process has ended."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] in ("Z", "X") else int(fields[19])
    except (FileNotFoundError, ProcessLookupError):
        pass  # ended, or a process of another user that /proc hides
    except (OSError, ValueError, IndexError):
        return 0
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return 0
