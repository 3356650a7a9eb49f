"""Evaluation results and their conversion to and from the ``model-index`` of a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias, TypeGuard

import attrs

from hub_typed.errors import CardError
from hub_typed_api.fields import Fields

__all__ = ["CardValue", "EvalResult", "eval_results_to_model_index", "model_index_to_eval_results"]

_INDEX = "model-index"


@attrs.define
class EvalResult(Fields):
    """One metric of a model, measured on one dataset.

    Attributes:
        task_type: Identifier of the task, for example ``image-classification``.
        dataset_type: Identifier of the dataset on the Hub, for example ``beans``.
        dataset_name: Display name of the dataset, for example ``Beans (test set)``.
        metric_type: Identifier of the metric, for example ``accuracy``.
        metric_value: Measured value, for example ``0.9`` or ``20.0 ± 1.2``.
        task_name: Display name of the task.
        dataset_config: Configuration of the dataset, for example ``fr``.
        dataset_split: Split of the dataset, for example ``test``.
        dataset_revision: Commit of the dataset.
        dataset_args: Arguments that the dataset was loaded with.
        metric_name: Display name of the metric.
        metric_config: Configuration of the metric.
        metric_args: Arguments that the metric was computed with.
        verified: Whether the Hub measured the result itself.
        verify_token: Token by which the Hub proves that it did; of any type, which is kept when a card is written.
        source_name: Name of the source of the result.
        source_url: URL of the source; required with ``source_name``.
    """

    task_type: str
    dataset_type: str
    dataset_name: str
    metric_type: str
    metric_value: CardValue
    task_name: str | None = None
    dataset_config: str | None = None
    dataset_split: str | None = None
    dataset_revision: str | None = None
    dataset_args: Mapping[str, CardValue] | None = None
    metric_name: str | None = None
    metric_config: str | None = None
    metric_args: Mapping[str, CardValue] | None = None
    verified: bool | None = None
    verify_token: CardValue = None
    source_name: str | None = None
    source_url: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.source_name is not None and self.source_url is None:
            raise ValueError(f"The source {self.source_name!r} needs a URL: pass source_url along with source_name.")

    @property
    def unique_identifier(self) -> tuple[str, str, str | None, str | None, str | None]:
        """Key of the evaluation: its task and its dataset."""
        return self.task_type, self.dataset_type, self.dataset_config, self.dataset_split, self.dataset_revision

    def is_equal_except_value(self, other: EvalResult) -> bool:
        """Whether another result differs at most in its value and its ``verify_token``."""
        return attrs.evolve(self, metric_value=None, verify_token=None) == attrs.evolve(
            other, metric_value=None, verify_token=None
        )


CardValue: TypeAlias = (
    str | int | float | bool | date | EvalResult | Sequence["CardValue"] | Mapping[str, "CardValue"] | None
)
"""Value of a member of a card: any value that YAML can represent."""


def model_index_to_eval_results(model_index: CardValue) -> tuple[str, list[EvalResult]]:
    """Convert the ``model-index`` of a card to the name of the model and its evaluation results.

    Raises:
        CardError: The ``model-index`` is invalid; the message names the position.
    """
    models = _list(model_index, _INDEX)
    if not models:
        raise CardError(f"{_INDEX} is empty.", _INDEX)
    name = ""
    results: list[EvalResult] = []
    for number, model in enumerate(models):
        where = f"{_INDEX}[{number}]"
        members = _object(model, where)
        name = _text(members, "name", where)
        for place, result in enumerate(_list(members.get("results"), f"{where}.results")):
            results += _results(_object(result, f"{where}.results[{place}]"), f"{where}.results[{place}]")
    return name, results


def eval_results_to_model_index(model_name: str, eval_results: Iterable[EvalResult]) -> list[dict[str, CardValue]]:
    """Convert evaluation results to the ``model-index`` of a card; metrics of one evaluation are grouped.

    Args:
        model_name: Name of the model.
        eval_results: The results.
    """
    evaluations: list[tuple[dict[str, CardValue], list[CardValue]]] = []
    for result in eval_results:
        evaluation: dict[str, CardValue] = {
            "task": _without_none(type=result.task_type, name=result.task_name),
            "dataset": _without_none(
                name=result.dataset_name,
                type=result.dataset_type,
                config=result.dataset_config,
                split=result.dataset_split,
                revision=result.dataset_revision,
                args=result.dataset_args,
            ),
        }
        source = _without_none(url=result.source_url, name=result.source_name)
        metric = _without_none(
            type=result.metric_type,
            value=result.metric_value,
            name=result.metric_name,
            config=result.metric_config,
            args=result.metric_args,
            verified=result.verified,
            verifyToken=result.verify_token,
        )
        known = evaluation | {"source": source} if source else evaluation
        metrics = next((metrics for other, metrics in evaluations if other == known), None)
        if metrics is None:
            evaluations.append((known, [metric]))
        else:
            metrics.append(metric)
    results: list[CardValue] = [
        {
            "task": evaluation["task"],
            "dataset": evaluation["dataset"],
            "metrics": metrics,
            **{name: value for name, value in evaluation.items() if name == "source"},
        }
        for evaluation, metrics in evaluations
    ]
    return [{"name": model_name, "results": results}]


def checked_results(results: CardValue, model_name: str | None) -> list[EvalResult]:
    """Check evaluation results and return them as a list.

    Raises:
        CardError: A value is not an `EvalResult`, or the name of the model is missing.
    """
    listed = [results] if isinstance(results, EvalResult) else results
    valid = [one for one in listed if isinstance(one, EvalResult)] if isinstance(listed, Sequence) else []
    if not isinstance(listed, Sequence) or len(valid) < len(listed):
        raise CardError("eval_results must be a list of EvalResult.", "eval_results")
    if valid and model_name is None:
        raise CardError("eval_results require the name of the model: set model_name.", "eval_results")
    return valid


def _results(result: Mapping[str, CardValue], where: str) -> Iterable[EvalResult]:
    task, dataset = _member(result, "task", where), _member(result, "dataset", where)
    source: Mapping[str, CardValue] = _member(result, "source", where) if result.get("source") else {}
    for number, value in enumerate(_list(result.get("metrics"), f"{where}.metrics")):
        place = f"{where}.metrics[{number}]"
        metric = _object(value, place)
        if "value" not in metric:
            raise CardError(f"{place}.value is missing.", _INDEX)
        verified = metric.get("verified")
        yield EvalResult(
            task_type=_text(task, "type", f"{where}.task"),
            dataset_type=_text(dataset, "type", f"{where}.dataset"),
            dataset_name=_text(dataset, "name", f"{where}.dataset"),
            metric_type=_text(metric, "type", place),
            metric_value=metric["value"],
            task_name=_text_or_none(task, "name"),
            dataset_config=_text_or_none(dataset, "config"),
            dataset_split=_text_or_none(dataset, "split"),
            dataset_revision=_text_or_none(dataset, "revision"),
            dataset_args=_object_or_none(dataset, "args", f"{where}.dataset"),
            metric_name=_text_or_none(metric, "name"),
            metric_config=_text_or_none(metric, "config"),
            metric_args=_object_or_none(metric, "args", place),
            verified=verified if isinstance(verified, bool) else None,
            verify_token=metric.get("verifyToken"),
            source_name=_text_or_none(source, "name"),
            source_url=_text_or_none(source, "url"),
        )


def _without_none(**members: CardValue) -> dict[str, CardValue]:
    return {name: value for name, value in members.items() if value is not None}


def _is_object(value: CardValue) -> TypeGuard[Mapping[str, CardValue]]:
    return isinstance(value, Mapping)


def _object(value: CardValue, where: str) -> Mapping[str, CardValue]:
    if not _is_object(value):
        raise CardError(f"{where} is not an object.", _INDEX)
    return value


def _member(members: Mapping[str, CardValue], name: str, where: str) -> Mapping[str, CardValue]:
    if name not in members:
        raise CardError(f"{where}.{name} is missing.", _INDEX)
    return _object(members[name], f"{where}.{name}")


def _object_or_none(members: Mapping[str, CardValue], name: str, where: str) -> Mapping[str, CardValue] | None:
    return None if members.get(name) is None else _object(members[name], f"{where}.{name}")


def _list(value: CardValue, where: str) -> Sequence[CardValue]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise CardError(f"{where} is not a list.", _INDEX)
    return value


def _text(members: Mapping[str, CardValue], name: str, where: str) -> str:
    text = _text_or_none(members, name)
    if text is None:
        raise CardError(f"{where}.{name} is missing.", _INDEX)
    return text


def _text_or_none(members: Mapping[str, CardValue], name: str) -> str | None:
    """Return a member as text, even if YAML reads it as another type, for example ``config: 2.0``."""
    value = members.get(name)
    return None if value is None else str(value)
