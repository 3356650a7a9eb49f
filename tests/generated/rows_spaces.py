"""The operations on Spaces as the requests they become, but for those on what a Space is."""

from __future__ import annotations

from hub_typed_api.operations import spaces
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES", "POSITIONAL", "STREAMS"]

JSON = "content-type: application/json"

EVERY = [
    becomes(
        spaces.search_spaces,
        "GET /api/spaces/semantic-search",
        "q=remove the background",
        "filter=mcp-server",
        "sdk=gradio",
        "sdk=docker",
        "includeNonRunning=true",
        query="remove the background",
        filter=["mcp-server"],
        sdk=["gradio", "docker"],
        include_non_running=True,
    ),
    becomes(spaces.list_spaces_hardware, "GET /api/spaces/hardware"),
    becomes(spaces.list_space_templates, "GET /api/spaces/templates"),
    becomes(spaces.get_space_runtime, "GET /api/spaces/ann/app/runtime", repo_id="ann/app"),
    becomes(
        spaces.stream_space_logs,
        "GET /api/spaces/ann/app/logs/build",
        "tail=100",
        "accept: text/event-stream",
        repo_id="ann/app",
        log_type="build",
        tail=100,
    ),
    becomes(spaces.get_zero_gpu_quota, "GET /api/spaces/zero-gpu/quota"),
    becomes(
        spaces.stream_space_events,
        "GET /api/spaces/ann/set/events",
        "session_uuid=session uuid",
        "accept: text/event-stream",
        repo_id="ann/set",
        session_uuid="session uuid",
    ),
    becomes(
        spaces.stream_space_metrics, "GET /api/spaces/ann/set/metrics", "accept: text/event-stream", repo_id="ann/set"
    ),
]
LEAST = {
    "spaces.search_spaces": ["GET /api/spaces/semantic-search", "q=remove the background"],
    "spaces.stream_space_logs": ["GET /api/spaces/ann/app/logs/build", "accept: text/event-stream"],
    "spaces.stream_space_events": ["GET /api/spaces/ann/set/events", "accept: text/event-stream"],
}
PLACES = ("log_type",)
POSITIONAL = {
    "spaces.search_spaces": ["query"],
}
ONCE = {}
STREAMS = {
    "spaces.stream_space_logs",
    "spaces.stream_space_events",
    "spaces.stream_space_metrics",
}
