"""``cache``: downloaded files on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from hub_typed.cli.cache_selection import CacheSort, Targets, entries_of, find_targets, selected
from hub_typed.cli.cells import Size, human_text
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.messages import say
from hub_typed.cli.output import Output, keys
from hub_typed.cli.repo_arguments import RepoId, RepoType, Revision
from hub_typed.cli.shared_options import CacheDir, DryRun, HubOptions, Limit, Patterns, Yes

if TYPE_CHECKING:
    from hub_typed import CachedIncompleteFileInfo, DeleteCacheStrategy

__all__ = ["app"]

app: App = App(name="cache", help="List, verify and delete downloaded files.")


@app.command(name="list", alias="ls")
def list_entries(
    *,
    cache_dir: CacheDir = None,
    revisions: bool = False,
    filter: Annotated[Patterns, Parameter(name=("--filter", "-f"))] = None,
    sort: CacheSort | None = None,
    limit: Limit = None,
    show_warnings: bool = False,
    output: Output = Output(),
) -> None:
    """List the cached repositories.

    Args:
        revisions: List every cached commit.
        filter: Such as size>1GB, accessed>30d (longer ago), modified<1h, type=model, refs=main or name=bert; all of
            several must hold.
        sort: Order; by name if not given.
        show_warnings: Say which folders are not valid cached repositories, and why.
    """
    from hub_typed import scan_cache_dir

    cache = scan_cache_dir(cache_dir)
    output.rows(
        selected(entries_of(cache, revisions=revisions), filter or [], sort)[:limit],
        {
            "id": lambda one: one.id,
            **({"revision": lambda one: one.revision} if revisions else {}),
            "size": lambda one: Size(one.size),
            "files": lambda one: one.files,
            "accessed": lambda one: one.accessed,
            "modified": lambda one: one.modified,
            "refs": lambda one: one.refs,
        },
        id=lambda one: one.revision or one.id,
    )
    if show_warnings:
        for warning in cache.warnings:
            say(f"Warning: {warning}")
    elif cache.warnings:
        output.note(f"{len(cache.warnings)} folders or files are invalid: --show-warnings says why.")


@app.command
def verify(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    revision: Revision = None,
    cache_dir: CacheDir = None,
    local_dir: Path | None = None,
    fail_on_missing_files: bool = False,
    fail_on_extra_files: bool = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Compare downloaded files with the checksums on the Hub; the exit code is 1 if one differs.

    Args:
        local_dir: Verify the files in this folder instead of those in the cache.
        fail_on_missing_files: Also fail if a file of the repository is not on disk.
        fail_on_extra_files: Also fail if a file on disk is not in the repository.
    """
    with hub.client() as api:
        found = api.verify_repo_checksums(
            repo_id, repo_type=repo_type, revision=revision, cache_dir=cache_dir, local_dir=local_dir
        )
    problems = [{"problem": "differs", "path": one["path"], "detail": one["actual"]} for one in found.mismatches]
    problems += [{"problem": "missing", "path": path, "detail": ""} for path in found.missing_paths]
    problems += [{"problem": "extra", "path": path, "detail": ""} for path in found.extra_paths]
    is_error = {"differs": True, "missing": fail_on_missing_files, "extra": fail_on_extra_files}
    if output.shape == "json":
        output.record(found, {}, id=found.revision)
    elif problems:
        output.rows(problems, keys("problem", "path", "detail"), id=lambda one: one["path"])
    output.note(f"{found.checked_count} files of {repo_id} at {found.revision} were compared in {found.verified_path}.")
    if count := sum(is_error[one["problem"]] for one in problems):
        raise CommandError(f"{count} files of {repo_id} in {found.verified_path} are wrong.", ExitCode.ERROR)


@app.command(name="rm")
def remove(
    *targets: Annotated[str, Parameter(help="Repositories, as model/owner/name; files below them; or commits.")],
    cache_dir: CacheDir = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    output: Output = Output(),
) -> None:
    """Delete cached repositories, commits or files."""
    from hub_typed import scan_cache_dir

    if not targets:
        raise CommandError("Say what to delete: repositories, commits or files, as `hub-typed cache list` prints them.")
    cache = scan_cache_dir(cache_dir)
    found: Targets = find_targets(cache, targets)
    plans = [cache.delete_revisions(*found.revisions)] if found.revisions else []
    plans += [cache.delete_files(*found.files)] if found.files else []
    _delete(plans, [], what=", ".join(targets), yes=yes, dry_run=dry_run, output=output)


@app.command
def prune(*, cache_dir: CacheDir = None, yes: Yes = False, dry_run: DryRun = False, output: Output = Output()) -> None:
    """Delete commits that no branch or tag points to any more, and what interrupted downloads left."""
    from hub_typed import scan_cache_dir

    cache = scan_cache_dir(cache_dir)
    detached = [one.commit_hash for repo in cache.repos for one in repo.revisions if not one.refs]
    incomplete = sorted(cache.incomplete_files, key=lambda one: one.file_path)
    if not detached and not incomplete:
        output.done("There is nothing to delete.", id="", deleted=[], freed=0)
        return
    what = f"{len(detached)} commits without a ref and {len(incomplete)} incomplete downloads"
    plans = [cache.delete_revisions(*detached)] if detached else []
    _delete(plans, incomplete, what=what, yes=yes, dry_run=dry_run, output=output)


def _delete(
    plans: list[DeleteCacheStrategy],
    incomplete: list[CachedIncompleteFileInfo],
    *,
    what: str,
    yes: bool,
    dry_run: bool,
    output: Output,
) -> None:
    freed = Size(sum(plan.expected_freed_size for plan in plans) + sum(one.size_on_disk for one in incomplete))
    paths = sorted({path for plan in plans for path in (*plan.repos, *plan.snapshots, *plan.files)})
    paths += [one.file_path for one in incomplete]
    if not dry_run:
        confirm(f"delete {what} from the cache and free {human_text(freed)}", yes=yes)
        for plan in plans:
            plan.execute()
        for one in incomplete:
            one.file_path.unlink(missing_ok=True)
    done = "Would delete" if dry_run else "Deleted"
    output.done(
        f"{done} {what}: {human_text(freed)}.",
        id="\n".join(map(str, paths)),
        deleted=list(map(str, paths)),
        freed=freed,
        dry_run=dry_run,
    )
