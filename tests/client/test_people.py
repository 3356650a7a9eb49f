"""Likes, users and organizations, with both clients and both transports."""

from __future__ import annotations

import pytest

from hub_typed import HfHubHTTPError, Organization, RepositoryNotFoundError, User, UserLikes


async def names(users):
    return [user.username async for user in users]


def test_a_like_is_given_and_taken_back(play):
    async def scenario(side):
        api, repo, me = side.api, side.repo, side.hub.user
        await api.create_repo(repo)
        ada = side.hub.add_user("ada")
        await api.like(repo)
        await api.like(repo)
        await api.like(repo, token=ada)
        likers = [user async for user in api.list_repo_likers(repo)]
        assert all(isinstance(user, User) for user in likers)
        assert [user.username for user in likers] == ["ada", me]
        assert (await api.model_info(repo)).likes == 2
        await api.unlike(repo)
        await api.unlike(repo)
        assert await names(api.list_repo_likers(repo)) == ["ada"]
        assert (await api.model_info(repo)).likes == 1

    play(scenario)


def test_a_list_is_sorted_by_likes(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        for name in ("liked", "new"):
            await api.create_repo(f"{repo}-{name}")
        await api.like(f"{repo}-liked")
        assert [m.id async for m in api.list_models()] == [f"{repo}-new", f"{repo}-liked"]
        assert [m.id async for m in api.list_models(sort="likes")] == [f"{repo}-liked", f"{repo}-new"]
        assert [m.likes async for m in api.list_models(sort="likes")] == [1, 0]

    play(scenario)


def test_all_public_repositories_that_a_user_likes_are_listed(play):
    async def scenario(side):
        api, repo, me = side.api, side.repo, side.hub.user
        await api.create_repo(repo)
        await api.create_repo(f"{repo}-2")
        await api.create_repo(f"{repo}-3", private=True)
        await api.create_repo(repo, repo_type="dataset")
        await api.create_repo(repo, repo_type="space", space_sdk="static")
        for name, repo_type in ((repo, None), (f"{repo}-2", "model"), (f"{repo}-3", "model")):
            await api.like(name, repo_type=repo_type)
        await api.like(repo, repo_type="dataset")
        await api.like(repo, repo_type="space")
        expected = UserLikes(
            user=me, total=4, models=[f"{repo}-2", repo], datasets=[repo], spaces=[repo], kernels=[], buckets=[]
        )
        assert await api.list_liked_repos() == expected
        side.hub.hub.page_size = 1
        assert await api.list_liked_repos(me, token=False) == expected
        assert (await api.get_user_overview(me)).num_likes == 4
        await api.delete_repo(f"{repo}-2")
        await api.unlike(repo, repo_type="space")
        left = await api.list_liked_repos(me)
        assert (left.total, left.models, left.datasets, left.spaces) == (2, [repo], [repo], [])

    play(scenario)


def test_likes_need_a_user_and_a_repository(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        for call in (api.like, api.unlike):
            with pytest.raises(RepositoryNotFoundError):
                await call(repo)
        await api.create_repo(repo)
        for call in (api.like, api.unlike):
            with pytest.raises(RepositoryNotFoundError):
                await call(repo, repo_type="dataset")
            with pytest.raises(HfHubHTTPError, match="403"):
                await call(repo, token=side.hub.read_token)
            with pytest.raises(HfHubHTTPError, match="401"):
                await call(repo, token=False)
        with pytest.raises(RepositoryNotFoundError):
            await names(api.list_repo_likers(repo, repo_type="space"))
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.list_liked_repos("nobody")

    play(scenario)


def test_without_a_token_nobody_knows_whose_likes(play, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN", raising=False)

    async def scenario(side):
        api = side.make(None, token_path=str(tmp_path / "none"))
        for token in (None, True, False):
            with pytest.raises(ValueError, match="pass user= or token="):
                await api.list_liked_repos(token=token)
        with pytest.raises(HfHubHTTPError, match="HF_TOKEN"):
            await api.list_liked_repos(token="hf_wrong")

    play(scenario)


def test_a_user_is_shown_with_numbers_and_organizations(play):
    async def scenario(side):
        api, hub, me = side.api, side.hub, side.hub.user
        hub.add_user("ada")
        hub.add_organization("lab", {me: "admin", "ada": "read"})
        hub.follow("ada", me)
        hub.follow(me, "ada")
        hub.follow(me, "lab")
        await api.create_repo(side.repo)
        await api.create_repo(side.repo, repo_type="dataset", private=True)
        user = await api.get_user_overview(me)
        assert isinstance(user, User)
        assert (user.username, user.fullname, user.type, user.is_following) == (me, me, "user", False)
        assert (user.num_models, user.num_datasets, user.num_spaces, user.num_likes) == (1, 1, 0, 0)
        assert (user.num_following, user.num_following_orgs, user.num_followers) == (2, 1, 1)
        assert [(type(org), org.name, org.is_following) for org in user.orgs] == [(Organization, "lab", True)]
        told_to_anyone = await api.get_user_overview(me, token=False)
        assert (told_to_anyone.num_datasets, told_to_anyone.is_following) == (0, None)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.get_user_overview("nobody")
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.get_user_overview("lab")

    play(scenario)


def test_who_follows_whom(play):
    async def scenario(side):
        api, hub, me = side.api, side.hub, side.hub.user
        for name in ("ada", "bob"):
            hub.add_user(name)
            hub.follow(name, me)
        hub.follow("ada", "bob")
        hub.hub.page_size = 1
        assert await names(api.list_user_followers(me)) == ["ada", "bob"]
        assert await names(api.list_user_following("ada")) == [me, "bob"]
        assert [user.is_following async for user in api.list_user_following("bob", hub.add_user("ada"))] == [True]
        assert await names(api.list_user_following(me)) == []
        for listing in (api.list_user_followers, api.list_user_following):
            with pytest.raises(HfHubHTTPError, match="404"):
                await names(listing("nobody"))

    play(scenario)


def test_an_organization_is_shown_with_members_and_followers(play):
    async def scenario(side):
        api, hub, me = side.api, side.hub, side.hub.user
        hub.add_organization("lab", {me: "admin", "ada": "contributor"})
        hub.add_user("bob")
        hub.follow("bob", "lab")
        await api.create_repo("lab/m")
        await api.create_repo("lab/s", repo_type="space", space_sdk="static", private=True)
        lab = await api.get_organization_overview("lab")
        assert isinstance(lab, Organization)
        assert (lab.name, lab.fullname, lab.is_following) == ("lab", "lab", False)
        assert (lab.num_users, lab.num_models, lab.num_datasets, lab.num_spaces) == (2, 1, 0, 1)
        assert lab.num_followers == 1
        assert (await api.get_organization_overview("lab", token=hub.add_user("bob"))).num_spaces == 0
        hub.hub.page_size = 1
        members = [(user.username, user.role) async for user in api.list_organization_members("lab")]
        assert members == [(me, "admin"), ("ada", "contributor")]
        assert await names(api.list_organization_followers("lab")) == ["bob"]
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.get_organization_overview(me)
        for listing in (api.list_organization_members, api.list_organization_followers):
            with pytest.raises(HfHubHTTPError, match="404"):
                await names(listing("nobody"))

    play(scenario)


def test_repositories_of_an_account_are_listed_with_their_storage(play):
    async def scenario(side):
        api = side.api
        side.hub.add_organization("lab", {side.hub.user: "admin"})
        await api.create_repo(side.repo, private=True)
        await api.create_repo("lab/table", repo_type="dataset")
        (mine,) = [one async for one in api.list_user_repos()]
        assert (mine.id, mine.type, mine.visibility) == (side.repo, "model", "private")
        assert mine.storage >= 0
        assert [(one.id, one.repo_type) async for one in api.list_user_repos("lab")] == [("lab/table", "dataset")]
        with pytest.raises(HfHubHTTPError, match="404"):
            [one async for one in api.list_user_repos(namespace="nobody")]

    play(scenario)
