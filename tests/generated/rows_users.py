"""Rows of the operations about users and organizations."""

from __future__ import annotations

from hub_typed_api.operations import organizations, users
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PAGED", "PLACES", "RELATIVE", "WITHOUT_TOKEN"]

EVERY = [
    becomes(
        users.list_my_repositories,
        "GET /api/settings/repositories",
        "search=bert",
        "type=bucket",
        "limit=20",
        "sort=storage",
        "direction=desc",
        search="bert",
        repo_type="bucket",
        limit=20,
        sort="storage",
        direction="desc",
    ),
    becomes(users.get_user_overview, "GET /api/users/ann/overview", username="ann"),
    becomes(users.list_user_followers, "GET /api/users/a%2Fb/followers", username="a/b"),
    becomes(users.list_user_following, "GET /api/users/ann/following", username="ann"),
    becomes(
        users.list_liked_repos,
        "GET /api/users/ann/likes",
        "limit=10",
        "cursor=c0ffee",
        username="ann",
        limit=10,
        cursor="c0ffee",
    ),
    becomes(
        organizations.get_organization_overview,
        "GET /api/organizations/team/overview",
        organization="team",
    ),
    becomes(
        organizations.list_organization_followers,
        "GET /api/organizations/team/followers",
        organization="team",
    ),
    becomes(
        organizations.list_organization_members,
        "GET /api/organizations/team/members",
        "search=ann",
        "email=ann@team.test",
        "cursor=c0ffee",
        "limit=100",
        organization="team",
        search="ann",
        email="ann@team.test",
        cursor="c0ffee",
        limit=100,
    ),
    becomes(
        organizations.revoke_org_token_value,
        "POST /api/organizations/team/settings/tokens/revoke",
        "content-type: application/json",
        '{"token": "hf_lost"}',
        organization="team",
        token_value="hf_lost",
    ),
    becomes(
        organizations.revoke_org_token_by_id,
        "POST /api/organizations/team/settings/tokens/0123456789abcdef01234567/revoke",
        organization="team",
        token_id="0123456789abcdef01234567",
    ),
    becomes(
        organizations.list_organization_repositories,
        "GET /api/organizations/team/settings/repositories",
        "search=bert",
        "type=model",
        "limit=20",
        "sort=updatedAt",
        "direction=asc",
        organization="team",
        search="bert",
        repo_type="model",
        limit=20,
        sort="updatedAt",
        direction="asc",
    ),
    becomes(users.get_user_socials, "GET /api/users/bob/socials", username="bob"),
    becomes(users.get_user_avatar, "GET /api/users/bob/avatar", "redirect=true", username="bob", redirect=True),
    becomes(users.get_avatar, "GET /api/avatars/ann", namespace="ann"),
    becomes(users.get_mcp_tools, "GET /api/settings/mcp"),
    becomes(
        users.revoke_leaked_tokens,
        "POST /api/credentials/revoke",
        "content-type: application/json",
        '{"credentials": ["credential"]}',
        credentials=["credential"],
    ),
]
LEAST: dict[str, list[str]] = {
    "users.get_user_avatar": ["GET /api/users/bob/avatar"],
}
PLACES = ["username", "organization", "token_id", "namespace"]
PAGED = [
    "users.list_my_repositories",
    "users.list_user_followers",
    "users.list_user_following",
    "users.list_liked_repos",
    "organizations.list_organization_followers",
    "organizations.list_organization_members",
    "organizations.list_organization_repositories",
]
ONCE = [
    "organizations.revoke_org_token_value",
    "organizations.revoke_org_token_by_id",
    "users.revoke_leaked_tokens",
]

WITHOUT_TOKEN = {"users.revoke_leaked_tokens"}
RELATIVE = {"users.get_avatar"}
