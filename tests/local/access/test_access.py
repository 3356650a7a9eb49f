"""Permissions: every kind of user, with every operation, on every kind of repository.

`tests.local.access.world` describes the users and repositories, `tests.local.access.requests` the requests.
"""

from __future__ import annotations

import os
import shutil

import pytest

from hub_typed.local.server.app import Hub
from hub_typed.local.webhooks.delivery import Delivery
from tests.local.access.requests import DELIVERY, Asked, Operation, operations
from tests.local.access.world import KINDS, PEOPLE, Place, World

OPERATIONS = operations()
PARAMETERS = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return World.build(tmp_path_factory.mktemp("access") / "hub")


@pytest.fixture(scope="module")
def hub(world):
    made = Hub(world.root, xet=True)
    made.inference.advance(60)  # the endpoint is deployed
    return _with_delivery(made, world)


@pytest.fixture
def copy(world, tmp_path):
    """A copy of the Hub, for requests that change it. Hard links suffice: the Hub never rewrites files in place."""
    made = Hub(shutil.copytree(world.root, tmp_path / "copy", copy_function=os.link), xet=True)
    made.inference.change("ada", "endpoint", target="scaledToZero")  # a state in which every change is possible
    return _with_delivery(made, world)


def _with_delivery(made: Hub, world: World) -> Hub:
    """Return a Hub whose webhook has made a delivery, which no other Hub knows of."""
    made.webhooks.deliveries.append(Delivery(id=DELIVERY, webhook_id=world.webhook, url="https://a.test", payload={}))
    return made


def places(operation: Operation, world: World) -> list[tuple[str, Place | None]]:
    if not operation.targets:
        return [("", world.places["model", "private"])]
    return [(kind, world.places[one, kind]) for one in operation.types for kind in KINDS if (one, kind) in world.places]


def seen(world: World, name: str, asked: Asked, answer) -> list[str]:
    """Return the sources of the secrets in a response that the user may not see."""
    told = "\n".join([*map(str, answer.headers.items()), answer.body.decode("latin-1")])
    said = asked.text
    return [
        secret.where
        for secret in world.secrets
        if secret.text in told and secret.text not in said and not secret.may_see(PEOPLE[name])
    ]


@PARAMETERS
def test_nobody_sees_or_changes_what_they_may_not(world, hub, operation):
    callers, before, wrong = world.callers(hub), world.state(), []
    for kind, place in places(operation, world):
        for name, who in PEOPLE.items():
            allowed = operation.may(who, kind)
            if allowed and not operation.reads:
                continue  # it would change the Hub for the others; see below
            for asked in operation.asked(world, place):
                answer = callers[name](asked.method, asked.path, asked.data, asked.headers)
                told = seen(world, name, asked, answer)
                granted = answer.status < 400 and b"ng refs/" not in answer.body  # which is how git refuses
                granted &= "error=" not in answer.headers.get("location", "")  # and how OAuth does
                if told or answer.status >= 500 or (granted != allowed and not (allowed and operation.name in WITHOUT)):
                    wrong.append((name, kind, asked.method, asked.path, answer.status, told, answer.body[:200]))
    assert not wrong, "\n".join(map(str, wrong))
    after = world.state()
    assert after == before, {path for path in after.keys() | before.keys() if after.get(path) != before.get(path)}


WITHOUT = {
    "buckets.get_bucket_resource_group": "no bucket is in a resource group",
    "collections.get_collection_resource_group": "no collection is in a resource group",
    "repo_tools.get_repo_resource_group": "no repository is in a resource group",
    "attachments.download": "there is no such file",
    "models.get_sharded_safetensors_metadata": "the file is no index",
    "papers.paper_info": "there is no such paper",
    "papers.read_paper": "there is no such paper",
    "agents.get_agent_harnesses": "there is no such list",
    "access.list_access_requests": "the repository is not gated",
    "access.get_user_access_report": "the repository is not gated",
    "access.handle_access_request": "the repository is not gated, or nobody has asked",
    "access.batch_handle_access_requests": "the repository is not gated",
    "access.grant_access": "the repository is not gated",
    "access.ask_access": "the repository is not gated",
    "access.cancel_my_access_request": "nobody but one user has asked",
    "commits.preupload": "a member who must ask for the files may still write",
}
"""What may fail for those who may do it, and why."""
CHANGES = [one for one in OPERATIONS if not one.reads and any(one.may(who, "public") for who in PEOPLE.values())]


@pytest.mark.parametrize("operation", CHANGES, ids=lambda operation: operation.name)
def test_who_may_does(world, copy, operation):
    callers, done = world.callers(copy), 0
    for kind, place in places(operation, world):
        for number, (name, who) in enumerate(PEOPLE.items()):
            if operation.may(who, kind):
                (asked, *_) = operation.asked(world, place)
                answer = callers[name](asked.method, asked.path, asked.data, asked.headers)
                cell = (name, kind, asked.method, asked.path, answer.status, answer.body)
                assert answer.status < 500, cell
                assert not seen(world, name, asked, answer), cell
                # Those who come later may find it done.
                assert answer.status < 400 or number or operation.name in WITHOUT or done, cell
                done += answer.status < 400
    assert done


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.targets], ids=lambda operation: operation.name)
def test_a_private_repository_is_as_if_it_were_not_there(world, hub, operation):
    callers = world.callers(hub)
    for repo_type in operation.types:
        hidden = world.places[repo_type, "private"]
        for name, who in PEOPLE.items():
            if who.knows("private"):
                continue
            for one, other in zip(operation.asked(world, hidden), operation.asked(world, hidden.missing), strict=True):
                there = callers[name](one.method, one.path, one.data, one.headers)
                absent = callers[name](other.method, other.path, other.data, other.headers)
                cell = (name, one.method, one.path)
                assert there.status >= 400, cell
                assert _plain(there, hidden) == _plain(absent, hidden.missing), cell


def _plain(answer, place):
    headers = {name: text for name, text in answer.headers.items() if name != "x-request-id"}
    return answer.status, headers, answer.body.replace(place.name.encode(), b"NAME")


def test_the_secrets_are_seen_by_those_who_may(world, hub):
    """Guard against tests above that pass because responses contain no secrets at all."""
    told = dict.fromkeys(PEOPLE, "")
    for operation in OPERATIONS:
        if operation.reads:
            for name, caller in world.callers(hub).items():
                if name in ("owner", "user with access", "member who reads", "nobody"):
                    for _, place in places(operation, world):
                        for asked in operation.asked(world, place):
                            answer = caller(asked.method, asked.path, asked.data, asked.headers)
                            told[name] += answer.body.decode("latin-1")
    for name, text in told.items():
        if text:
            seen = {secret.where.partition(" ")[0] for secret in world.secrets if secret.text in text}
            expected = {"name", "tag", "file", "title", "comment", "content", "change", "card", "commit"}
            assert expected <= seen, (name, expected - seen)
