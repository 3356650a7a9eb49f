"""Handlers of comments on papers, posts and articles."""

from __future__ import annotations

import attrs

from hub_typed.local.errors import bad_request, forbidden, not_found
from hub_typed.local.request.call import Call
from hub_typed.local.request.personal import check_talking
from hub_typed_api import models
from hub_typed_api.server.community import CommunityHandlers

__all__ = ["Community"]

_MAX_TEXT_LENGTH = 65536


class Community(CommunityHandlers[Call]):
    """Handlers of the operations in the area ``community``."""

    def comment_blog_post(self, call: Call, *, slug: str, comment: str) -> models.DiscussionNewMessage:
        return _comment(call, f"blog/{slug}", comment)

    def reply_blog_comment(
        self, call: Call, *, slug: str, comment_id: str, comment: str
    ) -> models.DiscussionNewMessage:
        return _comment(call, f"blog/{slug}", comment, comment_id)

    def comment_namespaced_blog_post(
        self, call: Call, *, namespace: str, slug: str, comment: str
    ) -> models.DiscussionNewMessage:
        return _comment(call, f"blog/{namespace}/{slug}", comment)

    def reply_namespaced_blog_comment(
        self, call: Call, *, namespace: str, slug: str, comment_id: str, comment: str
    ) -> models.DiscussionNewMessage:
        return _comment(call, f"blog/{namespace}/{slug}", comment, comment_id)

    def comment_paper(self, call: Call, *, paper_id: str, comment: str) -> models.DiscussionNewMessage:
        return _comment(call, f"papers/{paper_id}", comment)

    def reply_paper_comment(
        self, call: Call, *, paper_id: str, comment_id: str, comment: str
    ) -> models.DiscussionNewMessage:
        return _comment(call, f"papers/{paper_id}", comment, comment_id)

    def comment_post(self, call: Call, *, username: str, post_slug: str, comment: str) -> models.DiscussionNewMessage:
        return _comment(call, f"posts/{username}/{post_slug}", comment)

    def reply_post_comment(
        self, call: Call, *, username: str, post_slug: str, comment_id: str, comment: str
    ) -> models.DiscussionNewMessage:
        return _comment(call, f"posts/{username}/{post_slug}", comment, comment_id)

    def delete_post(self, call: Call, *, username: str, post_slug: str) -> None:
        check_talking(call)
        path = f"posts/{username}/{post_slug}"
        if call.community.publications.find(path) is None:
            raise not_found("Post not found")
        if call.user().user.name != username:
            raise forbidden("Only the author of a post can delete it")
        call.community.publications.remove(path)
        call.community.comments.remove(path)


def _comment(call: Call, path: str, text: str, parent: str | None = None) -> models.DiscussionNewMessage:
    """Add a comment to a page, or a reply to one of its comments.

    Raises:
        HubResponseError: Errors of `check_talking`; 400, the text is empty or too long; 404, there is no such page, or
            no such comment.
    """
    check_talking(call)
    if not text.strip() or len(text) > _MAX_TEXT_LENGTH:
        raise bad_request(f"A comment must have 1 to {_MAX_TEXT_LENGTH} characters")
    community = call.community
    kind, _, name = path.partition("/")
    if (community.papers.find(name) if kind == "papers" else community.publications.find(path)) is None:
        raise not_found(f"There is no page {path}")
    made = call.actor().new_comment(text)
    if parent is not None:
        if not any(one.id == parent for one in community.comments.of(path)):
            raise not_found("Comment not found")
        made = attrs.evolve(made, data=attrs.evolve(made.data, parent_comment_id=parent))
    community.comments.add(path, made)
    return models.DiscussionNewMessage(new_message=made)
