"""The operations on Inference Endpoints as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import inference_endpoints as endpoints
from tests.generated.rows import becomes

__all__ = ["EVERY", "HOSTS", "LEAST", "ONCE", "PLACES", "POSITIONAL"]

JSON = "content-type: application/json"
AT = "/v2/endpoint/ann/my%20gpt"
CREATED = (
    '{"name": "gpt", "type": "private", "provider": {"vendor": "aws", "region": "us-east-1"},'
    ' "compute": {"accelerator": "cpu", "instanceType": "intel-icl", "instanceSize": "x2",'
    ' "scaling": {"minReplica": 0, "maxReplica": 2, "scaleToZeroTimeout": 15, "measure": {"hardwareUsage": 80}}},'
    ' "model": {"repository": "gpt2", "framework": "custom", "image": {"custom": {"url": "ghcr.io/ann/x"}},'
    ' "secrets": {"KEY": "hush"}}}'
)

CHECK = {
    "own": True,
    "is_creator": False,
    "creator_id": "5f",
    "incur_cost": True,
    "resource_group_id": "66",
    "repository": "ann/m",
}
CHECKED = ("own=true", "is_creator=false", "creator_id=5f", "incur_cost=true", "resource_group_id=66", "repo_id=ann/m")

EVERY = [
    becomes(endpoints.list_inference_endpoints, "GET /v2/endpoint/ann", namespace="ann"),
    becomes(
        endpoints.create_inference_endpoint,
        "POST /v2/endpoint/ann",
        JSON,
        CREATED[:-1] + ', "accountId": "123", "privateService": {"accountId": "123", "region": "us-east-1"},'
        ' "route": {"domain": "gpt.example", "path": "/v1"}, "cacheHttpResponses": true, "tags": ["test"]}',
        namespace="ann",
        name="gpt",
        type="private",
        provider=m.InferenceEndpointProvider(vendor="aws", region="us-east-1"),
        compute=m.InferenceEndpointCompute(
            accelerator="cpu",
            instance_type="intel-icl",
            instance_size="x2",
            scaling=m.InferenceEndpointScaling(
                min_replica=0, max_replica=2, scale_to_zero_timeout=15, measure={"hardwareUsage": 80}
            ),
        ),
        model=m.InferenceEndpointModel(
            repository="gpt2",
            framework="custom",
            image={"custom": {"url": "ghcr.io/ann/x"}},
            secrets={"KEY": "hush"},
        ),
        account_id="123",
        private_service=m.PrivateService(account_id="123", region="us-east-1"),
        route=m.InferenceEndpointRoute(domain="gpt.example", path="/v1"),
        cache_http_responses=True,
        tags=["test"],
    ),
    becomes(endpoints.get_inference_endpoint, f"GET {AT}", namespace="ann", name="my gpt"),
    becomes(
        endpoints.update_inference_endpoint,
        f"PUT {AT}",
        JSON,
        '{"compute": {"scaling": {"maxReplica": 3}}, "model": {"revision": "v2"}, "route": {"path": "/v2"},'
        ' "cacheHttpResponses": false, "tags": []}',
        namespace="ann",
        name="my gpt",
        compute=m.InferenceEndpointCompute(scaling=m.InferenceEndpointScaling(max_replica=3)),
        model=m.UpdateInferenceEndpointModel(revision="v2"),
        route=m.InferenceEndpointRoute(path="/v2"),
        cache_http_responses=False,
        tags=[],
    ),
    becomes(endpoints.delete_inference_endpoint, f"DELETE {AT}", namespace="ann", name="my gpt"),
    becomes(endpoints.pause_inference_endpoint, f"POST {AT}/pause", namespace="ann", name="my gpt"),
    becomes(endpoints.resume_inference_endpoint, f"POST {AT}/resume", namespace="ann", name="my gpt"),
    becomes(endpoints.scale_to_zero_inference_endpoint, f"POST {AT}/scale-to-zero", namespace="ann", name="my gpt"),
    becomes(endpoints.list_inference_endpoints_hardware, "GET /v2/provider/ann", namespace="ann"),
    becomes(
        endpoints.check_inference_endpoints_access,
        "POST /api/inference-endpoints/ann/auth-check/infer",
        *CHECKED,
        namespace="ann",
        perms="infer",
        **CHECK,
    ),
    becomes(
        endpoints.check_inference_endpoint_access,
        "POST /api/inference-endpoints/ann/my%20gpt/auth-check/read",
        *CHECKED,
        namespace="ann",
        name="my gpt",
        perms="read",
        **CHECK,
    ),
    becomes(
        endpoints.inference_endpoint_health,
        "GET https://x.endpoints.test/health",
        health_url="https://x.endpoints.test/health",
    ),
]
LEAST = {
    "inference_endpoints.check_inference_endpoints_access": ["POST /api/inference-endpoints/ann/auth-check/infer"],
    "inference_endpoints.check_inference_endpoint_access": [
        "POST /api/inference-endpoints/ann/my%20gpt/auth-check/read",
    ],
    "inference_endpoints.create_inference_endpoint": ["POST /v2/endpoint/ann", JSON, CREATED],
    "inference_endpoints.update_inference_endpoint": [f"PUT {AT}", JSON, "{}"],
}
PLACES = ("namespace", "name", "health_url", "perms")
POSITIONAL = {
    "inference_endpoints.create_inference_endpoint": ["namespace"],
}
ONCE = {
    "inference_endpoints.create_inference_endpoint",
    "inference_endpoints.pause_inference_endpoint",
    "inference_endpoints.resume_inference_endpoint",
    "inference_endpoints.scale_to_zero_inference_endpoint",
    "inference_endpoints.inference_endpoint_health",
}
API = "https://api.endpoints.huggingface.cloud"
HOSTS = {
    "inference_endpoints.list_inference_endpoints": API,
    "inference_endpoints.create_inference_endpoint": API,
    "inference_endpoints.get_inference_endpoint": API,
    "inference_endpoints.update_inference_endpoint": API,
    "inference_endpoints.delete_inference_endpoint": API,
    "inference_endpoints.pause_inference_endpoint": API,
    "inference_endpoints.resume_inference_endpoint": API,
    "inference_endpoints.scale_to_zero_inference_endpoint": API,
    "inference_endpoints.list_inference_endpoints_hardware": API,
}
