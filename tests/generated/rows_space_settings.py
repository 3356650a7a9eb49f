"""The operations on the settings of Spaces as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import space_settings
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "POSITIONAL"]

JSON = "content-type: application/json"

EVERY = [
    becomes(space_settings.get_space_secrets, "GET /api/spaces/ann/app/secrets", repo_id="ann/app"),
    becomes(
        space_settings.add_space_secret,
        "POST /api/spaces/ann/app/secrets",
        JSON,
        '{"key": "API_KEY", "value": "hush", "description": "For the weather"}',
        repo_id="ann/app",
        key="API_KEY",
        value="hush",
        description="For the weather",
    ),
    becomes(
        space_settings.delete_space_secret,
        "DELETE /api/spaces/ann/app/secrets",
        JSON,
        '{"key": "API_KEY"}',
        repo_id="ann/app",
        key="API_KEY",
    ),
    becomes(space_settings.get_space_variables, "GET /api/spaces/ann/app/variables", repo_id="ann/app"),
    becomes(
        space_settings.add_space_variable,
        "POST /api/spaces/ann/app/variables",
        JSON,
        '{"key": "MODEL", "value": "ann/m", "description": "What it runs"}',
        repo_id="ann/app",
        key="MODEL",
        value="ann/m",
        description="What it runs",
    ),
    becomes(
        space_settings.delete_space_variable,
        "DELETE /api/spaces/ann/app/variables",
        JSON,
        '{"key": "MODEL"}',
        repo_id="ann/app",
        key="MODEL",
    ),
    becomes(
        space_settings.request_space_hardware,
        "POST /api/spaces/ann/app/hardware",
        JSON,
        '{"flavor": "t4-small", "sleepTimeSeconds": 3600}',
        repo_id="ann/app",
        hardware="t4-small",
        sleep_time=3600,
    ),
    becomes(
        space_settings.set_space_sleep_time,
        "POST /api/spaces/ann/app/sleeptime",
        JSON,
        '{"seconds": -1}',
        repo_id="ann/app",
        sleep_time=-1,
    ),
    becomes(
        space_settings.set_space_replicas,
        "POST /api/spaces/ann/app/replicas",
        JSON,
        '{"replicas": 2}',
        repo_id="ann/app",
        replicas=2,
    ),
    becomes(space_settings.pause_space, "POST /api/spaces/ann/app/pause", repo_id="ann/app"),
    becomes(
        space_settings.restart_space,
        "POST /api/spaces/ann/app/restart",
        "factory=true",
        repo_id="ann/app",
        factory_reboot=True,
    ),
    becomes(
        space_settings.request_space_storage,
        "POST /api/spaces/ann/app/storage",
        JSON,
        '{"tier": "small"}',
        repo_id="ann/app",
        storage="small",
    ),
    becomes(space_settings.delete_space_storage, "DELETE /api/spaces/ann/app/storage", repo_id="ann/app"),
    becomes(
        space_settings.set_space_dev_mode,
        "POST /api/spaces/ann/app/dev-mode",
        JSON,
        '{"enabled": false}',
        repo_id="ann/app",
        enabled=False,
    ),
    becomes(
        space_settings.set_space_volumes,
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
    becomes(space_settings.delete_space_volumes, "DELETE /api/spaces/ann/app/volumes", repo_id="ann/app"),
]

LEAST = {
    "space_settings.add_space_secret": [
        "POST /api/spaces/ann/app/secrets",
        JSON,
        '{"key": "API_KEY", "value": "hush"}',
    ],
    "space_settings.add_space_variable": [
        "POST /api/spaces/ann/app/variables",
        JSON,
        '{"key": "MODEL", "value": "ann/m"}',
    ],
    "space_settings.request_space_hardware": ["POST /api/spaces/ann/app/hardware", JSON, '{"flavor": "t4-small"}'],
    "space_settings.restart_space": ["POST /api/spaces/ann/app/restart"],
}

POSITIONAL = {
    "space_settings.add_space_secret": ["repo_id", "key", "value"],
    "space_settings.delete_space_secret": ["repo_id", "key"],
    "space_settings.add_space_variable": ["repo_id", "key", "value"],
    "space_settings.delete_space_variable": ["repo_id", "key"],
    "space_settings.request_space_hardware": ["repo_id", "hardware"],
    "space_settings.set_space_sleep_time": ["repo_id", "sleep_time"],
    "space_settings.request_space_storage": ["repo_id", "storage"],
    "space_settings.set_space_volumes": ["repo_id", "volumes"],
}

ONCE = {
    "space_settings.request_space_hardware",
    "space_settings.pause_space",
    "space_settings.restart_space",
    "space_settings.request_space_storage",
    "space_settings.set_space_dev_mode",
}
