"""Results with their responses, with both clients."""

from __future__ import annotations

import asyncio

import pytest

from hub_typed import AsyncHfApi, HfApi, RepositoryNotFoundError, operations
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from hub_typed_api.surface.with_response import AsyncWithResponse, WithResponse


@pytest.fixture
def hub():
    with LocalHub() as opened:
        yield opened


@pytest.fixture
def api(hub):
    with HfApi(hub.endpoint, token=hub.token) as opened:
        yield opened


def test_a_result_has_its_response(hub, api):
    repo = api.create_repo(f"{hub.user}/n").repo_id
    answer = api.with_response.model_info(repo, files_metadata=True)
    assert answer.value.id == repo
    assert (answer.status, answer.retries) == (200, 0)
    assert answer.url == f"{hub.endpoint}/api/models/{repo}?blobs=true"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.request_id
    assert 0 < answer.elapsed < 60
    assert hub.token not in repr(answer)


def test_retries_are_counted_and_the_response_is_the_last_one(hub, api):
    hub.faults.add(Status(503, headers={"retry-after": "0"}), operation="users.whoami", times=2)
    answer = api.with_response.whoami()
    assert (answer.status, answer.retries, answer.value.name) == (200, 2, hub.user)


def test_an_error_is_raised_as_ever(hub, api):
    with pytest.raises(RepositoryNotFoundError) as caught:
        api.with_response.model_info(f"{hub.user}/none")
    assert caught.value.response.status_code == 404


def test_other_options_hold_too(hub, api):
    api.create_repo(f"{hub.user}/secret", private=True)
    with pytest.raises(RepositoryNotFoundError):
        api.with_options(token=False).with_response.model_info(f"{hub.user}/secret")
    assert api.with_response.model_info(f"{hub.user}/secret", token=hub.read_token).value.private


def test_any_operation_has_its_response(hub, api):
    answer = api.with_response.call(operations.users.whoami())
    assert (answer.status, answer.value.name) == (200, hub.user)


def test_each_page_has_its_response(hub, api):
    for number in range(3):
        api.create_repo(f"{hub.user}/n{number}")
    pages = list(api.with_response.pages(operations.models.list_models(author=hub.user, limit=2)))
    assert [len(page.value.items) for page in pages] == [2, 1]
    assert len({page.request_id for page in pages}) == 2
    assert "rel=" in pages[0].headers["link"]


def test_a_call_without_a_request_is_refused(api):
    with pytest.raises(ValueError, match="no request"):
        api.with_response.get_full_repo_name("owner/name")


def test_a_method_that_a_program_overrides_is_called(hub):
    class Api(HfApi):
        def model_info(self, repo_id, **options):
            return super().model_info(f"{hub.user}/{repo_id}", **options)

    with Api(hub.endpoint, token=hub.token) as api:
        api.create_repo(f"{hub.user}/n")
        assert api.with_response.model_info("n").value.id == f"{hub.user}/n"


def test_the_asynchronous_client_has_the_same(hub):
    async def scenario():
        async with AsyncHfApi(hub.endpoint, token=hub.token) as api:
            repo = (await api.create_repo(f"{hub.user}/n")).repo_id
            first, second = await asyncio.gather(
                api.with_response.model_info(repo), api.with_response.call(operations.users.whoami())
            )
            assert (first.value.id, first.status) == (repo, 200)
            assert second.value.name == hub.user
            assert first.url.startswith(f"{hub.endpoint}/api/models/")
            listed = operations.models.list_models(author=hub.user, limit=2)
            assert [len(page.value.items) async for page in api.with_response.pages(listed)] == [1]

    asyncio.run(scenario())


def test_both_clients_have_the_same_methods_and_none_of_several_requests():
    names = {name for name in vars(WithResponse) if not name.startswith("_")}
    assert names == {name for name in vars(AsyncWithResponse) if not name.startswith("_")}
    assert {"whoami", "model_info", "delete_repo"} < names
    assert not names & {"create_commit", "upload_file", "list_models", "create_repo", "hf_hub_download"}
    assert WithResponse.model_info.__doc__ == HfApi.model_info.__doc__
