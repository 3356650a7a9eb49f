"""Owner and permissions of a token."""

from __future__ import annotations

import pytest

from hub_typed import HfHubHTTPError, LocalTokenNotFoundError
from hub_typed.local.accounts.identity import Scope

pytestmark = pytest.mark.filterwarnings("ignore:get_token_permission is deprecated")


def test_an_account_reads_like_the_object_it_was(play):
    async def scenario(side):
        me = await side.api.whoami()
        assert (me.name, me.auth.access_token.role) == (side.hub.user, "write")
        assert me["name"] == me.get("name") == dict(me)["name"] == side.hub.user
        assert me["auth"]["accessToken"]["role"] == "write"
        assert "name" in me
        assert "email" not in me
        assert me.get("email", "none") == "none"
        assert set(dict(me)) >= {"type", "id", "name", "fullname", "orgs", "auth"}
        with pytest.raises(KeyError):
            me["email"]
        for _ in range(2):
            assert (await side.api.whoami(side.hub.token, cache=True)).name == side.hub.user

    play(scenario)


def test_organizations_are_told_with_the_role_in_each(play):
    async def scenario(side):
        side.hub.add_organization("acme", {side.hub.user: "contributor"})
        me = await side.api.whoami()
        assert [(org["name"], org.role_in_org) for org in me.orgs] == [("acme", "contributor")]
        assert [(org["name"], org["roleInOrg"]) for org in me["orgs"]] == [("acme", "contributor")]

    play(scenario)


def test_a_token_tells_what_it_may_do(play):
    async def scenario(side):
        api = side.api
        fine = side.hub.hub.accounts.add_fine_grained("ann", [Scope(entity="ann", permissions=("repo.write",))])
        for token, role in ((None, "write"), (side.hub.read_token, "read"), (fine, "fineGrained"), ("hf_wrong", None)):
            assert await api.get_token_permission(token) == role
        (scope,) = (await api.whoami(fine))["auth"]["accessToken"]["fineGrained"]["scoped"]
        assert (scope["entity"]["name"], scope["permissions"]) == ("ann", ["repo.write"])

    play(scenario)


def test_nobody_is_asked_for_without_a_token(play, tmp_path):
    async def scenario(side):
        before = len(side.hub.hub.requests)
        with pytest.raises(ValueError, match="token=False"):
            await side.api.whoami(token=False)
        other = side.make(None, token_path=str(tmp_path / "none"))
        with pytest.raises(LocalTokenNotFoundError, match="No token is stored"):
            await other.whoami()
        assert await other.get_token_permission() is None
        assert len(side.hub.hub.requests) == before + 1
        with pytest.raises(HfHubHTTPError, match="401"):
            await side.api.whoami(token="hf_wrong")

    play(scenario)
