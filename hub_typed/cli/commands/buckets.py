"""``buckets``: buckets and their files, and ``sync``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.cells import Size
from hub_typed.cli.commands.copy_files import copy_of_bucket
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.repo_files import print_files
from hub_typed.cli.repo_options import ExistOk, Private, Public, chosen_visibility
from hub_typed.cli.shared_options import DryRun, HubOptions, Patterns, Yes

if TYPE_CHECKING:
    from hub_typed import BucketFile, BucketFolder, HfApi, HfUri

__all__ = ["app", "sync"]

app: App = App(name="buckets", help="Create, change, list and delete buckets and their files.")
app.command(copy_of_bucket, name="cp")

BucketId: TypeAlias = Annotated[str, Parameter(help="Name of the bucket, owner/name or hf://buckets/owner/name.")]
Recursive: TypeAlias = Annotated[bool, Parameter(name=("--recursive", "-R"), help="Also the content of folders.")]


@app.command
def create(
    bucket_id: BucketId,
    /,
    *,
    private: Private = None,
    public: Public = False,
    region: Annotated[
        Literal["us", "eu"] | None, Parameter(help="Region of the storage, which needs a subscription.")
    ] = None,
    exist_ok: ExistOk = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Create a bucket; without an owner in its name, for the account of the token."""
    visibility = chosen_visibility(private=private, public=public)
    with hub.client() as api:
        url = api.create_bucket(
            bucket_id,
            private=None if visibility is None else visibility == "private",
            region=region,
            exist_ok=exist_ok,
        )
    done = f"{url.url} exists." if exist_ok else f"Created {url.url}."
    output.done(done, id=url.bucket_id, bucket_id=url.bucket_id, uri=url.uri.to_uri(), url=url.url)


@app.command
def info(bucket_id: BucketId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Show the size and the number of files of a bucket, and who sees it."""
    with hub.client() as api:
        bucket = api.bucket_info(bucket_id)
    fields = {
        "id": bucket.id,
        "private": bucket.private,
        "size": Size(bucket.size),
        "files": bucket.total_files,
        "created": bucket.created_at,
    }
    output.record(bucket, fields, id=bucket.id)


@app.command
def delete(
    bucket_id: BucketId,
    /,
    *,
    missing_ok: Annotated[bool, Parameter(help="Do not fail if there is no such bucket.")] = False,
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete a bucket with all its files; this cannot be undone."""
    confirm(f"delete the bucket {bucket_id} with its files, forever", yes=yes)
    with hub.client() as api:
        api.delete_bucket(bucket_id, missing_ok=missing_ok)
    done = f"The bucket {bucket_id} does not exist any more." if missing_ok else f"Deleted the bucket {bucket_id}."
    output.done(done, id=bucket_id, bucket_id=bucket_id)


@app.command
def move(
    from_id: BucketId,
    to_id: Annotated[str, Parameter(help="New name, owner/name.")],
    /,
    *,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Rename a bucket, or transfer it to another owner."""
    with hub.client() as api:
        api.move_bucket(from_id, to_id)
    output.done(f"Moved {from_id} to {to_id}.", id=to_id, from_id=from_id, to_id=to_id)


@app.command
def settings(
    bucket_id: BucketId,
    /,
    *,
    private: Private = None,
    public: Public = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change who sees a bucket."""
    visibility = chosen_visibility(private=private, public=public)
    if visibility is None:
        raise CommandError("Say what to change: --private or --public.")
    with hub.client() as api:
        api.update_bucket_settings(bucket_id, private=visibility == "private")
    output.done(f"{bucket_id} is {visibility}.", id=bucket_id, bucket_id=bucket_id, private=visibility == "private")


@app.command(name="list", alias="ls")
def list_buckets(
    argument: Annotated[
        str | None,
        Parameter(
            help="An account, by default that of the token, whose buckets are listed; or owner/name[/folder] or "
            "hf://buckets/owner/name[/folder], whose files are."
        ),
    ] = None,
    /,
    *,
    tree: Annotated[bool, Parameter(help="Draw files as a tree.")] = False,
    recursive: Recursive = False,
    search: Annotated[str | None, Parameter(help="Text that the names of buckets contain.")] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the buckets of an account, or the files of a bucket."""
    place = (argument or "").removeprefix("hf://buckets/").strip("/")
    if "/" in place:
        if search is not None:
            raise CommandError("--search is only for lists of buckets.")
        with hub.client() as api:
            entries = _entries_below(api, _parse(place), recursive=recursive or tree)
            print_files(entries, output, as_tree=tree, of_bucket=True)
        return
    if tree or recursive:
        raise CommandError("--tree and --recursive are only for files: pass owner/name.")
    with hub.client() as api:
        output.rows(
            api.list_buckets(place or None, search=search),
            {
                "id": lambda one: one.id,
                "private": lambda one: one.private,
                "size": lambda one: Size(one.size),
                "files": lambda one: one.total_files,
                "created": lambda one: one.created_at,
            },
            id=lambda one: one.id,
        )


@app.command(name="remove", alias="rm")
def remove(
    argument: Annotated[
        str, Parameter(help="owner/name/path or hf://buckets/owner/name/path; with --recursive, also a whole bucket.")
    ],
    /,
    *,
    recursive: Recursive = False,
    include: Annotated[Patterns, Parameter(help="Only files that match such a pattern, with --recursive.")] = None,
    exclude: Annotated[Patterns, Parameter(help="No files that match such a pattern, with --recursive.")] = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete files of a bucket; this cannot be undone."""
    place = _parse(argument)
    if not recursive and (include or exclude):
        raise CommandError("--include and --exclude need --recursive.")
    if not recursive and not place.path_in_repo:
        raise CommandError(
            f"{argument} is a whole bucket: pass the path of a file, or --recursive for all files. `hub-typed buckets "
            "delete` deletes the bucket."
        )
    with hub.client() as api:
        if recursive:
            files = [one for one in _entries_below(api, place, recursive=True) if one.type == "file"]
            paths = [one.path for one in files if _is_chosen(one.path, include, exclude)]
        else:
            paths = [place.path_in_repo]
        if not dry_run and paths:
            confirm(f"delete {len(paths)} files of the bucket {place.id}, forever", yes=yes)
            api.batch_bucket_files(place.id, delete=paths)
    output.rows(paths, {"would delete" if dry_run else "deleted": str}, id=str)


@app.command
def sync(
    source: Annotated[str | None, Parameter(help="Local folder, or hf://buckets/owner/name[/folder].")] = None,
    dest: Annotated[str | None, Parameter(help="The other of both.")] = None,
    /,
    *,
    delete: Annotated[
        bool, Parameter(negative_bool="no-", help="Delete files of the destination that the source lacks.")
    ] = False,
    ignore_times: Annotated[bool, Parameter(help="Compare only sizes.")] = False,
    ignore_sizes: Annotated[bool, Parameter(help="Compare only modification times.")] = False,
    plan: Annotated[str | None, Parameter(help="Write the plan to this file, and do nothing.")] = None,
    apply: Annotated[str | None, Parameter(help="Execute such a file; without other options.")] = None,
    dry_run: Annotated[bool, Parameter(help="Print the plan as JSON lines, and do nothing.")] = False,
    include: Annotated[Patterns, Parameter(help="Only files that match such a pattern.")] = None,
    exclude: Annotated[Patterns, Parameter(help="Leave files alone that match such a pattern.")] = None,
    filter_from: Annotated[str | None, Parameter(help="File of patterns, after + or - in each line.")] = None,
    existing: Annotated[bool, Parameter(help="Only update files that the destination has.")] = False,
    ignore_existing: Annotated[bool, Parameter(help="Only create files that the destination lacks.")] = False,
    verbose: Annotated[bool, Parameter(name=("--verbose", "-v"), help="Print a line for each file.")] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Make a bucket like a local folder, or a local folder like a bucket."""
    with hub.client(output) as api:
        done = api.sync_bucket(
            source,
            dest,
            delete=delete,
            ignore_times=ignore_times,
            ignore_sizes=ignore_sizes,
            existing=existing,
            ignore_existing=ignore_existing,
            include=include,
            exclude=exclude,
            filter_from=filter_from,
            plan=plan,
            apply=apply,
            dry_run=dry_run,
            verbose=verbose and output.shape in ("human", "agent"),
            quiet=output.shape != "human",
        )
    if not dry_run and output.shape != "human":
        output.done("", id=done.dest, source=done.source, dest=done.dest, **done.summary())


def _parse(text: str) -> HfUri:
    from hub_typed.flows.buckets.bucket_ids import parse_bucket_path

    return parse_bucket_path(text)


def _entries_below(api: HfApi, place: HfUri, *, recursive: bool) -> Iterator[BucketFile | BucketFolder]:
    """List what is at a path or below it; the Hub also lists paths that only begin with the same letters."""
    path = place.path_in_repo
    for entry in api.list_bucket_tree(place.id, path or None, recursive=recursive):
        if not path or entry.path == path or entry.path.startswith(f"{path}/"):
            yield entry


def _is_chosen(path: str, include: Patterns, exclude: Patterns) -> bool:
    from hub_typed.flows.buckets.sync_filter import PathFilter

    return PathFilter.of(include or (), exclude or (), None).includes(path)
