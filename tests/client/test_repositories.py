"""Repositories, branches and tags, with both clients and both transports."""

from __future__ import annotations

import pytest

from hub_typed import HfHubHTTPError, HFValidationError, RepositoryNotFoundError, RepoUrl, RevisionNotFoundError


def test_a_repository_comes_and_goes(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        assert await api.repo_exists(repo) is False
        url = await api.create_repo(repo)
        assert isinstance(url, RepoUrl)
        assert (url.repo_id, url.repo_type) == (repo, "model")
        assert await api.repo_exists(repo) is True
        info = await api.model_info(repo)
        assert (info.id, info.author, info.private) == (repo, side.hub.user, False)
        assert [s.rfilename for s in info.siblings] == [".gitattributes"]
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.create_repo(repo)
        assert (await api.create_repo(repo, exist_ok=True)).repo_id == repo
        await api.delete_repo(repo)
        assert await api.repo_exists(repo) is False
        with pytest.raises(RepositoryNotFoundError):
            await api.delete_repo(repo)
        await api.delete_repo(repo, missing_ok=True)

    play(scenario)


@pytest.mark.parametrize("repo_type", ["model", "dataset", "space"])
def test_each_type_has_its_own_names(play, repo_type):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, repo_type=repo_type, space_sdk="static" if repo_type == "space" else None)
        info = await api.repo_info(repo, repo_type=repo_type)
        assert type(info).__name__ == f"{repo_type.capitalize()}Info"
        for other in {"model", "dataset", "space"} - {repo_type}:
            assert await api.repo_exists(repo, repo_type=other) is False
        listed = {"model": api.list_models, "dataset": api.list_datasets, "space": api.list_spaces}[repo_type]
        assert [found.id async for found in listed(author=side.hub.user)] == [repo]

    play(scenario)


def test_branches_and_tags(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        start = (await api.model_info(repo)).sha
        await api.create_branch(repo, branch="feature/x")
        await api.create_branch(repo, branch="feature/x", exist_ok=True)
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.create_branch(repo, branch="feature/x")
        await api.create_tag(repo, tag="v1.0", tag_message="first")
        await api.create_tag(repo, tag="v1.0", exist_ok=True)
        refs = await api.list_repo_refs(repo)
        assert {b.name for b in refs.branches} == {"main", "feature/x"}
        assert [(t.name, t.ref, t.target_commit) for t in refs.tags] == [("v1.0", "refs/tags/v1.0", start)]
        assert refs.pull_requests is None
        assert await api.revision_exists(repo, "v1.0") is True
        assert await api.revision_exists(repo, "v2.0") is False
        await api.delete_branch(repo, branch="feature/x")
        await api.delete_tag(repo, tag="v1.0")
        with pytest.raises(RevisionNotFoundError):
            await api.delete_tag(repo, tag="v1.0")
        refs = await api.list_repo_refs(repo)
        assert ([b.name for b in refs.branches], refs.tags) == (["main"], [])

    play(scenario)


def test_private_repositories_are_hidden_from_others(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, private=True)
        await api.auth_check(repo)
        stranger = side.hub.add_user("stranger")
        for token, status in ((False, "401"), (stranger, "404")):
            with pytest.raises(RepositoryNotFoundError, match=status):
                await api.model_info(repo, token=token)
            with pytest.raises(RepositoryNotFoundError):
                await api.auth_check(repo, token=token)
            assert [m.id async for m in api.list_models(token=token)] == []
        assert [m.id async for m in api.list_models()] == [repo]

    play(scenario)


def test_tokens_and_roles(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        me = await api.whoami()
        assert (me.name, me["name"], me["auth"]["accessToken"]["role"]) == (side.hub.user, side.hub.user, "write")
        with pytest.raises(HfHubHTTPError, match="read-only"):
            await api.create_repo(repo, token=side.hub.read_token)
        with pytest.raises(HfHubHTTPError, match="HF_TOKEN") as caught:
            await api.whoami(token="hf_wrong")
        assert "hf_wrong" not in str(caught.value)
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.create_repo("somebody/else")

    play(scenario)


@pytest.mark.parametrize("bad", ["a/b/c", "a--b", "", ".a", "a/b.git", "a b"])
def test_a_bad_repo_id_is_refused_before_any_request(play, bad):
    async def scenario(side):
        before = len(side.hub.hub.requests)
        for call in (side.api.model_info, side.api.list_repo_refs, side.api.create_repo, side.api.delete_repo):
            with pytest.raises(HFValidationError, match="Invalid repo id"):
                await call(bad)
        assert len(side.hub.hub.requests) == before

    play(scenario)


def test_an_error_tells_repository_url_request_and_what_to_do(play):
    async def scenario(side):
        with pytest.raises(RepositoryNotFoundError) as caught:
            await side.api.model_info("nobody/nothing")
        error = caught.value
        assert error.response.status_code == 404
        assert error.response.headers["X-Error-Code"] == "RepoNotFound"
        assert error.request_id
        assert error.request_id in str(error)
        for part in ("nobody/nothing", "/api/models/nobody/nothing", "Check the repo id"):
            assert part in str(error)
        assert side.hub.token not in str(error)

    play(scenario)
