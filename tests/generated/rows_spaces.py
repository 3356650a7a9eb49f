"""The operations on Spaces as the requests they become, but for those on what a Space is."""

from __future__ import annotations

from hub_typed_api import models as m
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
    becomes(spaces.get_space_secrets, "GET /api/spaces/ann/app/secrets", repo_id="ann/app"),
    becomes(
        spaces.add_space_secret,
        "POST /api/spaces/ann/app/secrets",
        JSON,
        '{"key": "API_KEY", "value": "hush", "description": "For the weather"}',
        repo_id="ann/app",
        key="API_KEY",
        value="hush",
        description="For the weather",
    ),
    becomes(
        spaces.delete_space_secret,
        "DELETE /api/spaces/ann/app/secrets",
        JSON,
        '{"key": "API_KEY"}',
        repo_id="ann/app",
        key="API_KEY",
    ),
    becomes(spaces.get_space_variables, "GET /api/spaces/ann/app/variables", repo_id="ann/app"),
    becomes(
        spaces.add_space_variable,
        "POST /api/spaces/ann/app/variables",
        JSON,
        '{"key": "MODEL", "value": "ann/m", "description": "What it runs"}',
        repo_id="ann/app",
        key="MODEL",
        value="ann/m",
        description="What it runs",
    ),
    becomes(
        spaces.delete_space_variable,
        "DELETE /api/spaces/ann/app/variables",
        JSON,
        '{"key": "MODEL"}',
        repo_id="ann/app",
        key="MODEL",
    ),
    becomes(spaces.get_space_runtime, "GET /api/spaces/ann/app/runtime", repo_id="ann/app"),
    becomes(
        spaces.request_space_hardware,
        "POST /api/spaces/ann/app/hardware",
        JSON,
        '{"flavor": "t4-small", "sleepTimeSeconds": 3600}',
        repo_id="ann/app",
        hardware="t4-small",
        sleep_time=3600,
    ),
    becomes(
        spaces.set_space_sleep_time,
        "POST /api/spaces/ann/app/sleeptime",
        JSON,
        '{"seconds": -1}',
        repo_id="ann/app",
        sleep_time=-1,
    ),
    becomes(
        spaces.set_space_replicas,
        "POST /api/spaces/ann/app/replicas",
        JSON,
        '{"replicas": 2}',
        repo_id="ann/app",
        replicas=2,
    ),
    becomes(spaces.pause_space, "POST /api/spaces/ann/app/pause", repo_id="ann/app"),
    becomes(
        spaces.restart_space, "POST /api/spaces/ann/app/restart", "factory=true", repo_id="ann/app", factory_reboot=True
    ),
    becomes(
        spaces.request_space_storage,
        "POST /api/spaces/ann/app/storage",
        JSON,
        '{"tier": "small"}',
        repo_id="ann/app",
        storage="small",
    ),
    becomes(spaces.delete_space_storage, "DELETE /api/spaces/ann/app/storage", repo_id="ann/app"),
    becomes(
        spaces.set_space_dev_mode,
        "POST /api/spaces/ann/app/dev-mode",
        JSON,
        '{"enabled": false}',
        repo_id="ann/app",
        enabled=False,
    ),
    becomes(
        spaces.set_space_volumes,
        "PUT /api/spaces/ann/app/volumes",
        JSON,
        '{"volumes": [{"type": "model", "source": "ann/m", "mountPath": "/m", "revision": "v1", "path": "onnx"},'
        ' {"type": "bucket", "source": "ann/b", "mountPath": "/data", "readOnly": false}]}',
        repo_id="ann/app",
        volumes=[
            m.Volume(type="model", source="ann/m", mount_path="/m", revision="v1", path="onnx"),
            m.Volume(type="bucket", source="ann/b", mount_path="/data", read_only=False),
        ],
    ),
    becomes(spaces.delete_space_volumes, "DELETE /api/spaces/ann/app/volumes", repo_id="ann/app"),
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
    "spaces.add_space_secret": ["POST /api/spaces/ann/app/secrets", JSON, '{"key": "API_KEY", "value": "hush"}'],
    "spaces.add_space_variable": ["POST /api/spaces/ann/app/variables", JSON, '{"key": "MODEL", "value": "ann/m"}'],
    "spaces.request_space_hardware": ["POST /api/spaces/ann/app/hardware", JSON, '{"flavor": "t4-small"}'],
    "spaces.restart_space": ["POST /api/spaces/ann/app/restart"],
    "spaces.stream_space_logs": ["GET /api/spaces/ann/app/logs/build", "accept: text/event-stream"],
    "spaces.stream_space_events": ["GET /api/spaces/ann/set/events", "accept: text/event-stream"],
}
PLACES = ("log_type",)
POSITIONAL = {
    "spaces.search_spaces": ["query"],
    "spaces.add_space_secret": ["repo_id", "key", "value"],
    "spaces.delete_space_secret": ["repo_id", "key"],
    "spaces.add_space_variable": ["repo_id", "key", "value"],
    "spaces.delete_space_variable": ["repo_id", "key"],
    "spaces.request_space_hardware": ["repo_id", "hardware"],
    "spaces.set_space_sleep_time": ["repo_id", "sleep_time"],
    "spaces.request_space_storage": ["repo_id", "storage"],
    "spaces.set_space_volumes": ["repo_id", "volumes"],
}
ONCE = {
    "spaces.request_space_hardware",
    "spaces.pause_space",
    "spaces.restart_space",
    "spaces.request_space_storage",
    "spaces.set_space_dev_mode",
}
STREAMS = {
    "spaces.stream_space_logs",
    "spaces.stream_space_events",
    "spaces.stream_space_metrics",
}
