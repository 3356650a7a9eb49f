"""Models: lists and infos."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Iterable
from typing import Literal, TypeAlias, cast

from hub_typed.flows.decorators import narrowed
from hub_typed.flows.list_filters import merge_values, prefixed_tags, refuse_with_expand, sort_key
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import ExpandModelProperty, ModelInfo
from hub_typed_api.operations import models as operations
from hub_typed_api.wire import Paged, Response

__all__ = ["ModelSort", "list_models", "model_info"]

ModelSort: TypeAlias = (
    Literal["created_at", "downloads", "last_modified", "likes", "trending_score"] | str  # noqa: PYI051  # an open enum, for completion
)
"""Sort key of a list of models."""

_NUMBER = re.compile(r"(?:\d*\.)?\d+(?:e[-+]?\d+)?", re.IGNORECASE)


@narrowed("list_models")
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
    sort: ModelSort | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[ExpandModelProperty] | None = None,
    full: bool | None = None,
    cardData: bool = False,  # noqa: N803 (a name of the official client)
    fetch_config: bool = False,
    apps: str | Iterable[str] | None = None,
    inference_provider: str | Iterable[str] | None = None,
    num_parameters: str | None = None,
) -> AsyncIterator[ModelInfo]:
    """List the models on the Hub.

    Args:
        filter: Tags that the models must all have, for example ``text-classification``.
        author: Only models of this user or organization.
        gated: Only gated models, or only those that are not.
        inference: Only models in this state of serverless inference.
        library: Libraries that the models must all support, for example ``pytorch``.
        language: Languages that the models must all support, for example ``en``.
        model_name: Text that the names must contain.
        task: Tasks that the models must all support, for example ``fill-mask``.
        trained_dataset: Datasets that the models must all be trained on, for example ``common_voice``.
        tags: More tags that the models must all have.
        search: Another text that the names must contain.
        pipeline_tag: Main task of the models, for example ``summarization``.
        emissions_thresholds: Minimum and maximum emissions in grams of CO2 according to the card, both inclusive;
            ``None`` for no bound. Models without emissions are omitted. The metadata of the cards is fetched for this.
        sort: ``last_modified``, ``trending_score``, ``created_at``, ``downloads`` or ``likes``.
        direction: ``-1`` for descending order, the only order of the current Hub.
        limit: Maximum number of models.
        expand: Fields to return, by their JSON names; all others are omitted.
        full: Return most fields, including the files.
        cardData: Also return the metadata of the cards.
        fetch_config: Also return the configurations.
        apps: Only models that these local applications can run, for example ``ollama``.
        inference_provider: Only models that one of these providers serves; ``all`` for any of them.
        num_parameters: Only models with this number of parameters, for example ``min:6B,max:128B``.

    Raises:
        ValueError: Arguments contradict each other.
        BadRequestError: The Hub does not support a name in ``expand`` or ``sort``.
    """
    fields = merge_values(expand)
    refuse_with_expand(fields, full=full, cardData=cardData, fetch_config=fetch_config)
    least, most = _bounds(emissions_thresholds)
    filtered_here = emissions_thresholds is not None
    if filtered_here and fields and "cardData" not in fields:
        fields.append("cardData")
    listed = operations.list_models(
        search=merge_values(model_name, search),
        author=author,
        filter=merge_values(filter, library, task, prefixed_tags("dataset", trained_dataset), language, tags),
        gated=gated,
        apps=merge_values(apps),
        inference=inference,
        inference_provider=merge_values(inference_provider),
        pipeline_tag=pipeline_tag,
        num_parameters=num_parameters,
        sort=sort_key(sort),
        direction=direction,
        limit=None if filtered_here else limit,  # the page size; the filter may remove most models of a page
        full=full or None,
        config=fetch_config or None,
        card_data=cardData or (filtered_here and not fields) or None,
        expand=fields,
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
        raise ValueError(
            "emissions_thresholds must have at least one bound: pass (minimum, maximum), one of which may be None."
        )
    return 0 if least is None else least, math.inf if most is None else most


def _emissions(info: ModelInfo) -> float:
    """Return the grams of CO2 in a card (number, text or object); NaN, which is outside of all bounds, if none."""
    value: object = (info.card or {}).get("co2_eq_emissions")
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("emissions")
    number = _NUMBER.search(str(value))
    return float(number[0]) if number else math.nan


@narrowed("model_info", blobs="files_metadata")
async def model_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    securityStatus: bool | None = None,  # noqa: N803 (a name of the official client)
    files_metadata: bool = False,
    expand: Iterable[ExpandModelProperty] | None = None,
) -> ModelInfo:
    """Get the info of a model.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.
        securityStatus: Also return the results of the security scans.
        files_metadata: Also return the size, blob id and LFS data of each file.
        expand: Fields to return, by their JSON names; all others are omitted.

    Raises:
        ValueError: ``expand`` is given together with ``securityStatus`` or ``files_metadata``.
        RepositoryNotFoundError: The model does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    fields = merge_values(expand)
    refuse_with_expand(fields, securityStatus=securityStatus, files_metadata=files_metadata)
    security, blobs = securityStatus or None, files_metadata or None
    if revision is None:
        call = operations.model_info(repo_id, security_status=security, blobs=blobs, expand=fields)
    else:
        call = operations.model_info_at_revision(
            repo_id, revision=revision, security_status=security, blobs=blobs, expand=fields
        )
    return await execute(io, call, timeout=timeout)
