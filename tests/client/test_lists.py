"""Lists of the embedded Hub, with both clients: each parameter filters or sorts as documented."""

from __future__ import annotations

import json

import pytest

from hub_typed import BadRequestError


async def ids(found) -> list[str]:
    return [one.id.partition("/")[2] async for one in found]


async def put(side, name: str, card: str, kind: str = "model", **files: bytes) -> None:
    repo = f"{side.hub.user}/{name}"
    await side.api.create_repo(repo, repo_type=kind, space_sdk="static" if kind == "space" else None)
    for path, content in {"README.md": f"---\n{card}\n---\n# T\n".encode(), **files}.items():
        await side.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=repo, repo_type=kind)


def test_models_are_found_by_each_parameter(play):
    async def scenario(side):
        await put(side, "bert", "{language: en, license: mit, datasets: [glue], tags: [fill-mask, mine]}")
        config = json.dumps({"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}).encode()
        emitted = "co2_eq_emissions: {emissions: 3}"
        await put(side, "gpt", emitted, **{"config.json": config, "w.gguf": b"GGUF"})
        listed = side.api.list_models
        for found, parameters in (
            (["gpt", "bert"], {}),
            (["gpt", "bert"], {"author": side.hub.user, "sort": "created_at", "direction": -1}),
            ([], {"author": "nobody"}),
            (["bert"], {"search": "BER"}),
            (["bert"], {"model_name": "bert"}),
            (["bert"], {"filter": ["en", "license:mit"], "tags": "mine"}),
            (["bert"], {"language": "en", "trained_dataset": "glue", "task": "fill-mask"}),
            (["gpt"], {"library": ["transformers", "gguf"]}),
            (["gpt"], {"pipeline_tag": "text-generation"}),
            (["gpt"], {"apps": "llama.cpp"}),
            (["gpt"], {"emissions_thresholds": (1, 5)}),
            (["gpt", "bert"], {"gated": False}),
            ([], {"gated": True}),
            ([], {"inference": "warm"}),
            ([], {"inference_provider": "all"}),
            ([], {"num_parameters": "min:1"}),
            (["gpt"], {"limit": 1, "sort": "last_modified"}),
        ):
            assert await ids(listed(**parameters)) == found, parameters
        (bert,) = [one async for one in listed(search="bert", full=True, cardData=True, fetch_config=True)]
        assert (bert.card_data["license"], bert.config, bert.pipeline_tag) == ("mit", {}, "fill-mask")
        (gpt,) = [one async for one in listed(search="gpt", expand=["library_name", "downloads"])]
        assert (gpt.library_name, gpt.downloads, gpt.tags) == ("transformers", 0, None)

    play(scenario)


def test_what_is_downloaded_most_comes_first(play):
    async def scenario(side):
        await put(side, "a", "license: mit")
        await put(side, "b", "license: mit")
        await side.api.hf_hub_download(f"{side.hub.user}/a", "README.md")
        assert await ids(side.api.list_models(sort="downloads")) == ["a", "b"]
        assert (await side.api.model_info(f"{side.hub.user}/a")).downloads == 1

    play(scenario)


def test_pages_are_followed_to_the_end(play):
    async def scenario(side):
        side.hub.hub.page_size = 2
        for name in "abcde":
            await side.api.create_repo(f"{side.hub.user}/{name}")
        assert await ids(side.api.list_models(sort="created_at")) == list("edcba")
        assert await ids(side.api.list_models(limit=3)) == list("edc")

    play(scenario)


def test_datasets_are_found_by_each_parameter(play):
    async def scenario(side):
        card = "{language: en, task_categories: [text-classification], size_categories: n<1K, task_ids: [t],"
        card += " language_creators: [found], multilinguality: monolingual, tags: ['benchmark:official']}"
        await put(side, "glue", card, "dataset")
        await put(side, "squad", "license: mit", "dataset")
        for found, parameters in (
            (["squad", "glue"], {}),
            (["glue"], {"language": "en", "task_categories": "text-classification", "task_ids": ["t"]}),
            (["glue"], {"size_categories": "n<1K", "language_creators": "found", "multilinguality": "monolingual"}),
            (["glue"], {"benchmark": "official"}),
            (["squad"], {"filter": "license:mit"}),
            (["squad"], {"dataset_name": "squa"}),
            ([], {"gated": True}),
        ):
            assert await ids(side.api.list_datasets(**parameters)) == found, parameters
        (full,) = [one async for one in side.api.list_datasets(search="squad", full=True)]
        assert (full.card, full.description) == ({"license": "mit"}, "# T")

    play(scenario)


def test_spaces_are_found_by_each_parameter(play):
    async def scenario(side):
        await put(side, "a", "{sdk: static, models: [o/m], tags: [x]}", "space")
        await put(side, "b", "{sdk: static, datasets: [o/d]}", "space")
        await put(side, "c", "sdk: static", "space")
        for found, parameters in (
            (["c", "b", "a"], {}),
            (["a"], {"models": "o/m"}),
            (["b"], {"datasets": ["o/d", "o/e"]}),
            (["b", "a"], {"linked": True}),
            (["a"], {"filter": ["x", "static"]}),
            (["c"], {"search": "/c", "sort": "likes"}),
        ):
            assert await ids(side.api.list_spaces(**parameters)) == found, parameters

    play(scenario)


def test_what_the_hub_does_not_know_it_refuses(play):
    async def scenario(side):
        for name in ("list_models", "list_datasets", "list_spaces"):
            await put(side, "x", "sdk: static", {"list_models": "model", "list_datasets": "dataset"}.get(name, "space"))
            for parameters in ({"sort": "name"}, {"expand": ["nonsense"]}):
                with pytest.raises(BadRequestError, match="Invalid option: expected one of"):
                    await ids(getattr(side.api, name)(**parameters))

    play(scenario)


def test_tags_are_told_by_their_kind(play):
    async def scenario(side):
        await put(side, "bert", "{language: en, license: mit, pipeline_tag: fill-mask}")
        await put(side, "glue", "{task_ids: [t]}", "dataset")
        tags = await side.api.get_model_tags()
        assert {kind: [tag.id for tag in found] for kind, found in tags.items()} == {
            "language": ["en"],
            "license": ["license:mit"],
            "pipeline_tag": ["fill-mask"],
            "region": ["region:us"],
        }
        assert [tag.label for tag in tags["pipeline_tag"]] == ["Fill mask"]
        of_datasets = await side.api.get_dataset_tags(tag_type="task_ids")
        assert [(tag.id, tag.type) for tag in of_datasets["task_ids"]] == [("task_ids:t", "task_ids")]

    play(scenario)
