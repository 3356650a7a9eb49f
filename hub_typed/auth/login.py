"""Login, logout, and switching between the tokens stored on this machine."""

from __future__ import annotations

import os
import sys

import hub_typed
from hub_typed.auth.stored_tokens import StoredTokens
from hub_typed.auth.tokens import TOKEN_VARIABLES, checked_token, stored_token
from hub_typed.errors import HfHubHTTPError, InvalidTokenError, LocalTokenNotFoundError
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import sanitize_line
from hub_typed.logs.warnings import warn
from hub_typed.settings import Settings
from hub_typed.urls.url import display_url

__all__ = ["auth_list", "auth_switch", "get_token", "interpreter_login", "login", "logout", "notebook_login"]


def get_token() -> str | None:
    """Return the token that is sent by default, from ``HF_TOKEN`` or the token file."""
    return stored_token(Settings.from_environment())


def login(
    token: str | None = None,
    *,
    add_to_git_credential: bool = False,
    skip_if_logged_in: bool = True,
    new_session: bool | None = None,
    write_permission: bool | None = None,
) -> None:
    """Verify a token with the Hub and store it as the default of this machine.

    The token is stored under its name on the Hub, in the files that the official client also reads.

    Args:
        token: A token of https://huggingface.co/settings/tokens; prompted for on the terminal or in the notebook if not
            given.
        add_to_git_credential: Also store it with git's credential helper, if one is configured.
        skip_if_logged_in: Do not prompt if a token is stored.
        new_session: Deprecated: the opposite of ``skip_if_logged_in``.
        write_permission: Deprecated and ignored: `whoami` returns the permissions of a token.

    Raises:
        ValueError: The token is invalid, or it belongs to an organization.
        LocalTokenNotFoundError: No token is given, and there is no terminal to prompt on.
    """
    skip_if_logged_in = _resolve_skip_if_logged_in(skip_if_logged_in, new_session, write_permission)
    if token is not None:
        _store_verified(token, add_to_git_credential=add_to_git_credential)
        return
    if _in_notebook():
        _prompt(skip_if_logged_in, add_to_git_credential=add_to_git_credential)
    else:
        _prompt_on_terminal(skip_if_logged_in, add_to_git_credential=add_to_git_credential)


def interpreter_login(
    *, skip_if_logged_in: bool = True, new_session: bool | None = None, write_permission: bool | None = None
) -> None:
    """Prompt for a token on the terminal and log in with it.

    Args:
        skip_if_logged_in: Do not prompt if a token is stored.
        new_session: Deprecated: the opposite of ``skip_if_logged_in``.
        write_permission: Deprecated and ignored: `whoami` returns the permissions of a token.

    Raises:
        ValueError: The token is invalid, or it belongs to an organization.
        LocalTokenNotFoundError: There is no terminal.
    """
    _prompt_on_terminal(_resolve_skip_if_logged_in(skip_if_logged_in, new_session, write_permission))


def notebook_login(
    *, skip_if_logged_in: bool = True, new_session: bool | None = None, write_permission: bool | None = None
) -> None:
    """Prompt for a token in the notebook and log in with it.

    Args:
        skip_if_logged_in: Do not prompt if a token is stored.
        new_session: Deprecated: the opposite of ``skip_if_logged_in``.
        write_permission: Deprecated and ignored: `whoami` returns the permissions of a token.

    Raises:
        ValueError: The token is invalid, or it belongs to an organization.
    """
    _prompt(_resolve_skip_if_logged_in(skip_if_logged_in, new_session, write_permission))


def logout(token_name: str | None = None) -> None:
    """Remove one or all stored tokens, also from git's credential store.

    Args:
        token_name: Name of the token; all tokens if not given.

    Raises:
        ValueError: No stored token has this name.
    """
    settings = Settings.from_environment()
    stored = StoredTokens(settings.token_path)
    if token_name is None:
        removed = stored.remove_all()
        if not removed:
            _log.warning("Not logged in: no token is stored on this machine.")
    else:
        active = stored.active()
        removed = {stored.remove(token_name)}
        if active in removed:
            _log.warning("The removed token %r was the default: no token is sent by default any more.", token_name)
    _discard_cached_accounts()
    for token in removed:
        _remove_from_git(settings.endpoint, token)
    _warn_if_overridden(None)


def auth_switch(token_name: str, add_to_git_credential: bool = False) -> None:
    """Make another stored token the default.

    Args:
        token_name: Name of the token, as printed by `auth_list`.
        add_to_git_credential: Also store it with git's credential helper, if one is configured.

    Raises:
        ValueError: No stored token has this name.
    """
    settings = Settings.from_environment()
    token = StoredTokens(settings.token_path).activate(token_name)
    _discard_cached_accounts()
    if add_to_git_credential:
        _store_in_git(settings.endpoint, token)
    _log.info("The default token is now %r.", token_name)
    _warn_if_overridden(token)


def auth_list() -> None:
    """Print the stored tokens, masked except for their first and last characters; a star marks the default."""
    stored = StoredTokens(Settings.from_environment().token_path).all()
    sent = usable_token()
    if not stored:
        print("No tokens are stored on this machine.")
    else:
        names = {name: sanitize_line(name) for name in stored}
        width = max(len("name"), *map(len, names.values()))
        print(f"  {'name':<{width}}  token")
        for name, token in stored.items():
            print(f"{'*' if token == sent else ' '} {names[name]:<{width}}  {sanitize_line(mask_token(token))}")
    _warn_if_overridden(None)


def _resolve_skip_if_logged_in(
    skip_if_logged_in: bool, new_session: bool | None, write_permission: bool | None
) -> bool:
    if write_permission is not None:
        message = "write_permission is deprecated and ignored: whoami() returns the permissions of a token."
        warn(message, FutureWarning)
    if new_session is None:
        return skip_if_logged_in
    warn("new_session is deprecated: use skip_if_logged_in, its opposite.", FutureWarning)
    return not new_session


def _prompt_on_terminal(skip_if_logged_in: bool, *, add_to_git_credential: bool = False) -> None:
    if not (skip_if_logged_in and usable_token()) and not (sys.stdin and sys.stdin.isatty()):
        raise LocalTokenNotFoundError("There is no terminal to prompt for a token: pass it as login(token='hf_...').")
    _prompt(skip_if_logged_in, add_to_git_credential=add_to_git_credential)


def _prompt(skip_if_logged_in: bool, *, add_to_git_credential: bool = False) -> None:
    if skip_if_logged_in and usable_token():
        _log.info("A token is already stored; pass skip_if_logged_in=False to replace it.")
        return
    from getpass import getpass

    endpoint = Settings.from_environment().endpoint
    token = getpass(f"Token from {display_url(endpoint)}/settings/tokens (input is hidden): ")
    _store_verified(token, add_to_git_credential=add_to_git_credential)


def usable_token() -> str | None:
    """Return the default token; ``None`` also if it is malformed, since a login replaces it."""
    try:
        return get_token()
    except InvalidTokenError:
        return None


def _discard_cached_accounts() -> None:
    from hub_typed.flows.users import discard_cached_accounts

    discard_cached_accounts()


def _in_notebook() -> bool:
    """Whether the code runs in a Jupyter kernel, whose getpass() prompts in the notebook."""
    return "ipykernel" in sys.modules and not (sys.stdin and sys.stdin.isatty())


def _store_verified(token: str, *, add_to_git_credential: bool) -> None:
    from hub_typed.clients.default import default_client

    name, user = verify_and_store(default_client(), token, add_to_git_credential=add_to_git_credential)
    _log.info("The default token is now %r of %s.", name, user)


def verify_and_store(client: hub_typed.HfApi, token: str, *, add_to_git_credential: bool) -> tuple[str, str]:
    """Verify a token with the Hub of a client and make it the default; return its name and that of its user.

    Raises:
        ValueError: The token is invalid, or it belongs to an organization.
    """
    checked = checked_token(token)
    if checked is None:
        raise ValueError("The token is empty.")
    token = checked
    if token.startswith("api_org"):
        raise ValueError("This is the token of an organization: log in with the token of a user.")
    try:
        account = client.whoami(token=token)
    except HfHubHTTPError as error:
        if error.response.status_code == 401:
            raise ValueError(
                f"{display_url(client.endpoint)} does not accept this token: copy it again, or create another one."
            ) from error
        raise
    access = account.auth.access_token if account.auth else None
    name = (access.display_name if access else None) or f"oauth-{account.name}"
    StoredTokens(client.settings.token_path).store(name, token)
    _discard_cached_accounts()
    if add_to_git_credential:
        _store_in_git(client.endpoint, token)
    _warn_if_overridden(token)
    return name, account.name


def _store_in_git(endpoint: str, token: str) -> None:
    from hub_typed.auth import git_credentials

    try:
        if git_credentials.has_helper(endpoint):
            git_credentials.approve(endpoint, token)
            return
        reason = "it has no credential helper; `git config --global credential.helper store` sets one"
    except (OSError, ValueError) as error:  # usually because git is not installed
        reason = str(error)
    warn(f"git did not store the token: {reason}.")


def _remove_from_git(endpoint: str, token: str) -> None:
    from hub_typed.auth import git_credentials

    try:
        git_credentials.reject(endpoint, token)
    except (OSError, ValueError) as error:  # usually because git is not installed
        _log.info("The token was not removed from git's credential store: %s", error)


def _warn_if_overridden(token: str | None) -> None:
    """Warn if an environment variable overrides the stored token."""
    for name in TOKEN_VARIABLES:
        if (value := os.environ.get(name, "").strip()) and value != token:
            warn(f"The environment variable {name} is set: its token is sent instead of the stored one.")
            return


def mask_token(token: str) -> str:
    """Return a token of which only the first and last characters are shown."""
    return f"{token[:3]}****{token[-4:]}" if len(token) > 11 else "****"
