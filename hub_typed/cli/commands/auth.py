"""``auth``: tokens of this machine, and the account they belong to."""

from __future__ import annotations

import sys
from operator import itemgetter
from typing import Annotated

from cyclopts import App, Parameter

from hub_typed.cli.confirmation import confirm, has_terminal
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output, keys
from hub_typed.cli.shared_options import GitCredential, HubOptions, Yes

__all__ = ["app"]

app: App = App(name="auth", help="Log in and out, and switch between tokens.")


@app.command
def login(
    *,
    force: bool = False,
    add_to_git_credential: GitCredential = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Verify a token with the Hub, store it on this machine, and make it the default.

    Without --token, the token is asked for on the terminal, unless one is stored already.

    Args:
        force: Ask for a token also if one is stored.
    """
    from hub_typed import HfApi
    from hub_typed.auth.login import usable_token, verify_and_store

    if hub.token is None and not force and usable_token():
        raise CommandError("A token is already stored on this machine: pass --force to replace it.", ExitCode.ERROR)
    settings = hub.settings()
    token = hub.read_token() or _ask_for_token(settings.endpoint)
    with HfApi(token=token, settings=settings) as api:
        name, user = verify_and_store(api, token, add_to_git_credential=add_to_git_credential)
    output.done(f"Logged in as {user}. The default token is now {name}.", id=user, user=user, token_name=name)


@app.command
def logout(*, token_name: str | None = None, yes: Yes = False, output: Output = Output()) -> None:
    """Remove one token from this machine, or all of them, also from git's credential store.

    Args:
        token_name: Name of the token, see `auth list`; all tokens if not given.
    """
    from hub_typed.auth.login import logout

    if token_name is None:
        confirm("remove all tokens that are stored on this machine", yes=yes)
    logout(token_name)
    removed = token_name or "all tokens"
    output.done(f"Removed {removed} from this machine.", id=removed, removed=token_name)


@app.command
def switch(
    token_name: Annotated[str | None, Parameter(help="Name of the token, see `auth list`.")] = None,
    *,
    add_to_git_credential: GitCredential = False,
    output: Output = Output(),
) -> None:
    """Make another stored token the default."""
    from hub_typed.auth.login import auth_switch

    if token_name is None:
        names = ", ".join(_stored_tokens()) or "none"
        raise CommandError(f"Say which token to switch to, with --token-name. Stored tokens: {names}.")
    auth_switch(token_name, add_to_git_credential)
    output.done(f"The default token is now {token_name}.", id=token_name, token_name=token_name)


@app.command(name="list", alias="ls")
def list_tokens(*, output: Output = Output()) -> None:
    """List the stored tokens, masked; one of them is the default."""
    from hub_typed.auth.login import mask_token, usable_token

    sent = usable_token()
    output.rows(
        [{"name": name, "token": mask_token(one), "default": one == sent} for name, one in _stored_tokens().items()],
        keys("name", "token", "default"),
        id=itemgetter("name"),
    )


@app.command(name="token")
def print_token(*, output: Output = Output()) -> None:
    """Print the token that is sent by default."""
    from hub_typed import get_token

    token = get_token()
    if token is None:
        raise CommandError("Not logged in: run `hub-typed auth login`, or set HF_TOKEN.", ExitCode.NOT_ALLOWED)
    output.value("token", token)


@app.command
def whoami(*, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print the account of the token."""
    with hub.client() as api:
        account = api.whoami()
        endpoint = api.endpoint
    access = account.auth.access_token if account.auth else None
    fields = {
        "user": account.name,
        "full name": account.fullname,
        "organizations": [one.name for one in account.orgs or []],
        "token": access and access.display_name,
        "role": access and access.role,
        "endpoint": endpoint,
    }
    output.record(account, fields, id=account.name)


def _stored_tokens() -> dict[str, str]:
    from hub_typed import Settings
    from hub_typed.auth.stored_tokens import StoredTokens

    return StoredTokens(Settings.from_environment().token_path).all()


def _ask_for_token(endpoint: str) -> str:
    if not has_terminal():
        raise CommandError("There is no terminal to ask for a token: pass --token TOKEN, or --token - for stdin.")
    from getpass import getpass

    from hub_typed.urls.url import display_url

    return getpass(f"Token from {display_url(endpoint)}/settings/tokens (input is hidden): ", stream=sys.stderr)
