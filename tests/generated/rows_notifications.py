"""The operations of the area notifications as the requests they become."""

from __future__ import annotations

from datetime import UTC, datetime

from hub_typed_api import models as m
from hub_typed_api.operations import notifications
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PAGED"]

EVERY = [
    becomes(
        notifications.list_notifications,
        "GET /api/notifications",
        "p=2",
        "readStatus=all",
        "repoType=model",
        "repoName=repo name",
        "postAuthor=post author",
        "paperId=2106.09685",
        "articleId=article id",
        "mention=all",
        "lastUpdate=2026-01-02T00:00:00.000Z",
        page=2,
        read_status="all",
        repo_type="model",
        repo_name="repo name",
        post_author="post author",
        paper_id="2106.09685",
        article_id="article id",
        mention="all",
        last_update=datetime(2026, 1, 2, tzinfo=UTC),
    ),
    becomes(
        notifications.delete_notifications,
        "DELETE /api/notifications",
        "p=2",
        "readStatus=all",
        "repoType=model",
        "repoName=repo name",
        "postAuthor=post author",
        "paperId=2106.09685",
        "articleId=article id",
        "mention=all",
        "lastUpdate=2026-01-02T00:00:00.000Z",
        "applyToAll=true",
        "content-type: application/json",
        '{"discussionIds": ["discussion id"]}',
        page=2,
        read_status="all",
        repo_type="model",
        repo_name="repo name",
        post_author="post author",
        paper_id="2106.09685",
        article_id="article id",
        mention="all",
        last_update=datetime(2026, 1, 2, tzinfo=UTC),
        apply_to_all=True,
        discussion_ids=["discussion id"],
    ),
    becomes(
        notifications.mark_notifications_read,
        "POST /api/notifications/mark-as-read",
        "p=2",
        "readStatus=all",
        "repoType=model",
        "repoName=repo name",
        "postAuthor=post author",
        "paperId=2106.09685",
        "articleId=article id",
        "mention=all",
        "lastUpdate=2026-01-02T00:00:00.000Z",
        "applyToAll=true",
        "content-type: application/json",
        '{"discussionIds": ["discussion id"], "read": true}',
        page=2,
        read_status="all",
        repo_type="model",
        repo_name="repo name",
        post_author="post author",
        paper_id="2106.09685",
        article_id="article id",
        mention="all",
        last_update=datetime(2026, 1, 2, tzinfo=UTC),
        apply_to_all=True,
        discussion_ids=["discussion id"],
        read=True,
    ),
    becomes(
        notifications.update_notification_settings,
        "PATCH /api/settings/notifications",
        "content-type: application/json",
        '{"notifications": {"announcements": true, "arxiv_paper_activity": true,'
        ' "daily_papers_digest": true, "discussions_participating": true, "discussions_watched": true,'
        ' "gated_user_access_request": true, "inference_endpoint_status": true, "job_status": true,'
        ' "launch_autonlp": true, "launch_spaces": true, "launch_prepaid_credits": true,'
        ' "launch_training_cluster": true, "org_request": true, "org_suggestions": true,'
        ' "org_verified_suggestions": true, "org_suggestions_to_create": true, "posts_participating": true,'
        ' "user_follows": true, "secret_detected": true, "web_discussions_participating": true,'
        ' "web_discussions_watched": true, "web_posts_participating": true,'
        ' "product_updates_after": "2026-01-02T00:00:00.000Z", "api_inference_sunset": true,'
        ' "locked_out": true, "repo_release": true}, "prepaidAmount": "prepaid amount"}',
        notifications=m.NotificationEmails(
            announcements=True,
            arxiv_paper_activity=True,
            daily_papers_digest=True,
            discussions_participating=True,
            discussions_watched=True,
            gated_user_access_request=True,
            inference_endpoint_status=True,
            job_status=True,
            launch_autonlp=True,
            launch_spaces=True,
            launch_prepaid_credits=True,
            launch_training_cluster=True,
            org_request=True,
            org_suggestions=True,
            org_verified_suggestions=True,
            org_suggestions_to_create=True,
            posts_participating=True,
            user_follows=True,
            secret_detected=True,
            web_discussions_participating=True,
            web_discussions_watched=True,
            web_posts_participating=True,
            product_updates_after=datetime(2026, 1, 2, tzinfo=UTC),
            api_inference_sunset=True,
            locked_out=True,
            repo_release=True,
        ),
        prepaid_amount="prepaid amount",
    ),
    becomes(
        notifications.update_watch_settings,
        "PATCH /api/settings/watch",
        "content-type: application/json",
        '{"add": [{"id": "id", "type": "org"}], "delete": [{"id": "id", "type": "org"}]}',
        add=[m.WatchedThing(id="id", type="org")],
        delete=[m.WatchedThing(id="id", type="org")],
    ),
]
LEAST: dict[str, list[str]] = {
    "notifications.list_notifications": ["GET /api/notifications"],
    "notifications.delete_notifications": ["DELETE /api/notifications", "content-type: application/json", "{}"],
    "notifications.mark_notifications_read": [
        "POST /api/notifications/mark-as-read",
        "content-type: application/json",
        "{}",
    ],
    "notifications.update_notification_settings": [
        "PATCH /api/settings/notifications",
        "content-type: application/json",
        (
            '{"notifications": {"announcements": true, "arxiv_paper_activity": true,'
            ' "daily_papers_digest": true, "discussions_participating": true, "discussions_watched": true,'
            ' "gated_user_access_request": true, "inference_endpoint_status": true, "job_status": true,'
            ' "launch_autonlp": true, "launch_spaces": true, "launch_prepaid_credits": true,'
            ' "launch_training_cluster": true, "org_request": true, "org_suggestions": true,'
            ' "org_verified_suggestions": true, "org_suggestions_to_create": true, "posts_participating": true,'
            ' "user_follows": true, "secret_detected": true, "web_discussions_participating": true,'
            ' "web_discussions_watched": true, "web_posts_participating": true,'
            ' "product_updates_after": "2026-01-02T00:00:00.000Z", "api_inference_sunset": true,'
            ' "locked_out": true, "repo_release": true}}'
        ),
    ],
    "notifications.update_watch_settings": ["PATCH /api/settings/watch", "content-type: application/json", "{}"],
}
ONCE = {
    "notifications.mark_notifications_read",
    "notifications.update_notification_settings",
    "notifications.update_watch_settings",
}
PAGED = {"notifications.list_notifications"}
