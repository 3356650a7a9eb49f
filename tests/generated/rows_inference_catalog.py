"""The operations on the catalog of Inference Endpoints as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import inference_catalog as catalog
from tests.generated.rows import becomes

__all__ = ["EVERY", "HOSTS", "LEAST", "ONCE", "PLACES", "POSITIONAL"]

JSON = "content-type: application/json"

EVERY = [
    becomes(
        catalog.list_inference_catalog,
        "GET /api/v1/catalog/list",
        "accelerator=gpu",
        "engine=vllm",
        "license=MIT",
        "task=text-generation",
        "search=my gpt",
        "limit=3",
        accelerator="gpu",
        engine="vllm",
        license="MIT",
        task="text-generation",
        search="my gpt",
        limit=3,
    ),
    becomes(
        catalog.deploy_catalog_model,
        "POST /api/v1/catalog/model/ann/m/deploy",
        JSON,
        '{"namespace": "ann", "config": {"name": "gpt"}, "accelerator": "gpu", "ggufFile": "q4.gguf"}',
        repo_id="ann/m",
        namespace="ann",
        config=m.CatalogEndpoint(name="gpt"),
        accelerator="gpu",
        gguf_file="q4.gguf",
    ),
    becomes(
        catalog.deploy_catalog_recipe,
        "POST /api/v1/catalog/recipe/r-1/deploy",
        JSON,
        '{"namespace": "ann", "config": {"name": "gpt"}}',
        recipe_id="r-1",
        namespace="ann",
        config=m.CatalogEndpoint(name="gpt"),
    ),
    becomes(
        catalog.deploy_catalog_repo,
        "POST /api/catalog/deploy",
        JSON,
        '{"namespace": "ann", "repoId": "ann/m", "endpointName": "gpt", "accelerator": "gpu"}',
        namespace="ann",
        repository="ann/m",
        endpoint_name="gpt",
        accelerator="gpu",
    ),
    becomes(catalog.list_catalog_repos, "GET /api/catalog/repo-list"),
]
LEAST = {
    "inference_catalog.list_inference_catalog": ["GET /api/v1/catalog/list"],
    "inference_catalog.deploy_catalog_model": [
        "POST /api/v1/catalog/model/ann/m/deploy",
        JSON,
        '{"namespace": "ann"}',
    ],
    "inference_catalog.deploy_catalog_recipe": [
        "POST /api/v1/catalog/recipe/r-1/deploy",
        JSON,
        '{"namespace": "ann"}',
    ],
    "inference_catalog.deploy_catalog_repo": [
        "POST /api/catalog/deploy",
        JSON,
        '{"namespace": "ann", "repoId": "ann/m"}',
    ],
}
PLACES = ("repo_id", "recipe_id")
POSITIONAL = {
    "inference_catalog.deploy_catalog_model": ["repo_id"],
    "inference_catalog.deploy_catalog_recipe": ["recipe_id"],
    "inference_catalog.deploy_catalog_repo": [],
}
ONCE = {
    "inference_catalog.deploy_catalog_model",
    "inference_catalog.deploy_catalog_recipe",
    "inference_catalog.deploy_catalog_repo",
}
CATALOG = "https://endpoints.huggingface.co"
HOSTS = {
    "inference_catalog.list_inference_catalog": CATALOG,
    "inference_catalog.deploy_catalog_model": CATALOG,
    "inference_catalog.deploy_catalog_recipe": CATALOG,
    "inference_catalog.deploy_catalog_repo": CATALOG,
    "inference_catalog.list_catalog_repos": CATALOG,
}
