"""Models: lists and infos."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterable
from typing import Literal, cast

from hub_typed.flows.list_filters import refuse_with_expand, sorted_by, tagged, words
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import ModelInfo
from hub_typed_api.operations import models as operations
from hub_typed_api.wire import Paged, Response

__all__ = ["list_models", "model_info"]

_NUMBER = re.compile(r"(?:\d*\.)?\d+(?:e[-+]?\d+)?", re.IGNORECASE)


async def list_models(
    io: Io,
    *,
    filter: str | Iterable[str] | None = None,
    author: str | None = None,
    gated: bool | None = None,
    inference: Literal["cold", "frozen", "warm"] | None = None,
    library: str | Iterable[str] | None = None,
    language: str | Iterable[str] | None = None,
    model_name: str | None = None,
    task: str | Iterable[str] | None = None,
    trained_dataset: str | Iterable[str] | None = None,
    tags: str | Iterable[str] | None = None,
    search: str | None = None,
    pipeline_tag: str | None = None,
    emissions_thresholds: tuple[float | None, float | None] | None = None,
    sort: str | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[str] | None = None,
    full: bool | None = None,
    cardData: bool = False,  # noqa: N803 (a name of the reference)
    fetch_config: bool = False,
    apps: str | Iterable[str] | None = None,
    inference_provider: str | Iterable[str] | None = None,
    num_parameters: str | None = None,
) -> AsyncIterator[ModelInfo]:
    """List the models on the Hub.

    Args:
        filter: Tags that the models must all have, as ``text-classification``.
        author: Only models of this user or organization.
        gated: Only gated models, or only those that are not.
        inference: Only models in this state of the serverless inference.
        library: Libraries that the models must all be made for, as ``pytorch``.
        language: Languages that the models must all know, as ``en``.
        model_name: A part of the name.
        task: Tasks that the models must all be made for, as ``fill-mask``.
        trained_dataset: Datasets that the models must all be trained on, as ``common_voice``.
        tags: More tags that the models must all have.
        search: Another part of the name.
        pipeline_tag: The one task that the Hub shows for a model, as ``summarization``.
        emissions_thresholds: Least and most grams of CO2 that the card tells, both included; ``None`` for no bound.
            Models that tell none are left out. The cards are fetched for it.
        sort: ``last_modified``, ``trending_score``, ``created_at``, ``downloads`` or ``likes``.
        direction: ``-1`` for descending order; today's Hub always sorts so.
        limit: How many models at most.
        expand: Members to answer, by their names on the wire; all others are left out.
        full: Fetch most members, the files among them.
        cardData: Fetch the metadata of the cards.
        fetch_config: Fetch the configurations.
        apps: Only models that these local applications can run, as ``ollama``.
        inference_provider: Only models that one of these providers serves; ``all`` for any of them.
        num_parameters: Only models of this number of parameters, as ``min:6B,max:128B``.

    Raises:
        ValueError: Parameters contradict each other.
        BadRequestError: The Hub does not know a name in ``expand`` or ``sort``.
    """
    members = words(expand)
    refuse_with_expand(members, full=full, cardData=cardData, fetch_config=fetch_config)
    least, most = _bounds(emissions_thresholds)
    filtered_here = emissions_thresholds is not None
    if filtered_here and members and "cardData" not in members:
        members.append("cardData")
    listed = operations.list_models(
        search=words(model_name, search),
        author=author,
        filter=words(filter, library, task, tagged("dataset", trained_dataset), language, tags),
        gated=gated,
        apps=words(apps),
        inference=inference,
        inference_provider=words(inference_provider),
        pipeline_tag=pipeline_tag,
        num_parameters=num_parameters,
        sort=sorted_by(sort),
        direction=direction,
        limit=None if filtered_here else limit,  # the size of a page, and here few of its models may be left
        full=full or None,
        config=fetch_config or None,
        card_data=cardData or (filtered_here and not members) or None,
        expand=members,
    )

    def within(page: Response) -> list[ModelInfo]:
        return [info for info in listed.parse(page) if least <= _emissions(info) <= most]

    async for info in items(io, Paged(listed.request, within) if filtered_here else listed, limit=limit):
        yield info


def _bounds(thresholds: tuple[float | None, float | None] | None) -> tuple[float, float]:
    if thresholds is None:
        return 0, math.inf
    least, most = thresholds
    if least is None and most is None:
        raise ValueError("emissions_thresholds must hold a bound: (least, most), one of which may be None.")
    return 0 if least is None else least, math.inf if most is None else most


def _emissions(info: ModelInfo) -> float:
    """Grams of CO2 of a card, from a number, a text or an object; NaN, which is outside of all bounds, if none."""
    told: object = (info.card_data or {}).get("co2_eq_emissions")
    if isinstance(told, dict):
        told = cast("dict[str, object]", told).get("emissions")
    number = _NUMBER.search(str(told))
    return float(number[0]) if number else math.nan


async def model_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    securityStatus: bool | None = None,  # noqa: N803 (a name of the reference)
    files_metadata: bool = False,
    expand: Iterable[str] | None = None,
) -> ModelInfo:
    """Get the info of a model.

    Args:
        repo_id: Name, as ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Seconds to wait for the answer in all; the deadline of the settings if not given.
        securityStatus: Also ask for the results of the security scans.
        files_metadata: Also ask for size, blob id and LFS data of each file.
        expand: Members to answer, by their names on the wire; all others are left out.

    Raises:
        ValueError: ``expand`` is given together with ``securityStatus`` or ``files_metadata``.
        RepositoryNotFoundError: There is no such model, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
    """
    members = words(expand)
    refuse_with_expand(members, securityStatus=securityStatus, files_metadata=files_metadata)
    security, blobs = securityStatus or None, files_metadata or None
    if revision is None:
        call = operations.model_info(repo_id, security_status=security, blobs=blobs, expand=members)
    else:
        call = operations.model_info_at_revision(
            repo_id, revision=revision, security_status=security, blobs=blobs, expand=members
        )
    return await execute(io, call, timeout=timeout)
