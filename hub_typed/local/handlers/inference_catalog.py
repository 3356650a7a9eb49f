"""Handlers of the catalog of Inference Endpoints."""

from __future__ import annotations

import re
from secrets import token_hex

from hub_typed.local.errors import bad_request, not_found
from hub_typed.local.handlers.inference_endpoints import InferenceEndpoints, deployer
from hub_typed.local.inference.hardware import HARDWARE
from hub_typed.local.request.call import Call
from hub_typed.local.views.inference_catalog import catalog
from hub_typed_api import models
from hub_typed_api.server.inference_catalog import InferenceCatalogHandlers

__all__ = ["InferenceCatalog"]

_IMAGES = {"llamacpp": "llamacpp", "tei": "tei", "vllm": "vLLM"}
"""Image by engine of a recipe."""


class InferenceCatalog(InferenceCatalogHandlers[Call]):
    """Handlers of the operations in the area ``inference_catalog``."""

    def list_inference_catalog(
        self,
        call: Call,
        *,
        accelerator: str | None = None,
        engine: str | None = None,
        license: str | None = None,
        task: str | None = None,
        search: str | None = None,
        limit: int | None = None,
    ) -> models.InferenceCatalog:
        found = [
            one
            for one in catalog(call, search)
            if license in (None, one.license)
            and task in (None, one.task)
            and any(accelerator in (None, way.accelerator) and engine in (None, way.engine) for way in one.recipes)
        ]
        return models.InferenceCatalog(items=found if limit is None else found[: max(limit, 0)])

    def list_catalog_repos(self, call: Call) -> models.CatalogRepos:
        return models.CatalogRepos(models=[one.repo_id for one in catalog(call)])

    def deploy_catalog_model(
        self,
        call: Call,
        *,
        repo_id: str,
        namespace: str,
        config: models.CatalogEndpoint | None = None,
        accelerator: str | None = None,
        gguf_file: str | None = None,
    ) -> models.DeployedFromCatalog:
        deployer(call, namespace, "write")
        model = next((one for one in catalog(call) if one.repo_id == repo_id), None)
        if model is None:
            raise not_found(f"The catalog has no model {repo_id}")
        for recipe in model.recipes:
            if accelerator in (None, recipe.accelerator) and gguf_file in (None, recipe.gguf_file):
                return self._deploy(call, namespace, config, model, recipe)
        raise bad_request(f"{repo_id} has no recipe with the accelerator {accelerator} and the file {gguf_file}")

    def deploy_catalog_recipe(
        self, call: Call, *, recipe_id: str, namespace: str, config: models.CatalogEndpoint | None = None
    ) -> models.DeployedFromCatalog:
        deployer(call, namespace, "write")
        for model in catalog(call):
            for recipe in model.recipes:
                if recipe.id == recipe_id:
                    return self._deploy(call, namespace, config, model, recipe)
        raise not_found(f"The catalog has no recipe {recipe_id}")

    def deploy_catalog_repo(
        self,
        call: Call,
        *,
        namespace: str,
        repository: str,
        endpoint_name: str | None = None,
        accelerator: str | None = None,
    ) -> models.DeployedFromCatalog:
        config = models.CatalogEndpoint(name=endpoint_name)
        return self.deploy_catalog_model(
            call, repo_id=repository, namespace=namespace, config=config, accelerator=accelerator
        )

    def _deploy(
        self,
        call: Call,
        namespace: str,
        config: models.CatalogEndpoint | None,
        model: models.InferenceCatalogModel,
        recipe: models.InferenceCatalogRecipe,
    ) -> models.DeployedFromCatalog:
        """Create an endpoint from a recipe, with a name from that of the model if none is given."""
        name = None if config is None else config.name
        chosen = name or f"{re.sub('[^a-z0-9]+', '-', model.name.lower())[:27].strip('-') or 'endpoint'}-{token_hex(2)}"
        vendor, region, _, kind, size, *_ = next(one for one in HARDWARE if one[2] == recipe.accelerator)
        settings = {} if recipe.gguf_file is None else {"modelPath": recipe.gguf_file}
        endpoint = InferenceEndpoints().create_inference_endpoint(
            call,
            namespace=namespace,
            name=chosen,
            type="authenticated",
            provider=models.InferenceEndpointProvider(vendor=vendor, region=region),
            compute=models.InferenceEndpointCompute(
                accelerator=recipe.accelerator,
                instance_type=kind,
                instance_size=size,
                scaling=models.InferenceEndpointScaling(min_replica=1, max_replica=1),
            ),
            model=models.InferenceEndpointModel(
                repository=model.repo_id,
                framework="custom",
                revision=recipe.revision,
                task=model.task,
                image={_IMAGES[recipe.engine]: settings},
            ),
        )
        return models.DeployedFromCatalog(endpoint=endpoint)
