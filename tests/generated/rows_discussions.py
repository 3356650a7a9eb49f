"""The operations on discussions as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import discussions
from tests.generated.rows import becomes

JSON = "content-type: application/json"
COMMENT = "62904ad60ea7e76254c12713"

EVERY = [
    becomes(
        discussions.get_repo_discussions,
        "GET /api/datasets/ann/set/discussions",
        "p=2",
        "type=pull_request",
        "status=open",
        "author=bob",
        "search=typo",
        "sort=trending",
        repo_id="ann/set",
        repo_type="dataset",
        page=2,
        discussion_type="pull_request",
        discussion_status="open",
        author="bob",
        search="typo",
        sort="trending",
    ),
    becomes(
        discussions.create_discussion,
        "POST /api/spaces/ann/app/discussions",
        JSON,
        '{"title": "A typo", "description": "See line 3.", "pullRequest": true}',
        repo_id="ann/app",
        repo_type="space",
        title="A typo",
        description="See line 3.",
        pull_request=True,
    ),
    becomes(
        discussions.get_discussion_details,
        "GET /api/models/gpt2/discussions/19",
        "diff=1",
        repo_id="gpt2",
        discussion_num=19,
        repo_type="model",
        diff=True,
    ),
    becomes(
        discussions.comment_discussion,
        "POST /api/datasets/ann/set/discussions/19/comment",
        JSON,
        '{"comment": "Thanks!"}',
        repo_id="ann/set",
        discussion_num=19,
        repo_type="dataset",
        comment="Thanks!",
    ),
    becomes(
        discussions.edit_discussion_comment,
        f"POST /api/datasets/ann/set/discussions/19/comment/{COMMENT}/edit",
        JSON,
        '{"content": "Thank you!"}',
        repo_id="ann/set",
        discussion_num=19,
        comment_id=COMMENT,
        repo_type="dataset",
        content="Thank you!",
    ),
    becomes(
        discussions.hide_discussion_comment,
        f"POST /api/datasets/ann/set/discussions/19/comment/{COMMENT}/hide",
        repo_id="ann/set",
        discussion_num=19,
        comment_id=COMMENT,
        repo_type="dataset",
    ),
    becomes(
        discussions.rename_discussion,
        "POST /api/datasets/ann/set/discussions/19/title",
        JSON,
        '{"title": "Two typos"}',
        repo_id="ann/set",
        discussion_num=19,
        repo_type="dataset",
        title="Two typos",
    ),
    becomes(
        discussions.change_discussion_status,
        "POST /api/datasets/ann/set/discussions/19/status",
        JSON,
        '{"status": "closed", "comment": "Done."}',
        repo_id="ann/set",
        discussion_num=19,
        repo_type="dataset",
        status="closed",
        comment="Done.",
    ),
    becomes(
        discussions.merge_pull_request,
        "POST /api/datasets/ann/set/discussions/19/merge",
        JSON,
        '{"comment": "Merged."}',
        repo_id="ann/set",
        discussion_num=19,
        repo_type="dataset",
        comment="Merged.",
    ),
    becomes(
        discussions.delete_discussion,
        "DELETE /api/models/ann/set/discussions/3",
        repo_id="ann/set",
        discussion_num=3,
        repo_type="model",
    ),
    becomes(
        discussions.pin_discussion,
        "POST /api/models/ann/set/discussions/3/pin",
        "content-type: application/json",
        '{"pinned": true}',
        repo_id="ann/set",
        discussion_num=3,
        repo_type="model",
        pinned=True,
    ),
    becomes(
        discussions.delete_pull_request_ref,
        "DELETE /api/models/ann/set/discussions/3/ref",
        repo_id="ann/set",
        discussion_num=3,
        repo_type="model",
    ),
    becomes(
        discussions.get_pull_request_storage,
        "GET /api/models/ann/set/discussions/3/storage",
        repo_id="ann/set",
        discussion_num=3,
        repo_type="model",
    ),
]
LEAST = {
    "discussions.get_repo_discussions": ["GET /api/models/ann/set/discussions"],
    "discussions.create_discussion": [
        "POST /api/models/ann/app/discussions",
        JSON,
        '{"title": "A typo", "description": "See line 3."}',
    ],
    "discussions.get_discussion_details": ["GET /api/models/gpt2/discussions/19"],
    "discussions.change_discussion_status": [
        "POST /api/models/ann/set/discussions/19/status",
        JSON,
        '{"status": "closed"}',
    ],
    "discussions.merge_pull_request": ["POST /api/models/ann/set/discussions/19/merge", JSON, "{}"],
}
PLACES = ["discussion_num", "comment_id"]
ONCE = [
    "discussions.create_discussion",
    "discussions.comment_discussion",
    "discussions.edit_discussion_comment",
    "discussions.rename_discussion",
    "discussions.change_discussion_status",
    "discussions.merge_pull_request",
    "discussions.pin_discussion",
]
PAGED = ["discussions.get_repo_discussions"]
