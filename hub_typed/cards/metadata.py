"""Reading and updating the metadata of a card, in a file or in a repository."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hub_typed.cards.card import DatasetCard, ModelCard, RepoCard, SpaceCard, read_text
from hub_typed.cards.data import ModelCardData
from hub_typed.cards.evaluation import (
    CardValue,
    EvalResult,
    eval_results_to_model_index,
    model_index_to_eval_results,
)
from hub_typed.cards.front_matter import Front, dumped, line_break, read, rewritten, same
from hub_typed.disk.files import replace_text
from hub_typed.errors import CardError, EntryNotFoundError
from hub_typed.flows.commits.commit_info import CommitInfo

if TYPE_CHECKING:
    from hub_typed.client import HfApi

__all__ = ["metadata_eval_result", "metadata_load", "metadata_save", "metadata_update"]

_CARDS: Mapping[str, type[RepoCard]] = {"model": ModelCard, "dataset": DatasetCard, "space": SpaceCard}


def metadata_load(local_path: str | os.PathLike[str]) -> dict[str, CardValue] | None:
    """Load the metadata of a local card; ``None`` if it has none.

    Args:
        local_path: Path of the file.

    Raises:
        CardError: They cannot be read; the message begins with the file and the line.
        FileNotFoundError: There is no such file.
    """
    source = str(Path(local_path))
    front = Front.of(read_text(Path(local_path), source))
    return None if front is None else read(front.block, source, front.first_line)


def metadata_save(local_path: str | os.PathLike[str], data: Mapping[str, CardValue]) -> None:
    """Replace the metadata of a local card; its text and unchanged lines are kept.

    Args:
        local_path: Path of the file; made, if it is not there.
        data: All members that it is to have.

    Raises:
        CardError: What is there cannot be read, or a value is of a class that YAML does not know.
    """
    path = Path(local_path)
    text = read_text(path, str(path)) if path.exists() else ""
    front = Front.of(text)
    if front is None:
        newline = line_break(text)
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        text = f"{mark}---{newline}{dumped(data, newline)}---{newline}{text.removeprefix(mark)}"
    else:
        read(front.block, str(path), front.first_line)
        block = rewritten(front.block, data, line_break(front.opening))
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
        model_pretty_name: Name of the model to display.
        task_pretty_name: Name of the task to display.
        task_id: Its id, as ``text-classification``.
        metrics_pretty_name: Name of the metric to display.
        metrics_id: Its id, as ``accuracy``.
        metrics_value: What was measured.
        dataset_pretty_name: Name of the dataset to display.
        dataset_id: Its id on the Hub.
        metrics_config: Configuration of the metric.
        metrics_verified: Whether the Hub itself has measured it.
        dataset_config: Configuration of the dataset.
        dataset_split: Its split.
        dataset_revision: Its commit.
        metrics_verification_token: The Hub's proof that it has measured it.
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
    api: HfApi | None = None,
) -> CommitInfo:
    """Update the metadata of the card of a repository with a commit; the rest of the card is kept.

    A model or dataset without a card gets one. Results of evaluations in ``model-index`` are added to those that are
    there.

    Args:
        repo_id: Name, as ``owner/name``.
        metadata: The members to set.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        overwrite: Change also what is set to something else, and results that are there with another value.
        token: In place of the client's: a token, ``True`` for the stored one, ``False`` for none.
        commit_message: First line of the message.
        commit_description: The rest of the message.
        revision: Branch to read from and commit to; ``main`` if not given.
        create_pr: Leave the branch alone and open a pull request.
        parent_commit: Commit that the branch must still be at, or that the pull request starts from.
        api: The client; that of the module's functions if not given.

    Raises:
        ValueError: Something is set to another value, and ``overwrite`` is not; or a Space has no card.
        CardError: The card, or ``model-index`` in the metadata, cannot be read.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
    """
    kind = repo_type or "model"
    if kind not in _CARDS:
        raise ValueError(f"repo_type must be one of {', '.join(_CARDS)}, not {repo_type!r}.")
    try:
        card = _CARDS[kind].load(repo_id, kind, token, revision=revision, api=api)
    except EntryNotFoundError as error:
        if kind == "space":
            raise ValueError(f"The Space {repo_id} has no README.md, which a Space cannot do without.") from error
        card = _CARDS[kind]("")
    for name, value in metadata.items():
        if name == "model-index" and isinstance(card.data, ModelCardData):
            _add_results(card.data, value, repo_id, overwrite=overwrite)
            continue
        there = card.data.get(name)
        if there is not None and not overwrite and not same(there, value):
            raise ValueError(f"{repo_id}: {name!r} is set to {there!r} already: pass overwrite=True to change it.")
        card.data[name] = value
    return card.push_to_hub(
        repo_id,
        token,
        kind,
        commit_message or "Update metadata with hub-typed",
        commit_description,
        revision,
        create_pr,
        parent_commit,
        api=api,
    )


def _add_results(data: ModelCardData, model_index: CardValue, repo_id: str, *, overwrite: bool) -> None:
    """Add results to those of a card; existing ones get the new value."""
    try:
        name, results = model_index_to_eval_results(_named(model_index, data.model_name or repo_id))
    except CardError as error:
        raise CardError(f"metadata[{error.member!r}]: {error}", error.member) from error
    there = data.eval_results or []
    for result in results:
        old = next((one for one in there if one.is_equal_except_value(result)), None)
        if old is None:
            there.append(result)
            continue
        if not same(old.metric_value, result.metric_value) and not overwrite:
            raise ValueError(
                f"{repo_id}: the metric {result.metric_name or result.metric_type!r} is {old.metric_value!r} already: "
                "pass overwrite=True to change it."
            )
        old.metric_value = result.metric_value
        old.verify_token = result.verify_token or old.verify_token
    data.eval_results, data.model_name = there, data.model_name or name


def _named(model_index: CardValue, name: str) -> CardValue:
    """Add the name of the model, if it is missing."""
    if isinstance(model_index, list) and model_index and isinstance(model_index[0], Mapping):
        first: Mapping[str, CardValue] = copy.copy(model_index[0])
        return [{"name": name, **first}, *model_index[1:]]
    return model_index
