"""Tags that the embedded Hub derives for a repository."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hub_typed.local.cards.card import card_data
from hub_typed.local.cards.identifiers import TASKS
from hub_typed.local.repos.model_config import read_config
from hub_typed.local.repos.tags import group_tags, library_of, tags, task_of

TASK = "text-classification"


def found(repo_type="model", card=None, files=(), readme="", config=None):
    return list(tags(repo_type, card or {}, files, readme, config or {}))


def test_a_model_is_tagged_as_on_the_hub():
    card = {
        "license": "apache-2.0",
        "tags": ["generated_from_trainer"],
        "datasets": ["librispeech_asr"],
        "base_model": "facebook/wav2vec2-xls-r-300m",
        "language": ["en", "no"],
        "model-index": [{"name": "weights"}],
    }
    files = ["config.json", "pytorch_model.bin", "model.safetensors", "onnx/model.onnx"]
    config = {"model_type": "wav2vec2", "architectures": ["Wav2Vec2ForCTC"]}
    readme = "See https://arxiv.org/abs/2006.11477 and https://arxiv.org/pdf/2006.11477."
    assert found(card=card, files=files, readme=readme, config=config) == [
        *("transformers", "pytorch", "onnx", "safetensors", "wav2vec2", "automatic-speech-recognition"),
        *("generated_from_trainer", "en", "no", "dataset:librispeech_asr", "license:apache-2.0", "arxiv:2006.11477"),
        "base_model:facebook/wav2vec2-xls-r-300m",
        "base_model:finetune:facebook/wav2vec2-xls-r-300m",
        *("model-index", "region:us"),
    ]


@pytest.mark.parametrize(
    ("card", "config", "tag"),
    [
        ({"pipeline_tag": "zero-shot-classification"}, {"architectures": ["BartForSequenceClassification"]}, TASK),
        ({}, {"diffusers": {"_class_name": "FluxPipeline"}}, "diffusers:FluxPipeline"),
        ({}, {"tokenizer_config": {"chat_template": "{{ messages }}"}}, "conversational"),
        ({}, {"auto_map": {"AutoModel": "modeling.Mine"}}, "custom_code"),
        ({"co2_eq_emissions": 3.5}, {}, "co2_eq_emissions"),
    ],
)
def test_what_the_configuration_says_is_tagged(card, config, tag):
    assert tag in found(card=card, config=config)
    assert tag not in found()


@pytest.mark.parametrize(
    ("card", "files", "relation"),
    [
        ({"base_model": "a/b"}, [], "finetune"),
        ({"base_model": ["a/b"]}, ["adapter_config.json"], "adapter"),
        ({"base_model": "a/b"}, ["q4.gguf"], "quantized"),
        ({"base_model": "a/b", "base_model_relation": "merge"}, ["q4.gguf"], "merge"),
    ],
)
def test_how_a_model_was_made_from_another_is_told(card, files, relation):
    assert f"base_model:{relation}:a/b" in found(card=card, files=files)


def test_a_model_of_several_is_a_merge():
    made = found(card={"base_model": ["a/b", "c/d"]})
    assert {"base_model:a/b", "base_model:c/d", "base_model:merge:a/b", "base_model:merge:c/d"} <= set(made)


def test_datasets_and_spaces_have_tags_of_their_own():
    card = {"task_categories": ["text-classification"], "language": "en", "size_categories": "n<1K", "tags": ["x", 3]}
    assert found("dataset", card, ["data/train.parquet", "meta.jsonl"]) == [
        *("format:parquet", "format:json", "task_categories:text-classification", "language:en"),
        *("size_categories:n<1K", "x", "3", "region:us"),
    ]
    assert found("space", {"sdk": "gradio", "license": "mit", "tags": ["a"]}, ["app.py"]) == [
        *("gradio", "a", "license:mit", "region:us"),
    ]


@pytest.mark.parametrize(
    ("card", "config", "task"),
    [
        ({"pipeline_tag": "fill-mask", "tags": ["summarization"]}, {}, "fill-mask"),
        ({"tags": ["mine", "summarization"]}, {"architectures": ["BertForMaskedLM"]}, "summarization"),
        ({}, {"architectures": ["BertForMaskedLM"]}, "fill-mask"),
        ({}, {"architectures": ["GPT2LMHeadModel"]}, "text-generation"),
        ({}, {"architectures": ["BertModel"]}, "feature-extraction"),
        ({}, {"architectures": ["Other"]}, None),
        ({}, {}, None),
    ],
)
def test_the_task_is_that_of_the_card_or_of_the_class(card, config, task):
    assert task_of(card, config) == task
    assert task is None or task in TASKS


@pytest.mark.parametrize(
    ("card", "files", "config", "library"),
    [
        ({"library_name": "mine"}, ["modules.json"], {"model_type": "bert"}, "mine"),
        ({}, ["modules.json"], {"model_type": "bert"}, "sentence-transformers"),
        ({}, ["model_index.json"], {}, "diffusers"),
        ({}, [], {"architectures": ["A"]}, "transformers"),
        ({"library_name": 3}, [], {}, None),
    ],
)
def test_the_library_is_that_of_the_card_or_of_the_files(card, files, config, library):
    assert library_of(card, files, config) == library


def test_tags_are_grouped_by_their_kind():
    told = tags("model", {"license": "mit", "tags": ["fill-mask", "doi:10/1"], "language": "en"}, [], "", {})
    groups = group_tags(told, None)
    assert {kind: [(tag.id, tag.label) for tag in those] for kind, those in groups.items()} == {
        "doi": [("doi:10/1", "10/1")],
        "language": [("en", "en")],
        "license": [("license:mit", "mit")],
        "pipeline_tag": [("fill-mask", "Fill mask")],
        "region": [("region:us", "us")],
    }
    assert list(group_tags(told, "license")) == ["license"]
    assert group_tags(told, "library") == {"library": []}


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
members = st.sampled_from(
    ["tags", "language", "license", "base_model", "pipeline_tag", "datasets", "model-index", "sdk"]
)


@given(
    st.sampled_from(["model", "dataset", "space", "kernel"]),
    st.dictionaries(members, json),
    st.dictionaries(st.sampled_from(["architectures", "model_type"]), json),
)
def test_whatever_a_card_says_there_are_tags(repo_type, card, config):
    made = found(repo_type, card, ["a.bin"], "", config)
    assert made[-1] == "region:us" or "region:us" in made
    assert all(isinstance(tag, str) and tag for tag in made)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "[" * 100_000])
def test_a_configuration_that_is_none_says_nothing(text):
    assert read_config(text) == {}


def test_a_card_is_read_as_the_hub_reads_it():
    assert card_data("---\r\nlanguage: no\r\nold: true\r\nday: 2024-01-01\r\n---\r\n# T\r\n") == {
        "language": "no",
        "old": True,
        "day": "2024-01-01",
    }
