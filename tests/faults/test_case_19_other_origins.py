"""Case 19: redirects, next pages and upload URLs that lead to another origin, where the token must not go."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from hub_typed import AsyncHfApi, HfApi, HfHubHTTPError, ProtocolError
from hub_typed.local import LocalHub
from hub_typed.local.faults import Status
from hub_typed_api.serve import Answer
from tests.scenarios import Awaited

LARGE = b"\0\1" * 5000


@pytest.fixture
def other():
    """Another origin, which notes the headers that it gets, and answers a list."""
    with LocalHub() as hub:
        hub.heard = []

        def note(incoming):
            hub.heard.append(incoming)
            return Answer(headers={"content-type": "application/json"}, body=b"[]")

        hub.hub.intercept = note
        yield hub


@pytest.fixture
def way():
    return "socket"


def batch(incoming, href):
    """Answer a batch request with this URL for uploads."""
    (asked,) = json.loads(incoming.body.read())["objects"]
    told = {"transfer": "basic", "objects": [{**asked, "authenticated": True, "actions": {"upload": {"href": href}}}]}
    return Answer(headers={"content-type": "application/vnd.git-lfs+json"}, body=json.dumps(told).encode())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_without_the_token(play, other, status):
    async def scenario(side):
        moved = Status(status, headers={"location": f"{other.endpoint}/api/models"})
        side.hub.faults.add(moved, operation="models.list_models")
        assert [one async for one in side.api.list_models()] == []
        (heard,) = other.heard
        assert side.hub.token not in str(heard)
        assert "authorization" not in heard.headers

    play(scenario)


def test_the_body_of_a_request_does_not_follow_a_redirect(play, other):
    async def scenario(side):
        side.hub.faults.add(Status(307, headers={"location": f"{other.endpoint}/api/repos/create"}), method="POST")
        with pytest.raises(ProtocolError, match="another origin; refused"):
            await side.api.create_repo(side.repo)
        assert other.heard == []

    play(scenario)


def test_a_download_gets_no_token_where_it_is_redirected_to(play, other):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_file(path_or_fileobj=LARGE, path_in_repo="large.bin", repo_id=side.repo)
        other.hub.intercept = lambda incoming: other.heard.append(incoming) or Answer(body=LARGE)
        moved = Status(302, headers={"location": f"{other.endpoint}/large?Signature=abc"})
        side.hub.faults.add(moved, operation="storage.download")
        assert Path(await side.api.hf_hub_download(side.repo, "large.bin")).read_bytes() == LARGE
        assert other.heard
        assert all("authorization" not in heard.headers for heard in other.heard)

    play(scenario)


def test_a_next_page_of_another_origin_is_refused(play, other):
    async def scenario(side):
        link = {"link": f'<{other.endpoint}/api/models?cursor=2>; rel="next"', "content-type": "application/json"}
        side.hub.hub.intercept = lambda incoming: (
            Answer(headers=link, body=b"[]") if incoming.path == "/api/models" else None
        )
        with pytest.raises(ProtocolError, match="is on another host; refused"):
            _ = [one async for one in side.api.list_models()]
        assert other.heard == []

    play(scenario)


def test_an_upload_url_of_another_origin_gets_no_token(play, other):
    async def scenario(side):
        await side.api.create_repo(side.repo)

        store = f"{other.endpoint}/store?Signature=abc"
        side.hub.hub.intercept = lambda incoming: (
            batch(incoming, store) if incoming.path.endswith("/objects/batch") else None
        )
        with pytest.raises(HfHubHTTPError, match="LFS"):  # the Hub never got the object, so it refuses the commit
            await side.api.upload_file(path_or_fileobj=LARGE, path_in_repo="large.bin", repo_id=side.repo)
        (heard,) = other.heard
        assert heard.method == "PUT"
        assert "authorization" not in heard.headers

    play(scenario)


@pytest.mark.parametrize("leads", ["location", "link", "href"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_https_hub_leads_nowhere_in_the_clear(kind, leads):
    """The transport in process takes any endpoint, so an https Hub needs no certificate there."""
    clear = "http://hub.localhost/api/models"

    def downgrade(incoming):
        if incoming.path == "/api/models" and leads == "location":
            return Answer(status=302, headers={"location": clear})
        if incoming.path == "/api/models":
            return Answer(headers={"content-type": "application/json", "link": f'<{clear}>; rel="next"'}, body=b"[]")
        if incoming.path.endswith("/objects/batch"):
            return batch(incoming, clear)
        return None

    async def follow(api):
        if leads == "href":
            await api.upload_file(path_or_fileobj=LARGE, path_in_repo="x.bin", repo_id="local-user/thing")
        else:
            _ = [one async for one in api.list_models()]

    async def scenario(api, hub):
        await api.create_repo("local-user/thing")
        hub.hub.intercept = downgrade
        with pytest.raises(ProtocolError, match="not encrypted; refused"):
            await follow(api)
        assert not [one for one in hub.hub.requests if one.method == "PUT"]

    with LocalHub() as hub:
        given = {"endpoint": "https://hub.localhost", "token": hub.token, "transport": hub.transport}
        api = AsyncHfApi(**given) if kind == "async" else Awaited(HfApi(**given))
        asyncio.run(scenario(api, hub))
