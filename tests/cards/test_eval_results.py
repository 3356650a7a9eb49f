"""Evaluation results in files of a model."""

from __future__ import annotations

import copy
import logging

import pytest

from hub_typed import EvalResultEntry, ModelInfo, eval_result_entries_to_yaml, parse_eval_result_entries
from hub_typed.errors import CardError

FULL = EvalResultEntry(
    dataset_id="cais/hle",
    task_id="default",
    value=20.9,
    dataset_revision="5503434ddd753f426f4b38109466949a1217c2bb",
    verify_token="signed",
    date="2025-01-15T10:30:00Z",
    source_url="https://hub.test/datasets/cais/hle",
    source_name="CAIS HLE",
    source_org="cais",
    notes="no-tools",
)
AS_YAML = {
    "dataset": {"id": "cais/hle", "task_id": "default", "revision": "5503434ddd753f426f4b38109466949a1217c2bb"},
    "value": 20.9,
    "verifyToken": "signed",
    "date": "2025-01-15T10:30:00Z",
    "source": {"url": "https://hub.test/datasets/cais/hle", "name": "CAIS HLE", "org": "cais"},
    "notes": "no-tools",
}


def test_results_are_written_and_read():
    least = EvalResultEntry("Idavidrein/gpqa", "gpqa_diamond", 0.412)
    written = eval_result_entries_to_yaml([FULL, least])
    assert written == [AS_YAML, {"dataset": {"id": "Idavidrein/gpqa", "task_id": "gpqa_diamond"}, "value": 0.412}]
    assert parse_eval_result_entries(written) == [FULL, least]
    assert eval_result_entries_to_yaml([]) == []


def test_the_results_of_a_model_info_are_read(caplog):
    caplog.set_level(logging.WARNING, "hub_typed")
    refused = {"filename": ".eval_results/bad.yaml", "error": "no task"}
    assert parse_eval_result_entries([{"filename": "a.yaml", "data": AS_YAML}, refused]) == [FULL]
    assert ".eval_results/bad.yaml" in caplog.text


def test_a_source_needs_a_url():
    with pytest.raises(ValueError, match="pass source_url, too"):
        EvalResultEntry("a/b", "c", 1, source_user="ann")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"value": 1}, "result 0 has no 'dataset'"),
        ({"dataset": {"id": "a/b", "task_id": "c"}}, "has no 'value'"),
        ({"dataset": {"id": "a/b"}, "value": 1}, "has no 'task_id'"),
        ({"dataset": 1, "value": 1}, "is invalid"),
        ({"dataset": {"id": "a/b", "task_id": "c"}, "value": 1, "source": {"name": "d"}}, "needs a URL"),
    ],
)
def test_an_incomplete_result_is_named(data, says):
    with pytest.raises(CardError, match=says):
        parse_eval_result_entries([data])


def test_the_results_in_the_info_of_a_model(caplog):
    valid, wrong = {"filename": "a.yaml", "data": AS_YAML}, {"filename": "b.yaml", "data": {"value": 1}}
    info = ModelInfo(id="o/m", eval_results=[wrong, valid, {"filename": "c.yaml", "error": "no YAML"}])
    assert info.eval_results == info.evalResults == [FULL]
    assert {"b.yaml", "c.yaml"} <= {word.rstrip(":,") for word in caplog.text.split()}
    assert info.to_dict()["evalResults"] == info.eval_result_items
    assert copy.deepcopy(info) == info
    assert ModelInfo(id="o/m").eval_results is None
