"""Gated repositories: access requests, decisions, and the errors of users without access."""

from __future__ import annotations

import pytest

from hub_typed import (
    AccessRequest,
    BadRequestError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    operations,
)
from hub_typed_api.models import AccessRequestTarget

LARGE = b"\0large" * 2000
FORM = b"---\nextra_gated_prompt: Be good.\nextra_gated_fields:\n  Company: text\n  I agree: checkbox\n---\n"


async def gated(side, mode="manual", repo_type="model", files=()):
    """A gated repository with a small and a large file, and a stranger's token."""
    api, repo = side.api, side.repo
    await api.create_repo(repo, repo_type=repo_type)
    for name, content in [("a.txt", b"a\n"), ("model.safetensors", LARGE), *files]:
        await api.upload_file(path_or_fileobj=content, path_in_repo=name, repo_id=repo, repo_type=repo_type)
    await api.update_repo_settings(repo, gated=mode, repo_type=repo_type)
    return side.hub.add_user("stranger")


async def ask(side, token, repo_type="model", **fields):
    return await side.api.call(
        operations.access.ask_access(side.repo, repo_type=repo_type, members=fields), token=token
    )


@pytest.mark.parametrize("repo_type", ["model", "dataset"])
def test_a_request_is_accepted_cancelled_rejected_and_accepted_again(play, repo_type):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side, repo_type=repo_type)
        known = {"repo_type": repo_type}
        assert (await ask(side, stranger, repo_type)).status == 303
        (request,) = await api.list_pending_access_requests(repo, **known)
        assert isinstance(request, AccessRequest)
        assert (request.username, request.fullname, request.status) == ("stranger", "stranger", "pending")
        assert (request.email, request.fields) == ("stranger@users.noreply.localhost", None)
        assert (request.reviewed_at, request.granted_by) == (None, None)

        await api.accept_access_request(repo, "stranger", **known)
        (accepted,) = await api.list_accepted_access_requests(repo, **known)
        assert (accepted.timestamp, accepted.granted_by.username) == (request.timestamp, side.hub.user)
        assert accepted.reviewed_at >= accepted.timestamp
        await api.auth_check(repo, token=stranger, **known)

        await api.cancel_access_request(repo, "stranger", **known)
        assert [r.status for r in await api.list_pending_access_requests(repo, **known)] == ["pending"]
        await api.reject_access_request(repo, request_id=request.request_id, rejection_reason="No.", **known)
        assert [r.username for r in await api.list_rejected_access_requests(repo, **known)] == ["stranger"]
        assert await api.list_accepted_access_requests(repo, **known) == []
        await ask(side, stranger, repo_type)  # whoever was rejected stays so
        assert await api.list_pending_access_requests(repo, **known) == []

        await api.accept_access_request(repo, "stranger", **known)
        await api.revoke_access(repo, "stranger", **known)
        with pytest.raises(GatedRepoError, match="rejected"):
            await api.auth_check(repo, token=stranger, **known)

    play(scenario)


def test_files_are_closed_and_metadata_is_open(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side)
        for token, told in ((False, "401 GatedRepo.*Please log in"), (stranger, "403 GatedRepo.*authorized list")):
            for name in ("a.txt", "model.safetensors"):
                with pytest.raises(GatedRepoError, match=told):
                    await api.hf_hub_download(repo, name, token=token, cache_dir=tmp_path)
            with pytest.raises(GatedRepoError, match=told):
                await api.snapshot_download(repo, token=token, cache_dir=tmp_path)
            with pytest.raises(GatedRepoError, match=told):
                await api.auth_check(repo, token=token)
            info = await api.model_info(repo, token=token)
            assert (info.gated, info.private) == ("manual", False)
            assert await api.repo_exists(repo, token=token) is True
            tree = {entry.path: entry async for entry in api.list_repo_tree(repo, token=token)}
            assert tree["model.safetensors"].lfs.sha256 == "*" * 64
            assert tree["model.safetensors"].size == len(LARGE)
        with pytest.raises(GatedRepoError, match="authorized list"):
            await api.upload_file(
                path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=repo, create_pr=True, token=stranger
            )
        tree = {entry.path: entry async for entry in api.list_repo_tree(repo)}
        assert "*" not in tree["model.safetensors"].lfs.sha256
        await api.hf_hub_download(repo, "model.safetensors", cache_dir=tmp_path)

    play(scenario)


def test_each_state_is_told_apart(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side)
        await ask(side, stranger)
        with pytest.raises(GatedRepoError, match="awaiting a review"):
            await api.auth_check(repo, token=stranger)
        await api.reject_access_request(repo, "stranger")
        with pytest.raises(GatedRepoError, match="has been rejected by the repo's authors"):
            await api.auth_check(repo, token=stranger)
        reset = operations.access.handle_access_request(repo, user="stranger", status="reset", reset_reason="Again.")
        await api.call(reset)
        with pytest.raises(GatedRepoError, match="to submit a new request"):
            await api.auth_check(repo, token=stranger)
        await ask(side, stranger)
        assert [r.username for r in await api.list_pending_access_requests(repo)] == ["stranger"]
        withdrawn = await api.call(operations.access.cancel_my_access_request(repo), token=stranger)
        assert withdrawn.ok is True
        with pytest.raises(HfHubHTTPError, match=r"404.*No access request"):
            await api.call(operations.access.cancel_my_access_request(repo), token=stranger)

    play(scenario)


def test_automatic_access_is_given_at_once_and_may_be_taken_away(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side, "auto")
        await ask(side, stranger)
        await api.hf_hub_download(repo, "model.safetensors", token=stranger, cache_dir=tmp_path)
        (request,) = await api.list_accepted_access_requests(repo)
        assert (request.username, request.granted_by) == ("stranger", None)
        await api.revoke_access(repo, "stranger")
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.revoke_access(repo, "stranger")
        with pytest.raises(GatedRepoError):
            await api.hf_hub_download(repo, "a.txt", token=stranger, cache_dir=tmp_path)

    play(scenario)


def test_access_is_granted_unasked_and_without_an_address(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side)
        await api.grant_access(repo, "stranger")
        await api.auth_check(repo, token=stranger)
        (request,) = await api.list_accepted_access_requests(repo)
        assert (request.email, request.granted_by.username) == (None, side.hub.user)
        with pytest.raises(BadRequestError, match="already has access"):
            await api.grant_access(repo, "stranger")
        with pytest.raises(HfHubHTTPError, match=r"404.*User not found"):
            await api.grant_access(repo, "nobody-at-all")
        report = await api.call(operations.access.get_user_access_report(repo))
        assert [(one.username, one.email, one.status) for one in report] == [("stranger", None, "accepted")]

    play(scenario)


def test_the_form_of_the_card_must_be_filled_in(play):
    async def scenario(side):
        stranger = await gated(side, files=[("README.md", FORM)])
        for fields in ({}, {"Company": "ACME"}, {"Company": " ", "I agree": True}, {"I agree": True, "Other": "x"}):
            with pytest.raises(BadRequestError):
                await ask(side, stranger, **fields)
        await ask(side, stranger, **{"Company": "ACME", "I agree": True})
        (request,) = await side.api.list_pending_access_requests(side.repo)
        assert request.fields == {"Company": "ACME", "I agree": True}

    play(scenario)


def test_what_cannot_be_decided_is_refused(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side)
        for decide in (api.accept_access_request, api.cancel_access_request, api.reject_access_request):
            with pytest.raises(HfHubHTTPError, match=r"404.*User not found"):
                await decide(repo, "nobody-at-all")
            with pytest.raises(HfHubHTTPError, match=r"404.*No access request"):
                await decide(repo, "stranger")
            with pytest.raises(HfHubHTTPError, match=r"404.*No access request"):
                await decide(repo, request_id="f" * 24)
            with pytest.raises(HfHubHTTPError, match="403"):
                await decide(repo, "stranger", token=side.hub.read_token)
        await ask(side, stranger)
        with pytest.raises(HfHubHTTPError, match=r"404.*No access request"):
            await api.cancel_access_request(repo, "stranger")  # it is pending already
        for listed in (
            api.list_pending_access_requests,
            api.list_accepted_access_requests,
            api.list_rejected_access_requests,
        ):
            with pytest.raises(HfHubHTTPError, match="required permissions"):
                await listed(repo, token=side.hub.add_user("other"))
            with pytest.raises(RepositoryNotFoundError):
                await listed("nobody/nothing")

    play(scenario)


def test_a_repository_that_is_not_gated_has_no_requests(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        stranger = await gated(side)
        await ask(side, stranger)
        await api.update_repo_settings(repo, gated=False)
        await api.auth_check(repo, token=stranger)
        for refused in (
            api.accept_access_request(repo, "stranger"),
            api.grant_access(repo, "stranger"),
            ask(side, stranger),
            api.list_pending_access_requests(repo),
        ):
            with pytest.raises(BadRequestError, match="RepoNotGated"):
                await refused
        await api.update_repo_settings(repo, gated="manual")
        assert len(await api.list_pending_access_requests(repo)) == 1  # kept

    play(scenario)


def test_many_requests_are_decided_at_once(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await gated(side)
        for name in ("ann", "bob"):
            await ask(side, side.hub.add_user(name))
        await api.accept_access_request(repo, "bob")
        target = operations.access.batch_handle_access_requests
        named = [{"user": name} for name in ("ann", "bob", "stranger", "nobody-at-all")]
        outcomes = await api.call(target(repo, status="accepted", requests=[AccessRequestTarget(**n) for n in named]))
        assert [(one.user, one.ok, one.error) for one in outcomes] == [
            ("ann", True, None),
            ("bob", True, None),
            ("stranger", False, "request_not_found"),
            ("nobody-at-all", False, "user_not_found"),
        ]
        assert [r.username for r in await api.list_accepted_access_requests(repo)] == ["ann", "bob"]

    play(scenario)


def test_all_pages_of_requests_are_read(play):
    async def scenario(side):
        await gated(side)
        side.hub.hub.page_size = 2
        names = [f"user-{number}" for number in range(5)]
        for name in names:
            await ask(side, side.hub.add_user(name))
        assert [r.username for r in await side.api.list_pending_access_requests(side.repo)] == names

    play(scenario)


def test_nonsense_is_refused_before_any_request(play):
    async def scenario(side):
        api = side.api
        before = len(side.hub.hub.requests)
        for decide in (api.accept_access_request, api.cancel_access_request, api.reject_access_request):
            with pytest.raises(ValueError, match="either user= or request_id="):
                await decide("a/b")
            with pytest.raises(ValueError, match="either user= or request_id="):
                await decide("a/b", "bob", request_id="1")
            with pytest.raises(ValueError, match="empty"):
                await decide("a/b", " ")
            with pytest.raises(HFValidationError):
                await decide("a/b/c", "bob")
        for give in (api.grant_access, api.revoke_access):
            with pytest.raises(ValueError, match="empty"):
                await give("a/b", "")
        with pytest.raises(ValueError, match="201 characters"):
            await api.reject_access_request("a/b", "bob", rejection_reason="x" * 201)
        with pytest.raises(HFValidationError, match="repo type"):
            await api.list_pending_access_requests("a/b", repo_type="kernel")
        assert len(side.hub.hub.requests) == before

    play(scenario)


def test_members_of_an_organization_need_not_ask(play):
    async def scenario(side):
        api = side.api
        member, admin = side.hub.add_user("member"), side.hub.token
        side.hub.add_organization("acme", {side.hub.user: "admin", "member": "read"})
        await api.create_repo("acme/thing")
        await api.update_repo_settings("acme/thing", gated="manual")
        await api.auth_check("acme/thing", token=member)
        settings = operations.repos.update_repo_settings("acme/thing", org_members_gated=True)
        assert (await api.call(settings)).org_members_gated is True
        with pytest.raises(GatedRepoError):
            await api.auth_check("acme/thing", token=member)
        await api.auth_check("acme/thing", token=admin)

    play(scenario)
