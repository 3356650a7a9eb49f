"""``discussions``: discussions and pull requests of repositories."""

from __future__ import annotations

from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter, validators

from hub_typed.cli.attached_files import Attach, attach_files
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import RepoId, RepoType
from hub_typed.cli.repo_lists import DEFAULT_LIMIT
from hub_typed.cli.shared_options import HubOptions, Limit, Yes
from hub_typed.cli.shown_discussion import print_discussion
from hub_typed.cli.text_arguments import Body, BodyFile, read_body
from hub_typed.cli.text_lines import print_lines

if TYPE_CHECKING:
    from hub_typed_api.models import DiscussionDetails, DiscussionSummary

__all__ = ["app"]

app: App = App(name="discussions", help="Read, write and close discussions; read and merge pull requests.")

Num: TypeAlias = Annotated[
    int, Parameter(help="Number of the discussion or pull request.", validator=validators.Number(gte=1))
]
Comment: TypeAlias = Annotated[str | None, Parameter(help="Comment to add, in Markdown.", allow_leading_hyphen=True)]


@app.command(name="list", alias="ls")
def list_discussions(
    repo_id: RepoId,
    /,
    *,
    status: Annotated[
        Literal["open", "closed", "merged", "draft", "all"],
        Parameter(
            name=("--status", "-s"), help="Drafts are open, too; merged pull requests are closed.", show_default=True
        ),
    ] = "open",
    kind: Annotated[
        Literal["all", "discussion", "pull_request"], Parameter(name=("--kind", "-k"), help="Only one of both.")
    ] = "all",
    author: Annotated[str | None, Parameter(help="Only those that this account opened.")] = None,
    limit: Limit = DEFAULT_LIMIT,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List discussions and pull requests, newest first; 30 without --limit."""
    from hub_typed.flows.discussions.events import author_name

    def kind_of(one: DiscussionSummary | DiscussionDetails) -> str:
        return "pull request" if one.is_pull_request else "discussion"

    of_hub: Literal["all", "open", "closed"]
    match status:
        case "merged":
            of_hub = "closed"
        case "draft":
            of_hub = "open"
        case _:
            of_hub = status
    with hub.client() as api:
        listed = api.get_repo_discussions(
            repo_id, author=author, discussion_type=kind, discussion_status=of_hub, repo_type=repo_type
        )
        found = (one.wire for one in listed if status in (of_hub, one.status))
        output.rows(
            islice(found, limit),
            {
                "num": attrgetter("num"),
                "title": attrgetter("title"),
                "kind": kind_of,
                "status": attrgetter("status"),
                "author": author_name,
                "created": attrgetter("created_at"),
            },
            id=attrgetter("num"),
        )


@app.command(alias="show")
def info(
    repo_id: RepoId,
    num: Num,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print a discussion or pull request with its comments."""
    with hub.client() as api:
        found = api.get_discussion_details(repo_id, num, repo_type=repo_type)
    print_discussion(found, output)


@app.command
def create(
    repo_id: RepoId,
    /,
    *,
    title: Annotated[str, Parameter(help="Title, 3 to 200 characters.", allow_leading_hyphen=True)],
    body: Body = None,
    body_file: BodyFile = None,
    attach: Attach = None,
    pull_request: Annotated[
        bool,
        Parameter(
            name=("--pull-request", "--pr"), help="Open a pull request, as a draft; upload to its branch, refs/pr/NUM."
        ),
    ] = False,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Open a discussion or pull request."""
    text = read_body(body, body_file)
    with hub.client() as api:
        description = attach_files(api, text, attach or ())
        made = api.create_discussion(
            repo_id, title, description=description, repo_type=repo_type, pull_request=pull_request
        )
    kind = "pull request" if pull_request else "discussion"
    output.done(f"Opened the {kind} {made.url}.", id=made.num, num=made.num, url=made.url, ref=made.git_reference)


@app.command
def comment(
    repo_id: RepoId,
    num: Num,
    /,
    *,
    body: Body = None,
    body_file: BodyFile = None,
    attach: Attach = None,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Comment on a discussion or pull request."""
    given = read_body(body, body_file) if attach else _needed_body(read_body(body, body_file))
    with hub.client() as api:
        text = attach_files(api, given, attach or ()) or ""
        made = api.comment_discussion(repo_id, num, text, repo_type=repo_type)
    output.done(f"Added the comment {made.id} to {_title(repo_id, num)}.", id=made.id, num=num, comment_id=made.id)


@app.command
def edit(
    repo_id: RepoId,
    num: Num,
    comment_id: Annotated[str, Parameter(help="Id of the comment; `hub-typed discussions info` prints it.")],
    /,
    *,
    body: Body = None,
    body_file: BodyFile = None,
    attach: Attach = None,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Replace the text of a comment."""
    given = _needed_body(read_body(body, body_file))  # else only the pictures would remain of the comment
    with hub.client() as api:
        text = attach_files(api, given, attach or ()) or ""
        made = api.edit_discussion_comment(repo_id, num, comment_id, text, repo_type=repo_type)
    output.done(f"Changed the comment {made.id} of {_title(repo_id, num)}.", id=made.id, num=num, comment_id=made.id)


@app.command
def rename(
    repo_id: RepoId,
    num: Num,
    new_title: Annotated[str, Parameter(help="New title, 3 to 200 characters.")],
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change the title of a discussion or pull request."""
    with hub.client() as api:
        made = api.rename_discussion(repo_id, num, new_title, repo_type=repo_type)
    output.done(f"The title of {_title(repo_id, num)} is now: {made.new_title}", id=num, num=num, title=made.new_title)


@app.command
def merge(
    repo_id: RepoId,
    num: Num,
    /,
    *,
    comment: Comment = None,
    yes: Yes = False,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Merge a pull request; a draft must be opened first, with `discussions reopen`."""
    confirm(f"merge {_title(repo_id, num)}", yes=yes)
    with hub.client() as api:
        api.merge_pull_request(repo_id, num, comment=comment, repo_type=repo_type)
    output.done(f"Merged {_title(repo_id, num)}.", id=num, num=num, status="merged")


@app.command
def close(
    repo_id: RepoId,
    num: Num,
    /,
    *,
    comment: Comment = None,
    yes: Yes = False,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Close a discussion or pull request."""
    confirm(f"close {_title(repo_id, num)}", yes=yes)
    with hub.client() as api:
        api.change_discussion_status(repo_id, num, "closed", comment=comment, repo_type=repo_type)
    output.done(f"Closed {_title(repo_id, num)}.", id=num, num=num, status="closed")


@app.command
def reopen(
    repo_id: RepoId,
    num: Num,
    /,
    *,
    comment: Comment = None,
    yes: Yes = False,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Open a closed discussion or pull request again, or make a draft ready to merge."""
    confirm(f"open {_title(repo_id, num)}", yes=yes)
    with hub.client() as api:
        api.change_discussion_status(repo_id, num, "open", comment=comment, repo_type=repo_type)
    output.done(f"Opened {_title(repo_id, num)}.", id=num, num=num, status="open")


@app.command
def diff(
    repo_id: RepoId,
    num: Num,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print the changes of a pull request, as git does."""
    with hub.client() as api:
        found = api.get_discussion_details(repo_id, num, repo_type=repo_type)
    if not found.is_pull_request:
        raise CommandError(f"{_title(repo_id, num)} is a discussion, which has no diff.", ExitCode.ERROR)
    if output.shape == "json":
        output.value("diff", found.diff or "")
    else:
        print_lines(found.diff or "", output)


def _title(repo_id: str, num: int) -> str:
    return f"#{num} of {repo_id}"


def _needed_body(text: str | None) -> str:
    if not text or not text.strip():
        raise CommandError("There is no text: pass --body TEXT, or --body-file FILE (- for stdin).")
    return text
