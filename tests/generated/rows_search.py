"""The operations of the area search as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import search
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST"]

EVERY = [
    becomes(
        search.quicksearch,
        "GET /api/quicksearch",
        "q=q",
        "limit=2",
        "lang=lang",
        "library=library",
        "type=model",
        "orgsFilter=own",
        "reposFilter=skip_disabled",
        "pipelines=pipeline",
        "exclude=exclude",
        "namespace=ann",
        "includeInvitees=true",
        "repoName=repo name",
        "repoType=model",
        "discussionId=discussion id",
        "discussionCollectionName=discussion collection name",
        "spacesTags=spaces tag",
        q="q",
        limit=2,
        lang="lang",
        library="library",
        type=["model"],
        orgs_filter=["own"],
        repos_filter=["skip_disabled"],
        pipelines=["pipeline"],
        exclude=["exclude"],
        namespace="ann",
        include_invitees=True,
        repo_name="repo name",
        repo_type="model",
        discussion_id="discussion id",
        discussion_collection_name="discussion collection name",
        spaces_tags=["spaces tag"],
    ),
    becomes(
        search.quicksearch_post,
        "POST /api/quicksearch",
        "content-type: application/json",
        '{"q": "q", "limit": 2, "lang": "lang", "library": "library", "type": ["model"],'
        ' "orgsFilter": ["own"], "reposFilter": ["skip_disabled"], "pipelines": ["pipeline"],'
        ' "exclude": ["exclude"], "namespace": "ann", "includeInvitees": true, "repoName": "repo name",'
        ' "repoType": "model", "discussionId": "discussion id",'
        ' "discussionCollectionName": "discussion collection name", "spacesTags": ["spaces tag"]}',
        q="q",
        limit=2,
        lang="lang",
        library="library",
        type=["model"],
        orgs_filter=["own"],
        repos_filter=["skip_disabled"],
        pipelines=["pipeline"],
        exclude=["exclude"],
        namespace="ann",
        include_invitees=True,
        repo_name="repo name",
        repo_type="model",
        discussion_id="discussion id",
        discussion_collection_name="discussion collection name",
        spaces_tags=["spaces tag"],
    ),
    becomes(search.get_trending, "GET /api/trending", "type=all", "limit=2", type="all", limit=2),
]
LEAST: dict[str, list[str]] = {
    "search.quicksearch": ["GET /api/quicksearch"],
    "search.quicksearch_post": ["POST /api/quicksearch", "content-type: application/json", "{}"],
    "search.get_trending": ["GET /api/trending"],
}
