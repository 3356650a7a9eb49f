"""The operations of the area community as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import community
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(
        community.comment_blog_post,
        "POST /api/blog/a-title/comment",
        "content-type: application/json",
        '{"comment": "comment"}',
        slug="a-title",
        comment="comment",
    ),
    becomes(
        community.reply_blog_comment,
        "POST /api/blog/a-title/comment/64f9a55bb3115b4f513ec028/reply",
        "content-type: application/json",
        '{"comment": "comment"}',
        slug="a-title",
        comment_id="64f9a55bb3115b4f513ec028",
        comment="comment",
    ),
    becomes(
        community.comment_namespaced_blog_post,
        "POST /api/blog/ann/a-title/comment",
        "content-type: application/json",
        '{"comment": "comment"}',
        namespace="ann",
        slug="a-title",
        comment="comment",
    ),
    becomes(
        community.reply_namespaced_blog_comment,
        "POST /api/blog/ann/a-title/comment/64f9a55bb3115b4f513ec028/reply",
        "content-type: application/json",
        '{"comment": "comment"}',
        namespace="ann",
        slug="a-title",
        comment_id="64f9a55bb3115b4f513ec028",
        comment="comment",
    ),
    becomes(
        community.comment_paper,
        "POST /api/papers/2106.09685/comment",
        "content-type: application/json",
        '{"comment": "comment"}',
        paper_id="2106.09685",
        comment="comment",
    ),
    becomes(
        community.reply_paper_comment,
        "POST /api/papers/2106.09685/comment/64f9a55bb3115b4f513ec028/reply",
        "content-type: application/json",
        '{"comment": "comment"}',
        paper_id="2106.09685",
        comment_id="64f9a55bb3115b4f513ec028",
        comment="comment",
    ),
    becomes(
        community.comment_post,
        "POST /api/posts/bob/123/comment",
        "content-type: application/json",
        '{"comment": "comment"}',
        username="bob",
        post_slug="123",
        comment="comment",
    ),
    becomes(
        community.reply_post_comment,
        "POST /api/posts/bob/123/comment/64f9a55bb3115b4f513ec028/reply",
        "content-type: application/json",
        '{"comment": "comment"}',
        username="bob",
        post_slug="123",
        comment_id="64f9a55bb3115b4f513ec028",
        comment="comment",
    ),
    becomes(community.delete_post, "DELETE /api/posts/bob/123", username="bob", post_slug="123"),
]
LEAST: dict[str, list[str]] = {}
ONCE = {
    "community.comment_blog_post",
    "community.comment_namespaced_blog_post",
    "community.comment_paper",
    "community.comment_post",
    "community.reply_blog_comment",
    "community.reply_namespaced_blog_comment",
    "community.reply_paper_comment",
    "community.reply_post_comment",
}
PLACES = ("namespace", "username", "paper_id", "slug", "post_slug", "comment_id")
