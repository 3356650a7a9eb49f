"""Handlers of service accounts, the accounts of organizations for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, get_args

from hub_typed.local.accounts.identity import Identity, Scope, User
from hub_typed.local.errors import bad_request, forbidden, invalid_option, not_found
from hub_typed.local.repos.store import REPO_TYPES
from hub_typed.local.request.administration import administrated
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.server.service_accounts import ServiceAccountsHandlers

__all__ = ["ServiceAccounts"]

_MAX_NAME_LENGTH = 50
_MAX_DESCRIPTION_LENGTH = 500
_MAX_TOKEN_NAME_LENGTH = 100
_PERMISSIONS: tuple[str, ...] = get_args(get_args(models.ServiceAccountPermission)[0])
_REPO_PERMISSIONS = ("repo.content.read", "repo.write")
_READ = "org.serviceAccounts.read"
_WRITE = "org.serviceAccounts.write"


class ServiceAccounts(ServiceAccountsHandlers[Call]):
    """Handlers of the operations in the area ``service_accounts``."""

    def list_service_accounts(self, call: Call, *, organization: str) -> list[models.ServiceAccount]:
        found = administrated(call, organization, _READ)
        return [_describe(one) for one in call.accounts.service_accounts_of(found.name)]

    def create_service_account(
        self, call: Call, *, organization: str, name: str, description: str | None = None
    ) -> models.NewServiceAccount:
        found = administrated(call, organization, _WRITE)
        _check_length("name", name, 1, _MAX_NAME_LENGTH)
        _check_length("description", description, 0, _MAX_DESCRIPTION_LENGTH)
        made = call.accounts.add_service_account(found.name, name, description)
        _audit(call, made, "create", f"Created service account {name}")
        return models.NewServiceAccount(
            internal_id=made.id,
            user=made.name,
            fullname=made.fullname,
            description=made.description,
            created_at=_created_at(made),
        )

    def get_service_account(self, call: Call, *, organization: str, service_account_id: str) -> models.ServiceAccount:
        account = _account(call, organization, service_account_id, _READ)
        tokens = call.accounts.tokens_of(account.name)
        return _describe(account, access_tokens=[_describe_token(one) for one in tokens])

    def delete_service_account(self, call: Call, *, organization: str, service_account_id: str) -> None:
        account = _account(call, organization, service_account_id, _WRITE)
        call.accounts.delete_service_account(account)
        _audit(call, account, "delete", f"Deleted service account {account.fullname}")

    def create_service_account_token(
        self,
        call: Call,
        *,
        organization: str,
        service_account_id: str,
        display_name: str | None = None,
        permissions: Sequence[str] | None = None,
        repo_ids: Sequence[str] | None = None,
        repo_permissions: Sequence[str] | None = None,
        endpoint_patterns: Sequence[str] | None = None,
        skip_network_security: bool | None = None,
    ) -> models.NewServiceAccountToken:
        account = _account(call, organization, service_account_id, _WRITE)
        _check_length("displayName", display_name, 1, _MAX_TOKEN_NAME_LENGTH)
        made = call.accounts.create_token(
            account,
            display_name or "API Token",
            scopes=_scopes(call, organization, permissions or (), repo_ids or (), repo_permissions or ()),
            endpoint_patterns=tuple(endpoint_patterns or ()),
            skip_network_security=bool(skip_network_security),
        )
        _audit_token(call, made, "create", "Created")
        return models.NewServiceAccountToken(token_value=made.token, token_info=_describe_token(made))

    def update_service_account_token(
        self,
        call: Call,
        *,
        organization: str,
        service_account_id: str,
        token_id: str,
        display_name: str | None = None,
        permissions: Sequence[str] | None = None,
        repo_ids: Sequence[str] | None = None,
        repo_permissions: Sequence[str] | None = None,
        endpoint_patterns: Sequence[str] | None = None,
        skip_network_security: bool | None = None,
    ) -> models.ServiceAccountTokenInfo:
        token = _token(call, organization, service_account_id, token_id)
        _check_length("displayName", display_name, 1, _MAX_TOKEN_NAME_LENGTH)
        known = _describe_token(token)
        scopes = _scopes(
            call,
            organization,
            (known.permissions or ()) if permissions is None else permissions,
            (known.repo_ids or ()) if repo_ids is None else repo_ids,
            (known.repo_permissions or ()) if repo_permissions is None else repo_permissions,
        )
        given = {
            "name": display_name,
            "endpoint_patterns": None if endpoint_patterns is None else tuple(endpoint_patterns),
            "skip_network_security": skip_network_security,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        changed = call.accounts.change_token(token.token, scopes=scopes, **changes)
        _audit_token(call, changed, "update", "Changed")
        return _describe_token(changed)

    def delete_service_account_token(
        self, call: Call, *, organization: str, service_account_id: str, token_id: str
    ) -> None:
        token = _token(call, organization, service_account_id, token_id)
        call.accounts.delete_token(token.token)
        _audit_token(call, token, "delete", "Deleted")

    def rotate_service_account_token(
        self, call: Call, *, organization: str, service_account_id: str, token_id: str
    ) -> models.NewServiceAccountToken:
        token = _token(call, organization, service_account_id, token_id)
        _checked_gift(call, organization, token.scopes or ())
        value = call.accounts.refresh_token(token.token)
        made = _token(call, organization, service_account_id, token_id)
        _audit_token(call, made, "rotate", "Rotated")
        return models.NewServiceAccountToken(token_value=value, token_info=_describe_token(made))


def _audit(call: Call, account: User, kind: str, message: str, **data: object) -> None:
    call.audit(account.organization or "", f"org.service_account.{kind}", message, user=account.name, **data)


def _audit_token(call: Call, token: Identity, kind: str, did: str) -> None:
    message = f"{did} token {token.name} of service account {token.user.fullname}"
    _audit(call, token.user, f"token.{kind}", message, token=token.id)


def _account(call: Call, organization: str, account_id: str, permission: str) -> User:
    """Return a service account of an organization that the caller administrates.

    Raises:
        HubResponseError: Errors of `administrated`; 404, there is no such service account.
    """
    found = administrated(call, organization, permission)
    for account in call.accounts.service_accounts_of(found.name):
        if account.id == account_id:
            return account
    raise not_found("This organization has no such service account")


def _token(call: Call, organization: str, account_id: str, token_id: str) -> Identity:
    """Return a token of a service account that the caller may change.

    Raises:
        HubResponseError: Errors of `_account`; 404, it has no such token.
    """
    account = _account(call, organization, account_id, _WRITE)
    for token in call.accounts.tokens_of(account.name):
        if token.id == token_id:
            return token
    raise not_found("This service account has no such token")


def _scopes(
    call: Call, organization: str, permissions: Iterable[str], repo_ids: Sequence[str], repo_permissions: Iterable[str]
) -> tuple[Scope, ...]:
    """Return the scopes of a token: permissions in the organization first, then those in repositories.

    Raises:
        HubResponseError: 400, a permission is unknown, or the organization has no such repository; 403, the token of
            the caller lacks a permission.
    """
    given, in_repos = tuple(permissions), tuple(repo_permissions)
    _check_permissions("permissions", given, _PERMISSIONS)
    _check_permissions("repoPermissions", in_repos, _REPO_PERMISSIONS)
    if repo_ids:
        owned = {
            repo.facts.id for kind in REPO_TYPES for repo in call.store.all(kind) if repo.namespace == organization
        }
        owned |= {bucket.facts.id for bucket in call.buckets.all() if bucket.namespace == organization}
        for repo_id in repo_ids:
            if repo_id not in owned:
                raise bad_request(f"{organization} has no repository with the id {repo_id!r}")
    repos = [Scope(entity=repo_id, permissions=in_repos) for repo_id in repo_ids]
    return _checked_gift(call, organization, (Scope(entity=organization, permissions=given), *repos))


def _checked_gift(call: Call, organization: str, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
    """Return the scopes of a token that the caller gets, whose own token has all of them.

    Raises:
        HubResponseError: 403, it has not.
    """
    identity = call.writer()
    for scope in scopes:
        for permission in scope.permissions:
            if not identity.permits(permission, organization, scope.entity):
                raise forbidden(f"Forbidden: this token lacks the permission {permission}, and cannot give it")
    return scopes


def _check_permissions(member: str, given: Sequence[str], known: Sequence[str]) -> None:
    for number, permission in enumerate(given):
        if permission not in known:
            raise invalid_option(f"{member}[{number}]", known)


def _check_length(member: str, text: str | None, least: int, most: int) -> None:
    if text is not None and not least <= len(text) <= most:
        raise bad_request(f"Invalid value for {member}: it must have {least} to {most} characters")


def _created_at(account: User) -> datetime | None:
    return None if account.created_at is None else datetime.fromisoformat(account.created_at)


def _describe(
    account: User, *, access_tokens: list[models.ServiceAccountTokenInfo] | None = None
) -> models.ServiceAccount:
    return models.ServiceAccount(
        internal_id=account.id,
        user=account.name,
        name=account.fullname,
        description=account.description,
        created_at=_created_at(account),
        access_tokens=access_tokens,
    )


def _describe_token(token: Identity) -> models.ServiceAccountTokenInfo:
    """Describe a token without its value."""
    scopes = token.scopes or ()
    permissions, repos = [name for one in scopes[:1] for name in one.permissions], scopes[1:]
    return models.ServiceAccountTokenInfo(
        internal_id=token.id,
        display_name=token.name,
        created_at=token.created_at,
        role="fineGrained",
        last4=token.token[-4:],
        permissions=list(permissions),
        repo_ids=[scope.entity for scope in repos],
        repo_permissions=list(repos[0].permissions) if repos else [],
        endpoint_patterns=list(token.endpoint_patterns),
        skip_network_security=token.skip_network_security,
    )
