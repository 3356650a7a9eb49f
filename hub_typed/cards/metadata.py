"""Reading and updating the metadata of a card in a file or a repository."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hub_typed.cards.card import DatasetCard, ModelCard, RepoCard, SpaceCard, read_text
from hub_typed.cards.data import ModelCardData
from hub_typed.cards.evaluation import (
    CardValue,
    EvalResult,
    eval_results_to_model_index,
    model_index_to_eval_results,
)
from hub_typed.cards.front_matter import FrontMatter, dump, equal_in_yaml, first_line_break, parse, rewrite
from hub_typed.disk.files import replace_text
from hub_typed.errors import CardError, EntryNotFoundError
from hub_typed.flows.commits.commit_info import CommitInfo

if TYPE_CHECKING:
    from hub_typed.client import HfApi

__all__ = ["metadata_eval_result", "metadata_load", "metadata_save", "metadata_update"]

_CARDS: Mapping[str, type[RepoCard]] = {"model": ModelCard, "dataset": DatasetCard, "space": SpaceCard}


def metadata_load(local_path: str | os.PathLike[str]) -> dict[str, CardValue] | None:
    """Load the metadata of a local card; ``None`` if the card has none.

    Args:
        local_path: Path of the file.

    Raises:
        CardError: The metadata is invalid; the message begins with the file and the line.
        FileNotFoundError: The file does not exist.
    """
    path = Path(local_path).expanduser()
    source = str(path)
    front = FrontMatter.of(read_text(path, source))
    return None if front is None else parse(front.block, source, front.first_line)


def metadata_save(local_path: str | os.PathLike[str], data: Mapping[str, CardValue]) -> None:
    """Replace the metadata of a local card; its text and unchanged lines are kept.

    Args:
        local_path: Path of the file; created if missing.
        data: All members of the new metadata.

    Raises:
        CardError: The existing metadata is invalid, or a value has a type that YAML cannot represent.
    """
    path = Path(local_path).expanduser()
    text = read_text(path, str(path)) if path.exists() else ""
    front = FrontMatter.of(text)
    if front is None:
        newline = first_line_break(text)
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        text = f"{mark}---{newline}{dump(data, newline)}---{newline}{text.removeprefix(mark)}"
    else:
        parse(front.block, str(path), front.first_line)
        block = rewrite(front.block, data, first_line_break(front.opening))
        text = front.opening + block + front.closing + front.body
    replace_text(path, text)


def metadata_eval_result(
    *,
    model_pretty_name: str,
    task_pretty_name: str,
    task_id: str,
    metrics_pretty_name: str,
    metrics_id: str,
    metrics_value: CardValue,
    dataset_pretty_name: str,
    dataset_id: str,
    metrics_config: str | None = None,
    metrics_verified: bool = False,
    dataset_config: str | None = None,
    dataset_split: str | None = None,
    dataset_revision: str | None = None,
    metrics_verification_token: str | None = None,
) -> dict[str, CardValue]:
    """Build the metadata of one evaluation result, for `metadata_update`.

    Args:
        model_pretty_name: Display name of the model.
        task_pretty_name: Display name of the task.
        task_id: Identifier of the task, for example ``text-classification``.
        metrics_pretty_name: Display name of the metric.
        metrics_id: Identifier of the metric, for example ``accuracy``.
        metrics_value: Measured value.
        dataset_pretty_name: Display name of the dataset.
        dataset_id: Identifier of the dataset on the Hub.
        metrics_config: Configuration of the metric.
        metrics_verified: Whether the Hub measured the result itself.
        dataset_config: Configuration of the dataset.
        dataset_split: Split of the dataset.
        dataset_revision: Commit of the dataset.
        metrics_verification_token: Token by which the Hub proves that it measured the result.
    """
    result = EvalResult(
        task_type=task_id,
        dataset_type=dataset_id,
        dataset_name=dataset_pretty_name,
        metric_type=metrics_id,
        metric_value=metrics_value,
        task_name=task_pretty_name,
        dataset_config=dataset_config,
        dataset_split=dataset_split,
        dataset_revision=dataset_revision,
        metric_name=metrics_pretty_name,
        metric_config=metrics_config,
        verified=metrics_verified,
        verify_token=metrics_verification_token,
    )
    return {"model-index": eval_results_to_model_index(model_pretty_name, [result])}


def metadata_update(
    repo_id: str,
    metadata: Mapping[str, CardValue],
    *,
    repo_type: str | None = None,
    overwrite: bool = False,
    token: str | bool | None = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    revision: str | None = None,
    create_pr: bool = False,
    parent_commit: str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
    api: HfApi | None = None,
) -> CommitInfo:
    """Update the metadata of the card of a repository in a commit; the rest of the card is kept.

    If a model or dataset has no card, one is created from the default template. Evaluation results in ``model-index``
    are added to the existing ones.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        metadata: Members to set.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        overwrite: Also change members and evaluation results that have another value.
        token: Overrides the client's token; ``True`` for the stored one, ``False`` for none.
        commit_message: First line of the commit message.
        commit_description: Rest of the commit message.
        revision: Branch to read from and commit to; ``main`` if not given.
        create_pr: Open a pull request instead of committing to the branch.
        parent_commit: Commit that the branch must still point to, or that the pull request starts from.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the card.
        api: The client; the default client if not given.

    Raises:
        ValueError: A member or result has another value and ``overwrite`` is false, or a Space has no card.
        CardError: The card, or ``model-index`` in the metadata, is invalid.
        ImportError: A card must be created, and Jinja2 is not installed.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the card.
    """
    kind = repo_type or "model"
    if kind not in _CARDS:
        raise ValueError(f"repo_type must be one of {', '.join(_CARDS)}, not {repo_type!r}.")
    try:
        card = _CARDS[kind].load(repo_id, kind, token, revision=revision, api=api)
    except EntryNotFoundError as error:
        if kind == "space":
            raise ValueError(
                f"The Space {repo_id} has no README.md, which every Space requires: create it first."
            ) from error
        card = _CARDS[kind].from_template(_CARDS[kind].card_data_class())
    for name, value in metadata.items():
        if name == "model-index" and isinstance(card.data, ModelCardData):
            _add_results(card.data, value, repo_id, overwrite=overwrite)
            continue
        current = card.data.get(name)
        if current is not None and not overwrite and not equal_in_yaml(current, value):
            raise ValueError(f"{repo_id}: {name!r} is already set to {current!r}: pass overwrite=True to change it.")
        card.data[name] = value
    return card.push_to_hub(
        repo_id,
        token,
        kind,
        commit_message or "Update metadata with huggingface_hub",
        commit_description,
        revision,
        create_pr,
        parent_commit,
        on_conflict=on_conflict,
        api=api,
    )


def _add_results(data: ModelCardData, model_index: CardValue, repo_id: str, *, overwrite: bool) -> None:
    """Add evaluation results to those of a card; a result that exists is updated."""
    try:
        name, results = model_index_to_eval_results(_with_model_name(model_index, data.model_name or repo_id))
    except CardError as error:
        raise CardError(f"metadata[{error.member!r}]: {error}", error.member) from error
    existing = data.eval_results or []
    for result in results:
        old = next((one for one in existing if one.is_equal_except_value(result)), None)
        if old is None:
            existing.append(result)
            continue
        if not equal_in_yaml(old.metric_value, result.metric_value) and not overwrite:
            raise ValueError(
                f"{repo_id}: the metric {result.metric_name or result.metric_type!r} is already {old.metric_value!r}: "
                "pass overwrite=True to change it."
            )
        old.metric_value = result.metric_value
        old.verify_token = result.verify_token or old.verify_token
    data.eval_results, data.model_name = existing, data.model_name or name


def _with_model_name(model_index: CardValue, name: str) -> CardValue:
    """Return the ``model-index`` with the name of the model, which is added if missing."""
    if isinstance(model_index, list) and model_index and isinstance(model_index[0], Mapping):
        first: Mapping[str, CardValue] = copy.copy(model_index[0])
        return [{"name": name, **first}, *model_index[1:]]
    return model_index
