"""What a downstream author gets from cards and from headers of safetensors; read by mypy and pyright, never run."""

from __future__ import annotations

from typing import assert_type

from hub_typed import (
    AsyncHfApi,
    CardValue,
    CommitInfo,
    DatasetCard,
    DatasetCardData,
    EvalResult,
    HfApi,
    ModelCard,
    ModelCardData,
    SafetensorsFileMetadata,
    SafetensorsRepoMetadata,
    metadata_eval_result,
    metadata_load,
    metadata_save,
    metadata_update,
    model_index_to_eval_results,
)


def edit(api: HfApi) -> CommitInfo:
    card = ModelCard.load("owner/name", api=api)
    assert_type(card, ModelCard)
    assert_type(card.data, ModelCardData)
    assert_type(card.data.license, str | None)
    assert_type(card.data.eval_results, list[EvalResult] | None)
    assert_type(card.data["widget"], CardValue)
    card.data.tags = [*(card.data.tags or []), "new"]
    card.data["widget"] = [{"text": "Hello"}]
    card.text += "\nMore.\n"
    card.save("README.md")
    return card.push_to_hub("owner/name", create_pr=True, api=api)


def make() -> None:
    data = DatasetCardData(license="mit", task_categories=["text-classification"], configs=[{"config_name": "en"}])
    card = DatasetCard.from_template(data, pretty_name="Data")
    assert_type(card, DatasetCard)
    assert_type(card.data.pretty_name, str | None)
    assert_type(data.copy(), DatasetCardData)


def metadata() -> None:
    metadata_save("README.md", metadata_load("README.md") or {"license": "mit"})
    result = metadata_eval_result(
        model_pretty_name="M",
        task_pretty_name="T",
        task_id="t",
        metrics_pretty_name="A",
        metrics_id="accuracy",
        metrics_value=0.5,
        dataset_pretty_name="D",
        dataset_id="d",
    )
    assert_type(metadata_update("owner/name", result), CommitInfo)
    assert_type(model_index_to_eval_results(result["model-index"]), tuple[str, list[EvalResult]])


async def headers(api: HfApi, others: AsyncHfApi) -> None:
    found = api.get_safetensors_metadata("owner/name", revision="main")
    assert_type(found, SafetensorsRepoMetadata)
    assert_type(found.parameter_count, dict[str, int])
    header = await others.parse_safetensors_file_metadata("owner/name", "model.safetensors")
    assert_type(header, SafetensorsFileMetadata)
    assert_type(header.tensors["w"].shape, list[int])
    assert_type(header.tensors["w"].data_offsets, tuple[int, int])
