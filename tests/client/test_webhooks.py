"""Webhooks, with both clients and both transports: requests, payloads, and checks before a request is sent."""

from __future__ import annotations

import json

import pytest

from hub_typed import (
    HfHubHTTPError,
    ProtocolError,
    WebhookInfo,
    WebhookJobInput,
    WebhookPayload,
    WebhookPayloadUpdatedRef,
    WebhookWatchedItem,
    parse_webhook_payload,
    verify_webhook_secret,
)
from hub_typed_api.codec.webhooks import unstructure_webhook_payload

URL = "https://elsewhere.test/hook"
NO_ID = "0123456789abcdef01234567"


def test_a_webhook_comes_changes_and_goes(play):
    async def scenario(side):
        api, user = side.api, side.hub.user
        await api.create_repo(side.repo)
        watched = [WebhookWatchedItem(type="user", name=user), {"type": "model", "name": side.repo}]
        made = await api.create_webhook(url=URL, watched=watched, domains=["repo"], secret="hush")
        assert isinstance(made, WebhookInfo)
        assert (made.url, made.domains, made.disabled, made.has_secret) == (URL, ["repo"], False, True)
        assert [(item.type, item.name) for item in made.watched] == [("user", user), ("model", side.repo)]
        assert await api.get_webhook(made.id) == made
        assert await api.list_webhooks() == [made]
        off = await api.disable_webhook(made.id)
        assert off.disabled is True
        assert await api.enable_webhook(made.id) == made
        await api.delete_webhook(made.id)
        assert await api.list_webhooks() == []

    play(scenario)


def test_an_update_loses_nothing_that_was_not_given(play):
    async def scenario(side):
        api, user = side.api, side.hub.user
        made = await api.create_webhook(
            url=URL, watched=[{"type": "user", "name": user}], domains=["repo"], secret="hush"
        )
        seen = [await api.update_webhook(made.id, url=f"{URL}/2")]
        assert (seen[-1].url, seen[-1].watched, seen[-1].domains) == (f"{URL}/2", made.watched, ["repo"])
        seen.append(await api.update_webhook(made.id, domains=["discussion"]))
        assert (seen[-1].url, seen[-1].watched) == (f"{URL}/2", made.watched)
        assert seen[-1].domains == ["discussion"]
        await api.create_repo(side.repo)
        seen.append(await api.update_webhook(made.id, watched=[{"type": "model", "name": side.repo}]))
        assert [item.name for item in seen[-1].watched] == [side.repo]
        assert seen[-1].domains == ["discussion"]
        seen.append(await api.update_webhook(made.id, secret="new"))
        assert all(one.has_secret for one in seen)
        assert side.hub.hub.webhooks.get(user, made.id).secret == "new"
        before = side.hub.stats.snapshot()
        await api.update_webhook(made.id, url=URL, watched=watched(user), domains=("repo", "discussion"))
        assert (side.hub.stats.snapshot() - before).requests == {"webhooks.update_webhook": 1}

    play(scenario)


def watched(user):
    return (item for item in [{"type": "user", "name": user}])


def test_a_webhook_of_nobody_is_not_found(play):
    async def scenario(side):
        api = side.api
        stranger = side.make(side.hub.add_user("stranger"))
        theirs = await stranger.create_webhook(url=URL, watched=[{"type": "user", "name": "stranger"}])
        for webhook_id in (NO_ID, theirs.id):
            for call in (api.get_webhook, api.enable_webhook, api.disable_webhook, api.update_webhook):
                with pytest.raises(HfHubHTTPError, match="404"):
                    await call(webhook_id)
            with pytest.raises(HfHubHTTPError, match="404"):
                await api.delete_webhook(webhook_id)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.create_webhook(url=URL, watched=[{"type": "model", "name": "no/such"}])

    play(scenario)


def test_a_token_that_may_only_read_makes_none(play):
    async def scenario(side):
        reader = side.make(side.hub.read_token)
        with pytest.raises(HfHubHTTPError, match="403"):
            await reader.create_webhook(url=URL, watched=[{"type": "user", "name": side.hub.user}])
        nobody = side.make(token=False)
        with pytest.raises(HfHubHTTPError, match="401"):
            await nobody.list_webhooks()

    play(scenario)


JOB = WebhookJobInput(flavor="cpu-basic", docker_image="python:3.12")
USER = [{"type": "user", "name": "ann"}]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"watched": USER}, "pass one of url, job and job_id, not 0"),
        ({"watched": USER, "url": URL, "job": JOB}, "pass one of url, job and job_id, not 2"),
        ({"watched": USER, "url": URL, "job_id": "1"}, "pass one of url, job and job_id, not 2"),
        ({"watched": USER, "url": "elsewhere.test/hook"}, "pass a whole URL"),
        ({"watched": USER, "url": "mailto:ann@elsewhere.test"}, "pass a whole URL"),
        ({"watched": [], "url": URL}, "watched is empty"),
        ({"watched": [{"name": "ann"}], "url": URL}, "pass type and name"),
        ({"watched": USER, "url": URL, "domains": ["discussions"]}, "pass one of repo, discussion"),
        ({"watched": USER, "url": URL, "domains": "repo"}, r"as \['repo'\]"),
        ({"watched": USER, "url": URL, "secret": ""}, "printable ASCII"),
        ({"watched": USER, "url": URL, "secret": "grüße"}, "printable ASCII"),
        ({"watched": USER, "url": URL, "secret": "a\nb"}, "printable ASCII"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_hub_hears_of_it(play, given, message):
    async def scenario(side):
        before = side.hub.stats.snapshot()
        with pytest.raises(ValueError, match=message):
            await side.api.create_webhook(**given)
        if "url" in given and given["watched"]:
            with pytest.raises(ValueError, match=message):
                await side.api.update_webhook(NO_ID, **given)
        assert not (side.hub.stats.snapshot() - before).requests

    play(scenario)


@pytest.mark.parametrize("given", [{"job": JOB}, {"job_id": "0123"}], ids=str)
def test_a_job_is_asked_for_of_a_hub_that_runs_some(play, given):
    async def scenario(side):
        asked = []
        side.hub.hub.intercept = lambda incoming: asked.append(json.loads(incoming.body.read() or "null"))
        with pytest.raises(HfHubHTTPError):  # its body was read just now
            await side.api.create_webhook(watched=[{"type": "user", "name": side.hub.user}], **given)
        (body,) = asked
        assert "url" not in body
        wanted = {"flavor": "cpu-basic", "dockerImage": "python:3.12"} if "job" in given else "0123"
        assert body["job" if "job" in given else "jobSourceId"] == wanted
        side.hub.hub.intercept = None
        with pytest.raises(HfHubHTTPError, match="403"):
            await side.api.create_webhook(watched=[{"type": "user", "name": side.hub.user}], **given)

    play(scenario)


def test_what_a_call_brings_is_parsed(play):
    async def scenario(side):
        api = side.api
        await api.create_webhook(url=URL, watched=[{"type": "user", "name": side.hub.user}])
        await api.create_repo(side.repo)
        info = await api.upload_file(path_or_fileobj=b"a", path_in_repo="a.txt", repo_id=side.repo)
        made, changed = [parse_webhook_payload(json.dumps(one.payload)) for one in side.hub.hub.webhooks.deliveries]
        assert isinstance(made, WebhookPayload)
        assert (made.event.action, made.event.scope, made.updated_refs) == ("create", "repo", None)
        assert changed.repo.head_sha == info.oid
        (ref,) = changed.updated_refs
        assert (ref.ref, ref.old_sha, ref.new_sha) == ("refs/heads/main", made.repo.head_sha, info.oid)
        assert changed.webhook.version == 3

    play(scenario)


PAYLOAD = {
    "event": {"action": "update", "scope": "repo.weather"},
    "repo": {
        "type": "model",
        "name": "ann/m",
        "id": "1",
        "private": False,
        "url": {"web": "https://hub.test/ann/m"},
        "owner": {"id": "2"},
        "headSha": "c0ffee",
        "mood": "good",
    },
    "updatedRefs": [{"ref": "refs/heads/a", "oldSha": None, "newSha": "c0ffee"}],
    "webhook": {"id": "3", "version": 3},
}


@pytest.mark.parametrize(
    ("received", "accepted"),
    [("shared-secret", True), ("other", False), ("shared-secret\xe9", False), ("", False), (None, False)],
)
def test_only_the_secret_of_the_webhook_is_accepted(received, accepted):
    assert verify_webhook_secret(received, "shared-secret") is accepted


def test_an_empty_secret_would_accept_every_request_and_is_refused():
    with pytest.raises(ValueError, match="is empty"):
        verify_webhook_secret("", "")


def test_what_the_hub_adds_one_day_is_kept():
    payload = parse_webhook_payload(json.dumps(PAYLOAD).encode())
    assert payload.event.scope == "repo.weather"
    assert payload.repo.head_sha == "c0ffee"
    assert payload.repo.extra == {"mood": "good"}


def test_a_ref_that_was_created_keeps_its_null():
    payload = parse_webhook_payload(json.dumps(PAYLOAD))
    assert payload.updated_refs == [WebhookPayloadUpdatedRef(ref="refs/heads/a", old_sha=None, new_sha="c0ffee")]
    assert unstructure_webhook_payload(payload) == PAYLOAD


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{", "not a webhook payload"),
        ("[]", "not a webhook payload"),
        ("null", "not a webhook payload"),
        ('{"add": 1}', "it lacks 'event'"),
        (b"\xff", "no"),
    ],
)
def test_what_is_no_payload_is_refused(body, message):
    with pytest.raises(ProtocolError, match=message):
        parse_webhook_payload(body)
