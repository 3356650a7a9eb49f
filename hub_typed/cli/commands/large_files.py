"""``lfs-enable-largefiles`` and ``lfs-multipart-upload``: git pushes of files over 5 GB.

git-lfs sends an object in one request, which the Hub's storage accepts up to 5 GB. Larger ones are sent in parts by a
custom transfer agent: a process that git-lfs starts, and tells on stdin, one JSON object in each line, what to upload.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError, describe_failure
from hub_typed.cli.output import Output, print_json

if TYPE_CHECKING:
    from hub_typed import HfApi, TransferEvent

__all__ = ["enable_large_files", "run_transfer_agent"]

_SETTINGS = {
    "path": sys.executable,
    "args": "-m hub_typed lfs-multipart-upload",
    "direction": "upload",
}
"""Settings of the transfer ``multipart`` of git-lfs."""


def enable_large_files(
    path: Annotated[Path, Parameter(help="Folder of the clone.")], /, *, output: Output = Output()
) -> None:
    """Let git push files over 5 GB from a clone: configure git-lfs to upload them in parts."""
    if not path.is_dir():
        raise FileNotFoundError(f"There is no folder {path}.")
    for name, value in _SETTINGS.items():
        _git(path, "config", f"lfs.customtransfer.multipart.{name}", value)
    output.done(f"git can push files over 5 GB from {path}.", id=path, path=path)


def run_transfer_agent() -> None:
    """Upload files in parts for git-lfs, which starts this command itself."""
    for line in sys.stdin:
        event = json.loads(line)
        match event["event"]:
            case "init":
                print_json({})
            case "upload":
                print_json({"event": "complete", "oid": event["oid"]} | _upload(event))
            case _:  # terminate
                return


def _upload(event: dict[str, Any]) -> dict[str, Any]:
    """Upload one file; return the error, if any."""
    from hub_typed import HfApi

    action = event["action"]
    try:
        # The URLs are signed, so no token is sent. They must be https if that of the Hub is.
        with HfApi(endpoint="/".join(action["href"].split("/")[:3]), token=False) as api:
            _upload_parts(api, event["oid"], event["path"], action)
    except Exception as error:  # noqa: BLE001  # whatever it is, git-lfs reports it with the name of the file
        return {"error": {"code": ExitCode.ERROR, "message": describe_failure(error)}}
    return {}


def _upload_parts(api: HfApi, oid: str, path: str, action: dict[str, Any]) -> None:
    from hub_typed.errors import ProtocolError
    from hub_typed.flows.lfs.actions import LfsFile
    from hub_typed.flows.lfs.content import Content
    from hub_typed.flows.lfs.parts import parts_of
    from hub_typed.flows.observed_body import observed
    from hub_typed.progress import Transfer
    from hub_typed_api.models import LfsPart
    from hub_typed_api.operations import lfs as operations
    from hub_typed_api.wire import Source

    reported = 0

    def report(event: TransferEvent) -> None:
        nonlocal reported
        if event.done > reported:  # less after a part is sent again
            print_json(
                {"event": "progress", "oid": oid, "bytesSoFar": event.done, "bytesSinceLast": event.done - reported}
            )
            reported = event.done

    file = LfsFile(path=path, oid=oid, content=Content.of(path))
    transfer = Transfer(report, "upload", path, file.content.size)
    done: list[LfsPart] = []
    for part in parts_of(file, action.get("header") or {}):
        body = Source(partial(file.content.pieces, part.start, part.stop), part.size)
        etag = api.call(operations.lfs_upload(part.href, body=observed(body, transfer))).headers.get("etag")
        if not etag:
            raise ProtocolError(f"The storage returned no ETag for part {part.number} of {path}.")
        done.append(LfsPart(part_number=part.number, etag=etag))
    if done:
        api.call(operations.lfs_complete(action["href"], oid=oid, parts=done))
    else:
        whole = Source(file.content.pieces, file.content.size)
        api.call(operations.lfs_upload(action["href"], body=observed(whole, transfer)))
    transfer.finish()


def _git(folder: Path, *words: str) -> None:
    try:
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S607
    except FileNotFoundError:
        raise CommandError("git is not installed.", ExitCode.ERROR) from None
    except subprocess.CalledProcessError as error:
        raise CommandError(f"git refused to change the settings of {folder}: {error.stderr}", ExitCode.ERROR) from error
