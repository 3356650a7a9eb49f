"""Discuss, open and merge pull requests, and print the results."""

from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module

library, repo_id = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()
warnings.simplefilter("ignore")  # theirs says so whenever a comment is hidden

api.create_repo(repo_id)
discussion = api.create_discussion(repo_id, "A question", description="Why?")
answer = api.comment_discussion(repo_id, discussion.num, "Because.")
edited = api.edit_discussion_comment(repo_id, discussion.num, answer.id, "Because of that.")
hidden = api.hide_discussion_comment(repo_id, discussion.num, discussion.events[0].id)
renamed = api.rename_discussion(repo_id, discussion.num, "An answered question")
closed = api.change_discussion_status(repo_id, discussion.num, "closed", comment="Done.")

pull = api.create_pull_request(repo_id, "Add a file", description="Here it is.")
api.upload_file(
    path_or_fileobj=b"1\n",
    path_in_repo="x",
    repo_id=repo_id,
    revision=pull.git_reference,
    commit_message="Add x",
)
api.change_discussion_status(repo_id, pull.num, "open")
merged_by = api.merge_pull_request(repo_id, pull.num, comment="Thanks!")


def told(num: int) -> list[object]:
    found = api.get_discussion_details(repo_id, num)
    head = api.model_info(repo_id).sha
    return [
        [found.title, found.status, found.num, found.author, found.repo_id, found.repo_type, found.is_pull_request],
        [found.git_reference, found.url, found.target_branch, found.conflicting_files, found.diff],
        found.merge_commit_oid == head,
        [[type(event).__name__, event.type, event.author] for event in found.events],
        [[one.content, one.edited, one.hidden, one.rendered] for one in found.events if hasattr(one, "content")],
    ]


print(
    json.dumps(
        {
            "edited": [edited.content, edited.number_of_edits, [one["raw"] for one in edited.edit_history]],
            "last edited": [edited.last_edited_by, edited.last_edited_at >= answer.created_at],
            "hidden": [hidden.content, hidden.hidden],
            "renamed": [renamed.old_title, renamed.new_title],
            "closed": closed.new_status,
            "merged by": merged_by,
            "told": [told(discussion.num), told(pull.num)],
            "listed": [
                [[one.num, one.title, one.status, one.url] for one in api.get_repo_discussions(repo_id, **filters)]
                for filters in ({}, {"discussion_type": "pull_request"}, {"discussion_status": "closed"})
            ],
            "by nobody": list(api.get_repo_discussions(repo_id, author="nobody")),
            "commits": [commit.title for commit in api.list_repo_commits(repo_id)],
        }
    )
)
