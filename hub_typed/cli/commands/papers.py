"""``papers``: papers on the Hub."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions, Limit
from hub_typed.cli.text_lines import print_lines

if TYPE_CHECKING:
    from hub_typed import PaperInfo

__all__ = ["app"]

app: App = App(name="papers", help="List, search and read papers.")

PaperId: TypeAlias = Annotated[str, Parameter(help="Number of the paper on arXiv, such as 2502.08025.")]


@app.command(name="list", alias="ls")
def list_papers(
    *,
    date: Annotated[str | None, Parameter(help="Only those of this day: YYYY-MM-DD, or today.")] = None,
    week: Annotated[str | None, Parameter(help="Only those of this week: YYYY-Www, such as 2025-W09.")] = None,
    month: Annotated[str | None, Parameter(help="Only those of this month: YYYY-MM.")] = None,
    submitter: Annotated[str | None, Parameter(help="Only those that this user submitted.")] = None,
    sort: Annotated[Literal["publishedAt", "trending"] | None, Parameter(help="Order, descending.")] = None,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the daily papers, 50 without --limit."""
    if sum(one is not None for one in (date, week, month)) > 1:
        raise CommandError("--date, --week and --month each choose a period: pass one of them.")
    day = datetime.now().astimezone().date().isoformat() if date == "today" else date
    with hub.client() as api:
        found = api.list_daily_papers(date=day, week=week, month=month, submitter=submitter, sort=sort, limit=limit)
        _print_papers(found, output)


@app.command
def search(
    query: Annotated[str, Parameter(help="What to search for, 250 characters at most.")],
    /,
    *,
    limit: Limit = 20,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Search papers, best matches first; 20 without --limit."""
    with hub.client() as api:
        _print_papers(api.list_papers(query=query, limit=limit), output)


@app.command
def info(paper_id: PaperId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print what the Hub says about a paper."""
    with hub.client() as api:
        found = api.paper_info(paper_id)
        url = f"{api.endpoint}/papers/{paper_id}"
    fields: dict[str, object] = {
        "id": found.id,
        "title": found.title,
        "authors": [one.name for one in found.author_infos or ()],
        "published": found.published_at,
        "submitted": found.submitted_at,
        "submitter": found.submitted_by and found.submitted_by.username,
        "upvotes": found.upvotes,
        "code": found.github_repo,
        "project": found.project_page,
        "url": url,
        "summary": " ".join((found.summary or "").split()),
    }
    output.record(found, fields, id=found.id)


@app.command
def read(paper_id: PaperId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print the text of a paper, in Markdown."""
    with hub.client() as api:
        text = api.read_paper(paper_id)
    if output.shape == "json":
        output.value("text", text)
    else:
        print_lines(f"{text.rstrip()}\n", output)


def _print_papers(papers: Iterable[PaperInfo], output: Output) -> None:
    output.rows(
        papers,
        {
            "id": lambda one: one.id,
            "title": lambda one: one.title,
            "upvotes": lambda one: one.upvotes,
            "comments": lambda one: one.comments,
            "published": lambda one: one.published_at,
            "submitter": lambda one: one.submitted_by and one.submitted_by.username,
        },
        id=lambda one: one.id,
    )
