"""Inference Endpoints, with both clients and both transports."""

from __future__ import annotations

import inspect
import time
from contextlib import suppress

import pytest

from hub_typed import (
    AsyncInferenceEndpoint,
    BadRequestError,
    HfApi,
    HfHubHTTPError,
    InferenceEndpoint,
    InferenceEndpointError,
    InferenceEndpointScalingMetric,
    InferenceEndpointStatus,
    InferenceEndpointTimeoutError,
    InferenceEndpointType,
    SettingsError,
)
from hub_typed.flows.inference_endpoints.endpoint import InferenceEndpointState
from hub_typed_api.codec.inference_endpoints import structure_inference_endpoint_info
from hub_typed_api.operations import dataset_viewer
from hub_typed_api.serve import Answer
from tests.scripted_hub import ScriptedHub

HARDWARE = {
    "accelerator": "cpu",
    "vendor": "aws",
    "region": "us-east-1",
    "instance_size": "x2",
    "instance_type": "intel-icl",
}


async def awaited(value):
    return await value if inspect.isawaitable(value) else value


async def created(side, name="my-endpoint", **more):
    with suppress(HfHubHTTPError):
        await side.api.create_repo(side.repo)
    given = {"repository": side.repo, "framework": "pytorch", "task": "text-generation", **HARDWARE, **more}
    return await side.api.create_inference_endpoint(name, **given)


def test_the_life_of_an_endpoint(play, kind):
    async def scenario(side):
        clock = side.hub.hub.inference
        endpoint = await created(side, type=InferenceEndpointType.PROTECTED, min_replica=0, scale_to_zero_timeout=15)
        assert isinstance(endpoint, InferenceEndpoint if kind == "sync" else AsyncInferenceEndpoint)
        assert (endpoint.name, endpoint.namespace, endpoint.repository) == ("my-endpoint", side.hub.user, side.repo)
        assert (endpoint.status, endpoint.url, endpoint.type) == ("pending", None, InferenceEndpointType.PROTECTED)
        assert isinstance(endpoint.status, InferenceEndpointStatus)
        assert (endpoint.framework, endpoint.task) == ("pytorch", "text-generation")
        assert endpoint.revision == (await side.api.model_info(side.repo)).sha
        assert endpoint.raw["compute"]["scaling"] == {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15}
        assert endpoint.raw["model"]["image"] == {"huggingface": {}}
        assert "InferenceEndpoint(name='my-endpoint'" in repr(endpoint)
        clock.advance(1.5)
        assert (await awaited(endpoint.fetch())) is endpoint
        assert endpoint.status == InferenceEndpointStatus.INITIALIZING
        clock.advance(2)
        assert (await awaited(endpoint.wait(timeout=10, refresh_every=0.01))) is endpoint
        assert endpoint.status == InferenceEndpointStatus.RUNNING
        assert endpoint.url
        await awaited(endpoint.update(instance_size="x4", max_replica=3))
        assert endpoint.status == "updating"
        assert endpoint.raw["compute"]["scaling"]["minReplica"] == 0
        assert (endpoint.raw["compute"]["instanceSize"], endpoint.raw["compute"]["accelerator"]) == ("x4", "cpu")
        clock.advance(2)
        assert (await side.api.get_inference_endpoint("my-endpoint")).status == "running"
        await awaited(endpoint.scale_to_zero())
        assert endpoint.status == InferenceEndpointStatus.SCALED_TO_ZERO
        await awaited(endpoint.pause())
        assert (endpoint.status, endpoint.url) == ("paused", None)
        with pytest.raises(InferenceEndpointError, match=r"it is paused. Call resume\(\) first"):
            await awaited(endpoint.wait())
        await awaited(endpoint.resume())
        assert endpoint.status == "initializing"
        clock.advance(2)
        await awaited(endpoint.resume())
        assert endpoint.status == "running"
        with pytest.raises(BadRequestError, match="already running"):
            await awaited(endpoint.resume(running_ok=False))
        assert [one.name for one in await side.api.list_inference_endpoints()] == ["my-endpoint"]
        await awaited(endpoint.delete())
        with pytest.raises(HfHubHTTPError, match="404"):
            await awaited(endpoint.fetch())
        assert await side.api.list_inference_endpoints() == []

    play(scenario)


def test_methods_of_the_client(play):
    async def scenario(side):
        api, clock = side.api, side.hub.hub.inference
        image = {"health_route": "/health", "url": "ghcr.io/huggingface/text-generation-inference:1.1.0"}
        await created(side, custom_image=image, secrets={"KEY": "value"}, min_replica=1, scale_to_zero_timeout=None)
        endpoint = await api.get_inference_endpoint("my-endpoint", namespace=side.hub.user)
        assert endpoint.raw["model"]["image"] == {"custom": image}
        assert "value" not in str(endpoint.raw)
        clock.advance(10)
        updated = await api.update_inference_endpoint("my-endpoint", task="text-classification", max_replica=2)
        assert (updated.status, updated.task, updated.framework) == ("updating", "text-classification", "pytorch")
        assert (await api.pause_inference_endpoint("my-endpoint")).status == "paused"
        assert (await api.resume_inference_endpoint("my-endpoint")).status == "initializing"
        clock.advance(10)
        assert (await api.resume_inference_endpoint("my-endpoint")).status == "running"
        with pytest.raises(BadRequestError, match="already running"):
            await api.resume_inference_endpoint("my-endpoint", running_ok=False)
        assert (await api.scale_to_zero_inference_endpoint("my-endpoint")).status == "scaledToZero"
        assert await api.delete_inference_endpoint("my-endpoint") is None
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.get_inference_endpoint("my-endpoint")

    play(scenario)


def test_every_setting_of_an_endpoint(play):
    image = {"vLLM": {"url": "vllm/vllm-openai:v0.23.0", "port": 8000}}

    async def scenario(side):
        api, clock = side.api, side.hub.hub.inference
        plain = await created(side, "plain")
        assert plain.type == InferenceEndpointType.AUTHENTICATED
        assert plain.raw["compute"]["scaling"] == {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15}
        made = await created(
            side,
            private_link_account_id="123",
            private_link_region="us-east-1",
            scaling_metric=InferenceEndpointScalingMetric.PENDING_REQUESTS,
            scaling_threshold=1.5,
            custom_image=image,
            container_command=["serve"],
            container_args=["--fast"],
            env={"A": "1"},
            domain="models.test",
            path="/m",
            cache_http_responses=True,
            tags=["dev"],
        )
        assert made.raw["compute"]["scaling"]["measure"] == {"pendingRequests": 1.5}
        model = made.raw["model"]
        assert (model["image"], model["command"], model["args"]) == (image, ["serve"], ["--fast"])
        assert (model["env"], made.raw["route"]) == ({"A": "1"}, {"domain": "models.test", "path": "/m"})
        assert (made.raw["cacheHttpResponses"], made.raw["tags"]) == (True, ["dev"])
        clock.advance(10)
        changed = await api.update_inference_endpoint(
            "my-endpoint",
            scaling_metric="hardwareUsage",
            scaling_threshold=80,
            container_args=[],
            tensor_parallel_size=2,
            data_parallel_size=4,
            env={"B": "2"},
            path="/n",
            cache_http_responses=False,
            tags=[],
        )
        assert changed.raw["compute"]["scaling"]["measure"] == {"hardwareUsage": 80}
        sizes = {"tensorParallelSize": 2, "dataParallelSize": 4}
        assert changed.raw["model"]["image"] == {"vLLM": image["vLLM"] | sizes}
        assert (changed.raw["model"]["env"], changed.raw["route"]["path"]) == ({"B": "2"}, "/n")
        assert (changed.raw["cacheHttpResponses"], changed.raw["tags"]) == (False, [])
        with pytest.warns(UserWarning, match="only for vLLM"):
            await awaited(plain.update(data_parallel_size=2))

    play(scenario)


def test_the_credentials_of_a_registry_are_not_returned(play):
    async def scenario(side):
        image = {"url": "registry.test/image"}
        made = await created(
            side, custom_image=image, container_registry_username="ann", container_registry_password="s3cret"
        )
        assert made.raw["model"]["image"] == {"custom": {**image, "credentials": {"username": "ann"}}}
        with pytest.raises(ValueError, match="pass custom_image, too"):
            await awaited(made.update(tensor_parallel_size=2))
        for wrong, says in (
            ({"container_registry_password": "s3cret"}, "without container_registry_username"),
            ({"container_registry_username": "ann"}, "only for a custom image"),
            ({"private_link_region": "us-east-1"}, "pass both"),
        ):
            with pytest.raises(ValueError, match=says) as caught:
                await created(side, "other", **wrong)
            assert "s3cret" not in str(caught.value)

    play(scenario)


def test_the_hardware_of_an_account(play):
    async def scenario(side):
        found = await side.api.list_inference_endpoints_hardware()
        (one,) = [one for one in found if one.id == "aws-us-east-1-nvidia-t4-x1"]
        assert (one.vendor, one.region, one.accelerator, one.instance_type) == ("aws", "us-east-1", "gpu", "nvidia-t4")
        assert (one.instance_size, one.num_accelerators, one.num_cpus, one.price_per_hour) == ("x1", 1, 3, 0.5)
        assert (one.max_accelerators, one.used_accelerators) == (8, 0)
        assert await side.api.list_inference_endpoints_hardware(namespace=side.hub.user) == found
        with pytest.raises(HfHubHTTPError, match="403"):
            await side.api.list_inference_endpoints_hardware(namespace="somebody")

    play(scenario)


def test_all_namespaces(play):
    async def scenario(side):
        side.hub.add_organization("lab")
        await created(side, "mine")
        await created(side, "ours", namespace="lab")
        found = await side.api.list_inference_endpoints("*")
        assert [(one.namespace, one.name) for one in found] == [(side.hub.user, "mine"), ("lab", "ours")]
        assert [one.name for one in await side.api.list_inference_endpoints("lab")] == ["ours"]

        def refuse(incoming):
            return Answer(status=401) if incoming.path == "/v2/endpoint/lab" else None

        side.hub.hub.intercept = refuse
        assert [one.name for one in await side.api.list_inference_endpoints("*")] == ["mine"]
        with pytest.raises(HfHubHTTPError, match="401"):
            await side.api.list_inference_endpoints("lab")

    play(scenario)


def test_a_failed_deployment(play):
    async def scenario(side):
        endpoint = await created(side)
        side.hub.hub.inference.fail(side.hub.user, "my-endpoint", "Out of memory")
        await awaited(endpoint.fetch())
        assert endpoint.status == InferenceEndpointStatus.FAILED
        with pytest.raises(InferenceEndpointError, match=r"it is failed\. The service reports: Out of memory"):
            await awaited(endpoint.wait())
        await awaited(endpoint.update(task="fill-mask"))
        side.hub.hub.inference.advance(10)
        await awaited(endpoint.wait(refresh_every=0.01))

    play(scenario)


def test_waiting_has_a_timeout(play):
    async def scenario(side):
        endpoint = await created(side)
        with pytest.raises(InferenceEndpointTimeoutError, match=r"still pending after 0\.05 s") as caught:
            await awaited(endpoint.wait(timeout=0.05, refresh_every=0.01))
        assert isinstance(caught.value, TimeoutError)
        for wrong in ({"timeout": -1}, {"refresh_every": 0}):
            with pytest.raises(ValueError, match=next(iter(wrong))):
                await awaited(endpoint.wait(**wrong))

    play(scenario)


def test_a_request_starts_an_idle_endpoint(play):
    async def scenario(side):
        clock = side.hub.hub.inference
        endpoint = await created(side, min_replica=0, scale_to_zero_timeout=15)
        clock.advance(16 * 60)
        await awaited(endpoint.fetch())
        assert endpoint.status == "scaledToZero"
        with pytest.raises(InferenceEndpointTimeoutError):
            await awaited(endpoint.wait(timeout=0, refresh_every=0.01))
        await awaited(endpoint.fetch())
        assert endpoint.status == "initializing"
        clock.advance(2)
        await awaited(endpoint.wait(timeout=5, refresh_every=0.01))

    play(scenario)


def test_what_is_refused(play):
    async def scenario(side):
        for wrong in (
            {"name": "Upper"},
            {"accelerator": "abacus"},
            {"min_replica": 2},
            {"max_replica": 0},
            {"type": "secret"},
            {"repository": "nobody/nothing"},
            {"revision": "nowhere"},
        ):
            with pytest.raises(BadRequestError):
                await created(side, **wrong)
        await created(side)
        with pytest.raises(BadRequestError, match="taken"):
            await created(side)
        stranger = side.make(side.hub.add_user("eve"))
        for call in (
            lambda: stranger.list_inference_endpoints(side.hub.user),
            lambda: stranger.get_inference_endpoint("my-endpoint", namespace=side.hub.user),
            lambda: stranger.delete_inference_endpoint("my-endpoint", namespace=side.hub.user),
        ):
            with pytest.raises(HfHubHTTPError, match="403"):
                await call()
        reader = side.make(side.hub.read_token)
        assert len(await reader.list_inference_endpoints()) == 1
        with pytest.raises(HfHubHTTPError, match="403"):
            await reader.pause_inference_endpoint("my-endpoint")

    play(scenario)


def test_no_inference_client(play):
    async def scenario(side):
        endpoint = await created(side)
        with pytest.raises(InferenceEndpointError, match=r"huggingface_hub\.InferenceClient"):
            _ = endpoint.client
        with pytest.raises(InferenceEndpointError, match=r"huggingface_hub\.AsyncInferenceClient"):
            _ = endpoint.async_client

    play(scenario)


def test_endpoints_survive_a_restart(tmp_path):
    from hub_typed.local import LocalHub

    for _ in range(2):
        with LocalHub(tmp_path / "hub") as hub:
            servers = {"https://api.endpoints.huggingface.cloud": "http://hub.localhost"}
            from hub_typed import Settings

            settings = Settings(endpoint="http://hub.localhost", servers=servers)
            with HfApi(token=hub.token, settings=settings, transport=hub.transport) as api:
                if not api.list_inference_endpoints():
                    api.create_repo("m")
                    made = api.create_inference_endpoint(
                        "kept", repository=f"{hub.user}/m", framework="pytorch", **HARDWARE
                    )
                    raw = made.raw
    again = InferenceEndpoint.from_raw(raw, "local-user", api=HfApi())
    assert (again.name, again.created_at, again.raw) == ("kept", made.created_at, raw)


def test_a_server_of_the_default_hub_receives_no_token_of_another_one_unless_it_is_named(play):
    async def scenario(side):
        api = side.make(servers={})
        with pytest.raises(SettingsError, match="HF_INFERENCE_ENDPOINTS_ENDPOINT"):
            await api.list_inference_endpoints(side.hub.user)
        with pytest.raises(SettingsError, match=r"datasets-server\.huggingface\.co"):
            await api.call(dataset_viewer.list_dataset_parquet_files(dataset="ann/set"))

    play(scenario)


def test_newer_states_and_types_are_kept():
    moment = "2026-01-01T00:00:00.000Z"
    info = structure_inference_endpoint_info(
        {
            "name": "a",
            "type": "galactic",
            "model": {"repository": "o/m", "framework": "x"},
            "status": {"state": "hibernating", "createdAt": moment, "updatedAt": moment},
        }
    )
    found = InferenceEndpointState.of(info, "ada", ScriptedHub().io())
    assert (found.status, found.type, found.task) == ("hibernating", "galactic", None)


@pytest.mark.parametrize("way", ["socket"])
def test_a_hung_endpoint_does_not_hold_up_the_wait(play, way):
    async def scenario(side):
        endpoint = await created(side)
        side.hub.hub.inference.advance(10)
        await awaited(endpoint.fetch())

        def hang(incoming):
            if incoming.path.startswith("/_inference"):
                time.sleep(3)
                return Answer(status=503)
            return None

        side.hub.hub.intercept = hang
        start = time.monotonic()
        with pytest.raises(InferenceEndpointTimeoutError):
            await awaited(endpoint.wait(timeout=0.1))
        assert time.monotonic() - start < 2.5

    play(scenario)
