"""Papers of the embedded Hub: validation, and completeness of the invented papers."""

from __future__ import annotations

import re

import pytest

from hub_typed.local.community.papers import Papers
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller


@pytest.mark.parametrize(
    "query",
    [
        "papers/search?limit=0",
        "papers/search?limit=121",
        "papers/search?q=" + "x" * 251,
        "daily_papers?limit=101",
        "daily_papers?p=-1",
        "daily_papers?sort=upvotes",
        "daily_papers?date=2024-02-30",
        "daily_papers?date=today",
        "daily_papers?week=2024-W60",
        "daily_papers?week=2024-1",
        "daily_papers?month=2024-00",
        "papers/2401.00000?field=likes",
    ],
)
def test_what_makes_no_sense_is_refused(anyone, query):
    assert anyone("GET", f"/api/{query}").status == 400


def test_an_unknown_paper_is_not_found(anyone):
    for path in ("/api/papers/1", "/papers/1.md", "/papers/2404.00000.md"):
        assert anyone("GET", path).status == 404, path


def test_markdown_says_that_it_is(anyone):
    assert anyone("GET", "/papers/2401.00000.md").headers["content-type"] == "text/markdown; charset=utf-8"


def test_whoever_proposed_a_paper_is_told_as_account_and_as_user(anyone):
    (entry,) = anyone("GET", "/api/daily_papers?date=2024-01-08").json()

    assert entry["submittedBy"]["name"] == entry["paper"]["submittedOnDailyBy"]["user"] == "paper-courier"
    assert entry["submittedBy"]["_id"] == entry["paper"]["submittedOnDailyBy"]["_id"]


def test_a_search_does_not_tell_of_the_proposal_twice(anyone):
    (entry,) = anyone("GET", "/api/papers/search?q=tidetable").json()

    assert ("submittedBy" in entry, entry["upvoted"]) == (False, False)
    assert entry["paper"]["submittedOnDailyBy"]["user"] == "paper-courier"


def test_numbers_are_those_of_no_real_paper(tmp_path):
    for paper in Papers(tmp_path / "papers.json").all():
        assert re.fullmatch(r"\d{4}\.(00000|99999)", paper.id), "arXiv counts from 1, and never came near the end"
        assert paper.id.startswith(f"{paper.published_at:%y%m}")


def test_no_search_is_for_all_papers(tmp_path):
    papers = Papers(tmp_path / "papers.json")

    assert papers.search("  ") == papers.all()


def test_recent_papers_come_in_pages_newest_first(anyone):
    first = anyone("GET", "/api/papers?limit=2")
    second = anyone("GET", first.headers["link"].partition("<")[2].partition(">")[0])

    dates = [one["publishedAt"] for one in first.json() + second.json()]
    assert (len(first.json()), dates) == (2, sorted(dates, reverse=True))


def test_a_paper_that_is_indexed_is_there(hub, ada, anyone):
    assert ada("POST", "/api/papers/index", {"arxivId": "2106.09685"}).status == 200

    told = Caller(Hub(hub._root))("GET", "/api/papers/2106.09685").json()
    assert (told["title"], told["publishedAt"][:10]) == ("arXiv:2106.09685", "2021-06-01")
    assert ada("POST", "/api/papers/index", {"arxivId": "2106.09685"}).status == 403
    assert ada("POST", "/api/papers/index", {"arxivId": "2113.09685"}).status == 400
    assert anyone("POST", "/api/papers/index", {"arxivId": "2106.09686"}).status == 401


def claim(caller, number=0):
    author = caller("GET", "/api/papers/2401.00000").json()["authors"][number]["_id"]
    body = {"paperId": "2401.00000", "claimAuthorId": author}
    return caller("POST", "/api/settings/papers/claim", body)


def test_an_author_who_claims_a_paper_may_index_it_again(hub, ada, bob):
    assert claim(ada).json() == {"ok": True, "claimedPaperId": "2401.00000"}

    author = Caller(Hub(hub._root))("GET", "/api/papers/2401.00000").json()["authors"][0]
    assert (author["user"]["user"], author["status"]) == ("ada", "claimed_verified")
    assert (claim(bob).status, claim(bob, 1).status) == (403, 200)
    assert ada("POST", "/api/papers/index", {"arxivId": "2401.00000"}).status == 200
    body = {"paperId": "2401.00000", "claimAuthorId": author["_id"]}
    assert ada("POST", "/api/settings/papers/claim", {**body, "claimAuthorId": "none"}).status == 404
    assert ada("POST", "/api/settings/papers/claim", {**body, "targetUserId": "none"}).status == 403


def test_authors_set_and_remove_links(hub, ada, bob):
    lab = hub.accounts.add_organization("lab", {"ada": "read"})
    url = "/api/papers/2401.00000/links"
    assert ada("POST", url, {"projectPage": "https://a.test"}).status == 403
    assert claim(ada).status == 200

    assert ada("POST", url, {"projectPage": "https://a.test", "organizationId": lab.id}).status == 200
    assert ada("POST", url, {"projectPage": None, "githubRepo": "https://b.test"}).status == 200

    told = ada("GET", "/api/papers/2401.00000").json()
    assert ("projectPage" in told, told["githubRepo"], told["organization"]["name"]) == (False, "https://b.test", "lab")
    assert ada("POST", url, {"organizationId": "none"}).status == 400
    assert ada("POST", url, {"githubRepo": 5}).status == 400
