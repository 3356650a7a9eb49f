"""Metadata of cards, one class for each repository type."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from hub_typed.cards.evaluation import (
    CardValue,
    EvalResult,
    eval_results_to_model_index,
    model_index_to_eval_results,
)
from hub_typed.cards.front_matter import dumped, same
from hub_typed.errors import CardError
from hub_typed.logs.logger import log as _log

__all__ = ["CardData", "DatasetCardData", "ModelCardData", "SpaceCardData"]

_ARGUMENTS = {"self", "ignore_metadata_errors"}
"""What a constructor takes and a card may have for a member nevertheless."""


class CardData:  # noqa: PLW1641  # as all that can change, it has no hash: Python sees to that
    """Metadata of a card. Each member is an attribute and an item: ``data.license``, ``data["license"]``.

    The members that the Hub knows for a kind of repository are always there, ``None`` where they are not set; others
    can be added at will. What is ``None`` is not written.
    """

    _members: dict[str, Any]  # free-form, and beside the attributes: a card may have a member named `pop`

    def __init__(self, ignore_metadata_errors: bool = False, **members: CardValue) -> None:
        """Create metadata.

        Args:
            ignore_metadata_errors: Leave out what contradicts itself, with a warning.
            **members: Members and their values.
        """
        del ignore_metadata_errors  # nothing is checked here; other kinds do
        vars(self).setdefault("_members", {}).update(members)

    def to_dict(self) -> dict[str, CardValue]:
        """Return the members that are set, as they are written."""
        members = self._written(copy.deepcopy(self._members))
        return {name: value for name, value in members.items() if value is not None}

    def to_yaml(self, line_break: str | None = None, original_order: Sequence[str] | None = None) -> str:
        """Return the members that are set as YAML, without a trailing line break.

        Args:
            line_break: What to end lines with; a mere line feed if not given.
            original_order: Names of the members that come first.

        Raises:
            CardError: A value is of a class that YAML does not know.
        """
        members = self.to_dict()
        first = [name for name in original_order or () if name in members]
        return dumped({name: members[name] for name in dict.fromkeys([*first, *members])}, line_break or "\n").strip()

    def get(self, key: str, default: CardValue = None) -> CardValue:
        """Return a member, or the default if it is not set."""
        value: CardValue = self._members.get(key)
        return default if value is None else value

    def pop(self, key: str, default: CardValue = None) -> CardValue:
        """Remove and return a member, or return the default if it is not set."""
        value: CardValue = self._members.pop(key, default)
        return value

    def copy(self) -> Self:
        """Return an independent copy."""
        return copy.deepcopy(self)

    @classmethod
    def of(cls, members: Mapping[str, CardValue], *, ignore_metadata_errors: bool = False) -> Self:
        """Create metadata from the members of a card, whatever their names.

        Args:
            members: Members and their values.
            ignore_metadata_errors: Leave out what contradicts itself, with a warning.

        Raises:
            CardError: They contradict each other.
        """
        given: dict[str, Any] = {name: value for name, value in members.items() if name not in _ARGUMENTS}
        made = cls(ignore_metadata_errors=ignore_metadata_errors, **given)
        for name in _ARGUMENTS & members.keys():
            made[name] = members[name]
        return made

    def _written(self, members: dict[str, Any]) -> dict[str, CardValue]:
        """Members as they are written to a card."""
        return members

    def __getattr__(self, name: str) -> CardValue:
        if name.startswith("__") or name not in vars(self).get("_members", {}):
            raise AttributeError(f"{type(self).__name__!r} has no attribute and no member {name!r}")
        value: CardValue = self._members[name]
        return value

    def __setattr__(self, name: str, value: CardValue) -> None:
        vars(self).setdefault("_members", {})[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._members:
            raise AttributeError(f"{type(self).__name__!r} has no member {name!r}")
        del self._members[name]

    def __getitem__(self, key: str) -> CardValue:
        value: CardValue = self._members[key]
        return value

    def __setitem__(self, key: str, value: CardValue) -> None:
        self._members[key] = value

    def __delitem__(self, key: str) -> None:
        del self._members[key]

    def __contains__(self, key: object) -> bool:
        return key in self._members

    def __len__(self) -> int:
        return len(self._members)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._members == getattr(other, "_members", None)

    def __str__(self) -> str:
        return self.to_yaml()

    def __repr__(self) -> str:
        members = {name: value for name, value in self._members.items() if value is not None}
        return f"{type(self).__name__}({members})"


class ModelCardData(CardData):
    """Metadata of the card of a model.

    Attributes:
        base_model: The model, or models, it was made from.
        datasets: Datasets it was trained on.
        eval_results: Results of evaluations; written as ``model-index``, which needs ``model_name``.
        language: What it speaks, as ``en`` or ``["en", "de"]``.
        library_name: Library it is made for, as ``transformers``.
        license: As ``apache-2.0``, or ``other`` with ``license_name`` and ``license_link``.
        metrics: Metrics it is judged by.
        model_name: Name to display with the results.
        pipeline_tag: Task it is made for, as ``text-generation``.
        tags: More tags, each once.
    """

    base_model: str | list[str] | None
    datasets: str | list[str] | None
    eval_results: list[EvalResult] | None
    language: str | list[str] | None
    library_name: str | None
    license: str | None
    license_name: str | None
    license_link: str | None
    metrics: list[str] | None
    model_name: str | None
    pipeline_tag: str | None
    tags: list[str] | None

    def __init__(
        self,
        *,
        base_model: str | list[str] | None = None,
        datasets: str | list[str] | None = None,
        eval_results: EvalResult | list[EvalResult] | None = None,
        language: str | list[str] | None = None,
        library_name: str | None = None,
        license: str | None = None,
        license_name: str | None = None,
        license_link: str | None = None,
        metrics: list[str] | None = None,
        model_name: str | None = None,
        pipeline_tag: str | None = None,
        tags: str | list[str] | None = None,
        ignore_metadata_errors: bool = False,
        **members: CardValue,
    ) -> None:
        """Create metadata; see the attributes.

        Args:
            ignore_metadata_errors: Leave out a ``model-index`` that cannot be read, with a warning.
            **members: Further members; ``model-index`` is read as ``eval_results``.

        Raises:
            CardError: ``model-index`` cannot be read, or there are results without the name of a model.
        """
        self.base_model = base_model
        self.datasets = datasets
        self.eval_results = None
        self.language = language
        self.library_name = library_name
        self.license = license
        self.license_name = license_name
        self.license_link = license_link
        self.metrics = metrics
        self.model_name = model_name
        self.pipeline_tag = pipeline_tag
        self.tags = _unique(tags)
        model_index = members.pop("model-index", None)
        super().__init__(ignore_metadata_errors, **members)
        try:
            if model_index:
                self.model_name, self.eval_results = model_index_to_eval_results(model_index)
            elif eval_results:
                self.eval_results = _checked(eval_results, model_name)
        except CardError as error:
            if not ignore_metadata_errors:
                advice = "Pass ignore_metadata_errors=True to do without the results of evaluations."
                raise CardError(f"{error} {advice}", error.member) from error
            _log.warning("Results of evaluations are left out: %s", error)

    def _written(self, members: dict[str, Any]) -> dict[str, CardValue]:
        results: CardValue = members.pop("eval_results", None)
        if not results:
            return members
        name: str | None = members.pop("model_name", None)
        members["model-index"] = eval_results_to_model_index(name or "", _checked(results, name))
        return members


class DatasetCardData(CardData):
    """Metadata of the card of a dataset.

    Attributes:
        language: What its texts are in, as ``en``.
        license: As ``cc-by-4.0``.
        annotations_creators: How the annotations came about, as ``crowdsourced``.
        language_creators: How the texts came about, as ``found``.
        multilinguality: As ``monolingual``.
        size_categories: How many rows, as ``1K<n<10K``.
        source_datasets: What it was made from, as ``original``.
        task_categories: Tasks it serves, as ``text-classification``.
        task_ids: The same more closely.
        paperswithcode_id: Id at Papers with Code.
        pretty_name: Name to display.
        train_eval_index: How to train and evaluate with it; written as ``train-eval-index``.
        config_names: Its configurations.
    """

    language: str | list[str] | None
    license: str | list[str] | None
    annotations_creators: str | list[str] | None
    language_creators: str | list[str] | None
    multilinguality: str | list[str] | None
    size_categories: str | list[str] | None
    source_datasets: list[str] | None
    task_categories: str | list[str] | None
    task_ids: str | list[str] | None
    paperswithcode_id: str | None
    pretty_name: str | None
    train_eval_index: CardValue
    config_names: str | list[str] | None

    def __init__(
        self,
        *,
        language: str | list[str] | None = None,
        license: str | list[str] | None = None,
        annotations_creators: str | list[str] | None = None,
        language_creators: str | list[str] | None = None,
        multilinguality: str | list[str] | None = None,
        size_categories: str | list[str] | None = None,
        source_datasets: list[str] | None = None,
        task_categories: str | list[str] | None = None,
        task_ids: str | list[str] | None = None,
        paperswithcode_id: str | None = None,
        pretty_name: str | None = None,
        train_eval_index: Mapping[str, CardValue] | Sequence[CardValue] | None = None,
        config_names: str | list[str] | None = None,
        ignore_metadata_errors: bool = False,
        **members: CardValue,
    ) -> None:
        """Create metadata; see the attributes.

        Args:
            ignore_metadata_errors: Nothing is checked here.
            **members: Further members; ``train-eval-index`` is read as ``train_eval_index``.
        """
        self.annotations_creators = annotations_creators
        self.language_creators = language_creators
        self.language = language
        self.license = license
        self.multilinguality = multilinguality
        self.size_categories = size_categories
        self.source_datasets = source_datasets
        self.task_categories = task_categories
        self.task_ids = task_ids
        self.paperswithcode_id = paperswithcode_id
        self.pretty_name = pretty_name
        self.config_names = config_names
        self.train_eval_index = train_eval_index or members.pop("train-eval-index", None)
        super().__init__(ignore_metadata_errors, **members)

    def _written(self, members: dict[str, Any]) -> dict[str, CardValue]:
        members["train-eval-index"] = members.pop("train_eval_index", None)
        return members


class SpaceCardData(CardData):
    """Metadata of the card of a Space.

    Attributes:
        title: Name to display.
        sdk: ``gradio``, ``docker`` or ``static``.
        sdk_version: Version of Gradio.
        python_version: As ``3.11``.
        app_file: File that is run; ``app.py`` if not given.
        app_port: Port that the app listens on; of Docker Spaces alone.
        license: As ``mit``.
        duplicated_from: The Space it was copied from.
        models: Models it uses.
        datasets: Datasets it uses.
        tags: More tags, each once.
    """

    title: str | None
    sdk: str | None
    sdk_version: str | None
    python_version: str | None
    app_file: str | None
    app_port: int | None
    license: str | None
    duplicated_from: str | None
    models: list[str] | None
    datasets: list[str] | None
    tags: list[str] | None

    def __init__(
        self,
        *,
        title: str | None = None,
        sdk: str | None = None,
        sdk_version: str | None = None,
        python_version: str | None = None,
        app_file: str | None = None,
        app_port: int | None = None,
        license: str | None = None,
        duplicated_from: str | None = None,
        models: list[str] | None = None,
        datasets: list[str] | None = None,
        tags: str | list[str] | None = None,
        ignore_metadata_errors: bool = False,
        **members: CardValue,
    ) -> None:
        """Create metadata; see the attributes.

        Args:
            ignore_metadata_errors: Nothing is checked here.
            **members: Further members.
        """
        self.title = title
        self.sdk = sdk
        self.sdk_version = sdk_version
        self.python_version = python_version
        self.app_file = app_file
        self.app_port = app_port
        self.license = license
        self.duplicated_from = duplicated_from
        self.models = models
        self.datasets = datasets
        self.tags = _unique(tags)
        super().__init__(ignore_metadata_errors, **members)


def _unique(tags: str | Iterable[str] | None) -> list[str] | None:
    if tags is None:
        return None
    listed = [tags] if isinstance(tags, str) else tags
    found: list[str] = []
    for tag in listed:
        if not any(same(tag, one) for one in found):  # a card may have anything for a tag
            found.append(tag)
    return found


def _checked(results: CardValue, model_name: str | None) -> list[EvalResult]:
    """Check that evaluation results are a list.

    Raises:
        CardError: They are none, or lack the name of the model.
    """
    listed = [results] if isinstance(results, EvalResult) else results
    found = [one for one in listed if isinstance(one, EvalResult)] if isinstance(listed, Sequence) else []
    if not isinstance(listed, Sequence) or len(found) < len(listed):
        raise CardError("eval_results must be a list of EvalResult.", "eval_results")
    if found and model_name is None:
        raise CardError("eval_results need the name of the model: set model_name.", "eval_results")
    return found
