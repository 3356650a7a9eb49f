"""Infos of models, datasets and Spaces: what the Hub derives from their files, and which members come when."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from hub_typed.local.repos.architectures import class_task, transformers_info
from hub_typed.local.repos.model_config import mask_token_of, model_config

CARD = b"""---
base_model: ada/base
widget:
- text: Paris is the [MASK] of France.
  example_title: Paris
co2_eq_emissions:
  emissions: 12.5
---
"""
BERT = {"model_type": "bert", "architectures": ["BertForMaskedLM"], "vocab_size": 30522}
TOKENIZER = {"mask_token": {"content": "<m>", "__type": "AddedToken", "lstrip": True}, "cls_token": "[CLS]", "x": 1}


def create(caller, name, kind="model", **more):
    answer = caller("POST", "/api/repos/create", {"name": name, "type": kind, **more})
    assert answer.status == 200, answer.body


def info(caller, query="", name="ada/m", kind="models"):
    answer = caller("GET", f"/api/{kind}/{name}{query}")
    assert answer.status == 200, answer.body
    return answer.json()


@pytest.fixture
def bert(ada):
    """A masked language model made from ``ada/base``, with a card."""
    create(ada, "base")
    files = {"README.md": CARD, "config.json": json.dumps(BERT), "tokenizer_config.json": json.dumps(TOKENIZER)}
    lines = [ada.file(path, text if isinstance(text, bytes) else text.encode()) for path, text in files.items()]
    assert ada.commit("models/ada/m", *lines).status == 200
    return ada


def test_examples_of_the_widget_are_those_of_the_card(bert):
    examples = [{"text": "Paris is the [MASK] of France.", "example_title": "Paris"}]
    assert info(bert)["widgetData"] == examples
    assert info(bert, "?expand=widgetData")["widgetData"] == examples
    assert "widgetData" not in info(bert, name="ada/base")


def test_emissions_are_in_the_card_and_among_the_tags(bert):
    found = info(bert)
    assert found["cardData"]["co2_eq_emissions"] == {"emissions": 12.5}
    assert "co2_eq_emissions" in found["tags"]
    assert [one["id"] for one in bert("GET", "/api/models?filter=co2_eq_emissions").json()] == ["ada/m"]


def test_benchmarks_of_a_dataset_are_tags(ada):
    create(ada, "d", "dataset")
    ada.put("datasets/ada/d", "README.md", b"---\nbenchmark: [raft, official]\n---\n")
    assert {"benchmark:raft", "benchmark:official"} <= set(info(ada, name="ada/d", kind="datasets")["tags"])
    assert [one["id"] for one in ada("GET", "/api/datasets?filter=benchmark:official").json()] == ["ada/d"]
    tags = ada("GET", "/api/datasets-tags-by-type?type=benchmark").json()["benchmark"]
    assert [tag["label"] for tag in tags] == ["official", "raft"]


def test_the_configuration_names_how_transformers_loads_a_model(bert):
    found = info(bert)
    assert found["transformersInfo"] == {
        "auto_model": "AutoModelForMaskedLM",
        "pipeline_tag": "fill-mask",
        "processor": "AutoTokenizer",
    }
    assert found["mask_token"] == "<m>"
    assert found["config"] == {
        "architectures": ["BertForMaskedLM"],
        "model_type": "bert",
        "tokenizer_config": {
            "cls_token": "[CLS]",
            "mask_token": {"__type": "AddedToken", "content": "<m>", "lstrip": True},
        },
    }


def test_base_models_and_children_come_when_they_are_asked_for(bert, hub):
    create(bert, "adapter")
    bert.put("models/ada/adapter", "README.md", b"---\nbase_model: ada/base\n---\n")
    bert.put("models/ada/adapter", "adapter_config.json", b'{"task_type": "CAUSAL_LM"}')
    create(bert, "merge")
    bert.put("models/ada/merge", "README.md", b"---\nbase_model: [ada/base, other/gone]\n---\n")

    identifier = hub.store.find("model", "ada/base").facts.id
    assert info(bert, "?expand=baseModels")["baseModels"] == {
        "relation": "finetune",
        "models": [{"_id": identifier, "id": "ada/base"}],
    }
    assert info(bert, "?expand=baseModels", "ada/merge")["baseModels"] == {
        "relation": "merge",
        "models": [{"_id": identifier, "id": "ada/base"}, {"id": "other/gone"}],
    }
    assert "baseModels" not in info(bert, "?expand=baseModels", "ada/base")
    assert info(bert, "?expand=childrenModelCount", "ada/base")["childrenModelCount"] == {
        "adapter": 1,
        "finetune": 1,
        "merge": 1,
        "quantized": 0,
    }
    assert not {"baseModels", "childrenModelCount", "xetEnabled"} & info(bert).keys()
    (listed,) = bert("GET", "/api/models?search=merge&expand=baseModels").json()
    assert listed["baseModels"]["relation"] == "merge"
    assert info(bert, name="ada/adapter")["config"] == {"peft": {"task_type": "CAUSAL_LM"}}


def test_private_models_are_neither_base_nor_child_for_others(ada, bob, hub):
    create(ada, "secret", private=True)
    ada.put("models/ada/secret", "README.md", b"---\nbase_model: ada/m\n---\n")
    ada.put("models/ada/m", "README.md", b"---\nbase_model: ada/secret\n---\n")
    assert info(ada, "?expand=childrenModelCount")["childrenModelCount"]["finetune"] == 1
    assert info(bob, "?expand=childrenModelCount")["childrenModelCount"]["finetune"] == 0
    assert "_id" in info(ada, "?expand=baseModels")["baseModels"]["models"][0]
    assert info(bob, "?expand=baseModels")["baseModels"]["models"] == [{"id": "ada/secret"}]


def test_the_result_of_the_scans_comes_when_it_is_asked_for(bert):
    done = {"scansDone": True, "filesWithIssues": []}
    assert info(bert, "?securityStatus=true")["securityRepoStatus"] == done
    assert info(bert, "/revision/main?securityStatus=true&blobs=true")["securityRepoStatus"] == done
    assert "securityRepoStatus" not in info(bert)
    assert "securityRepoStatus" not in info(bert, "?securityStatus=false")


def test_no_model_here_is_served_by_a_provider(bert):
    assert "inference" not in info(bert)
    assert set(info(bert, "?expand=inference")) == {"_id", "id"}
    assert bert("GET", "/api/models?inference=warm").json() == []


def test_spaces_are_named_by_the_models_they_use(ada):
    create(ada, "app", "space", sdk="gradio")
    ada.put("spaces/ada/app", "README.md", b"---\nsdk: gradio\nmodels: [ada/m, Ada/M]\n---\n")
    assert info(ada)["spaces"] == ["ada/app"]
    assert info(ada, "?expand=spaces")["spaces"] == ["ada/app"]
    (listed,) = ada("GET", "/api/models?expand=spaces").json()
    assert listed["spaces"] == ["ada/app"]


@pytest.mark.parametrize(("sdk", "host"), [("gradio", "https://ada-my-app-2.hf.space"), ("static", "static.hf.space")])
def test_a_space_has_a_host_and_a_subdomain(ada, sdk, host):
    create(ada, "My_app.2", "space", sdk=sdk)
    found = info(ada, name="ada/My_app.2", kind="spaces")
    assert found["subdomain"] == "ada-my-app-2"
    assert found["host"].endswith(host)


@pytest.mark.parametrize("kind", ["models", "datasets", "spaces"])
def test_used_storage_counts_all_versions(ada, kind):
    create(ada, "s", kind.removesuffix("s"), **({"sdk": "static"} if kind == "spaces" else {}))
    before = info(ada, name="ada/s", kind=kind)["usedStorage"]
    for content in (b"12345", b"123"):
        ada.put(f"{kind}/ada/s", "x", content)
    assert info(ada, name="ada/s", kind=kind)["usedStorage"] == before + 8
    assert info(ada, "?expand=usedStorage", "ada/s", kind)["usedStorage"] == before + 8
    assert info(ada, "?expand=xetEnabled", "ada/s", kind)["xetEnabled"] is False


@pytest.mark.parametrize(
    ("name", "more", "expected"),
    [
        ("GPT2LMHeadModel", {}, ("AutoModelForCausalLM", "text-generation", "AutoTokenizer")),
        ("BartModel", {}, ("AutoModel", "feature-extraction", "AutoTokenizer")),
        ("T5ForConditionalGeneration", {}, ("AutoModelForSeq2SeqLM", "text2text-generation", "AutoTokenizer")),
        (
            "Wav2Vec2ForSequenceClassification",
            {},
            ("AutoModelForAudioClassification", "audio-classification", "AutoProcessor"),
        ),
        (
            "TapasForQuestionAnswering",
            {},
            ("AutoModelForTableQuestionAnswering", "table-question-answering", "AutoTokenizer"),
        ),
        ("DetrForSegmentation", {}, ("AutoModelForImageSegmentation", "image-segmentation", "AutoImageProcessor")),
        ("ViltForVisualQuestionAnswering", {}, ("ViltForVisualQuestionAnswering", None, "AutoProcessor")),
        (
            "CLIPModel",
            {},
            ("AutoModelForZeroShotImageClassification", "zero-shot-image-classification", "AutoProcessor"),
        ),
        (
            "BlipForConditionalGeneration",
            {},
            ("AutoModelForImageTextToText", "image-text-to-text", "AutoProcessor"),
        ),
        (
            "VisionEncoderDecoderModel",
            {"model_type": "vision-encoder-decoder"},
            ("AutoModelForImageTextToText", "image-text-to-text", "AutoTokenizer"),
        ),
    ],
)
def test_the_class_says_the_task_and_the_classes_that_load_it(name, more, expected):
    found = transformers_info({"architectures": [name], **more})
    assert found is not None
    assert (found.auto_model, found.pipeline_tag, found.processor) == expected
    assert class_task({"architectures": [name]}) == expected[1]


def test_a_class_of_the_repository_is_named():
    found = transformers_info(
        {"architectures": ["MineForCausalLM"], "auto_map": {"AutoModelForCausalLM": "modeling_mine.MineForCausalLM"}}
    )
    assert found is not None
    assert (found.auto_model, found.custom_class) == ("AutoModelForCausalLM", "modeling_mine.MineForCausalLM")
    assert transformers_info({"architectures": ["Other"]}) is None


@pytest.mark.parametrize(
    ("config", "token"),
    [
        ({"model_type": "bert"}, "[MASK]"),
        ({"model_type": "roberta", "tokenizer_config": {}}, "<mask>"),
        ({"model_type": "bert", "tokenizer_config": {"mask_token": "<m>"}}, "<m>"),
        ({"tokenizer_config": {"mask_token": {"content": "<m>"}}}, "<m>"),
        ({"model_type": "mine", "architectures": ["MineForMaskedLM"], "tokenizer_config": {"mask_token": "?"}}, "?"),
        ({"model_type": "tapas", "tokenizer_config": {"mask_token": "[MASK]"}}, None),
        ({"model_type": "gpt2"}, None),
        ({}, None),
    ],
)
def test_the_mask_token_is_that_of_models_that_fill_masks(config, token):
    assert mask_token_of(config) == token


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(
    ["architectures", "model_type", "auto_map", "mask_token", "chat_template", "_class_name", "task_type"]
)


@given(st.one_of(JSON, st.dictionaries(MEMBERS, JSON)))
def test_whatever_the_files_say_there_is_a_configuration(content):
    paths = {"config.json", "tokenizer_config.json", "model_index.json", "adapter_config.json"}
    config = model_config(paths, lambda _: json.dumps(content))
    json.dumps(config).encode()
    transformers_info(config)
    assert mask_token_of(config) is None or isinstance(mask_token_of(config), str)
