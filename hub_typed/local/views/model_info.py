"""Infos of models: what their files, the other models and the Spaces of the Hub say about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, cast

import attrs

from hub_typed.local.repos.architectures import transformers_info
from hub_typed.local.repos.eval_results import eval_results
from hub_typed.local.repos.gguf_header import gguf_info
from hub_typed.local.repos.model_config import mask_token_of
from hub_typed.local.repos.parameter_counts import count_parameters
from hub_typed.local.repos.tags import RELATIONS, BaseModels, base_models_of, library_of, task_of
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import RepoSummary, names_in, visible_repos
from hub_typed.local.views.storage_usage import used_storage
from hub_typed_api import models
from hub_typed_api.path import HFValidationError

__all__ = ["ONLY_EXPANDED", "Links", "describe_model"]

ONLY_EXPANDED = frozenset({"baseModels", "childrenModelCount", "evalResults", "xetEnabled"})
"""Members that an info contains only if they are requested."""
_MAX_SPACES = 100


@attrs.frozen
class Links:
    """What refers to each model: Spaces that use it, and models made from it, counted by relation.

    Cards name models in any letter case; the keys are in lower case.
    """

    spaces: Mapping[str, list[str]]
    children: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, call: Call, members: Collection[str]) -> Links:
        """Find what the caller may see, as far as these members of infos contain it."""
        spaces: dict[str, list[str]] = defaultdict(list)
        children: dict[str, Counter[str]] = defaultdict(Counter)
        if "spaces" in members:
            for one in visible_repos(call, "space"):
                for name in dict.fromkeys(name.lower() for name in names_in(one.card.get("models"))):
                    spaces[name].append(one.repo.repo_id)
        if "childrenModelCount" in members:
            for one in visible_repos(call, "model"):
                base = _base_models(one)
                if base is not None:
                    for name in dict.fromkeys(name.lower() for name in base.names):
                        children[name][base.relation] += 1
        return cls(spaces, children)

    def spaces_of(self, repo_id: str) -> list[str]:
        """Names of some of the Spaces that use a model."""
        return list(self.spaces.get(repo_id.lower(), ()))[:_MAX_SPACES]

    def children_of(self, repo_id: str) -> dict[str, int]:
        """Number of models made from a model, by relation."""
        found = self.children.get(repo_id.lower(), {})
        return {relation: found.get(relation, 0) for relation in RELATIONS}


def describe_model(call: Call, one: RepoSummary, members: Collection[str], links: Links) -> models.ModelInfo:
    """Build the info of a model.

    Args:
        members: Members of the info that will be sent; those that take long are left out if they are not among them.
        links: What refers to the models, for the same members.
    """
    downloads = one.repo.downloads
    index, widget = one.card.get("model-index"), one.card.get("widget")
    results = cast("list[dict[str, Any]]", index) if isinstance(index, list) else None
    with_weights = "safetensors" in members
    return models.ModelInfo(
        **one.common,
        model_id=one.repo.repo_id,
        downloads=downloads,
        downloads_all_time=downloads,
        library_name=library_of(one.card, [file.path for file in one.files], one.config),
        pipeline_tag=task_of(one.card, one.config),
        mask_token=mask_token_of(one.config),
        config=one.config,
        widget_data=cast("object", widget) if isinstance(widget, list) else None,
        model_index=results if results is not None and all(map(_is_object, results)) else None,
        transformers_info=transformers_info(one.config),
        safetensors=count_parameters(one.repo.git(), one.files, call.lfs) if with_weights else None,
        gguf=gguf_info(one.repo.git(), one.files, call.lfs) if "gguf" in members else None,
        eval_results=eval_results(one.repo.git(), one.files) or None if "evalResults" in members else None,
        spaces=links.spaces_of(one.repo.repo_id),
        base_models=_describe_base_models(call, one) if "baseModels" in members else None,
        children_model_count=links.children_of(one.repo.repo_id) if "childrenModelCount" in members else None,
        used_storage=used_storage(one.repo) if "usedStorage" in members else None,
        xet_enabled=call.xet is not None,
    )


def _base_models(one: RepoSummary) -> BaseModels | None:
    return base_models_of(one.card, {file.path for file in one.files})


def _describe_base_models(call: Call, one: RepoSummary) -> dict[str, object] | None:
    """Describe the base models and the relation to them; only those that the caller may see have an id."""
    base = _base_models(one)
    if base is None:
        return None
    return {"relation": base.relation, "models": [_id_of(call, name) | {"id": name} for name in base.names]}


def _id_of(call: Call, name: str) -> dict[str, str]:
    try:
        repo = call.store.find("model", name)
    except HFValidationError:  # a card may contain any text
        return {}
    return {"_id": repo.facts.id} if repo is not None and call.may_read(repo) else {}


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
