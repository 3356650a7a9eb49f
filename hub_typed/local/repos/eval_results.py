"""Evaluation results in the files ``.eval_results/*.yaml`` of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeGuard, cast

import yaml

from hub_typed.local.cards.card import CardError, json_value
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo

__all__ = ["eval_results", "scores"]

_FOLDER: Final = ".eval_results/"
_MAX_FILES: Final = 100
_MAX_BYTES: Final = 1 << 20


def eval_results(git: GitRepo, files: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the results, each with its file; files that are invalid have an error in their place."""
    named = [file for file in files if file.path.startswith(_FOLDER) and file.path.endswith((".yaml", ".yml"))]
    return [result for file in named[:_MAX_FILES] for result in _of_file(git, file)]


def scores(results: Sequence[Mapping[str, Any]], dataset: str, task: str | None) -> Iterator[tuple[str, float]]:
    """Yield the file and the value of each result on a dataset, for one task if given."""
    for result in results:
        data: dict[str, Any] = result.get("data", {})
        benchmark, value = data.get("dataset", {}), data.get("value")
        if not isinstance(value, int | float) or isinstance(value, bool):
            continue
        if benchmark["id"] == dataset and task in (None, benchmark["task_id"]):
            yield result["filename"], float(value)


def _of_file(git: GitRepo, file: Entry) -> Iterator[dict[str, Any]]:
    try:
        if file.size > _MAX_BYTES or file.pointer is not None:
            raise CardError(f"it has more than {_MAX_BYTES} bytes")  # noqa: TRY301, one place for all errors
        found = json_value(git.read(file).decode(errors="replace"))
        for result in cast("list[object]", found) if isinstance(found, list) else [found]:
            yield {"filename": file.path, "data": _checked(result)}
    except (CardError, yaml.YAMLError) as error:
        yield {"filename": file.path, "error": str(error)[:1000]}


def _checked(result: object) -> dict[str, Any]:
    """Return a result that has a dataset with its task, and a value.

    Raises:
        CardError: It has not.
    """
    dataset = result.get("dataset") if _is_object(result) else None
    if not _is_object(result) or not _is_object(dataset) or "value" not in result:
        raise CardError("a result needs a dataset and a value")
    if not isinstance(dataset.get("id"), str) or not isinstance(dataset.get("task_id"), str):
        raise CardError("the dataset of a result needs id and task_id")
    return result


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
