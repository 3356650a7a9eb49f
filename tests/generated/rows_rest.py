"""Rows of the smaller areas: kernels, OAuth, telemetry, agents."""

from __future__ import annotations

from hub_typed_api.operations import agents, kernels, oauth, telemetry
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PAGED", "PLACES", "WITHOUT_TOKEN"]

EVERY = [
    becomes(
        kernels.list_kernels,
        "GET /api/kernels",
        "search=act",
        "author=ann",
        "author=eve",
        "id=ann/act",
        "arxivIds=2307.09288",
        "filter=cuda",
        "sort=likes",
        "direction=1",
        "limit=5",
        "cursor=c",
        "full=true",
        "gated=false",
        "expand=files",
        "expand=tags",
        search="act",
        author=["ann", "eve"],
        repo_ids=["ann/act"],
        arxiv_ids=["2307.09288"],
        filter=["cuda"],
        sort="likes",
        direction=1,
        limit=5,
        cursor="c",
        full=True,
        gated=False,
        expand=["files", "tags"],
    ),
    becomes(kernels.kernel_info, "GET /api/kernels/ann/act", repo_id="ann/act"),
    becomes(
        kernels.kernel_info_at_revision,
        "GET /api/kernels/ann/act/revision/v1%2F2",
        repo_id="ann/act",
        revision="v1/2",
    ),
    becomes(
        oauth.oauth_device_code,
        "POST /oauth/device",
        "content-type: application/x-www-form-urlencoded",
        "client_id=app&scope=openid+read-repos",
        client_id="app",
        scope="openid read-repos",
    ),
    becomes(
        oauth.oauth_token,
        "POST /oauth/token",
        "content-type: application/x-www-form-urlencoded",
        "grant_type=refresh_token&client_id=app&client_secret=s&device_code=d&refresh_token=r&code=c&redirect_uri=https%3A%2F"
        "%2Fapp.test"
        "&code_verifier=v&subject_token=s&subject_token_type=t&resource=ann",
        grant_type="refresh_token",
        client_id="app",
        client_secret="s",
        device_code="d",
        refresh_token="r",
        code="c",
        redirect_uri="https://app.test",
        code_verifier="v",
        subject_token="s",
        subject_token_type="t",
        resource="ann",
    ),
    becomes(telemetry.send_telemetry, "HEAD /api/telemetry/gradio/a%20b", topic="gradio/a b"),
    becomes(agents.get_agent_harnesses, "GET /api/agent-harnesses"),
]
LEAST = {
    "kernels.list_kernels": ["GET /api/kernels"],
    "kernels.kernel_info_at_revision": ["GET /api/kernels/ann/act/revision/main"],
    "oauth.oauth_device_code": [
        "POST /oauth/device",
        "content-type: application/x-www-form-urlencoded",
        "client_id=app",
    ],
    "oauth.oauth_token": [
        "POST /oauth/token",
        "content-type: application/x-www-form-urlencoded",
        "grant_type=refresh_token",
    ],
}
PAGED = ["kernels.list_kernels"]
PLACES = ["topic"]
ONCE = ["oauth.oauth_device_code", "oauth.oauth_token", "telemetry.send_telemetry"]
WITHOUT_TOKEN = [
    "oauth.oauth_device_code",
    "oauth.oauth_token",
    "telemetry.send_telemetry",
    "agents.get_agent_harnesses",
]
