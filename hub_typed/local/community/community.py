"""What the users of a Hub share besides repositories, discussions and collections."""

from __future__ import annotations

from pathlib import Path

from hub_typed.local.community.comments import Comments
from hub_typed.local.community.notifications import Inboxes
from hub_typed.local.community.papers import Papers
from hub_typed.local.community.publications import Publications

__all__ = ["Community"]


class Community:
    """Papers, posts and articles, the comments on them, and what users set about notifications.

    Attributes:
        publications: Posts and articles; ``publications.add_post`` and ``publications.add_article`` add some.
    """

    def __init__(self, root: Path) -> None:
        self.papers: Papers = Papers(root / "papers.json")
        self.publications: Publications = Publications(root / "publications.json")
        self.comments: Comments = Comments(root / "comments.json")
        self.inboxes: Inboxes = Inboxes(root / "inboxes.json")
