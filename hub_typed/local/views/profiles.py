"""Models that describe users and organizations."""

from __future__ import annotations

from collections.abc import Iterable

from hub_typed.local.accounts.identity import Organization, User
from hub_typed.local.errors import not_found
from hub_typed.local.repos.store import REPO_TYPES, RepoType
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import is_visible
from hub_typed_api import models

__all__ = [
    "count_buckets",
    "count_discussions",
    "count_repos",
    "describe_account",
    "describe_organization",
    "describe_user",
    "describe_users",
    "known_organization",
    "known_user",
]


def known_user(call: Call, name: str) -> User:
    """Return the user with this name.

    Raises:
        HubResponseError: 404, the user does not exist.
    """
    user = call.accounts.user(name)
    if user is None:
        raise not_found("This user does not exist")
    return user


def known_organization(call: Call, name: str) -> Organization:
    """Return the organization with this name.

    Raises:
        HubResponseError: 404, the organization does not exist.
    """
    organization = call.accounts.organization(name)
    if organization is None:
        raise not_found("This organization does not exist")
    return organization


def describe_user(call: Call, user: User) -> models.User:
    """Describe a user as in lists of users."""
    return models.User(
        internal_id=user.id,
        username=user.name,
        fullname=user.fullname,
        avatar_url=user.avatar,
        is_pro=False,
        type="user",
        is_following=_is_followed(call, user.name),
    )


def describe_users(call: Call, names: Iterable[str]) -> list[models.User]:
    """Describe users by their names; missing ones are left out."""
    found = [call.accounts.user(name) for name in names]
    return [describe_user(call, user) for user in found if user is not None]


def describe_organization(call: Call, organization: Organization) -> models.Organization:
    """Describe an organization as in the profile of a member."""
    return models.Organization(
        id=organization.id,
        name=organization.name,
        fullname=organization.fullname,
        avatar_url=organization.avatar,
        is_following=_is_followed(call, organization.name),
    )


def describe_account(call: Call, name: str) -> models.Account:
    """Describe an owner; a name without an account is treated as a user."""
    organization = call.accounts.organization(name)
    known = organization or call.accounts.user(name)
    return models.Account(
        internal_id=known.id if known else None,
        name=name,
        fullname=known.fullname if known else name,
        avatar_url=known.avatar if known else "/avatars/none.svg",
        type="user" if organization is None else "org",
        is_user_following=_is_followed(call, name),
    )


def count_repos(call: Call, repo_type: RepoType, namespace: str) -> int:
    """Count the repositories of a type that an account owns and the caller may see."""
    number = 0
    for repo in call.store.all(repo_type):
        number += repo.namespace == namespace and is_visible(call, repo)
    return number


def count_buckets(call: Call, namespace: str) -> int:
    """Count the buckets that an account owns and the caller may see."""
    return sum(bucket.namespace == namespace and call.may_read(bucket) for bucket in call.buckets.all())


def count_discussions(call: Call, user: str) -> int:
    """Count the discussions and pull requests that a user opened in repositories that the caller may see."""
    repos = [repo for repo_type in REPO_TYPES for repo in call.store.all(repo_type) if is_visible(call, repo)]
    return sum(
        one.author == user for repo in repos if not repo.facts.discussions_disabled for one in repo.discussions.all()
    )


def _is_followed(call: Call, name: str) -> bool | None:
    """Whether the caller follows an account; ``None`` if anonymous."""
    return None if call.identity is None else name in call.accounts.followed_by(call.identity.user.name)
