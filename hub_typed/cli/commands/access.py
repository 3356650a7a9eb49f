"""``access``: who may download the files of a gated repository."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.assignments import read_fields
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import RepoId, RepoType
from hub_typed.cli.shared_options import HubOptions, Patterns

__all__ = ["app"]

app: App = App(name="access", help="Ask for access to gated repositories, or grant it.")

User: TypeAlias = Annotated[str, Parameter(help="Name of the account.")]


@app.command(name="list", alias="ls")
def list_requests(
    repo_id: RepoId,
    /,
    *,
    status: Annotated[
        Literal["pending", "accepted", "rejected"], Parameter(help="Which requests.", show_default=True)
    ] = "pending",
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the access requests to a gated repository."""
    with hub.client() as api:
        lists = {
            "pending": api.list_pending_access_requests,
            "accepted": api.list_accepted_access_requests,
            "rejected": api.list_rejected_access_requests,
        }
        found = lists[status](repo_id, repo_type=repo_type)
    output.rows(
        found,
        {
            "user": lambda one: one.username,
            "full name": lambda one: one.fullname,
            "email": lambda one: one.email,
            "status": lambda one: one.status,
            "requested": lambda one: one.timestamp,
            "fields": lambda one: [f"{name}: {value}" for name, value in (one.fields or {}).items()],
        },
        id=lambda one: one.username,
    )


@app.command
def accept(
    repo_id: RepoId,
    user: User,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Accept a request: the account may download the files."""
    with hub.client() as api:
        api.accept_access_request(repo_id, user, repo_type=repo_type)
    _done(f"{user} has access to {repo_id}.", repo_id, user, "accepted", output)


@app.command
def reject(
    repo_id: RepoId,
    user: User,
    /,
    *,
    reason: Annotated[str | None, Parameter(help="Reason that the account is shown, 200 characters at most.")] = None,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Reject a request, or take access back; the account cannot request it again."""
    with hub.client() as api:
        api.reject_access_request(repo_id, user, repo_type=repo_type, rejection_reason=reason)
    _done(f"{user} has no access to {repo_id}.", repo_id, user, "rejected", output)


@app.command
def cancel(
    repo_id: RepoId,
    user: User,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Cancel a decision: the request is pending again."""
    with hub.client() as api:
        api.cancel_access_request(repo_id, user, repo_type=repo_type)
    _done(f"The request of {user} for {repo_id} is pending again.", repo_id, user, "pending", output)


@app.command
def grant(
    repo_id: RepoId,
    user: User,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Give an account access without a request."""
    with hub.client() as api:
        api.grant_access(repo_id, user, repo_type=repo_type)
    _done(f"{user} has access to {repo_id}.", repo_id, user, "accepted", output)


@app.command
def ask(
    repo_id: RepoId,
    /,
    *,
    field: Annotated[
        Patterns, Parameter(help="Answer to a question of the repository, as label=answer; may be repeated.")
    ] = None,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Request access to a gated repository; its authors get the name and the e-mail address of the account."""
    from hub_typed import GatedRepoError
    from hub_typed_api.operations import access

    members = read_fields(field or (), option="--field")
    with hub.client() as api:
        api.call(access.ask_access(repo_id, repo_type=repo_type, members=members))
        try:
            api.auth_check(repo_id, repo_type=repo_type)
            has_access = True
        except GatedRepoError:
            has_access = False
    done = f"You have access to {repo_id}." if has_access else f"Requested access to {repo_id}; its authors decide."
    output.done(done, id=repo_id, repo_id=repo_id, access=has_access)


@app.command
def withdraw(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Withdraw the request of this account, which is pending."""
    from hub_typed_api.operations import access

    with hub.client() as api:
        api.call(access.cancel_my_access_request(repo_id, repo_type=repo_type))
    output.done(f"Withdrew the request for {repo_id}.", id=repo_id, repo_id=repo_id)


def _done(message: str, repo_id: str, user: str, status: str, output: Output) -> None:
    output.done(message, id=user, repo_id=repo_id, user=user, status=status)
