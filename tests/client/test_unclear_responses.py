"""Requests that the Hub carries out, though the response is an error of a gateway or the connection breaks."""

from __future__ import annotations

import asyncio
import pickle

import attrs
import pytest

from hub_typed import AsyncHfApi, HfApi, HfHubHTTPError, RepositoryNotFoundError, Settings
from hub_typed.errors import HubError, TransportError
from hub_typed.local import LocalHub
from hub_typed_api.wire import Response

READS = ("GET", "HEAD")


class Gateway:
    """Transport to an embedded Hub that loses the responses to requests that change something.

    Attributes:
        losses: Number of responses that are lost from now on.
        arrives: Whether the Hub gets such a request.
    """

    def __init__(self, inner, failure):
        self.losses = 0
        self.arrives = True
        self._inner, self._failure = inner, failure

    def send(self, request, **options):
        if not self.losses or request.method in READS:
            return self._inner.send(request, **options)
        self.losses -= 1
        if self.arrives:
            self._inner.send(request, **options)
        if self._failure == "504":
            return Response(status=504, headers={}, url=request.path)
        raise TransportError("the connection broke")

    def close(self):
        self._inner.close()


@attrs.frozen
class Side:
    """A client of an embedded Hub behind a gateway."""

    hub: LocalHub
    gateway: Gateway
    api: HfApi | AsyncHfApi
    reliable: HfApi

    @property
    def repo(self):
        return f"{self.hub.user}/thing"

    def call(self, name, *args, losses=1, **kwargs):
        """Call a method of the client, whose first responses are lost."""
        self.gateway.losses = losses
        try:
            result = getattr(self.api, name)(*args, **kwargs)
            return asyncio.run(awaited(result)) if isinstance(self.api, AsyncHfApi) else result
        finally:
            self.gateway.losses = 0


async def awaited(result):
    return await result


@pytest.fixture(params=["sync", "async"])
def kind(request):
    return request.param


@pytest.fixture(params=["504", "broken"])
def side(request, kind, tmp_path):
    with LocalHub() as hub:
        settings = Settings(cache_dir=str(tmp_path), backoff=0)
        gateway = Gateway(hub.transport, request.param)
        make = HfApi if kind == "sync" else AsyncHfApi
        api = make("http://hub.localhost", hub.token, settings=settings, transport=gateway)
        reliable = HfApi("http://hub.localhost", hub.token, settings=settings, transport=hub.transport)
        reliable.create_repo(f"{hub.user}/thing")
        yield Side(hub, gateway, api, reliable)
        reliable.close()
        asyncio.run(api.aclose()) if isinstance(api, AsyncHfApi) else api.close()


def make_space(side):
    side.reliable.create_repo(side.repo, repo_type="space", space_sdk="static")
    side.reliable.add_space_secret(side.repo, "KEY", "value")
    side.reliable.add_space_variable(side.repo, "KEY", "value")
    return side.repo


def make_branch(side):
    side.reliable.create_branch(side.repo, branch="b")
    return side.repo, "b"


def make_tag(side):
    side.reliable.create_tag(side.repo, tag="t")
    return side.repo, "t"


def make_item(side):
    found = side.reliable.create_collection("Things")
    found = side.reliable.add_collection_item(found.slug, side.repo, "model")
    return found.slug, found.items[0].item_object_id


def make_webhook(side):
    watched = [{"type": "user", "name": side.hub.user}]
    return side.reliable.create_webhook(url="https://hook.test", watched=watched, domains=["repo"]).id


DELETIONS = {
    "delete_repo": lambda side: {"repo_id": side.repo},
    "delete_branch": lambda side: dict(zip(("repo_id", "branch"), make_branch(side), strict=True)),
    "delete_tag": lambda side: dict(zip(("repo_id", "tag"), make_tag(side), strict=True)),
    "delete_collection": lambda side: {"collection_slug": make_item(side)[0]},
    "delete_collection_item": lambda side: dict(
        zip(("collection_slug", "item_object_id"), make_item(side), strict=True)
    ),
    "delete_webhook": lambda side: {"webhook_id": make_webhook(side)},
    "delete_space_secret": lambda side: {"repo_id": make_space(side), "key": "KEY"},
    "delete_space_variable": lambda side: {"repo_id": make_space(side), "key": "KEY"},
}
"""Arguments of each deletion, after what it deletes was made."""


@pytest.mark.parametrize("name", DELETIONS)
def test_what_was_deleted_by_the_attempt_before_is_deleted(side, name):
    side.call(name, **DELETIONS[name](side))


def test_what_was_missing_all_the_time_is_missing(side):
    with pytest.raises(RepositoryNotFoundError) as caught:
        side.call("delete_repo", f"{side.hub.user}/other", losses=0)
    assert not caught.value.may_be_done


@pytest.mark.parametrize("arrives", [True, False])
def test_a_branch_and_a_tag_at_the_wanted_commit_were_created(side, arrives):
    side.gateway.arrives = arrives
    side.call("create_branch", side.repo, branch="b")
    side.call("create_tag", side.repo, tag="t", revision="b", tag_message="annotated")
    head = side.reliable.model_info(side.repo).sha
    side.call("create_tag", side.repo, tag="u", revision=head)
    refs = side.reliable.list_repo_refs(side.repo)
    assert {ref.name: ref.target_commit for ref in [*refs.branches, *refs.tags]} == dict.fromkeys(
        ["main", "b", "t", "u"], head
    )


@pytest.mark.parametrize("losses", [1, 5])
def test_a_branch_at_another_commit_may_be_that_of_somebody_else(side, losses):
    side.reliable.create_branch(side.repo, branch="b")
    side.reliable.upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id=side.repo)
    with pytest.raises(HubError) as caught:
        side.call("create_branch", side.repo, branch="b", losses=losses)
    assert caught.value.may_be_done
    assert ("an earlier attempt" if losses == 1 else "may have been carried out") in str(caught.value)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_repository_that_may_exist_exists(side, arrives):
    side.gateway.arrives = arrives
    assert side.call("create_repo", f"{side.hub.user}/new", exist_ok=True).repo_id == f"{side.hub.user}/new"


def test_a_repository_that_must_not_exist_may_be_that_of_the_attempt_before(side):
    with pytest.raises(HfHubHTTPError, match=r"(?s)^409.*may be due to an earlier attempt") as caught:
        side.call("create_repo", f"{side.hub.user}/new")
    assert caught.value.may_be_done
    assert pickle.loads(pickle.dumps(caught.value)).may_be_done
    with pytest.raises(HfHubHTTPError, match="409") as caught:
        side.call("create_repo", f"{side.hub.user}/new", losses=0)
    assert not caught.value.may_be_done


def test_an_item_of_a_collection_may_be_that_of_the_attempt_before(side):
    found = side.reliable.create_collection("Things")
    with pytest.raises(HfHubHTTPError, match=r"(?s)^409.*may be due to an earlier attempt"):
        side.call("add_collection_item", found.slug, side.repo, "model")
    assert len(side.reliable.get_collection(found.slug).items) == 1


def test_secrets_and_variables_are_set_again(side):
    repo = make_space(side)
    side.call("add_space_secret", repo, "KEY", "other")
    side.call("add_space_variable", repo, "KEY", "other")
    assert side.reliable.get_space_variables(repo)["KEY"].value == "other"


def test_a_repository_that_was_moved_is_moved(side):
    side.call("move_repo", side.repo, f"{side.hub.user}/new")
    assert side.reliable.model_info(side.repo).id == f"{side.hub.user}/new"


def test_a_repository_that_may_be_moved_is_reported(side):
    side.gateway.arrives = False
    with pytest.raises(HubError, match="may have been carried out nevertheless") as caught:
        side.call("move_repo", side.repo, f"{side.hub.user}/new")
    assert caught.value.may_be_done


def test_a_webhook_is_not_created_twice_and_the_error_says_that_it_may_exist(side):
    watched = [{"type": "user", "name": side.hub.user}]
    with pytest.raises(HubError, match="may have been carried out nevertheless"):
        side.call("create_webhook", url="https://hook.test", watched=watched, domains=["repo"])
    assert len(side.reliable.list_webhooks()) == 1


def test_a_deletion_without_any_clear_response_may_be_done(side):
    side.gateway.arrives = False
    with pytest.raises(HubError, match="may have been carried out nevertheless"):
        side.call("delete_repo", side.repo, losses=5)
    assert side.reliable.repo_exists(side.repo)
