"""Evaluation results in the files ``.eval_results/*.yaml`` of a model, for leaderboards of benchmark datasets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from hub_typed.errors import CardError
from hub_typed.logs.logger import log as _log
from hub_typed_api.fields import Fields

__all__ = ["EvalResultEntry", "eval_result_entries_to_yaml", "parse_eval_result_entries"]


@attrs.define
class EvalResultEntry(Fields):
    """Result of a model on a benchmark; `EvalResult` is one in the metadata of its card.

    Attributes:
        dataset_id: Name of the benchmark dataset, for example ``cais/hle``.
        task_id: Task of the benchmark, for example ``gpqa_diamond``.
        value: The score.
        dataset_revision: Commit of the dataset.
        verify_token: Signature that proves how the result was measured.
        date: Time of the evaluation, in ISO 8601; the time of the commit if not given.
        source_url: URL of the source; required with its other attributes.
        source_name: Display name of the source.
        source_user: User who is the source.
        source_org: Organization that is the source.
        notes: How it was measured, for example ``no-tools``.
    """

    dataset_id: str
    task_id: str
    value: object
    dataset_revision: str | None = None
    verify_token: str | None = None
    date: str | None = None
    source_url: str | None = None
    source_name: str | None = None
    source_user: str | None = None
    source_org: str | None = None
    notes: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.source_url is None and (self.source_name, self.source_user, self.source_org) != (None, None, None):
            raise ValueError(f"The source of the result on {self.dataset_id} needs a URL: pass source_url, too.")


def eval_result_entries_to_yaml(entries: Iterable[EvalResultEntry]) -> list[dict[str, Any]]:
    """Return results as the list that a file ``.eval_results/<name>.yaml`` contains."""
    return [_to_yaml(entry) for entry in entries]


def parse_eval_result_entries(data: Iterable[Mapping[str, Any]]) -> list[EvalResultEntry]:
    """Parse results in the form of a file ``.eval_results/<name>.yaml``, or of the Hub's ``evalResults`` of a model.

    Files that the Hub refused are left out, with a warning.

    Raises:
        CardError: A result has no dataset, task or value; the message names its position.
    """
    found: list[EvalResultEntry] = []
    for number, item in enumerate(data):
        if "error" in item:
            _log.warning("Left out the results in %s, which are invalid: %s", item.get("filename"), item["error"])
            continue
        members: Mapping[str, Any] = item.get("data", item)
        try:
            dataset: Mapping[str, Any] = members["dataset"]
            source: Mapping[str, Any] = members.get("source") or {}
            entry = EvalResultEntry(
                dataset_id=dataset["id"],
                task_id=dataset["task_id"],
                value=members["value"],
                dataset_revision=dataset.get("revision"),
                verify_token=members.get("verifyToken"),
                date=members.get("date"),
                source_url=source.get("url"),
                source_name=source.get("name"),
                source_user=source.get("user"),
                source_org=source.get("org"),
                notes=members.get("notes"),
            )
        except KeyError as error:
            raise CardError(f"The evaluation result {number} has no {error}.") from error
        except (TypeError, AttributeError, ValueError) as error:
            raise CardError(f"The evaluation result {number} is invalid: {error}") from error
        found.append(entry)
    return found


def valid_entries(data: Iterable[Mapping[str, Any]]) -> list[EvalResultEntry]:
    """Parse the results in the info of a model; what is invalid is left out, with a warning."""
    found: list[EvalResultEntry] = []
    for item in data:
        try:
            found += parse_eval_result_entries([item])
        except CardError as error:
            _log.warning("Left out a result in %s: %s", item.get("filename"), error)
    return found


def _to_yaml(entry: EvalResultEntry) -> dict[str, Any]:
    dataset = _given(id=entry.dataset_id, task_id=entry.task_id, revision=entry.dataset_revision)
    source = _given(url=entry.source_url, name=entry.source_name, user=entry.source_user, org=entry.source_org)
    more = _given(verifyToken=entry.verify_token, date=entry.date, source=source or None, notes=entry.notes)
    return {"dataset": dataset, "value": entry.value, **more}


def _given(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
