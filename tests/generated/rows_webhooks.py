"""The operations on webhooks as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import webhooks
from tests.generated.rows import becomes

JSON = "content-type: application/json"
ID = "6390e855e30d9209411de93b"
WATCHED = [m.WebhookWatchedItem(type="user", name="ann"), m.WebhookWatchedItem(type="space", name="bob/app")]
JOB = m.WebhookJobInput(flavor="cpu-basic", docker_image="python:3.12", secrets={"KEY": "hush"}, labels={"a": "b"})
WHAT = (
    '"watched": [{"type": "user", "name": "ann"}, {"type": "space", "name": "bob/app"}],'
    ' "domains": ["repo", "discussion"], "url": "https://ann.test/hook", "job": {"flavor": "cpu-basic",'
    ' "dockerImage": "python:3.12", "secrets": {"KEY": "hush"}, "labels": {"a": "b"}}, "jobSourceId": "0123",'
    ' "secret": "hush"'
)

EVERY = [
    becomes(webhooks.list_webhooks, "GET /api/settings/webhooks"),
    becomes(
        webhooks.create_webhook,
        "POST /api/settings/webhooks",
        JSON,
        f"{{{WHAT}}}",
        watched=WATCHED,
        domains=["repo", "discussion"],
        url="https://ann.test/hook",
        job=JOB,
        job_source_id="0123",
        secret="hush",
    ),
    becomes(webhooks.get_webhook, f"GET /api/settings/webhooks/{ID}", webhook_id=ID),
    becomes(
        webhooks.update_webhook,
        f"POST /api/settings/webhooks/{ID}",
        JSON,
        f"{{{WHAT}}}",
        webhook_id=ID,
        watched=WATCHED,
        domains=["repo", "discussion"],
        url="https://ann.test/hook",
        job=JOB,
        job_source_id="0123",
        secret="hush",
    ),
    becomes(webhooks.delete_webhook, f"DELETE /api/settings/webhooks/{ID}", webhook_id=ID),
    becomes(webhooks.set_webhook_state, f"POST /api/settings/webhooks/{ID}/disable", webhook_id=ID, action="disable"),
    becomes(
        webhooks.replay_webhook_log,
        "POST /api/settings/webhooks/64f9a55bb3115b4f513ec026/replay/64f9a55bb3115b4f513ec027",
        webhook_id="64f9a55bb3115b4f513ec026",
        log_id="64f9a55bb3115b4f513ec027",
    ),
]
LEAST = {
    "webhooks.create_webhook": [
        "POST /api/settings/webhooks",
        JSON,
        '{"watched": [{"type": "user", "name": "ann"}, {"type": "space", "name": "bob/app"}]}',
    ],
    "webhooks.update_webhook": [
        f"POST /api/settings/webhooks/{ID}",
        JSON,
        '{"watched": [{"type": "user", "name": "ann"}, {"type": "space", "name": "bob/app"}]}',
    ],
}
PLACES = ["webhook_id", "action", "log_id"]
ONCE = [
    "webhooks.create_webhook",
    "webhooks.replay_webhook_log",
]
