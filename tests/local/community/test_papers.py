"""Papers of the embedded Hub: validation, and completeness of the invented papers."""

from __future__ import annotations

import re

import pytest

from hub_typed.local.community.papers import all_papers, search_papers


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


def test_numbers_are_those_of_no_real_paper():
    for paper in all_papers():
        assert re.fullmatch(r"\d{4}\.(00000|99999)", paper.id), "arXiv counts from 1, and never came near the end"
        assert paper.id.startswith(f"{paper.published_at:%y%m}")


def test_no_search_is_for_all_papers():
    assert search_papers("  ") == list(all_papers())
