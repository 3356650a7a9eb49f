"""Plan of a synchronization: what is to be done with each file, also as a file of JSON lines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias, cast, get_args

import attrs

from hub_typed_api.fields import Fields
from hub_typed_api.models import BucketFile

__all__ = ["SyncOperation", "SyncPlan"]

SyncAction: TypeAlias = Literal["upload", "download", "delete", "skip"]


@attrs.define
class SyncOperation(Fields):
    """What is to be done with one file.

    Attributes:
        action: ``upload``, ``download``, ``delete`` (at the destination) or ``skip``.
        path: Path below the source and the destination.
        size: Size in bytes.
        reason: Why, for example ``new file`` or ``size differs``.
        local_mtime: Modification time of the local file, in ISO 8601; ``None`` if there is none.
        remote_mtime: Modification time of the file of the bucket; ``None`` if there is none.
        bucket_file: The file to download; not in a file of the plan.
    """

    action: SyncAction
    path: str
    size: int | None = None
    reason: str = ""
    local_mtime: str | None = None
    remote_mtime: str | None = None
    bucket_file: BucketFile | None = None


@attrs.define
class SyncPlan(Fields):
    """What a synchronization does, or has done.

    Attributes:
        source: Local folder or bucket that is copied.
        dest: Bucket or local folder that becomes like it.
        timestamp: Time of the plan, in ISO 8601.
        operations: What is to be done, by path.
    """

    source: str
    dest: str
    timestamp: str
    operations: list[SyncOperation] = attrs.Factory(list[SyncOperation])

    def summary(self) -> dict[str, int | str]:
        """Return the number of operations of each kind, and the bytes to transfer as ``total_size``."""
        counts = Counter(operation.action for operation in self.operations)
        moved = (operation.size or 0 for operation in self.operations if operation.action in ("upload", "download"))
        return {
            "uploads": counts["upload"],
            "downloads": counts["download"],
            "deletes": counts["delete"],
            "skips": counts["skip"],
            "total_size": sum(moved),
        }


def plan_lines(plan: SyncPlan) -> Iterator[str]:
    """Return a plan as JSON lines: a header, and a line for each operation."""
    yield json.dumps(
        {
            "type": "header",
            "source": plan.source,
            "dest": plan.dest,
            "timestamp": plan.timestamp,
            "summary": plan.summary(),
        }
    )
    for operation in plan.operations:
        members: dict[str, object] = {
            "type": "operation",
            "action": operation.action,
            "path": operation.path,
            "reason": operation.reason,
            "size": operation.size,
            "local_mtime": operation.local_mtime,
            "remote_mtime": operation.remote_mtime,
        }
        yield json.dumps({name: value for name, value in members.items() if value is not None})


def parse_plan(text: str, file: str) -> SyncPlan:
    """Parse the JSON lines of a plan; lines of an unknown type are skipped.

    Args:
        text: The lines.
        file: Name of the file, for messages.

    Raises:
        ValueError: The text is not a plan.
    """
    try:
        header, *lines = [cast("dict[str, Any]", json.loads(line)) for line in text.splitlines() if line.strip()]
        _check_header(header)
        operations = [_parse_operation(line) for line in lines if line["type"] == "operation"]
        return SyncPlan(_text(header, "source"), _text(header, "dest"), _text(header, "timestamp"), operations)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{file} is not the plan of a synchronization: {reason}.") from error


def _check_header(line: dict[str, Any]) -> None:
    if line["type"] != "header":
        raise ValueError("its first line is no header")


def _parse_operation(line: dict[str, Any]) -> SyncOperation:
    action = line["action"]
    if action not in get_args(SyncAction):
        raise ValueError(f"it has the unknown action {action!r}")
    size = line.get("size")
    if size is not None and not isinstance(size, int):
        raise ValueError(f"it has the size {size!r}")
    return SyncOperation(
        action=action,
        path=_text(line, "path"),
        size=size,
        reason=str(line.get("reason", "")),
        local_mtime=line.get("local_mtime"),
        remote_mtime=line.get("remote_mtime"),
    )


def _text(line: dict[str, Any], name: str) -> str:
    value = line[name]
    if not isinstance(value, str):
        raise ValueError(f"its {name} is {value!r}, not text")
    return value
