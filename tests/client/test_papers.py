"""Papers, with both clients and both transports; the papers of the embedded Hub are invented."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub_typed import HfHubHTTPError, HFValidationError, PaperInfo, User


async def ids(papers):
    return [paper.id async for paper in papers]


def test_one_paper_tells_authors_dates_and_who_proposed_it(play):
    async def scenario(side):
        api = side.api
        paper = await api.paper_info("2401.00000")
        assert isinstance(paper, PaperInfo)
        assert paper.title == "Quiet Gradients: Training Small Translators on a Library Budget"
        assert paper.authors == ["Marta Lindqvist", "Osei Darko", "Yuna Hwang"]
        assert paper.published_at == datetime(2024, 1, 5, 17, 58, 2, tzinfo=UTC)
        assert paper.submitted_at == datetime(2024, 1, 8, 9, 12, 44, tzinfo=UTC)
        assert isinstance(paper.submitted_by, User)
        assert (paper.submitted_by.username, paper.upvotes) == ("paper-courier", 31)
        unproposed = await api.paper_info("2404.00000", field=["comments", "submissionDeadline"])
        assert (unproposed.submitted_at, unproposed.submitted_by, unproposed.comment_events) == (None, None, [])
        assert unproposed.submission_deadline > unproposed.published_at
        for missing in ("2401.99998", "a/b"):
            with pytest.raises(HfHubHTTPError, match="404"):
                await api.paper_info(missing)
        with pytest.raises(HFValidationError, match="segment of a path"):
            await api.paper_info("..")

    play(scenario)


def test_a_paper_names_the_repositories_that_name_it(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.upload_file(
            path_or_fileobj=b"---\ntags: ['arxiv:2402.00000']\n---\n", path_in_repo="README.md", repo_id=repo
        )
        paper = await api.paper_info("2402.00000")
        assert ([linked["id"] for linked in paper.linked_models], paper.num_total_models) == ([repo], 1)
        assert (paper.linked_datasets, paper.num_total_datasets, paper.linked_spaces) == ([], 0, [])

    play(scenario)


def test_the_text_of_a_paper_is_markdown(play):
    async def scenario(side):
        text = await side.api.read_paper("2401.00000")
        assert text.startswith("# Quiet Gradients: Training Small Translators on a Library Budget\n")
        assert "\n## Abstract\n" in text
        assert "\n## 2 Method\n" in text
        for missing in ("2404.00000", "2401.99998"):
            with pytest.raises(HfHubHTTPError, match="404"):
                await side.api.read_paper(missing)

    play(scenario)


def test_papers_are_found_by_words(play):
    async def scenario(side):
        api = side.api
        assert await ids(api.list_papers(query="MODEL model")) == await ids(api.list_papers(query="model"))
        assert (await ids(api.list_papers(query="model")))[0] == "2405.99999", "it has the word in its title"
        assert await ids(api.list_papers(query="lindqvist speech")) == ["2405.00000"]
        assert await ids(api.list_papers(query="2403.00000")) == ["2403.00000"]
        assert await ids(api.list_papers(query="nothing of the kind")) == []
        assert len(await ids(api.list_papers())) == 6
        for limit in (0, 2, 6, 121):
            assert await ids(api.list_papers(limit=limit)) == (await ids(api.list_papers()))[:limit]
        (found,) = [paper async for paper in api.list_papers(query="tidetable")]
        assert (type(found), found.comments, found.submitted_by.username) == (PaperInfo, 0, "paper-courier")

    play(scenario)


def test_daily_papers_are_those_of_a_period(play):
    async def scenario(side):
        daily = side.api.list_daily_papers
        latest_first = ["2405.99999", "2405.00000", "2403.00000", "2402.00000", "2401.00000"]
        assert await ids(daily()) == latest_first
        assert await ids(daily(date="2024-05-21")) == ["2405.99999", "2405.00000"]
        assert await ids(daily(date="2024-05-20")) == []
        assert await ids(daily(week="2024-W07")) == ["2402.00000"]
        assert await ids(daily(month="2024-05")) == ["2405.99999", "2405.00000"]
        assert await ids(daily(month="2023-12")) == []
        assert await ids(daily(submitter="nightly-reader")) == ["2405.00000", "2403.00000"]
        assert (await ids(daily(sort="trending")))[:2] == ["2403.00000", "2401.00000"]
        assert (await ids(daily(sort="publishedAt")))[:2] == ["2405.00000", "2405.99999"]
        assert await ids(daily(limit=2)) == latest_first[:2]
        assert await ids(daily(limit=2, p=2)) == latest_first[4:]
        assert await ids(daily(limit=2, p=3)) == []
        for limit in (0, 5, 100, 101):
            assert await ids(daily(limit=limit)) == latest_first[:limit]

    play(scenario)


def test_what_cannot_be_asked_is_refused_before_any_request(play):
    async def scenario(side):
        api = side.api
        for call, arguments, message in (
            (api.list_papers, {"query": "x" * 251}, "query has 251 characters, but the Hub accepts at most 250"),
            (api.list_papers, {"limit": -1}, "at least 0"),
            (api.list_daily_papers, {"date": "2024-10-32"}, "not a valid date: pass it in the form '2024-10-29'"),
            (api.list_daily_papers, {"date": "29.10.2024"}, "not a valid date"),
            (api.list_daily_papers, {"date": "20241029"}, "not a valid date"),
            (api.list_daily_papers, {"week": "2024-44"}, "not a valid week: pass it in the form '2024-W44'"),
            (api.list_daily_papers, {"week": "2024-W54"}, "not a valid week"),
            (api.list_daily_papers, {"month": "2024-13"}, "not a valid month: pass it in the form '2024-10'"),
            (api.list_daily_papers, {"date": "2024-10-29", "month": "2024-10"}, "date and month each select a period"),
            (api.list_daily_papers, {"sort": "upvotes"}, "'publishedAt', 'trending'"),
            (api.list_daily_papers, {"p": -1}, "at least 0"),
            (api.list_daily_papers, {"limit": -1}, "at least 0"),
        ):
            with pytest.raises(ValueError, match=message):
                await ids(call(**arguments))
        assert not side.hub.hub.requests

    play(scenario)
