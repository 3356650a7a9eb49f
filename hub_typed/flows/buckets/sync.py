"""Make a bucket like a local folder, or a local folder like a bucket."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import attrs

from hub_typed.disk.folders import read_file
from hub_typed.errors import BucketNotFoundError
from hub_typed.flows.argument_checks import check_together
from hub_typed.flows.buckets.batch import change_files
from hub_typed.flows.buckets.bucket_changes import Addition, Deletion
from hub_typed.flows.buckets.bucket_ids import URI_PREFIX, parse_bucket_path
from hub_typed.flows.buckets.listing import files_below
from hub_typed.flows.buckets.local_tree import LocalTree
from hub_typed.flows.buckets.sync_compare import FileState, SyncRules, compare_trees
from hub_typed.flows.buckets.sync_download import run_download
from hub_typed.flows.buckets.sync_filter import PathFilter
from hub_typed.flows.buckets.sync_plan import SyncPlan, parse_plan, plan_lines
from hub_typed.flows.buckets.sync_report import SyncReport
from hub_typed.flows.files.paths import checked_path
from hub_typed.flows.local_files import is_metadata
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Job, TransferEvent
from hub_typed.urls.hf_uri import HfUri

__all__ = ["sync_bucket"]


@attrs.frozen
class Sides:
    """A local folder and a bucket, of which one is copied to the other.

    Attributes:
        action: Direction.
        local: The local folder.
        bucket: The bucket, or a folder in it.
    """

    action: Literal["upload", "download"]
    local: LocalTree
    bucket: HfUri

    @classmethod
    def of(cls, io: Io, source: str, dest: str) -> Sides:
        """Tell which side is the bucket.

        Raises:
            ValueError: Both or neither are.
        """
        is_download, is_upload = source.startswith("hf://"), dest.startswith("hf://")
        if is_download and is_upload:
            raise ValueError(
                f"{source} and {dest} are both on the Hub; sync_bucket needs a local folder. copy_files copies them."
            )
        if not is_download and not is_upload:
            raise ValueError(f"Neither {source!r} nor {dest!r} is a bucket: pass one as {URI_PREFIX}owner/name.")
        bucket = parse_bucket_path(source if is_download else dest)
        folder = Path(dest if is_download else source).expanduser().absolute()
        if is_upload and not folder.is_dir():
            raise ValueError(f"The source {str(folder)!r} is not a local folder.")
        if is_download and folder.exists() and not folder.is_dir():
            raise ValueError(f"The destination {str(folder)!r} is not a folder.")
        local = LocalTree(folder, io.settings.local_dir_links == "follow")
        return cls("download" if is_download else "upload", local, bucket)

    def path_in_bucket(self, path: str) -> str:
        """Return the path in the bucket of a path below both sides."""
        return f"{self.bucket.path_in_repo}/{path}" if self.bucket.path_in_repo else path


async def sync_bucket(
    io: Io,
    source: str | os.PathLike[str] | HfUri | None = None,
    dest: str | os.PathLike[str] | HfUri | None = None,
    *,
    delete: bool = False,
    ignore_times: bool = False,
    ignore_sizes: bool = False,
    existing: bool = False,
    ignore_existing: bool = False,
    include: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    filter_from: str | os.PathLike[str] | None = None,
    plan: str | os.PathLike[str] | None = None,
    apply: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    verbose: bool = False,
    quiet: bool = False,
) -> SyncPlan:
    """Make a bucket like a local folder, or a local folder like a bucket, and return what was done.

    A file is transferred if the destination lacks it, or has it with another size or an older modification time. Files
    that are downloaded get the modification time of the bucket. After an interruption, the next call does what is left.
    ``.git`` and ``.cache/huggingface`` are left alone.

    Args:
        source: Local folder, or ``hf://buckets/owner/name[/folder]``.
        dest: The other of both.
        delete: Delete files of the destination that the source lacks.
        ignore_times: Compare only sizes.
        ignore_sizes: Compare only modification times.
        existing: Only update files that the destination has.
        ignore_existing: Only create files that the destination lacks.
        include: Patterns of the files to consider, as ``*.csv``; ``*`` also stands for slashes.
        exclude: Patterns of files to leave alone, also at the destination; they precede ``include``.
        filter_from: File with a pattern in each line, after ``+`` or ``-``; they precede both.
        plan: File to which the plan is written as JSON lines, instead of doing anything.
        apply: Such a file, which is executed. No other argument is allowed but ``verbose`` and ``quiet``.
        dry_run: Print the plan as JSON lines, instead of doing anything.
        verbose: Print a line for each file.
        quiet: Print nothing, and show no progress bars.

    Raises:
        ValueError: The arguments do not fit together, or the file to apply is not a plan.
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        BucketBatchError: Some files could not be added or deleted; nothing was deleted if some could not be added.
        XetUnavailableError: There are files to upload, and this client cannot use Xet storage.
        SourceChangedError: A file changed while it was read.
        UnsafePathError: A path of the bucket must not be written to the local folder; nothing was downloaded.
        IntegrityError: The size or hash of received bytes is wrong.
        DiskError: A file cannot be written to this disk.
    """
    report = SyncReport(verbose, quiet)
    rules = SyncRules(
        delete=delete,
        ignore_times=ignore_times,
        ignore_sizes=ignore_sizes,
        existing=existing,
        ignore_existing=ignore_existing,
    )
    if apply is not None:
        selected = {"include": include, "exclude": exclude, "filter_from": filter_from, "plan": plan}
        _check_apply({"source": source, "dest": dest, **attrs.asdict(rules), **selected, "dry_run": dry_run})
        text = await io.run_blocking(lambda: read_file(apply, follow=True).decode())
        loaded = parse_plan(text, os.fspath(apply))
        await _execute(io, loaded, report)
        return loaded
    if source is None or dest is None:
        raise ValueError("sync_bucket needs both source and dest, or apply.")
    check_together(ignore_times=ignore_times, ignore_sizes=ignore_sizes)
    check_together(existing=existing, ignore_existing=ignore_existing)
    check_together(dry_run=dry_run, plan=plan)
    rules_file = None if filter_from is None else os.fspath(filter_from)
    chosen = await io.run_blocking(lambda: PathFilter.of(include or (), exclude or (), rules_file))
    made = await _make_plan(io, _side_text(source), _side_text(dest), rules, chosen)
    if dry_run:
        report.show_lines(made)
    elif plan is not None:
        lines = "".join(f"{line}\n" for line in plan_lines(made))
        await io.run_blocking(lambda: Path(plan).write_text(lines, encoding="utf-8"))
        report.show_plan(made)
        report.show(f"The plan is in {os.fspath(plan)}; nothing was done.")
    else:
        await _execute(io, made, report)
    return made


def _check_apply(arguments: Mapping[str, object]) -> None:
    """Check that no other argument is given with ``apply``.

    Raises:
        ValueError: One is.
    """
    given = ", ".join(name for name, value in arguments.items() if value)
    if given:
        raise ValueError(f"apply= executes a plan as it is; leave out {given}.")


def _side_text(side: str | os.PathLike[str] | HfUri) -> str:
    return side.to_uri() if isinstance(side, HfUri) else os.fspath(side)


async def _make_plan(io: Io, source: str, dest: str, rules: SyncRules, chosen: PathFilter) -> SyncPlan:
    """Compare both sides; both lists are complete, or this fails."""
    sides = await io.run_blocking(partial(Sides.of, io, source, dest))
    timestamp = datetime.fromtimestamp(io.now(), tz=UTC).isoformat()
    remote = await _list_bucket(io, sides, chosen)
    if sides.action == "upload":
        local = await io.run_blocking(lambda: sides.local.files(chosen.includes, io.check))
        operations = compare_trees("upload", local, remote, rules)
    else:
        local = await io.run_blocking(lambda: _local_states(io, sides.local, remote, rules, chosen))
        operations = compare_trees("download", remote, local, rules)
    return SyncPlan(source, dest, timestamp, list(operations))


async def _list_bucket(io: Io, sides: Sides, chosen: PathFilter) -> dict[str, FileState]:
    """Return the state of the files of the bucket, by path; a bucket to upload to that is missing counts as empty."""
    top = sides.bucket.path_in_repo
    found: dict[str, FileState] = {}
    try:
        async for file in files_below(io, sides.bucket):
            path = file.path[len(top) + 1 if top else 0 :]
            if file.path == top:  # not a folder
                if sides.action == "upload":
                    continue
                path = top.rpartition("/")[2]
            if not is_metadata(path) and chosen.includes(path):
                found[path] = FileState.of_bucket_file(file)
    except BucketNotFoundError:
        if sides.action == "download":
            raise
        _log.info("%s does not exist yet", sides.bucket.id)
    return found


def _local_states(
    io: Io, local: LocalTree, remote: Mapping[str, FileState], rules: SyncRules, chosen: PathFilter
) -> dict[str, FileState]:
    """Return the state of the local files that matter for a download, by path."""
    local.check(list(remote))
    if rules.delete:
        return local.files(chosen.includes, io.check)
    states = {path: local.state(path) for path in remote}
    return {path: state for path, state in states.items() if state is not None}


async def _execute(io: Io, plan: SyncPlan, report: SyncReport) -> None:
    """Do what a plan says."""
    for operation in plan.operations:  # those of a file may have been changed
        checked_path(operation.path)
    sides = await io.run_blocking(partial(Sides.of, io, plan.source, plan.dest))
    report.show_plan(plan)
    if all(operation.action == "skip" for operation in plan.operations):
        report.show("Nothing to do.")
        return
    if report.quiet and io.job is None:
        with Job(_ignore, sides.action, sides.bucket.id) as job:
            await _run(io.with_job(job), sides, plan)
    else:
        await _run(io, sides, plan)
    report.show("Done.")


def _ignore(_: TransferEvent) -> None:
    """Observer of a quiet synchronization."""


async def _run(io: Io, sides: Sides, plan: SyncPlan) -> None:
    if sides.action == "download":
        await run_download(io, sides.local, sides.bucket, plan.operations)
        return
    added = [one for one in plan.operations if one.action == "upload"]
    deleted = [one for one in plan.operations if one.action == "delete"]
    bucket = sides.bucket.id
    additions = [Addition(sides.local.folder / one.path, sides.path_in_bucket(one.path)) for one in added]
    await change_files(io, bucket, additions)
    await change_files(io, bucket, [Deletion(sides.path_in_bucket(one.path)) for one in deleted])
