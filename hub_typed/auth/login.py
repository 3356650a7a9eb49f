"""Login, logout and switching between the stored tokens of this machine."""

from __future__ import annotations

import os
import sys

from hub_typed.auth.stored_tokens import StoredTokens
from hub_typed.auth.tokens import VARIABLES, checked_token, stored_token
from hub_typed.errors import HfHubHTTPError, InvalidTokenError, LocalTokenNotFoundError
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import cleaned_line
from hub_typed.logs.warnings import notice
from hub_typed.settings import Settings
from hub_typed.urls.url import shown

__all__ = ["auth_list", "auth_switch", "get_token", "interpreter_login", "login", "logout", "notebook_login"]


def get_token() -> str | None:
    """Return the token that is sent by default: from ``HF_TOKEN`` or the token file."""
    return stored_token(Settings.from_environment())


def login(
    token: str | None = None,
    *,
    add_to_git_credential: bool = False,
    skip_if_logged_in: bool = True,
    new_session: bool | None = None,
    write_permission: bool | None = None,
) -> None:
    """Store a token as the default of this machine, after the Hub has confirmed it.

    The token goes into the files that the official client reads, too, under the name that it has on the Hub.

    Args:
        token: A token of https://huggingface.co/settings/tokens; asked for on the terminal or in the notebook if not
            given.
        add_to_git_credential: Also have git keep it, where git has a credential helper.
        skip_if_logged_in: Ask for no token where one is stored.
        new_session: Deprecated: the opposite of ``skip_if_logged_in``.
        write_permission: Deprecated: tokens have finer rights than these; `whoami` tells them.

    Raises:
        ValueError: The Hub does not know the token, or it is that of an organization.
        LocalTokenNotFoundError: A token is to be asked for, and there is nobody to ask.
    """
    skip_if_logged_in = _skips(skip_if_logged_in, new_session, write_permission)
    if token is not None:
        _keep(token, add_to_git_credential=add_to_git_credential)
        return
    if _in_notebook():
        _ask(skip_if_logged_in, add_to_git_credential=add_to_git_credential)
    else:
        _ask_on_terminal(skip_if_logged_in, add_to_git_credential=add_to_git_credential)


def interpreter_login(
    *, skip_if_logged_in: bool = True, new_session: bool | None = None, write_permission: bool | None = None
) -> None:
    """Prompt for a token on the terminal, and log in with it.

    Args:
        skip_if_logged_in: Ask for no token where one is stored.
        new_session: Deprecated: the opposite of ``skip_if_logged_in``.
        write_permission: Deprecated: tokens have finer rights than these; `whoami` tells them.

    Raises:
        ValueError: The Hub does not know the token, or it is that of an organization.
        LocalTokenNotFoundError: There is no terminal.
    """
    _ask_on_terminal(_skips(skip_if_logged_in, new_session, write_permission))


def notebook_login(
    *, skip_if_logged_in: bool = True, new_session: bool | None = None, write_permission: bool | None = None
) -> None:
    """Prompt for a token in the notebook, and log in with it.

    Args:
        skip_if_logged_in: Ask for no token where one is stored.
        new_session: Deprecated: the opposite of ``skip_if_logged_in``.
        write_permission: Deprecated: tokens have finer rights than these; `whoami` tells them.

    Raises:
        ValueError: The Hub does not know the token, or it is that of an organization.
    """
    _ask(_skips(skip_if_logged_in, new_session, write_permission))


def logout(token_name: str | None = None) -> None:
    """Remove one stored token, or all, also from git's credential store.

    Args:
        token_name: Name of the token; all if not given.

    Raises:
        ValueError: No token has this name.
    """
    settings = Settings.from_environment()
    stored = StoredTokens(settings.token_path)
    if token_name is None:
        forgotten = stored.forget_all()
        if not forgotten:
            _log.warning("Not logged in: no token is stored on this machine.")
    else:
        active = stored.active()
        forgotten = {stored.forget(token_name)}
        if active in forgotten:
            _log.warning("The token %r was the one that is sent: none is any more.", token_name)
    for token in forgotten:
        _forget_in_git(settings.endpoint, token)
    _warn_of_variable(None)


def auth_switch(token_name: str, add_to_git_credential: bool = False) -> None:
    """Make another stored token the default.

    Args:
        token_name: Name of the token, as `auth_list` shows it.
        add_to_git_credential: Also have git keep it, where git has a credential helper.

    Raises:
        ValueError: No token has this name.
    """
    settings = Settings.from_environment()
    token = StoredTokens(settings.token_path).activate(token_name)
    if add_to_git_credential:
        _keep_in_git(settings.endpoint, token)
    _log.info("The token %r is sent from now on.", token_name)
    _warn_of_variable(token)


def auth_list() -> None:
    """Print the stored tokens with their first and last characters; a star marks the default."""
    stored = StoredTokens(Settings.from_environment().token_path).all()
    sent = _usable_token()
    if not stored:
        print("No tokens are stored on this machine.")
    else:
        names = {name: cleaned_line(name) for name in stored}
        width = max(len("name"), *map(len, names.values()))
        print(f"  {'name':<{width}}  token")
        for name, token in stored.items():
            print(f"{'*' if token == sent else ' '} {names[name]:<{width}}  {cleaned_line(_masked(token))}")
    _warn_of_variable(None)


def _skips(skip_if_logged_in: bool, new_session: bool | None, write_permission: bool | None) -> bool:
    if write_permission is not None:
        told = "write_permission is deprecated and does nothing: whoami() tells what a token may do."
        notice(told, FutureWarning)
    if new_session is None:
        return skip_if_logged_in
    notice("new_session is deprecated: use skip_if_logged_in, its opposite.", FutureWarning)
    return not new_session


def _ask_on_terminal(skip_if_logged_in: bool, *, add_to_git_credential: bool = False) -> None:
    if not (skip_if_logged_in and _usable_token()) and not (sys.stdin and sys.stdin.isatty()):
        raise LocalTokenNotFoundError("There is no terminal to ask for a token: pass it as login(token='hf_...').")
    _ask(skip_if_logged_in, add_to_git_credential=add_to_git_credential)


def _ask(skip_if_logged_in: bool, *, add_to_git_credential: bool = False) -> None:
    if skip_if_logged_in and _usable_token():
        _log.info("A token is stored already; skip_if_logged_in=False asks for another one.")
        return
    from getpass import getpass

    endpoint = Settings.from_environment().endpoint
    token = getpass(f"Token of {shown(endpoint)}/settings/tokens (it is not shown): ")
    _keep(token, add_to_git_credential=add_to_git_credential)


def _usable_token() -> str | None:
    """The default token; ``None`` also if the stored one is malformed, which a login repairs."""
    try:
        return get_token()
    except InvalidTokenError:
        return None


def _in_notebook() -> bool:
    """Whether a Jupyter kernel runs this; its getpass() prompts in the notebook."""
    return "ipykernel" in sys.modules and not (sys.stdin and sys.stdin.isatty())


def _keep(token: str, *, add_to_git_credential: bool) -> None:
    from hub_typed.clients.default import default_client

    checked = checked_token(token)
    if checked is None:
        raise ValueError("The token is empty.")
    token = checked
    if token.startswith("api_org"):
        raise ValueError("This is the token of an organization; logging in takes that of a user.")
    client = default_client()
    try:
        account = client.whoami(token=token)
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code == 401:
            raise ValueError(
                f"{shown(client.endpoint)} does not know this token: copy it again, or make another."
            ) from error
        raise
    access = account.auth.access_token if account.auth else None
    name = (access and access.display_name) or f"oauth-{account.name}"
    StoredTokens(client.settings.token_path).keep(name, token)
    _log.info("The token %r of %s is sent from now on.", name, account.name)
    if add_to_git_credential:
        _keep_in_git(client.endpoint, token)
    _warn_of_variable(token)


def _keep_in_git(endpoint: str, token: str) -> None:
    from hub_typed.auth import git_credentials

    try:
        if git_credentials.has_helper(endpoint):
            git_credentials.approve(endpoint, token)
            return
        why = "it has no credential helper; `git config --global credential.helper store` sets one"
    except (OSError, ValueError) as error:  # most likely there is no git
        why = str(error)
    notice(f"git did not keep the token: {why}.")


def _forget_in_git(endpoint: str, token: str) -> None:
    from hub_typed.auth import git_credentials

    try:
        git_credentials.reject(endpoint, token)
    except (OSError, ValueError) as error:  # most likely there is no git
        _log.info("git was not made to forget the token: %s", error)


def _warn_of_variable(token: str | None) -> None:
    """Warn if an environment variable overrides the chosen token."""
    for name in VARIABLES:
        if (value := os.environ.get(name, "").strip()) and value != token:
            notice(f"The variable {name} is set: its token is sent, whatever is stored.")
            return


def _masked(token: str) -> str:
    return f"{token[:3]}****{token[-4:]}" if len(token) > 11 else "****"
