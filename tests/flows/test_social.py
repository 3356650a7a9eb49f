"""What the flows of likes, collections and papers make of answers that the embedded Hub does not give."""

from __future__ import annotations

import pytest

from hub_typed.errors import HfHubHTTPError, ProtocolError
from hub_typed.flows.argument_checks import check_choice, check_length, check_range
from hub_typed.flows.collections import (
    create_collection,
    get_collection,
    list_collections,
    update_collection_metadata,
)
from hub_typed.flows.inference_endpoints.manage import list_inference_endpoints
from hub_typed.flows.likes import list_liked_repos
from hub_typed.flows.organizations import list_organization_members
from hub_typed.flows.papers import list_daily_papers, list_papers
from hub_typed.flows.webhooks import get_webhook, update_webhook

COLLECTION: dict[str, object] = {
    "slug": "o/t-1",
    "title": "t",
    "owner": {"name": "o", "fullname": "O", "avatarUrl": "/a.svg", "type": "org"},
    "items": [],
    "lastUpdated": "2026-01-02T03:04:05.000Z",
    "private": False,
    "theme": "teal",
    "upvotes": 3,
}
PAPER = {
    "id": "2401.00001",
    "authors": [],
    "publishedAt": "2024-01-05T00:00:00.000Z",
    "title": "t",
    "summary": "s",
    "upvotes": 1,
    "discussionId": "d",
}
ENTRY = {"paper": PAPER, "publishedAt": "2024-01-04T19:00:00.000Z", "title": "t", "summary": "s", "numComments": 7}
MODEL = {"name": "o/m", "type": "model"}
WHEN = "2026-01-02T03:04:05.000Z"
ACCOUNT = {"_id": "i", "name": "ada", "fullname": "Ada", "avatarUrl": "/a.svg", "type": "user", "isPro": True}


async def every(flow):
    return [item async for item in flow]


def test_collections_are_numbered_over_all_pages(hub):
    hub.says(200, [COLLECTION, COLLECTION], link='<https://hub.test/api/collections?cursor=2>; rel="next"')
    hub.says(200, [COLLECTION, {**COLLECTION, "position": 9}])
    found = hub.run(every(list_collections(hub.io())))
    assert [one.position for one in found] == [0, 1, 2, 9]
    assert (found[0].owner, found[0].theme, found[0].url) == ("o", "teal", "https://hub.test/collections/o/t-1")


def test_no_page_is_asked_for_that_is_larger_than_the_hub_gives(hub):
    assert hub.run(every(list_collections(hub.says(200, []).io(), limit=20_000))) == []
    assert hub.asked[0].path == "https://hub.test/api/collections?limit=10000"
    assert hub.run(every(list_collections(hub.io(), limit=0))) == []
    with pytest.raises(ValueError, match="limit=-1 is negative"):
        hub.run(every(list_collections(hub.io(), limit=-1)))


@pytest.mark.parametrize("body", [{}, [], b"no JSON", {"slug": 1}, {"slug": "no slug"}, {"slug": "o/a\0b"}])
def test_a_slug_that_is_not_told_is_looked_for(hub, body):
    hub.says(409, body).says(200, [{**COLLECTION, "title": "u", "slug": "o/u-2"}, COLLECTION]).says(200, COLLECTION)
    assert hub.run(create_collection(hub.io(), "t", namespace="o", exists_ok=True)).slug == "o/t-1"
    assert hub.asked[1].path == "https://hub.test/api/collections?owner=o"
    assert hub.asked[2].path == "https://hub.test/api/collections/o/t-1"


@pytest.mark.parametrize("slug", ["no slug", "o/..", "o/a\0b"])
def test_an_existing_collection_whose_slug_cannot_be_requested_raises_the_error_of_the_creation(hub, slug):
    hub.says(409, {"error": "it exists"}).says(200, [{**COLLECTION, "slug": slug}])
    with pytest.raises(HfHubHTTPError, match="it exists"):
        hub.run(create_collection(hub.io(), "t", namespace="o", exists_ok=True))


def test_a_like_of_an_unknown_kind_counts(hub):
    likes = [
        {"createdAt": "2026-01-02T03:04:05.000Z", "repo": {"name": f"o/{kind}", "type": kind}}
        for kind in ("kernel", "bucket", "song")
    ]
    found = hub.run(list_liked_repos(hub.says(200, likes).io(), "ada"))
    assert (found.total, found.kernels, found.buckets, found.models) == (3, ["o/kernel"], ["o/bucket"], [])


def test_an_organization_likes_nothing(hub):
    hub.says(200, {"type": "org", "name": "lab"})
    with pytest.raises(ValueError, match="belongs to lab, which is not a user: pass user="):
        hub.run(list_liked_repos(hub.io(token="hf_lab")))


def test_an_organization_may_hide_its_members(hub):
    with pytest.raises(HfHubHTTPError, match=r"^403"):
        hub.run(every(list_organization_members(hub.says(403).io(), "lab")))


def test_a_paper_of_a_list_tells_what_the_list_tells_beside_it(hub):
    organization = {"_id": "l", "name": "lab"}
    entry = {**ENTRY, "submittedBy": ACCOUNT, "mediaUrls": ["https://m"], "organization": organization}
    (paper,) = hub.run(every(list_papers(hub.says(200, [entry]).io(), query="x")))
    assert (paper.comments, paper.media_urls, paper.organization.name) == (7, ["https://m"], "lab")
    assert (paper.submitted_by.username, paper.submitted_by.fullname, paper.submitted_by.is_pro) == ("ada", "Ada", True)
    assert paper.published_at.hour == 0, "that of the paper, not that of the list"


def test_what_a_paper_tells_itself_stays(hub):
    told = {"submittedOnDailyBy": {"user": "bob", "fullname": "Bob", "avatarUrl": "/b.svg"}, "numComments": 2}
    hub.says(200, [{**ENTRY, "paper": {**PAPER, **told}, "submittedBy": ACCOUNT}])
    (paper,) = hub.run(every(list_daily_papers(hub.io(), date="2024-10-29", p=3, limit=10)))
    assert (paper.comments, paper.submitted_by.username) == (2, "bob")
    assert hub.asked[0].path == "https://hub.test/api/daily_papers?p=3&limit=10&date=2024-10-29"


def entries(first, stop):
    return [{**ENTRY, "paper": {**PAPER, "id": str(number)}} for number in range(first, stop)]


@pytest.mark.parametrize(
    ("wanted", "pages", "numbers"),
    [
        ({}, [("", 50)], range(50)),
        ({"limit": 100}, [("limit=100", 100)], range(100)),
        ({"limit": 150}, [("limit=100", 100), ("limit=100&p=1", 100)], range(150)),
        ({"limit": 150}, [("limit=100", 100), ("limit=100&p=1", 20)], range(120)),
        ({"limit": 150, "p": 1}, [("p=1&limit=100", 100), ("limit=100&p=2", 100)], range(150, 300)),
        ({"limit": 150, "p": 2}, [("p=3&limit=100", 100), ("limit=100&p=4", 10)], range(300, 410)),
        ({"limit": 10, "p": 3}, [("p=3&limit=10", 4)], range(30, 34)),
        ({"limit": 10}, [("limit=10", 20)], range(10)),
        ({"limit": 0}, [], range(0)),
    ],
)
def test_the_limit_of_daily_papers_is_a_total(hub, wanted, pages, numbers):
    for query, size in pages:
        number = int(query.rpartition("p=")[2].partition("&")[0]) if "p=" in query else 0
        start = number * min(wanted.get("limit", 50), 100)
        hub.says(200, entries(start, start + size))
    found = hub.run(every(list_daily_papers(hub.io(), **wanted)))
    assert [int(paper.id) for paper in found] == [*numbers]
    assert [sorted(request.path.partition("?")[2].split("&")) for request in hub.asked] == [
        sorted(query.split("&")) for query, _ in pages
    ]


@pytest.mark.parametrize(("limit", "query", "total"), [(None, "", 130), (7, "?limit=7", 7), (500, "?limit=120", 130)])
def test_the_limit_of_a_search_of_papers_is_a_total(hub, limit, query, total):
    found = hub.run(every(list_papers(hub.says(200, entries(0, 130)).io(), limit=limit)))
    assert (len(found), hub.asked[0].path) == (total, f"https://hub.test/api/papers/search{query}")
    assert hub.run(every(list_papers(hub.io(), limit=0))) == []


def test_choices_texts_and_numbers_have_bounds():
    check_choice("sort", None, ("a",))
    check_choice("sort", "a", ("a",))
    with pytest.raises(ValueError, match="sort='b' is not known: pass one of 'a', 'c'"):
        check_choice("sort", "b", ("a", "c"))
    check_length("note", None, 2)
    check_length("note", "é" * 2, 2)
    with pytest.raises(ValueError, match="note has 3 characters, but the Hub accepts at most 2"):
        check_length("note", "abc", 2)
    check_range("p", None, 0)
    check_range("p", 10**9, 0)
    check_range("limit", 1, 1, 1)
    for number in (0, 2):
        with pytest.raises(ValueError, match=f"limit={number} is out of bounds: it must be from 1 to 1"):
            check_range("limit", number, 1, 1)


@pytest.mark.parametrize("owner", [{"name": "o"}, {"fullname": "O"}, {"name": 7}, {}, None, "o"])
def test_a_collection_whose_owner_lacks_members(hub, owner):
    sent = {**COLLECTION, "owner": owner}
    for found in (
        hub.run(get_collection(hub.says(200, sent).io(), "o/t-1")),
        hub.run(update_collection_metadata(hub.says(200, {"data": sent}).io(), "o/t-1", title="t")),
    ):
        assert (found.title, found.owner, found.upvotes) == ("t", "o", 3)
        assert found.extra == {"owner": owner}
        assert not hasattr(found.owner_info, "avatar_url")


def test_a_paper_that_lacks_members(hub):
    entry = {**ENTRY, "paper": {"id": None, "title": "t"}}
    (paper,) = hub.run(every(list_papers(hub.says(200, [entry]).io(), query="x")))
    assert (paper.title, paper.comments, paper.extra) == ("t", 7, {"id": None})
    with pytest.raises(AttributeError, match="the Hub did not send a valid 'id' of PaperInfo"):
        _ = paper.id


def test_a_like_that_does_not_name_its_repository_is_counted(hub):
    sent = [{"createdAt": "2024-01-05T00:00:00.000Z", "repo": repo} for repo in (MODEL, {"type": "model"}, {}, None)]
    likes = hub.run(list_liked_repos(hub.says(200, sent).io(), "ada"))
    assert (likes.models, likes.total) == (["o/m"], 4)


WEBHOOK = {"id": "w", "watched": [{"type": "user", "name": "ada"}], "domains": ["repo"], "url": "https://x.test"}


def test_a_webhook_that_lacks_members(hub):
    hub.says(200, {"webhook": {**WEBHOOK, "domains": 7}})
    webhook = hub.run(get_webhook(hub.io(), "w"))
    assert (webhook.id, webhook.url) == ("w", "https://x.test")
    assert not hasattr(webhook, "disabled")
    with pytest.raises(ProtocolError, match="the Hub did not send a valid 'id' of WebhookInfo"):
        hub.run(get_webhook(hub.says(200, {"webhook": {}}).io(), "w"))


@pytest.mark.parametrize("odd", [{"watched": [{"type": "user"}]}, {"domains": 7}, {"url": 7}, {"jobSourceId": 7}])
def test_an_invalid_webhook_is_not_written_back(hub, odd):
    hub.says(200, {"webhook": {**WEBHOOK, **odd}})
    with pytest.raises(ProtocolError, match=next(iter(odd))):
        hub.run(update_webhook(hub.io(), "w", secret="s"))
    assert len(hub.asked) == 1


ENDPOINT = {
    "name": "e",
    "type": "private",
    "model": {"repository": "o/m", "framework": "pytorch", "revision": "main"},
    "status": {"state": "running", "createdAt": WHEN, "updatedAt": WHEN, "url": "https://e.test"},
}


@pytest.mark.parametrize("part", ["model", "status"])
@pytest.mark.parametrize("sent", [{}, None, "x"])
def test_an_endpoint_that_lacks_members(hub, part, sent):
    hub.says(200, {"items": [ENDPOINT, {**ENDPOINT, part: sent}]})
    right, odd = hub.run(list_inference_endpoints(hub.io(), "ada"))
    unset = "repository" if part == "model" else "status"
    assert (right.repository, right.status, odd.name) == ("o/m", "running", "e")
    assert odd.raw == {**ENDPOINT, part: sent}
    assert f"{unset}=" not in repr(odd)
    with pytest.raises(AttributeError, match=f"did not send a valid '{unset}'"):
        getattr(odd, unset)
