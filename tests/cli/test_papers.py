"""``hub-typed papers``."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("local_hub")

PAPER = "2403.00000"


def test_list(run):
    ended = run("papers", "list", "--month", "2024-05")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "id\ttitle\tupvotes\tcomments\tpublished\tsubmitter"
    assert [row[0] for row in ended.rows] == ["2405.99999", "2405.00000"]
    assert ended.rows[0][1:4] == ["Two Desks, One Model: Merging Without a Meeting", "8", "0"]
    assert run("papers", "ls", "--submitter", "nightly-reader", "-q").lines == ["2405.00000", PAPER]
    assert run("papers", "ls", "--sort", "trending", "--limit", "1", "-q").lines == [PAPER]
    assert [one["id"] for one in run("papers", "list", "--date", "2024-03-19", "--json").json()] == [PAPER]
    assert run("papers", "list", "--week", "2024-W12", "-q").lines == [PAPER]
    assert run("papers", "list", "--date", "today", "--json").json() == []


def test_list_of_a_wrong_period(run):
    ended = run("papers", "list", "--date", "2024-05-21", "--week", "2024-W12")
    assert ended.code == 2
    assert "--week" in ended.error
    assert "'2024-10-29'" in run("papers", "list", "--date", "yesterday").error
    assert run("papers", "list", "--sort", "size").code == 2


def test_search(run):
    ended = run("papers", "search", "thinking context")
    assert (ended.code, [row[0] for row in ended.rows]) == (0, [PAPER])
    assert run("papers", "search", "a", "--limit", "2", "-q").lines == run("papers", "search", "a", "-q").lines[:2]
    assert run("papers", "search", "nothing like it", "--json").json() == []
    assert run("papers", "search").code == 2


def test_info(run, local_hub):
    ended = run("papers", "info", PAPER)
    assert (ended.code, ended.err) == (0, "")
    assert f"url\t{local_hub.endpoint}/papers/{PAPER}" in ended.lines
    assert "title\tSorting Before Thinking: Cheap Order for Long Contexts" in ended.lines
    assert run("papers", "info", PAPER, "-q").out == f"{PAPER}\n"
    assert run("papers", "info", PAPER, "--json").json()["upvotes"] == 54


def test_read(run):
    ended = run("papers", "read", PAPER)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "# Sorting Before Thinking: Cheap Order for Long Contexts"
    assert run("papers", "read", PAPER, "--json").json()["text"].rstrip() == ended.out.rstrip()


def test_a_missing_paper_and_one_without_text(run):
    assert run("papers", "info", "2499.00000").code == 3
    assert run("papers", "read", "2499.00000").code == 3
    assert run("papers", "read", "2404.00000").code == 3


def test_papers_without_a_network(run, offline):
    assert run("papers", "list").code == 5
