"""Models that describe resource groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub_typed.local.accounts.owned import Owned
from hub_typed.local.accounts.resource_groups import GroupMember, ResourceGroup
from hub_typed.local.community.collections import Collection
from hub_typed.local.repos.store import REPO_TYPES
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = ["describe_group", "held_by"]


def describe_group(call: Call, group: ResourceGroup) -> models.ResourceGroupDetails:
    """Describe a resource group with its members, and what it holds."""
    rule = group.auto_join
    limits: dict[str, Any] = dict(group.spend_limits)
    return models.ResourceGroupDetails(
        id=group.id,
        name=group.name,
        description=group.description,
        auto_join=models.AutoJoin(
            enabled=rule is not None, role=rule.role if rule else None, scope=rule.scope if rule else None
        ),
        spend_limits=models.SpendLimits(**limits) if limits else None,
        users=[
            described
            for name, member in group.members.items()
            if (described := _describe_member(call, name, member)) is not None
        ],
        resources=[_describe_resource(one, group) for one in held_by(call, group)],
    )


def held_by(call: Call, group: ResourceGroup) -> Iterator[Owned | Collection]:
    """Iterate over the repositories, buckets and collections that a resource group holds."""
    stored: list[Owned] = [repo for kind in REPO_TYPES for repo in call.store.all(kind)]
    for one in [*stored, *call.buckets.all()]:
        if one.namespace == group.organization and one.facts.id in group.resources:
            yield one
    yield from (one for one in call.collections.all() if one.id in group.resources)


def _describe_member(call: Call, name: str, member: GroupMember) -> models.ResourceGroupUser | None:
    user = call.accounts.user(name)
    if user is None:
        return None
    return models.ResourceGroupUser(
        internal_id=user.id,
        name=user.name,
        fullname=user.fullname,
        type="user",
        avatar_url=user.avatar,
        role=member.role,
        added_by=member.added_by,
    )


def _describe_resource(held: Owned | Collection, group: ResourceGroup) -> models.ResourceGroupResource:
    if isinstance(held, Collection):
        return models.ResourceGroupResource(
            type="collection",
            id=held.id,
            slug=held.slug,
            title=held.title,
            private=held.private,
            added_by=group.resources[held.id],
        )
    facts = held.facts
    return models.ResourceGroupResource(
        type=held.repo_type, name=held.repo_id, private=facts.private, added_by=group.resources[facts.id]
    )
