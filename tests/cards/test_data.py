"""Metadata of cards: members as attributes and items, and evaluation results in the format of the Hub."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest
import yaml
from hypothesis import given, strategies as st

from hub_typed import (
    CardData,
    CardError,
    DatasetCardData,
    EvalResult,
    ModelCardData,
    SpaceCardData,
    eval_results_to_model_index,
    model_index_to_eval_results,
)

RESULT = EvalResult(
    task_type="text-classification",
    dataset_type="glue",
    dataset_name="GLUE",
    metric_type="accuracy",
    metric_value=0.9,
)
INDEX = [
    {
        "name": "bert",
        "results": [
            {
                "task": {"type": "text-classification"},
                "dataset": {"name": "GLUE", "type": "glue"},
                "metrics": [{"type": "accuracy", "value": 0.9}],
            }
        ],
    }
]
words = st.text(min_size=1, max_size=5)
optional = st.none() | words
results = st.builds(
    EvalResult,
    words,
    words,
    words,
    words,
    st.integers() | words | st.floats(allow_nan=False),
    task_name=optional,
    dataset_config=optional,
    dataset_split=optional,
    dataset_revision=optional,
    dataset_args=st.none() | st.dictionaries(words, st.integers(), min_size=1),
    metric_name=optional,
    metric_config=optional,
    metric_args=st.none() | st.dictionaries(words, st.integers(), min_size=1),
    verified=st.none() | st.booleans(),
    verify_token=optional,
    source_url=optional,
)


def test_members_are_attributes_and_items():
    data = ModelCardData(license="mit", tags=["a", "b", "a"], co2_eq_emissions={"emissions": 3})
    assert (data.license, data["license"], data.get("license")) == ("mit", "mit", "mit")
    assert data.tags == ["a", "b"]
    assert data.co2_eq_emissions == {"emissions": 3}
    assert ("license" in data, "language" in data, "unknown" in data) == (True, True, False)
    assert (data.get("language", "en"), data.get("unknown")) == ("en", None)
    data["language"] = "de"
    data.mine = [1]
    assert (data.language, data["mine"], len(data)) == ("de", [1], 14)
    assert (data.pop("mine"), data.pop("mine", "gone"), data.pop("mine")) == ([1], "gone", None)
    del data["license"], data.language
    for missing in ("license", "language"):
        assert missing not in data
    with pytest.raises(AttributeError, match="no member 'license'"):
        _ = data.license
    with pytest.raises(AttributeError, match="no member 'license'"):
        del data.license
    with pytest.raises(KeyError):
        _ = data["license"]


def test_what_is_not_set_is_not_written():
    data = CardData(a=None, b=[None, 1])
    assert data.to_dict() == {"b": [None, 1]}
    assert yaml.safe_load(str(data)) == {"b": [None, 1]}
    assert repr(ModelCardData(license="mit")) == "ModelCardData({'license': 'mit'})"


def test_yaml_comes_in_the_order_that_is_asked_for():
    data = CardData(a=1, b="ä\U0001f600", c=[1])
    assert data.to_yaml(original_order=["c", "x", "b"]) == "c:\n- 1\nb: ä😀\na: 1"
    assert data.to_yaml(line_break="\r\n") == "a: 1\r\nb: ä😀\r\nc:\r\n- 1"


def test_a_member_may_be_called_like_a_method():
    data = CardData.of({"pop": 1, "to_dict": 2, "self": 3, "ignore_metadata_errors": 4, "_members": 5})
    assert data.to_dict() == {"pop": 1, "to_dict": 2, "_members": 5, "self": 3, "ignore_metadata_errors": 4} | {}
    assert [data[name] for name in ("pop", "self", "_members")] == [1, 3, 5]


def test_a_copy_is_another_one():
    data = ModelCardData(tags=["a"], model_name="m", eval_results=[RESULT])
    for other in (data.copy(), copy.deepcopy(data), pickle.loads(pickle.dumps(data))):
        assert other == data
        other.tags.append("b")
        assert other != data
    assert data.tags == ["a"]
    assert data != CardData()
    with pytest.raises(TypeError):
        hash(data)


def test_a_tag_alone_is_a_list():
    assert ModelCardData(tags="a").tags == SpaceCardData(tags="a").tags == ["a"]
    assert ModelCardData(tags=[1, True, 1.0, "1"]).tags == [1, True, 1.0, "1"]


def test_a_dataset_has_its_index_under_the_name_of_the_wire():
    data = DatasetCardData.of({"train-eval-index": [{"config": "c"}], "license": "mit"})
    assert data.train_eval_index == [{"config": "c"}]
    assert data.to_dict() == {"license": "mit", "train-eval-index": [{"config": "c"}]}
    assert DatasetCardData(pretty_name="P").to_dict() == {"pretty_name": "P"}


def test_results_are_written_as_the_index_of_a_model():
    data = ModelCardData(model_name="bert", eval_results=RESULT, license="mit")
    assert data.to_dict() == {"license": "mit", "model-index": INDEX}
    assert ModelCardData.of(data.to_dict()) == ModelCardData(model_name="bert", eval_results=[RESULT], license="mit")


def test_results_need_the_name_of_the_model():
    with pytest.raises(CardError, match="set model_name"):
        ModelCardData(eval_results=[RESULT])
    data = ModelCardData(ignore_metadata_errors=True, eval_results=[RESULT])
    assert data.eval_results is None
    data.eval_results = [RESULT]
    with pytest.raises(CardError, match="set model_name"):
        data.to_dict()


@pytest.mark.parametrize("results", ["text", [{"a": 1}], 3])
def test_results_must_be_results(results):
    with pytest.raises(CardError, match="list of EvalResult"):
        ModelCardData(model_name="m", eval_results=results)


def test_metrics_of_one_evaluation_stand_together():
    other = attrs.evolve(RESULT, metric_type="f1", verified=True, verify_token="t")
    apart = attrs.evolve(RESULT, source_url="https://a.b", source_name="us")
    (model,) = eval_results_to_model_index("m", [RESULT, apart, other])
    first, second = model["results"]
    assert [metric["type"] for metric in first["metrics"]] == ["accuracy", "f1"]
    assert first["metrics"][1]["verifyToken"] == "t"
    assert second["source"] == {"url": "https://a.b", "name": "us"}


@given(words, st.lists(results, min_size=1, max_size=5))
def test_results_come_back_from_the_index(name, found):
    name_read, read = model_index_to_eval_results(eval_results_to_model_index(name, found))
    assert name_read == name
    assert sorted(map(repr, read)) == sorted(map(repr, found))


@pytest.mark.parametrize(
    ("index", "why"),
    [
        ([], "model-index is empty"),
        ({"name": "x"}, "model-index is not a list"),
        ("text", "model-index is not a list"),
        ([1], "model-index[0] is not an object"),
        ([{"results": []}], "model-index[0].name is missing"),
        ([{"name": "m"}], "model-index[0].results is not a list"),
        ([{"name": "m", "results": [{}]}], "model-index[0].results[0].task is missing"),
        ([{"name": "m", "results": [{"task": 1}]}], "model-index[0].results[0].task is not an object"),
        ([{"name": "m", "results": [{"task": {}, "dataset": {}, "metrics": 1}]}], "results[0].metrics is not a list"),
        ([{"name": "m", "results": [{"task": {}, "dataset": {}, "metrics": [{}]}]}], "metrics[0].value is missing"),
        (
            [{"name": "m", "results": [{"task": {}, "dataset": {}, "metrics": [{"value": 1}]}]}],
            "results[0].task.type is missing",
        ),
    ],
)
def test_an_index_that_is_none_is_told_with_its_place(index, why):
    with pytest.raises(CardError) as caught:
        model_index_to_eval_results(index)
    assert why in str(caught.value)
    if index:
        with pytest.raises(CardError, match="ignore_metadata_errors=True"):
            ModelCardData.of({"model-index": index})
        assert ModelCardData.of({"model-index": index}, ignore_metadata_errors=True).eval_results is None


def test_the_same_measurement_may_have_another_outcome():
    assert RESULT.is_equal_except_value(attrs.evolve(RESULT, metric_value=0.1, verify_token="t"))
    assert not RESULT.is_equal_except_value(attrs.evolve(RESULT, metric_name="A"))
    assert RESULT.unique_identifier == ("text-classification", "glue", None, None, None)


def test_a_source_needs_an_address():
    with pytest.raises(ValueError, match="source_url"):
        attrs.evolve(RESULT, source_name="us")


def test_an_error_of_a_card_can_be_pickled():
    error = pickle.loads(pickle.dumps(CardError("why", "license")))
    assert (str(error), error.member) == ("why", "license")


@pytest.mark.parametrize("token", ["t", 1234, 1.5, True, ["a"], {"a": 1}])
def test_the_token_of_a_verified_result_keeps_its_type(token):
    written = eval_results_to_model_index("m", [attrs.evolve(RESULT, verify_token=token)])
    (read,) = model_index_to_eval_results(written)[1]
    assert (type(read.verify_token), read.verify_token) == (type(token), token)
    assert written[0]["results"][0]["metrics"][0]["verifyToken"] == token
