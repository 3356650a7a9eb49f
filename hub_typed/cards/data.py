"""Metadata of cards, with one class for each repository type."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from hub_typed.cards.evaluation import (
    CardValue,
    EvalResult,
    checked_results,
    eval_results_to_model_index,
    model_index_to_eval_results,
)
from hub_typed.cards.front_matter import dump, equal_in_yaml
from hub_typed.errors import CardError
from hub_typed.logs.logger import log as _log

__all__ = ["CardData", "DatasetCardData", "ModelCardData", "SpaceCardData"]

_RESERVED_NAMES = {"self", "ignore_metadata_errors"}
"""Parameters of the constructor whose names a member of a card may have, too."""


class CardData:  # noqa: PLW1641  # mutable, so not hashable
    """Metadata of a card. Each member is both an attribute and an item: ``data.license``, ``data["license"]``.

    The members that the Hub defines for a repository type always exist, ``None`` if not set. Any others can be added.
    Members with the value ``None`` are not written.
    """

    _members: dict[str, Any]  # apart from the attributes, since a member may be named `pop`

    def __init__(self, ignore_metadata_errors: bool = False, **members: CardValue) -> None:
        """Create metadata.

        Args:
            ignore_metadata_errors: Drop inconsistent members with a warning.
            **members: Members and their values.
        """
        del ignore_metadata_errors  # only subclasses check members
        vars(self).setdefault("_members", {}).update(members)

    def to_dict(self) -> dict[str, CardValue]:
        """Return the members that are set, in the format of a card."""
        members = self._to_card_format(copy.deepcopy(self._members))
        return {name: value for name, value in members.items() if value is not None}

    def to_yaml(self, line_break: str | None = None, original_order: Sequence[str] | None = None) -> str:
        """Return the members that are set as YAML, without a trailing line break.

        Args:
            line_break: Line break to use; a line feed if not given.
            original_order: Names of the members to write first.

        Raises:
            CardError: A value has a type that YAML cannot represent.
        """
        members = self.to_dict()
        first = [name for name in original_order or () if name in members]
        return dump({name: members[name] for name in dict.fromkeys([*first, *members])}, line_break or "\n").strip()

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
        """Create metadata from the members of a card; any names are allowed.

        Args:
            members: Members and their values.
            ignore_metadata_errors: Drop inconsistent members with a warning.

        Raises:
            CardError: Members are inconsistent.
        """
        given: dict[str, Any] = {name: value for name, value in members.items() if name not in _RESERVED_NAMES}
        data = cls(ignore_metadata_errors=ignore_metadata_errors, **given)
        for name in _RESERVED_NAMES & members.keys():
            data[name] = members[name]
        return data

    @classmethod
    def of_info(cls, members: Mapping[str, CardValue]) -> Self:
        """Create metadata from the info of a repository; an invalid ``model-index`` stays as it is.

        Evaluation results are read from ``model-index`` only.
        """
        members = {name: value for name, value in members.items() if name != "eval_results"}
        try:
            return cls.of(members)
        except CardError:
            data = cls.of(members | {"model-index": None})
        data["model-index"] = members["model-index"]
        return data

    def _to_card_format(self, members: dict[str, Any]) -> dict[str, CardValue]:
        """Convert members to the format of a card."""
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
        base_model: Model or models that this one is derived from.
        datasets: Datasets that the model was trained on.
        eval_results: Evaluation results; written as ``model-index``, which requires ``model_name``.
        language: Language or languages of the model, for example ``en`` or ``["en", "de"]``.
        library_name: Library of the model, for example ``transformers``.
        license: License, for example ``apache-2.0``; or ``other``, with ``license_name`` and ``license_link``.
        metrics: Metrics that the model is evaluated with.
        model_name: Display name of the model in the evaluation results.
        pipeline_tag: Task of the model, for example ``text-generation``.
        tags: Additional tags, without duplicates.
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
            ignore_metadata_errors: Drop invalid evaluation results with a warning.
            **members: Further members; ``model-index`` is converted to ``eval_results``.

        Raises:
            CardError: ``model-index`` or ``eval_results`` is invalid, or evaluation results lack ``model_name``.
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
        self.tags = _unique_tags(tags)
        model_index = members.pop("model-index", None)
        super().__init__(ignore_metadata_errors, **members)
        try:
            if model_index:
                self.model_name, self.eval_results = model_index_to_eval_results(model_index)
            elif eval_results:
                self.eval_results = checked_results(eval_results, model_name)
        except CardError as error:
            if not ignore_metadata_errors:
                advice = "Pass ignore_metadata_errors=True to drop the evaluation results."
                raise CardError(f"{error} {advice}", error.member) from error
            _log.warning("Dropped the evaluation results of a card: %s", error)

    def _to_card_format(self, members: dict[str, Any]) -> dict[str, CardValue]:
        results: CardValue = members.pop("eval_results", None)
        if not results:
            return members
        name: str | None = members.pop("model_name", None)
        members["model-index"] = eval_results_to_model_index(name or "", checked_results(results, name))
        return members


class DatasetCardData(CardData):
    """Metadata of the card of a dataset.

    Attributes:
        language: Language or languages of the texts, for example ``en``.
        license: License, for example ``cc-by-4.0``.
        annotations_creators: Origin of the annotations, for example ``crowdsourced``.
        language_creators: Origin of the texts, for example ``found``.
        multilinguality: Whether the texts have several languages, for example ``monolingual``.
        size_categories: Number of rows, for example ``1K<n<10K``.
        source_datasets: Datasets that this one is derived from, or ``original``.
        task_categories: Tasks of the dataset, for example ``text-classification``.
        task_ids: More specific tasks of the dataset.
        paperswithcode_id: Id on Papers with Code.
        pretty_name: Display name.
        train_eval_index: Instructions to train and evaluate with it; written as ``train-eval-index``.
        config_names: Names of its configurations.
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
            ignore_metadata_errors: Ignored; nothing is checked.
            **members: Further members; ``train-eval-index`` is converted to ``train_eval_index``.
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

    def _to_card_format(self, members: dict[str, Any]) -> dict[str, CardValue]:
        members["train-eval-index"] = members.pop("train_eval_index", None)
        return members


class SpaceCardData(CardData):
    """Metadata of the card of a Space.

    Attributes:
        title: Display name.
        sdk: ``gradio``, ``docker`` or ``static``.
        sdk_version: Version of Gradio.
        python_version: Version of Python, for example ``3.11``.
        app_file: File of the app; ``app.py`` if not given.
        app_port: Port that the app listens on; only for Docker Spaces.
        license: License, for example ``mit``.
        duplicated_from: Space that this one was duplicated from.
        models: Models that the Space uses.
        datasets: Datasets that the Space uses.
        tags: Additional tags, without duplicates.
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
            ignore_metadata_errors: Ignored; nothing is checked.
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
        self.tags = _unique_tags(tags)
        super().__init__(ignore_metadata_errors, **members)


def _unique_tags(tags: str | Iterable[str] | None) -> list[str] | None:
    if tags is None:
        return None
    listed = [tags] if isinstance(tags, str) else tags
    unique: list[str] = []
    for tag in listed:
        if not any(equal_in_yaml(tag, one) for one in unique):  # a tag may be any value, even one that is not hashable
            unique.append(tag)
    return unique
