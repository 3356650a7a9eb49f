"""Handlers of users: whoami, overviews, followers, likes, storage."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import attrs

from hub_typed.local.accounts.identity import Identity, Organization, User
from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.repos.store import REPO_TYPES
from hub_typed.local.request.call import Call
from hub_typed.local.views.profiles import (
    count_buckets,
    count_discussions,
    count_repos,
    describe_organization,
    describe_user,
    describe_users,
    known_organization,
    known_user,
)
from hub_typed.local.views.storage_usage import usage_of
from hub_typed_api import models
from hub_typed_api.serve import Answer
from hub_typed_api.server.users import UsersHandlers

__all__ = ["Users"]

MAX_LEAKED = 1000
"""Maximum number of leaked tokens in one request."""


class Users(UsersHandlers[Call]):
    """Handlers of the operations in the area ``users``."""

    def whoami(self, call: Call) -> models.WhoAmI:
        identity = call.user()
        user = identity.user
        return models.WhoAmI(
            type="user",
            id=user.id,
            name=user.name,
            fullname=user.fullname,
            email=user.email if identity.scopes is None else None,
            email_verified=True,
            can_pay=False,
            is_pro=False,
            avatar_url=user.avatar,
            orgs=[_membership(call, one, identity) for one in call.accounts.organizations_of(user.name)],
            auth=models.WhoAmIAuth(
                type="access_token" if identity.granted is None else "oauth",
                access_token=_access_token(identity) if identity.granted is None else None,
                expires_at=identity.expires_at,
            ),
        )

    def list_my_repositories(
        self,
        call: Call,
        *,
        search: str | None = None,
        repo_type: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        direction: str | None = None,
    ) -> Sequence[models.RepoStorageInfo]:
        name = call.user().user.name
        return usage_of(call, name, search=search, repo_type=repo_type, sort=sort, direction=direction)

    def get_user_overview(self, call: Call, *, username: str) -> models.User:
        user = known_user(call, username)
        follows = call.accounts.followed_by(user.name)
        return attrs.evolve(
            describe_user(call, user),
            created_at=None if user.created_at is None else datetime.fromisoformat(user.created_at),
            num_models=count_repos(call, "model", user.name),
            num_datasets=count_repos(call, "dataset", user.name),
            num_spaces=count_repos(call, "space", user.name),
            num_buckets=count_buckets(call, user.name),
            num_kernels=count_repos(call, "kernel", user.name),
            num_discussions=count_discussions(call, user.name),
            num_papers=0,  # papers belong to no account here, and have no upvotes
            num_upvotes=0,
            num_likes=len(_likes(call, user)),
            num_following=len(follows),
            num_following_orgs=sum(call.accounts.organization(name) is not None for name in follows),
            num_followers=len(call.accounts.followers_of(user.name)),
            orgs=[describe_organization(call, one) for one in call.accounts.organizations_of(user.name)],
        )

    def list_user_followers(self, call: Call, *, username: str) -> Sequence[models.User]:
        return describe_users(call, call.accounts.followers_of(known_user(call, username).name))

    def list_user_following(self, call: Call, *, username: str) -> Sequence[models.User]:
        return describe_users(call, call.accounts.followed_by(known_user(call, username).name))

    def list_liked_repos(
        self, call: Call, *, username: str, limit: int | None = None, cursor: str | None = None
    ) -> Sequence[models.Like]:
        return _likes(call, known_user(call, username))

    def get_user_socials(self, call: Call, *, username: str) -> models.UserSocials:
        user = known_user(call, username)
        return models.UserSocials(internal_id=user.id, username=user.name, social_handles=models.SocialHandles())

    def get_user_avatar(self, call: Call, *, username: str, redirect: bool | None = None) -> models.Avatar:
        return models.Avatar(avatar_url=call.request.origin + known_user(call, username).avatar)

    def get_avatar(self, call: Call, *, namespace: str) -> Answer:
        account = call.accounts.user(namespace) or known_organization(call, namespace)
        location = call.request.origin + account.avatar
        text = f"Found. Redirecting to {location}".encode()
        headers = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(text)), "location": location}
        return Answer(status=302, headers=headers, body=text)

    def revoke_leaked_tokens(self, call: Call, *, credentials: Sequence[str]) -> None:
        if not 1 <= len(credentials) <= MAX_LEAKED:
            raise bad_request(f"Expected 1 to {MAX_LEAKED} credentials")
        call.accounts.delete_token(*credentials)


def _likes(call: Call, user: User) -> list[models.Like]:
    """Return the public repositories that a user likes, latest like first."""
    likes: list[models.Like] = []
    for repo_type in REPO_TYPES:
        for repo in call.store.all(repo_type):
            # Skip repositories that were just deleted or are damaged.
            with suppress(HubResponseError, ValueError, TypeError, OSError):
                at = repo.likes.all().get(user.name)
                if at is not None and not repo.facts.private:
                    liked = models.LikedRepo(name=repo.repo_id, repo_type=repo_type)
                    likes.append(models.Like(created_at=at, repo=liked))
    return sorted(likes, key=lambda like: like.created_at, reverse=True)


def _membership(call: Call, organization: Organization, identity: Identity) -> models.WhoAmIOrg:
    return models.WhoAmIOrg(
        type="org",
        id=organization.id,
        name=organization.name,
        fullname=organization.fullname,
        can_pay=False,
        avatar_url=organization.avatar,
        role_in_org=organization.members[identity.user.name],
        security_restrictions=["token-revoked"] if organization.name in identity.revoked_by else None,
        resource_groups=[
            models.WhoAmIResourceGroup(id=group.id, name=group.name, role=role)
            for group, role in call.accounts.groups.groups_of(identity.user.name, organization.name)
        ]
        or None,
    )


def _access_token(identity: Identity) -> models.AccessToken:
    if identity.scopes is None:
        role = "read" if identity.role == "read" else "write"
        return models.AccessToken(display_name=identity.name, role=role, created_at=identity.created_at)
    scoped = [
        models.FineGrainedScope(
            entity=models.FineGrainedEntity(type="model" if "/" in scope.entity else "user", name=scope.entity),
            permissions=list(scope.permissions),
        )
        for scope in identity.scopes
    ]
    return models.AccessToken(
        display_name=identity.name,
        role="fineGrained",
        created_at=identity.created_at,
        fine_grained=models.FineGrainedRights(scoped=scoped, global_=[]),
    )
