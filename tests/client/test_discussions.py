"""Discussions and pull requests, with both clients and both transports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub_typed import (
    BadRequestError,
    CommitOperationAdd,
    Discussion,
    DiscussionComment,
    DiscussionCommit,
    DiscussionStatusChange,
    DiscussionTitleChange,
    DiscussionWithDetails,
    HfHubHTTPError,
    RepositoryNotFoundError,
)

ABSENT = "nobody/nothing"


async def every(items):
    return [item async for item in items]


def test_a_discussion_from_its_beginning_to_its_end(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)

        begun = await api.create_discussion(repo, "  A question ", description="Why?")

        assert isinstance(begun, DiscussionWithDetails)
        assert (begun.num, begun.title, begun.status, begun.author) == (1, "A question", "open", side.hub.user)
        assert (begun.repo_id, begun.repo_type, begun.is_pull_request) == (repo, "model", False)
        assert begun.url == f"{begun.endpoint}/{repo}/discussions/1"
        assert begun.endpoint == api.endpoint
        assert abs(datetime.now(UTC) - begun.created_at) < timedelta(minutes=1)
        assert (begun.git_reference, begun.target_branch, begun.conflicting_files, begun.diff) == (None,) * 4
        (first,) = begun.events
        assert isinstance(first, DiscussionComment)
        assert (first.content, first.rendered, first.edited, first.hidden) == ("Why?", "<p>Why?</p>", False, False)

        answer = await api.comment_discussion(repo, 1, "Because.")
        edited = await api.edit_discussion_comment(repo, 1, answer.id.upper(), "Because of *that*.")
        renamed = await api.rename_discussion(repo, 1, "An answered question")
        hidden = await api.hide_discussion_comment(repo, 1, first.id)
        closed = await api.change_discussion_status(repo, 1, "closed", comment=" Done. ")

        assert (answer.content, answer.edit_history, answer.number_of_edits) == ("Because.", [], 0)
        assert (edited.id, edited.content, edited.edited) == (answer.id, "Because of *that*.", True)
        assert ([one["raw"] for one in edited.edit_history], edited.number_of_edits) == (["Because."], 1)
        assert (edited.last_edited_by, edited.created_at) == (side.hub.user, answer.created_at)
        assert edited.last_edited_at >= answer.last_edited_at
        assert isinstance(renamed, DiscussionTitleChange)
        assert (renamed.old_title, renamed.new_title) == ("A question", "An answered question")
        assert (hidden.id, hidden.hidden) == (first.id, True)
        assert "Why" not in hidden.content
        assert isinstance(closed, DiscussionStatusChange)
        assert closed.new_status == "closed"
        told = await api.get_discussion_details(repo, 1)
        assert (told.title, told.status) == ("An answered question", "closed")
        assert [told.events[place] for place in (0, 1, 2, 4)] == [hidden, edited, renamed, closed]
        assert told.events[3].content == "Done."

    play(scenario)


def test_a_pull_request_from_draft_to_merge(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, repo_type="dataset")
        start = (await api.dataset_info(repo)).sha

        draft = await api.create_pull_request(repo, "Add a file", repo_type="dataset")

        assert (draft.status, draft.is_pull_request, draft.target_branch) == ("draft", True, "refs/heads/main")
        assert draft.url.endswith(f"/datasets/{repo}/discussions/1")
        assert (draft.conflicting_files, draft.diff, draft.merge_commit_oid) == ([], "", None)
        ref = draft.git_reference
        commit = await api.upload_file(
            path_or_fileobj=b"1\n", path_in_repo="x", repo_id=repo, repo_type="dataset", revision=ref
        )
        with pytest.raises(BadRequestError, match="draft"):
            await api.merge_pull_request(repo, 1, repo_type="dataset")
        opened = await api.change_discussion_status(repo, 1, "open", repo_type="dataset")
        assert opened.new_status == "open"
        before = await api.get_discussion_details(repo, 1, repo_type="dataset")
        assert before.diff.endswith("--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+1\n")
        pushed = before.events[1]
        assert isinstance(pushed, DiscussionCommit)
        assert (pushed.oid, pushed.summary) == (commit.oid, commit.commit_message)

        assert await api.merge_pull_request(repo, 1, comment="Thanks!", repo_type="dataset") is None

        merged = await api.get_discussion_details(repo, 1, repo_type="dataset")
        head, *earlier = await api.list_repo_commits(repo, repo_type="dataset")
        assert (merged.status, merged.merge_commit_oid) == ("merged", head.commit_id)
        assert (head.title, [one.commit_id for one in earlier]) == ("Add a file (#1)", [start])
        assert [type(event) for event in merged.events[-2:]] == [DiscussionComment, DiscussionStatusChange]
        assert await api.file_exists(repo, "x", repo_type="dataset")
        with pytest.raises(BadRequestError, match="merged"):
            await api.merge_pull_request(repo, 1, repo_type="dataset")
        refs = await api.list_repo_refs(repo, repo_type="dataset", include_pull_requests=True)
        assert [one.ref for one in refs.pull_requests] == [ref]
        for writing in (
            api.upload_file(path_or_fileobj=b"", path_in_repo="y", repo_id=repo, repo_type="dataset", revision=ref),
            api.super_squash_history(repo, branch=ref, repo_type="dataset"),
        ):
            with pytest.raises(HfHubHTTPError, match=r"^403.*\n?.*merged"):
                await writing

    play(scenario)


def test_a_commit_opens_a_pull_request_that_others_discuss(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        guest = side.make(side.hub.add_user("guest"))
        info = await guest.create_commit(
            repo,
            [CommitOperationAdd("x", b"1\n")],
            commit_message="Add x",
            commit_description="For you.",
            create_pr=True,
        )

        pull = await api.get_discussion_details(repo, info.pr_num)

        assert (pull.author, pull.title, pull.status, pull.git_reference) == (
            "guest",
            "Add x",
            "open",
            info.pr_revision,
        )
        assert [pull.events[0].content, pull.events[1].oid] == ["For you.", info.oid]
        await api.upload_file(path_or_fileobj=b"2\n", path_in_repo="x", repo_id=repo)
        assert (await api.get_discussion_details(repo, 1)).conflicting_files == ["x"]
        with pytest.raises(BadRequestError, match="files conflict: x"):
            await api.merge_pull_request(repo, 1)
        with pytest.raises(HfHubHTTPError, match="403"):
            await guest.merge_pull_request(repo, 1)
        assert (await guest.change_discussion_status(repo, 1, "closed")).author == "guest"
        with pytest.raises(BadRequestError, match="closed"):
            await api.merge_pull_request(repo, 1)

    play(scenario)


def test_discussions_are_listed_page_after_page(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        guest = side.make(side.hub.add_user("guest"))
        for number in range(5):
            await (api if number % 2 else guest).create_discussion(repo, f"Number {number}", pull_request=number > 2)
        await api.change_discussion_status(repo, 1, "closed")
        side.hub.hub.page_size = 2
        asked = len(side.hub.hub.requests)

        found = await every(api.get_repo_discussions(repo))

        assert all(type(one) is Discussion for one in found)
        assert [one.num for one in found] == [5, 4, 3, 2, 1]
        assert len(side.hub.hub.requests) - asked == 3
        assert (found[0].status, found[0].git_reference, found[0].wire.num_comments) == ("draft", "refs/pr/5", 1)
        for filters, numbers in (
            ({"discussion_type": "discussion"}, [3, 2, 1]),
            ({"discussion_type": "pull_request"}, [5, 4]),
            ({"discussion_type": "all", "discussion_status": "all"}, [5, 4, 3, 2, 1]),
            ({"discussion_status": "open"}, [5, 4, 3, 2]),
            ({"discussion_status": "closed"}, [1]),
            ({"author": "guest"}, [5, 3, 1]),
            ({"author": "nobody"}, []),
        ):
            assert [one.num for one in await every(api.get_repo_discussions(repo, **filters))] == numbers

    play(scenario)


def changes(api, repo, num=1, comment="abc"):
    """A call of each method that needs a discussion."""
    return [
        lambda: api.get_discussion_details(repo, num),
        lambda: api.comment_discussion(repo, num, "Hi"),
        lambda: api.edit_discussion_comment(repo, num, comment, "Hi"),
        lambda: api.hide_discussion_comment(repo, num, comment),
        lambda: api.rename_discussion(repo, num, "Another"),
        lambda: api.change_discussion_status(repo, num, "closed"),
        lambda: api.merge_pull_request(repo, num),
    ]


def beginnings(api, repo):
    """A call of each method that needs none."""
    return [
        lambda: every(api.get_repo_discussions(repo)),
        lambda: api.create_discussion(repo, "A question"),
        lambda: api.create_pull_request(repo, "A change"),
    ]


def test_where_there_is_no_repository_there_are_no_discussions(play):
    async def scenario(side):
        for call in [*beginnings(side.api, ABSENT), *changes(side.api, ABSENT)]:
            with pytest.raises(RepositoryNotFoundError):
                await call()

    play(scenario)


def test_a_discussion_or_comment_that_is_not_there_is_told(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        for call in changes(api, repo):
            with pytest.raises(HfHubHTTPError, match=r"404.*Discussion not found"):
                await call()
        await api.create_discussion(repo, "A question")
        for call in changes(api, repo)[2:4]:
            with pytest.raises(HfHubHTTPError, match=r"404.*Comment not found"):
                await call()

    play(scenario)


def test_who_may_only_read_changes_nothing(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        comment = (await api.create_pull_request(repo, "A change")).events[0].id
        reader = side.make(side.hub.read_token)
        for call in [*beginnings(reader, repo)[1:], *changes(reader, repo, comment=comment)[1:]]:
            with pytest.raises(HfHubHTTPError, match=r"^403"):
                await call()
        guest = side.make(side.hub.add_user("guest"))
        for call in changes(guest, repo, comment=comment)[2:]:
            with pytest.raises(HfHubHTTPError, match=r"^403"):
                await call()
        assert (await guest.comment_discussion(repo, 1, "Hi")).author == "guest"

    play(scenario)


def test_where_discussions_are_turned_off_there_are_none(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.create_discussion(repo, "A question")
        side.hub.hub.store.find("model", repo).change(discussions_disabled=True)
        for call in [*beginnings(api, repo), *changes(api, repo)]:
            with pytest.raises(HfHubHTTPError, match=r"403.*Discussions are disabled"):
                await call()

    play(scenario)


def test_a_change_that_makes_no_sense_to_the_hub_is_a_bad_request(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        comment = (await api.create_discussion(repo, "A question")).events[0].id
        with pytest.raises(BadRequestError, match="open already"):
            await api.change_discussion_status(repo, 1, "open")
        with pytest.raises(BadRequestError, match="only a pull request"):
            await api.merge_pull_request(repo, 1)
        await api.hide_discussion_comment(repo, 1, comment)
        with pytest.raises(BadRequestError, match="hidden"):
            await api.edit_discussion_comment(repo, 1, comment, "Hi")

    play(scenario)


def test_what_cannot_be_right_is_refused_before_any_request(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        before = len(side.hub.hub.requests)
        for call in [
            *changes(api, repo, num=0),
            lambda: every(api.get_repo_discussions(repo, discussion_type="issue")),
            lambda: every(api.get_repo_discussions(repo, discussion_status="merged")),
            lambda: api.create_discussion(repo, "ab"),
            lambda: api.create_pull_request(repo, "a" * 201),
            lambda: api.rename_discussion(repo, 1, " "),
            lambda: api.comment_discussion(repo, 1, ""),
            lambda: api.edit_discussion_comment(repo, 1, "abc", " "),
            lambda: api.change_discussion_status(repo, 1, "merged"),
        ]:
            with pytest.raises(ValueError, match=r"Invalid|Empty|is not known"):
                await call()
        assert len(side.hub.hub.requests) == before

    play(scenario)
