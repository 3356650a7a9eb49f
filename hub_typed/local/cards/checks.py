"""Validation of cards, with the messages of the real Hub.

Clients ask for it (``validate-yaml``) before they commit a card. A commit itself is not checked: a card with errors
must not harm lists and infos anyway.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, cast

import attrs

from hub_typed.local.cards.card import CardError, card_data
from hub_typed.local.cards.identifiers import DATASET_TASKS, LICENSES, SPACE_SDKS, TASKS, languages

__all__ = ["CardReport", "check_card"]

_MAX_MESSAGES: Final = 100
_MAX_SHOWN: Final = 200
"""Maximum number of characters of a value in a message."""
_MAX_SHORT_DESCRIPTION: Final = 60
_COLORS: Final = ("red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray")
_REPO_NAME: Final = re.compile(r"(?:[\w.-]+/)?[\w.-]+", re.ASCII)
_DATASET_PATTERN: Final = r"^(?:[\w-]+\/)?[\w-.]+$"
"""As it appears in messages: a regular expression of JavaScript."""
_DATASET: Final = re.compile(r"(?:[\w-]+/)?[\w\-.]+", re.ASCII)
_RESULT: Final = {
    "task": {"type": str},
    "dataset": {"type": _DATASET, "name": str},
    "metrics": [{"type": str, "value": object}],
}
_MODEL_INDEX: Final = [{"name": str, "results": [_RESULT]}]


@attrs.frozen(kw_only=True)
class CardReport:
    """Errors and warnings of a card."""

    errors: Sequence[str] = ()
    warnings: Sequence[str] = ()


def check_card(readme: str, repo_type: str) -> CardReport:
    """Validate the card in the README of a repository of this type."""
    try:
        card = card_data(readme)
    except CardError as error:
        return CardReport(errors=[str(error)])
    if not card:
        return CardReport(warnings=["empty or missing yaml metadata in repo card"])
    return CardReport(
        errors=list(islice(_errors(card, repo_type), _MAX_MESSAGES)),
        warnings=list(islice(_warnings(card, repo_type), _MAX_MESSAGES)),
    )


def _errors(card: Mapping[str, Any], repo_type: str) -> Iterator[str]:
    yield from _item_errors(card, "license", _choice_error(LICENSES))
    yield from _item_errors(card, "language", _language_error)
    if repo_type == "model":
        yield from _item_errors(card, "datasets", _dataset_error)
        yield from _item_errors(card, "base_model", _model_error)
        for name, schema in (("pipeline_tag", str), ("widget", [object]), ("model-index", _MODEL_INDEX)):
            if name in card:
                yield from _mismatches(card[name], schema, name)
    elif repo_type == "space":
        yield from _item_errors(card, "datasets", _dataset_error)
        yield from _item_errors(card, "models", _model_error)
        for name, choices in (("sdk", SPACE_SDKS), ("colorFrom", _COLORS), ("colorTo", _COLORS)):
            yield from _item_errors(card, name, _choice_error(choices))
        if len(str(card.get("short_description", ""))) > _MAX_SHORT_DESCRIPTION:
            yield f'"short_description" length must be less than or equal to {_MAX_SHORT_DESCRIPTION} characters long'


def _warnings(card: Mapping[str, Any], repo_type: str) -> Iterator[str]:
    # Many cards on the Hub lack the name, so that it cannot be required.
    if card.get("license") == "other" and not card.get("license_name"):
        yield '"license" is "other": set its name in "license_name"'
    if repo_type == "model":
        yield from _unknown_tasks("pipeline tag", [card.get("pipeline_tag")], list(TASKS))
    elif repo_type == "dataset":
        given = card.get("task_categories")
        tasks = cast("list[object]", given) if isinstance(given, list) else [given]
        yield from _unknown_tasks("task_categories", tasks, DATASET_TASKS)


def _unknown_tasks(name: str, given: Sequence[object], known: Sequence[str]) -> Iterator[str]:
    for task in given:
        if isinstance(task, str) and task not in known:
            yield f'The {name} "{_shown(task)}" is not in the official list: {", ".join(known)}'


def _item_errors(card: Mapping[str, Any], name: str, error: Callable[[str, object], str | None]) -> Iterator[str]:
    """Yield the errors of a member, which is one value or a list of them."""
    if name not in card:
        return
    items: list[tuple[str, object]] = [(name, card[name])]
    if isinstance(card[name], list):
        items = [(f"{name}[{number}]", item) for number, item in enumerate(card[name])]
    for at, item in items:
        message = error(at, item)
        if message is not None:
            yield message


def _choice_error(choices: Collection[str]) -> Callable[[str, object], str | None]:
    def error(at: str, value: object) -> str | None:
        return None if value in choices else f'"{at}" must be one of [{", ".join(choices)}]'

    return error


def _language_error(at: str, value: object) -> str | None:
    if not isinstance(value, str):
        return f'"{at}" must be a string'
    if value in languages():
        return None
    return (
        f'"{at}" with value "{_shown(value)}" is not valid. It must be an ISO 639-1, 639-2 or 639-3 code (two/three '
        'letters), or a special value like "code", "multilingual". If you want to use BCP-47 identifiers, you can '
        "specify them in language_bcp47."
    )


def _dataset_error(at: str, value: object) -> str | None:
    return _name_error(at, value, "If possible, use a dataset id from https://hf.co/datasets.")


def _model_error(at: str, value: object) -> str | None:
    return _name_error(at, value, "Use a model id from https://hf.co/models.")


def _name_error(at: str, value: object, advice: str) -> str | None:
    if not isinstance(value, str):
        return f'"{at}" must be a string'
    return None if _REPO_NAME.fullmatch(value) else f'"{at}" with value "{_shown(value)}" is not valid. {advice}'


def _mismatches(value: object, schema: object, at: str) -> Iterator[str]:
    """Yield what differs from a schema: ``object``, ``str``, a pattern, a list of one schema, or required members."""
    if isinstance(schema, list):
        if not isinstance(value, list):
            yield f'"{at}" must be an array'
            return
        for number, item in enumerate(cast("list[object]", value)):
            yield from _mismatches(item, cast("list[object]", schema)[0], f"{at}[{number}]")
    elif isinstance(schema, dict):
        if not isinstance(value, dict):
            yield f'"{at}" must be of type object'
            return
        given = cast("dict[str, object]", value)
        for name, inner in cast("dict[str, object]", schema).items():
            if given.get(name) is None:
                yield f'"{at}.{name}" is required'
            else:
                yield from _mismatches(given[name], inner, f"{at}.{name}")
    elif schema is not object and not isinstance(value, str):
        yield f'"{at}" must be a string'
    elif isinstance(schema, re.Pattern) and not cast("re.Pattern[str]", schema).fullmatch(str(value)):
        yield f'"{at}" with value "{_shown(value)}" fails to match the required pattern: /{_DATASET_PATTERN}/'


def _shown(value: object) -> str:
    return str(value)[:_MAX_SHOWN]
