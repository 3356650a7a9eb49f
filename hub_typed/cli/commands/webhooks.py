"""``webhooks``: requests that the Hub sends, or jobs that it runs, when something changes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.assignments import read_assignments
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions, Yes
from hub_typed.cli.space_options import Secrets, SecretsFile

if TYPE_CHECKING:
    from hub_typed import WebhookInfo

__all__ = ["app"]

app: App = App(name="webhooks", help="Let the Hub tell a server, or run a job, when repositories change.")

WebhookId: TypeAlias = Annotated[str, Parameter(help="Id of the webhook, as `hub-typed webhooks list` prints it.")]
Watch: TypeAlias = Annotated[
    list[str] | None,
    Parameter(
        help="Repository or account to watch, as type:name: model:owner/name, dataset:owner/name, space:owner/name, "
        "user:name or org:name; may be repeated."
    ),
]
Url: TypeAlias = Annotated[str | None, Parameter(help="URL that receives the requests.")]
JobId: TypeAlias = Annotated[str | None, Parameter(help="Id of a job to run again, instead of sending requests.")]
Domain: TypeAlias = Annotated[
    list[Literal["repo", "discussion"]] | None,
    Parameter(help="Only changes of files and settings, or only discussions; may be repeated."),
]
Secret: TypeAlias = Annotated[
    str | None,
    Parameter(
        help="Secret that each request has in the header X-Webhook-Secret; - reads it from stdin.",
        allow_leading_hyphen=True,
    ),
]


@app.command(name="list", alias="ls")
def list_webhooks(*, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the webhooks of the account."""
    with hub.client() as api:
        found = api.list_webhooks()
    output.rows(
        found,
        {
            "id": lambda one: one.id,
            "calls": _target,
            "watched": _watched,
            "domains": lambda one: one.domains,
            "state": _state,
        },
        id=lambda one: one.id,
    )


@app.command
def info(webhook_id: WebhookId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print a webhook."""
    with hub.client() as api:
        _print(api.get_webhook(webhook_id), output)


@app.command
def create(
    *,
    watch: Watch = None,
    url: Url = None,
    job_id: JobId = None,
    domain: Domain = None,
    secret: Secret = None,
    secrets: Secrets = None,
    secrets_file: SecretsFile = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Create a webhook, which is enabled at once."""
    if not watch:
        raise CommandError("Say what to watch: --watch model:owner/name, for example.")
    if url is None and job_id is None:
        raise CommandError("Say what to call: --url or --job-id.")
    _check_one_target(url, job_id)
    items = _items(watch)
    values = _job_secrets(job_id, secrets, secrets_file)
    with hub.client() as api:
        made = api.create_webhook(
            url=url, job_id=job_id, watched=items, domains=domain, secret=_read_secret(secret), secrets=values
        )
    output.done(f"Created the webhook {made.id}.", id=made.id, webhook_id=made.id)


@app.command
def update(
    webhook_id: WebhookId,
    /,
    *,
    watch: Watch = None,
    url: Url = None,
    job_id: JobId = None,
    domain: Domain = None,
    secret: Secret = None,
    secrets: Secrets = None,
    secrets_file: SecretsFile = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change a webhook; what is not given stays. What is watched is replaced as a whole."""
    if (watch, url, job_id, domain, secret, secrets, secrets_file) == (None,) * 7:
        raise CommandError("Say what to change: --watch, --url, --job-id, --domain, --secret or --secrets.")
    _check_one_target(url, job_id)
    values = _job_secrets(job_id, secrets, secrets_file)
    items = None if watch is None else _items(watch)
    with hub.client() as api:
        api.update_webhook(
            webhook_id,
            url=url,
            job_id=job_id,
            watched=items,
            domains=domain,
            secret=_read_secret(secret),
            secrets=values,
        )
    output.done(f"Changed the webhook {webhook_id}.", id=webhook_id, webhook_id=webhook_id)


@app.command
def enable(webhook_id: WebhookId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Enable a webhook that was disabled."""
    with hub.client() as api:
        api.enable_webhook(webhook_id)
    output.done(f"Enabled the webhook {webhook_id}.", id=webhook_id, webhook_id=webhook_id)


@app.command
def disable(webhook_id: WebhookId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Disable a webhook, without deleting it."""
    with hub.client() as api:
        api.disable_webhook(webhook_id)
    output.done(f"Disabled the webhook {webhook_id}.", id=webhook_id, webhook_id=webhook_id)


@app.command
def delete(
    webhook_id: WebhookId, /, *, yes: Yes = False, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Delete a webhook."""
    confirm(f"delete the webhook {webhook_id}", yes=yes)
    with hub.client() as api:
        api.delete_webhook(webhook_id)
    output.done(f"Deleted the webhook {webhook_id}.", id=webhook_id, webhook_id=webhook_id)


def _print(webhook: WebhookInfo, output: Output) -> None:
    fields: dict[str, object] = {
        "id": webhook.id,
        "calls": _target(webhook),
        "watched": _watched(webhook),
        "domains": webhook.domains,
        "state": _state(webhook),
        "secret": webhook.has_secret,
        "last call": webhook.last_trigger_at,
    }
    output.record(webhook, fields, id=webhook.id)


def _target(webhook: WebhookInfo) -> str:
    if webhook.url is not None:
        return webhook.url
    return "a job" if webhook.job_source_id is None else f"job {webhook.job_source_id}"


def _watched(webhook: WebhookInfo) -> list[str]:
    return [f"{one.type}:{one.name}" for one in webhook.watched]


def _state(webhook: WebhookInfo) -> str:
    match webhook.disabled:
        case bool():
            return "disabled" if webhook.disabled else "enabled"
        case reason:
            return reason


def _check_one_target(url: str | None, job_id: str | None) -> None:
    if url is not None and job_id is not None:
        raise CommandError("A webhook calls a URL or runs a job: pass --url or --job-id, not both.")


def _job_secrets(job_id: str | None, secrets: Iterable[str] | None, secrets_file: str | None) -> dict[str, str] | None:
    """Return the secrets of the job; ``None`` if none are given, which leaves those that it has."""
    if secrets is None and secrets_file is None:
        return None
    if job_id is None:
        raise CommandError("--secrets are those of the job that a webhook runs: pass --job-id, too.")
    return read_assignments(secrets or (), secrets_file, option="--secrets")


def _items(watch: Iterable[str]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for one in watch:
        kind, _, name = one.partition(":")
        if not kind or not name:
            raise CommandError(f"--watch {one} is not type:name, such as model:owner/name or user:name.")
        found.append({"type": kind, "name": name})
    return found


def _read_secret(secret: str | None) -> str | None:
    return sys.stdin.readline().strip() if secret == "-" else secret
