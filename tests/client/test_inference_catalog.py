"""The catalog of Inference Endpoints, with both clients and both transports."""

from __future__ import annotations

from datetime import UTC

import pytest

from hub_typed import AsyncInferenceEndpoint, BadRequestError, HfHubHTTPError, InferenceCatalogModel, InferenceEndpoint
from hub_typed_api.operations import inference_catalog as operations


async def filled(side, name, **files):
    """Make a model with files, given by their names without dots."""
    repo = f"{side.hub.user}/{name}"
    await side.api.create_repo(repo)
    for path, text in files.items():
        await side.api.upload_file(path_or_fileobj=text.encode(), path_in_repo=path.replace("_", "."), repo_id=repo)
    return repo


GENERATES = "---\npipeline_tag: text-generation\nlicense: mit\n---\n"
EMBEDS = "---\npipeline_tag: sentence-similarity\n---\n"


def test_the_catalog_has_the_public_models_that_an_engine_can_run(play):
    async def scenario(side):
        text = await filled(side, "text", README_md=GENERATES)
        vectors = await filled(side, "vectors", README_md=EMBEDS)
        hidden = await filled(side, "hidden", README_md=GENERATES)
        await side.api.update_repo_settings(hidden, private=True)
        await filled(side, "other", README_md="---\npipeline_tag: translation\n---\n")
        catalog = {one.repo_id: one for one in await side.api.list_inference_catalog()}
        assert catalog.keys() == {text, vectors}
        first = catalog[text]
        assert isinstance(first, InferenceCatalogModel)
        assert (first.name, first.author, first.license, first.task) == (
            "text",
            side.hub.user,
            "mit",
            "text-generation",
        )
        assert first.created_at.tzinfo == UTC
        (recipe,) = first.recipes
        assert (recipe.accelerator, recipe.engine, recipe.gguf_file) == ("gpu", "vllm", None)
        assert recipe.revision == (await side.api.model_info(text)).sha
        assert [(one.accelerator, one.engine) for one in catalog[vectors].recipes] == [("cpu", "tei"), ("gpu", "tei")]
        for wanted in ({"engine": "tei"}, {"accelerator": "cpu"}, {"license": "unknown"}, {"search": "VECT"}):
            assert [one.repo_id for one in await side.api.list_inference_catalog(**wanted)] == [vectors]
        assert [one.repo_id for one in await side.api.list_inference_catalog(task="text-generation")] == [text]
        assert await side.api.list_inference_catalog(accelerator="cpu", engine="vllm") == []
        assert len(await side.api.list_inference_catalog(limit=1)) == 1
        assert set((await side.api.call(operations.list_catalog_repos())).models) == {text, vectors}

    play(scenario)


def test_an_endpoint_from_the_catalog(play, kind):
    async def scenario(side):
        repo = await filled(side, "My_Model", README_md=EMBEDS)
        endpoint = await side.api.create_inference_endpoint_from_catalog(repo, name="mine", accelerator="gpu")
        assert isinstance(endpoint, InferenceEndpoint if kind == "sync" else AsyncInferenceEndpoint)
        assert (endpoint.name, endpoint.namespace, endpoint.repository) == ("mine", side.hub.user, repo)
        assert endpoint.raw["compute"]["accelerator"] == "gpu"
        assert endpoint.raw["model"]["image"] == {"tei": {}}
        default = await side.api.create_inference_endpoint_from_catalog(repo)
        assert default.raw["compute"]["accelerator"] == "cpu"
        assert default.name.startswith("my-model-")
        found = await side.api.list_inference_endpoints()
        assert {one.name for one in found} == {"mine", default.name}
        deployed = await side.api.call(operations.deploy_catalog_repo(namespace=side.hub.user, repository=repo))
        assert deployed.endpoint.model.repository == repo

    play(scenario)


def test_a_model_with_several_files_for_llama_cpp(play):
    async def scenario(side):
        repo = await filled(side, "quants", README_md=GENERATES, q4_gguf="4", q8_gguf="8")
        (model,) = await side.api.list_inference_catalog(engine="llamacpp")
        assert [one.gguf_file for one in model.recipes] == ["q4.gguf", "q8.gguf"]
        by_file = await side.api.create_inference_endpoint_from_catalog(repo, gguf_file="q8.gguf")
        by_recipe = await side.api.create_inference_endpoint_from_catalog(recipe_id=model.recipes[1].id)
        assert (
            by_file.raw["model"]["image"] == by_recipe.raw["model"]["image"] == {"llamacpp": {"modelPath": "q8.gguf"}}
        )

    play(scenario)


def test_what_the_catalog_lacks(play):
    async def scenario(side):
        repo = await filled(side, "text", README_md=GENERATES)
        create = side.api.create_inference_endpoint_from_catalog
        with pytest.raises(HfHubHTTPError, match="404"):
            await create(f"{side.hub.user}/none")
        with pytest.raises(HfHubHTTPError, match="404"):
            await create(recipe_id="none")
        with pytest.raises(BadRequestError, match="no recipe"):
            await create(repo, accelerator="neuron")
        await create(repo, name="one")
        with pytest.raises(BadRequestError, match="taken"):
            await create(repo, name="one")
        for wrong in ({}, {"repo_id": repo, "recipe_id": "r"}):
            with pytest.raises(ValueError, match="repo_id"):
                await create(**wrong)
        for wrong in ({"accelerator": "gpu"}, {"gguf_file": "q4.gguf"}):
            with pytest.raises(ValueError, match="recipe"):
                await create(recipe_id="r", **wrong)
        side.hub.add_user("bob")
        with pytest.raises(HfHubHTTPError, match="403"):
            await create(repo, namespace="bob")

    play(scenario)
