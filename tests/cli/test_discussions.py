"""``hub-typed discussions``."""

from __future__ import annotations

import pytest

REPO = "local-user/m"


@pytest.fixture
def repo(api) -> str:
    """A repository with an open discussion, a draft, an open pull request and a closed discussion."""
    api.create_repo(REPO)
    api.create_discussion(REPO, "A question", description="What is it?\n\nSay more.")
    api.create_pull_request(REPO, "A draft")
    api.upload_file(path_or_fileobj=b"new\n", path_in_repo="a.txt", repo_id=REPO, create_pr=True)
    api.create_discussion(REPO, "An old one")
    api.change_discussion_status(REPO, 4, "closed")
    return REPO


@pytest.fixture
def stranger(local_hub) -> str:
    """A token that may only read."""
    local_hub.add_user("stranger")
    return local_hub.add_token("stranger", "reading", "read")


def members(ended) -> dict[str, str]:
    return dict(line.split("\t") for line in ended.lines)


def test_list_shows_what_is_open(run, repo):
    ended = run("discussions", "list", repo)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "num\ttitle\tkind\tstatus\tauthor\tcreated"
    assert [row[:5] for row in ended.rows] == [
        ["3", "Upload a.txt with huggingface_hub", "pull request", "open", "local-user"],
        ["2", "A draft", "pull request", "draft", "local-user"],
        ["1", "A question", "discussion", "open", "local-user"],
    ]
    assert [one["isPullRequest"] for one in run("discussions", "ls", repo, "--json").json()] == [True, True, False]


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (["--status", "all"], "4321"),
        (["-s", "closed"], "4"),
        (["-s", "draft"], "2"),
        (["-s", "merged"], ""),
        (["-k", "discussion"], "1"),
        (["--kind", "pull_request", "--limit", "1"], "3"),
        (["--author", "nobody"], ""),
    ],
    ids=" ".join,
)
def test_list_chooses(run, repo, options, numbers):
    assert run("discussions", "list", repo, *options, "-q").lines == list(numbers)


def test_merged_pull_requests_are_listed(run, repo):
    assert run("discussions", "merge", repo, "3", "--yes").code == 0
    assert run("discussions", "list", repo, "-s", "merged", "-q").lines == ["3"]
    assert run("discussions", "list", repo, "-s", "closed", "-q").lines == ["4", "3"]


def test_list_of_a_missing_repository(run, local_hub):
    ended = run("discussions", "list", "local-user/none")
    assert ended.code == 3
    assert "local-user/none" in ended.error
    assert run("discussions", "list", "local-user/none", "--status", "lost").code == 2


def test_info_prints_the_comments(run, repo, local_hub):
    ended = run("discussions", "info", repo, "1")
    url = f"url\t{local_hub.endpoint}/{repo}/discussions/1"
    assert ended.lines[0] == "title\tA question"
    assert url in ended.lines
    assert ended.lines[-2] == "id\ttype\tauthor\tcreated_at\ttext"
    assert ended.lines[-1].endswith("\\n\\nSay more.")
    assert run("discussions", "show", repo, "1", "-q").out == "1\n"
    assert run("discussions", "info", repo, "1", "--json").json()["events"][0]["type"] == "comment"


def test_info_for_people_shows_texts_as_they_are(run, repo, api):
    api.rename_discussion(REPO, 1, "Renamed \x1b[31m")
    api.comment_discussion(REPO, 1, "no\x1b[2J\nend")
    ended = run("discussions", "info", repo, "1", terminal=True)
    assert "title    Renamed \\x1b[31m\n" in ended.out
    assert "\nWhat is it?\n\nSay more.\n" in ended.out
    assert "renamed it from 'A question' to 'Renamed" in ended.out
    assert "\nno\\x1b[2J\nend\n" in ended.out
    assert "\x1b" not in ended.out


def test_info_of_a_pull_request(run, repo):
    found = run("discussions", "info", repo, "3").lines
    assert "ref\trefs/pr/3" in found
    assert "merges into\trefs/heads/main" in found
    assert [line for line in found if "\tcommit\t" in line]


def test_info_of_a_missing_discussion(run, repo):
    assert run("discussions", "info", repo, "9").code == 3
    assert run("discussions", "info", repo, "0").code == 2
    assert run("discussions", "info", repo, "one").code == 2
    assert run("discussions", "info", repo).code == 2


def test_create_says_where_it_is(run, repo, api, local_hub):
    ended = run("discussions", "create", repo, "--title", "New", "--body", "- an item")
    assert (ended.code, ended.err) == (0, "")
    assert members(ended) == {"num": "5", "url": f"{local_hub.endpoint}/{repo}/discussions/5", "ref": ""}
    assert api.get_discussion_details(repo, 5).events[0].content == "- an item"
    assert run("discussions", "create", repo, "--title", "New", "--pr", "--json").json()["ref"] == "refs/pr/6"
    assert run("discussions", "create", repo, "--title", "New", "-q").out == "7\n"
    said = run("discussions", "create", repo, "--title", "New", "--pull-request", terminal=True).out
    assert said == f"Opened the pull request {local_hub.endpoint}/{repo}/discussions/8.\n"


def test_create_reads_the_text_from_a_file_or_a_pipe(run, repo, api, tmp_path):
    (tmp_path / "body.md").write_text("from a file ü", encoding="utf-8")
    run("discussions", "create", repo, "--title", "New", "--body-file", tmp_path / "body.md")
    run("discussions", "create", repo, "--title", "New", "--body-file", "-", typed="from a pipe")
    assert [api.get_discussion_details(repo, num).events[0].content for num in (5, 6)] == [
        "from a file ü",
        "from a pipe",
    ]
    assert run("discussions", "create", repo, "--title", "New", "--body-file", tmp_path / "none").code == 3


def test_create_needs_a_valid_title(run, repo, api):
    assert run("discussions", "create", repo).code == 2
    assert "title" in run("discussions", "create", repo, "--title", "x").error
    both = run("discussions", "create", repo, "--title", "New", "--body", "a", "--body-file", "-")
    assert both.code == 2
    assert len(list(api.get_repo_discussions(repo))) == 4


def test_create_with_a_token_that_may_not(run, repo, stranger):
    assert run("discussions", "create", repo, "--title", "New", "--token", stranger).code == 4


def test_comment_and_edit(run, repo, api):
    comment = run("discussions", "comment", repo, "1", "--body", "First", "-q").out.strip()
    ended = run("discussions", "edit", repo, "1", comment, "--body-file", "-", typed="Second")
    assert members(ended) == {"num": "1", "comment_id": comment}
    changed = api.get_discussion_details(repo, 1).events[-1]
    assert (changed.id, changed.content, changed.edited) == (comment, "Second", True)
    said = run("discussions", "comment", repo, "1", "--body", "Third", terminal=True).out
    assert said.startswith("Added the comment ")


def test_comments_need_a_text(run, repo):
    for ended in (
        run("discussions", "comment", repo, "1"),
        run("discussions", "edit", repo, "1", "abc", "--body", " "),
    ):
        assert ended.code == 2
        assert "--body" in ended.error


def test_comments_that_may_not_be_written(run, repo, stranger, local_hub, api):
    assert run("discussions", "comment", repo, "1", "--body", "x", "--token", stranger).code == 4
    assert run("discussions", "comment", repo, "9", "--body", "x").code == 3
    first = api.get_discussion_details(repo, 1).events[0].id
    other = local_hub.add_user("other")
    assert run("discussions", "edit", repo, "1", first, "--body", "x", "--token", other).code == 4
    assert run("discussions", "edit", repo, "1", "0" * 24, "--body", "x").code == 3


def test_rename(run, repo, api, local_hub):
    assert members(run("discussions", "rename", repo, "1", "Better")) == {"num": "1", "title": "Better"}
    assert api.get_discussion_details(repo, 1).title == "Better"
    assert (
        run("discussions", "rename", repo, "1", "Best", terminal=True).out
        == f"The title of #1 of {repo} is now: Best\n"
    )
    assert run("discussions", "rename", repo, "1", "Bad", "--token", local_hub.add_user("other")).code == 4
    assert run("discussions", "rename", repo, "9", "Bad").code == 3


def test_close_and_reopen(run, repo, api):
    assert members(run("discussions", "close", repo, "1", "--comment", "Done", "--yes")) == {
        "num": "1",
        "status": "closed",
    }
    found = api.get_discussion_details(repo, 1)
    assert found.status == "closed"
    assert "Done" in [getattr(one, "content", None) for one in found.events]
    assert run("discussions", "close", repo, "1", "-y").code == 1
    assert run("discussions", "reopen", repo, "1", "-y", "-q").out == "1\n"
    assert run("discussions", "reopen", repo, "1", typed="y\n", terminal=True).code == 1
    assert api.get_discussion_details(repo, 1).status == "open"


def test_merge(run, repo, api):
    ended = run("discussions", "merge", repo, "3", "--comment", "Thanks", "--yes", "--json")
    assert ended.json() == {"num": 3, "status": "merged"}
    assert "a.txt" in api.list_repo_files(repo)
    assert run("discussions", "merge", repo, "3", "--yes").code == 1


def test_a_draft_is_opened_before_it_is_merged(run, repo, api):
    api.upload_file(path_or_fileobj=b"b\n", path_in_repo="b.txt", repo_id=REPO, revision="refs/pr/2")
    assert run("discussions", "merge", repo, "2", "--yes").code == 1
    assert run("discussions", "reopen", repo, "2", "--yes").code == 0
    assert run("discussions", "merge", repo, "2", "--yes").code == 0
    assert "b.txt" in api.list_repo_files(repo)


@pytest.mark.parametrize("command", ["merge", "close", "reopen"])
def test_changes_of_the_status_are_confirmed(run, repo, api, command):
    ended = run("discussions", command, repo, "3")
    assert ended.code == 2
    assert "--yes" in ended.error
    ended = run("discussions", command, repo, "3", typed="n\n", terminal=True)
    assert ended.code == 1
    assert f"#3 of {repo}. Go on?" in ended.err
    assert api.get_discussion_details(repo, 3).status == "open"


@pytest.mark.parametrize("command", ["merge", "close"])
def test_changes_of_the_status_that_are_not_allowed(run, repo, stranger, command):
    assert run("discussions", command, repo, "3", "--yes", "--token", stranger).code == 4
    assert run("discussions", command, repo, "9", "--yes").code == 3


def test_diff(run, repo):
    ended = run("discussions", "diff", repo, "3")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0].startswith("diff --git")
    assert ended.lines[-1] == "+new"
    assert run("discussions", "diff", repo, "3", "--json").json() == {"diff": ended.out}


def test_the_diff_of_a_discussion(run, repo):
    ended = run("discussions", "diff", repo, "1")
    assert ended.code == 1
    assert ended.error == f"#1 of {repo} is a discussion, which has no diff."


def test_without_a_network(run, repo, offline):
    assert run("discussions", "list", repo).code == 5
    assert run("discussions", "comment", repo, "1", "--body", "x").code == 5


@pytest.fixture
def picture(tmp_path) -> str:
    path = tmp_path / "my [new] plot.png"
    path.write_bytes(b"PNG")
    return str(path)


def text_of(api, num) -> str:
    return api.get_discussion_details(REPO, num).events[-1].content


def test_attached_files_stand_at_the_end_of_the_text(run, repo, api, picture, local_hub):
    options = ("--attach", picture, "--attach", f"{picture}#The plot")
    ended = run("discussions", "create", repo, "--title", "Plots", "--body", "See:\n", *options, "--json")
    assert ended.code == 0
    start, first, second = text_of(api, ended.json()["num"]).split("\n\n")
    assert start == "See:"
    assert first.startswith(rf"![my \[new\] plot]({local_hub.endpoint}/")
    assert second.startswith(f"![The plot]({local_hub.endpoint}/")


def test_attached_files_take_their_places_in_the_text(run, repo, api, picture, local_hub):
    comment = run("discussions", "comment", repo, "1", "--attach", picture, "-q").out.strip()
    assert text_of(api, 1).startswith(r"![my \[new\]")
    body = f"A ![plot]({picture}) and ![again]({picture}), of the file {picture}"
    assert run("discussions", "edit", repo, "1", comment, "--body", body, "--attach", picture).code == 0
    first, second = text_of(api, 1).removesuffix(f", of the file {picture}").split(" and ")
    assert first.startswith(f"A ![plot]({local_hub.endpoint}/")
    assert second == first.replace("A ![plot]", "![again]")


def test_what_cannot_be_attached(run, repo, api, picture, tmp_path):
    before = api.get_discussion_details(repo, 1).events
    ended = run("discussions", "comment", repo, "1", "--body", "x", "--attach", picture, "--attach", "none.png#none")
    assert (ended.code, "none.png" in ended.error) == (2, True)
    (tmp_path / "a.txt").write_text("no picture")
    assert run("discussions", "comment", repo, "1", "--body", "x", "--attach", str(tmp_path / "a.txt")).code == 2
    assert run("discussions", "edit", repo, "1", before[0].id, "--attach", picture).code == 2
    assert api.get_discussion_details(repo, 1).events == before
