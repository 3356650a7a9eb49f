"""Settings, moves and duplicates of repositories, with both clients and both transports."""

from __future__ import annotations

import pytest

from hub_typed import (
    BadRequestError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RepoUrl,
    operations,
)


def test_settings_change_what_is_given_and_nothing_else(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        assert await api.update_repo_settings(repo, gated="auto") is None
        info = await api.model_info(repo)
        assert (info.gated, info.private) == ("auto", False)
        await api.update_repo_settings(repo, private=True)
        info = await api.model_info(repo)
        assert (info.gated, info.private) == ("auto", True)
        await api.update_repo_settings(repo, visibility="public", gated=False)
        info = await api.model_info(repo)
        assert (info.gated, info.private) == (False, False)
        told = await api.call(operations.repos.update_repo_settings(repo, discussions_disabled=True))
        assert (told.discussions_disabled, told.gated, told.private) == (True, None, None)

    play(scenario)


def test_lists_tell_gated_repositories_from_others(play):
    async def scenario(side):
        api = side.api
        for kind, listed in (("model", api.list_models), ("dataset", api.list_datasets)):
            await api.create_repo(f"{side.hub.user}/open", repo_type=kind)
            await api.create_repo(f"{side.hub.user}/closed", repo_type=kind)
            await api.update_repo_settings(f"{side.hub.user}/closed", gated="manual", repo_type=kind)
            assert [one.id async for one in listed(gated=True, token=False)] == [f"{side.hub.user}/closed"]
            assert [one.id async for one in listed(gated=False, token=False)] == [f"{side.hub.user}/open"]
            assert len([one async for one in listed(token=False)]) == 2

    play(scenario)


def test_visibility_is_changed_the_old_way_with_a_warning(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        with pytest.warns(FutureWarning, match="update_repo_settings"):
            assert await api.update_repo_visibility(repo, True) == {"private": True}
        with pytest.raises(RepositoryNotFoundError):
            await api.model_info(repo, token=False)
        with pytest.warns(FutureWarning):
            assert await api.update_repo_visibility(repo) == {"private": False}
        await api.model_info(repo, token=False)

    play(scenario)


def test_settings_that_make_no_sense_are_refused_before_any_request(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        before = len(side.hub.hub.requests)
        for settings in (
            {},
            {"gated": True},
            {"gated": "yes"},
            {"gated": 0},
            {"private": True, "visibility": "private"},
            {"visibility": "secret"},
            {"visibility": "protected"},
            {"visibility": "protected", "repo_type": "dataset"},
        ):
            with pytest.raises(ValueError, match=r"gated|visibility"):
                await api.update_repo_settings(repo, **settings)
        assert len(side.hub.hub.requests) == before

    play(scenario)


def test_settings_of_others_and_gates_of_spaces_are_refused(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, repo_type="space", space_sdk="static")
        with pytest.raises(BadRequestError, match="Spaces cannot be gated"):
            await api.update_repo_settings(repo, gated="auto", repo_type="space")
        await api.update_repo_settings(repo, visibility="protected", repo_type="space")
        with pytest.raises(RepositoryNotFoundError):
            await api.space_info(repo, token=False)
        await api.create_repo(repo)
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.update_repo_settings(repo, private=True, token=side.hub.add_user("stranger"))
        with pytest.raises(HfHubHTTPError, match=r"403.*role read"):
            await api.update_repo_settings(repo, private=True, token=side.hub.read_token)
        with pytest.raises(RepositoryNotFoundError):
            await api.update_repo_settings("nobody/nothing", private=True)

    play(scenario)


def test_the_right_to_write_can_be_checked(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        stranger = side.hub.add_user("stranger")
        await api.auth_check(repo, write=True)
        await api.auth_check(repo, token=stranger)
        for token in (stranger, side.hub.read_token):
            with pytest.raises(HfHubHTTPError, match="403"):
                await api.auth_check(repo, write=True, token=token)
        with pytest.raises(RepositoryNotFoundError):
            await api.auth_check("nobody/nothing", write=True)

    play(scenario)


@pytest.mark.parametrize("repo_type", ["model", "dataset"])
def test_a_repository_moves_and_its_old_name_leads_to_it(play, repo_type):
    async def scenario(side):
        api, repo, other = side.api, side.repo, f"{side.hub.user}/renamed"
        await api.create_repo(repo, repo_type=repo_type)
        sha = (await api.repo_info(repo, repo_type=repo_type)).sha
        await api.move_repo(repo, other, repo_type=repo_type)
        for name in (repo, other):
            info = await api.repo_info(name, repo_type=repo_type)
            assert (info.id, info.sha) == (other, sha)

    play(scenario)


def test_a_repository_moves_into_an_organization_by_right(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        side.hub.add_organization("acme")
        side.hub.add_organization("reader", {"boss": "admin", side.hub.user: "read"})
        await api.create_repo(repo)
        for forbidden in ("reader/thing", "boss/thing"):
            with pytest.raises(HfHubHTTPError, match="403"):
                await api.move_repo(repo, forbidden)
        await api.move_repo(repo, "acme/thing")
        assert (await api.model_info(repo)).id == "acme/thing"
        await api.create_repo(f"{side.hub.user}/taken")
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.move_repo("acme/thing", f"{side.hub.user}/taken")
        with pytest.raises(RepositoryNotFoundError):
            await api.move_repo("acme/nothing", "acme/something")
        for names in (("thing", "acme/x"), ("acme/thing", "x"), ("acme/thing", "a/b/c")):
            with pytest.raises(HFValidationError):
                await api.move_repo(*names)

    play(scenario)


def test_access_that_was_given_moves_along(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = side.hub.add_user("stranger")
        await api.create_repo(repo)
        await api.update_repo_settings(repo, gated="manual")
        await api.grant_access(repo, "stranger")
        await api.move_repo(repo, f"{side.hub.user}/renamed")
        await api.auth_check(f"{side.hub.user}/renamed", token=stranger)

    play(scenario)


def test_a_repository_is_copied_with_its_large_files(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        large = b"\0large" * 2000
        await api.create_repo(repo, private=True)
        await api.upload_file(path_or_fileobj=large, path_in_repo="model.safetensors", repo_id=repo)
        url = await api.duplicate_repo(repo, "copy")
        assert isinstance(url, RepoUrl)
        assert url.repo_id == f"{side.hub.user}/copy"
        copied = await api.hf_hub_download(url.repo_id, "model.safetensors", cache_dir=tmp_path)
        with open(copied, "rb") as file:
            assert file.read() == large
        assert (await api.model_info(url.repo_id)).private is True
        side.hub.add_organization("acme")
        assert (await api.duplicate_repo(repo, "acme/open", visibility="public")).repo_id == "acme/open"
        assert (await api.model_info("acme/open", token=False)).private is False

    play(scenario)


def test_a_copy_whose_name_is_taken_is_refused_or_left_as_it_is(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.duplicate_repo(repo)
        assert (await api.duplicate_repo(repo, exist_ok=True)).repo_id == repo
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.duplicate_repo(repo, "somebody/else")
        with pytest.raises(RepositoryNotFoundError):
            await api.duplicate_repo("nobody/nothing")
        await api.update_repo_settings(repo, gated="manual")
        stranger = side.hub.add_user("stranger")
        with pytest.raises(GatedRepoError):
            await api.duplicate_repo(repo, token=stranger)
        with pytest.warns(UserWarning, match="space_hardware"):
            await api.duplicate_repo(repo, "second", space_hardware="t4-small")

    play(scenario)


def test_a_space_is_copied_with_what_it_is_to_run_on(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, repo_type="space", space_sdk="static")
        url = await api.duplicate_space(
            repo, "copy", hardware="t4-small", storage="small", sleep_time=3600, secrets=[{"key": "A", "value": "b"}]
        )
        assert (url.repo_type, url.repo_id) == ("space", f"{side.hub.user}/copy")
        assert (await api.space_info(url.repo_id)).sdk == "static"
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.duplicate_space(repo, "copy")
        assert (await api.duplicate_space(repo, "copy", exist_ok=True)).repo_id == url.repo_id

    play(scenario)
