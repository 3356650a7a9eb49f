"""Handlers of Inference Endpoints: management, and requests to the endpoints themselves."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

import attrs

from hub_typed.local.accounts.identity import Identity
from hub_typed.local.errors import HubResponseError, bad_request, not_found
from hub_typed.local.inference.endpoints import StoredEndpoint, check_scaling
from hub_typed.local.inference.hardware import all_hardware
from hub_typed.local.request.account_access import authorized
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.serve import Answer, Given, Route
from hub_typed_api.server.inference_endpoints import InferenceEndpointsHandlers

__all__ = ["ENDPOINT_ROUTES", "InferenceEndpoints", "deployer"]

M = TypeVar("M")
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_TYPES = ("public", "protected", "authenticated", "private")
_ACCELERATORS = ("cpu", "gpu", "neuron")
_RIGHTS: Mapping[str, Literal["read", "write"]] = {"read": "read", "write": "write", "infer": "read"}
_FOLDER = "/_inference"


class InferenceEndpoints(InferenceEndpointsHandlers[Call]):
    """Handlers of the operations in the area ``inference_endpoints``."""

    def list_inference_endpoints(self, call: Call, *, namespace: str) -> models.InferenceEndpointList:
        deployer(call, namespace, "read")
        return models.InferenceEndpointList(items=[_shown(call, one) for one in call.inference.of(namespace)])

    def create_inference_endpoint(
        self,
        call: Call,
        *,
        namespace: str,
        name: str,
        type: models.InferenceEndpointAccess,
        provider: models.InferenceEndpointProvider,
        compute: models.InferenceEndpointCompute,
        model: models.InferenceEndpointModel,
        account_id: str | None = None,
        private_service: models.PrivateService | None = None,
        route: models.InferenceEndpointRoute | None = None,
        cache_http_responses: bool | None = None,
        tags: list[str] | None = None,
    ) -> models.InferenceEndpointInfo:
        identity = deployer(call, namespace, "write")
        if not _NAME.fullmatch(name):
            raise bad_request(f"Invalid name {name!r}: at most 32 lower-case letters, digits and hyphens are allowed")
        if type not in _TYPES:
            raise bad_request(f"Invalid type {type!r}: it must be one of {', '.join(_TYPES)}")
        _check_compute(compute)
        now = call.inference.now()
        user = models.InferenceEndpointUser(id=identity.user.id, name=identity.user.name)
        info = models.InferenceEndpointInfo(
            name=name,
            type=type,
            account_id=account_id,
            provider=provider,
            compute=compute,
            model=_checked_model(call, model),
            status=models.InferenceEndpointCondition(
                state="pending", created_at=now, created_by=user, updated_at=now, updated_by=user
            ),
            route=route,
            cache_http_responses=cache_http_responses,
            tags=tags,
        )
        return _shown(call, call.inference.add(StoredEndpoint(namespace=namespace, info=info, changed=now)))

    def get_inference_endpoint(self, call: Call, *, namespace: str, name: str) -> models.InferenceEndpointInfo:
        deployer(call, namespace, "read")
        return _shown(call, call.inference.get(namespace, name))

    def update_inference_endpoint(
        self,
        call: Call,
        *,
        namespace: str,
        name: str,
        compute: models.InferenceEndpointCompute | None = None,
        model: models.UpdateInferenceEndpointModel | None = None,
        route: models.InferenceEndpointRoute | None = None,
        cache_http_responses: bool | None = None,
        tags: list[str] | None = None,
    ) -> models.InferenceEndpointInfo:
        identity = deployer(call, namespace, "write")
        present = call.inference.get(namespace, name)
        info, now = present.info, call.inference.now()
        if compute is not None:
            before = info.compute or models.InferenceEndpointCompute()
            scaling = _merged(before.scaling or models.InferenceEndpointScaling(), compute.scaling)
            compute = attrs.evolve(_merged(before, compute), scaling=scaling)
            _check_compute(compute)
        merged_model = info.model if model is None else _checked_model(call, _merged(info.model, model))
        user = models.InferenceEndpointUser(id=identity.user.id, name=identity.user.name)
        changed = attrs.evolve(
            info,
            compute=info.compute if compute is None else compute,
            model=merged_model,
            route=info.route if route is None else route,
            cache_http_responses=info.cache_http_responses if cache_http_responses is None else cache_http_responses,
            tags=info.tags if tags is None else tags,
            status=attrs.evolve(info.status, updated_at=now, updated_by=user),
        )
        is_running = call.inference.state(present) in ("running", "updating", "updateFailed")
        phase = "update" if is_running else present.phase
        moment = now if is_running or present.failure else present.changed
        return _shown(
            call,
            call.inference.change(namespace, name, info=changed, phase=phase, changed=moment, failure=None),
        )

    def delete_inference_endpoint(self, call: Call, *, namespace: str, name: str) -> None:
        deployer(call, namespace, "write")
        call.inference.remove(namespace, name)

    def pause_inference_endpoint(self, call: Call, *, namespace: str, name: str) -> models.InferenceEndpointInfo:
        deployer(call, namespace, "write")
        return _shown(call, call.inference.change(namespace, name, target="paused", failure=None))

    def resume_inference_endpoint(self, call: Call, *, namespace: str, name: str) -> models.InferenceEndpointInfo:
        deployer(call, namespace, "write")
        return _shown(call, call.inference.start(namespace, name))

    def scale_to_zero_inference_endpoint(
        self, call: Call, *, namespace: str, name: str
    ) -> models.InferenceEndpointInfo:
        deployer(call, namespace, "write")
        if call.inference.state(call.inference.get(namespace, name)) == "paused":
            raise bad_request("Endpoint is paused")
        return _shown(call, call.inference.change(namespace, name, target="scaledToZero", failure=None))

    def list_inference_endpoints_hardware(self, call: Call, *, namespace: str) -> models.InferenceHardware:
        deployer(call, namespace, "read")
        return all_hardware()

    def check_inference_endpoints_access(
        self,
        call: Call,
        *,
        namespace: str,
        perms: str,
        own: bool | None = None,
        is_creator: bool | None = None,
        creator_id: str | None = None,
        incur_cost: bool | None = None,
        resource_group_id: str | None = None,
        repository: str | None = None,
    ) -> models.EndpointsAccess:
        if perms not in _RIGHTS:
            raise bad_request(f"Invalid permission {perms!r}: it must be one of {', '.join(_RIGHTS)}")
        account = call.accounts.user(namespace) or call.accounts.organization(namespace)
        if account is None:
            raise not_found(f"There is no account {namespace}")
        identity = deployer(call, namespace, _RIGHTS[perms])
        return models.EndpointsAccess(
            namespace=models.EndpointsAccount(id=account.id, name=account.name),
            user=models.EndpointsAccount(id=identity.user.id, name=identity.user.name),
        )

    def check_inference_endpoint_access(
        self,
        call: Call,
        *,
        namespace: str,
        name: str,
        perms: str,
        own: bool | None = None,
        is_creator: bool | None = None,
        creator_id: str | None = None,
        incur_cost: bool | None = None,
        resource_group_id: str | None = None,
        repository: str | None = None,
    ) -> models.EndpointsAccess:
        access = self.check_inference_endpoints_access(call, namespace=namespace, perms=perms)
        call.inference.get(namespace, name)
        return access

    def request(self, call: Call, given: Given) -> Answer:
        """Respond to a request to an endpoint itself: 200 if it is running, otherwise 503."""
        namespace, name = given.path["namespace"], given.path["name"]
        endpoint = call.inference.get(namespace, name)
        if endpoint.info.type != "public":
            identity = call.user()
            if endpoint.info.type == "private" and call.accounts.role_in(namespace, identity) is None:
                raise not_found()
        if not call.inference.use(namespace, name):
            raise HubResponseError(503, "Service Unavailable")
        return Answer(headers={"content-type": "application/json"}, body=b"{}")


def deployer(call: Call, namespace: str, right: Literal["read", "write"]) -> Identity:
    """Return the caller, whose token may read or manage the endpoints of an account.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, the role or the token lacks the permission.
    """
    return authorized(call, namespace, right, permission="inference.endpoints.write", what="Inference Endpoints")


def _check_compute(compute: models.InferenceEndpointCompute) -> None:
    if compute.accelerator not in _ACCELERATORS or not compute.instance_type or not compute.instance_size:
        raise bad_request(
            f"Invalid hardware: accelerator {compute.accelerator!r} (one of {', '.join(_ACCELERATORS)}), instanceType "
            f"{compute.instance_type!r}, instanceSize {compute.instance_size!r}"
        )
    check_scaling(compute.scaling)


def _checked_model(call: Call, model: models.InferenceEndpointModel) -> models.InferenceEndpointModel:
    """Return the model with its commit, and without secrets and passwords, which no response contains.

    Raises:
        HubResponseError: 400, the caller cannot read the model, or it has no such revision.
    """
    try:
        repo = call.openable("model", model.repository)
        commit = str(repo.git().commit_at(model.revision or "main").id)
    except HubResponseError as error:
        raise bad_request(f"Model {model.repository} cannot be read: {error.message}") from None
    image = None if model.image is None else {name: _without_password(one) for name, one in model.image.items()}
    return attrs.evolve(model, repository=repo.repo_id, revision=commit, image=image, secrets=None)


def _without_password(container: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a container without the password of its registry."""
    credentials: object = container.get("credentials")
    if not isinstance(credentials, dict):
        return container
    return {**container, "credentials": {"username": cast("dict[str, Any]", credentials).get("username")}}


def _merged(present: M, changes: attrs.AttrsInstance | None) -> M:
    """Return a copy of a model with the members of another one that are not ``None``."""
    merged = copy.copy(present)
    for field in attrs.fields(type(changes)) if changes is not None else ():
        value = getattr(changes, field.name)
        if value is not None and field.name != "extra":
            setattr(merged, field.name, value)
    return merged


def _shown(call: Call, endpoint: StoredEndpoint) -> models.InferenceEndpointInfo:
    url = f"{call.request.origin}{_FOLDER}/{quote(endpoint.namespace)}/{quote(endpoint.info.name)}"
    return endpoint.shown(call.inference.state(endpoint), url)


ENDPOINT_ROUTES: tuple[Route[Any, Call], ...] = (
    Route(
        operation="inference.request",
        method="GET",
        pattern=rf"{_FOLDER}/(?P<namespace>[^/]+)/(?P<name>[^/]+)(?:/.*)?",
        body="none",
        status=200,
        media_type="",
        bind=InferenceEndpoints.request,
    ),
)
