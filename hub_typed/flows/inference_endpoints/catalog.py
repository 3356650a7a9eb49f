"""The catalog of Inference Endpoints: models with tested ways to deploy them."""

from __future__ import annotations

from hub_typed.flows.inference_endpoints.endpoint import InferenceEndpointState
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import CatalogEndpoint, InferenceCatalogModel
from hub_typed_api.operations import inference_catalog as operations

__all__ = ["create_inference_endpoint_from_catalog", "list_inference_catalog"]


async def list_inference_catalog(
    io: Io,
    *,
    accelerator: str | None = None,
    engine: str | None = None,
    license: str | None = None,
    task: str | None = None,
    search: str | None = None,
    limit: int | None = None,
) -> list[InferenceCatalogModel]:
    """List the models of the catalog of Inference Endpoints, each with its recipes: tested ways to deploy it.

    The service calls the catalog experimental.

    Args:
        accelerator: Only models with a recipe for it: ``cpu``, ``gpu`` or ``neuron``.
        engine: Only models with a recipe of this engine, for example ``vllm``.
        license: Only models with this license, as the catalog writes it: ``Apache 2.0``.
        task: Only models for this task, for example ``text-generation``.
        search: Only models that match this text.
        limit: Largest number of models.

    Raises:
        HfHubHTTPError: The token is invalid (401).
    """
    call = operations.list_inference_catalog(
        accelerator=accelerator, engine=engine, license=license, task=task, search=search, limit=limit
    )
    return (await execute(io, call)).items


async def create_inference_endpoint_from_catalog(
    io: Io,
    repo_id: str | None = None,
    *,
    recipe_id: str | None = None,
    name: str | None = None,
    accelerator: str | None = None,
    gguf_file: str | None = None,
    namespace: str | None = None,
) -> InferenceEndpointState:
    """Create an Inference Endpoint from the catalog, on tested hardware; it is billed while it is running.

    The service calls the catalog experimental.

    Args:
        repo_id: Name of the model, whose default recipe is deployed; or pass ``recipe_id``.
        recipe_id: Id of the recipe, as `list_inference_catalog` lists it.
        name: Name of the endpoint, unique in the namespace; chosen by the service if not given.
        accelerator: ``cpu``, ``gpu`` or ``neuron``, if the model has several recipes; only with ``repo_id``.
        gguf_file: GGUF file, if the model has several; only with ``repo_id``.
        namespace: User or organization that will own it; the account of the token if not given.

    Raises:
        ValueError: Not exactly one of ``repo_id`` and ``recipe_id`` is given, or ``accelerator`` or ``gguf_file``
            with a recipe.
        BadRequestError: The name exists, or the model has no such recipe (400).
        HfHubHTTPError: The catalog lacks the model or the recipe (404), the token lacks permission, or the account has
            no payment method (401, 403).
    """
    if (repo_id is None) == (recipe_id is None):
        raise ValueError("Pass either repo_id, the name of a model of the catalog, or recipe_id, the id of a recipe.")
    if recipe_id is not None and (accelerator is not None or gguf_file is not None):
        raise ValueError(f"{recipe_id}: accelerator and gguf_file choose a recipe: pass them with repo_id.")
    owner = namespace or await own_namespace(io)
    config = None if name is None else CatalogEndpoint(name=name)
    if repo_id is not None:
        call = operations.deploy_catalog_model(
            repo_id, namespace=owner, config=config, accelerator=accelerator, gguf_file=gguf_file
        )
    else:
        call = operations.deploy_catalog_recipe(recipe_id or "", namespace=owner, config=config)
    return InferenceEndpointState.of((await execute(io, call)).endpoint, owner, io)
