"""The catalog of Inference Endpoints: the public models that an engine can run, and the recipes for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from hub_typed.local.repos.tags import task_of
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import RepoSummary, search_repos
from hub_typed_api.models import InferenceCatalogModel, InferenceCatalogRecipe

__all__ = ["catalog"]

_ENGINES: Final = {
    "text-generation": ("vllm", ("gpu",)),
    "image-text-to-text": ("vllm", ("gpu",)),
    "feature-extraction": ("tei", ("cpu", "gpu")),
    "sentence-similarity": ("tei", ("cpu", "gpu")),
    "text-ranking": ("tei", ("cpu", "gpu")),
}
"""Engine and accelerators, the default first, by task."""


def catalog(call: Call, search: str | None = None) -> list[InferenceCatalogModel]:
    """Return the models of the catalog, newest first; the first recipe of a model is its default.

    Args:
        search: Words that the names of the models contain.
    """
    words = None if search is None else [search]
    found = search_repos(call, "model", search=words, author=None, filter=None, sort=None, direction=None)
    listed = (_listed(one) for one in found if not one.repo.facts.private)
    return [one for one in listed if one is not None]


def _listed(one: RepoSummary) -> InferenceCatalogModel | None:
    """Return the entry of a model; ``None`` if no engine runs it."""
    repo_id, task, declared = one.repo.repo_id, task_of(one.card, one.config), one.card.get("license")
    recipes = list(_recipes(one, task))
    if task is None or not recipes:
        return None
    return InferenceCatalogModel(
        repo_id=repo_id,
        name=repo_id.rpartition("/")[2],
        author=one.repo.namespace,
        license=declared if isinstance(declared, str) else "unknown",
        task=task,
        created_at=datetime.fromisoformat(one.repo.facts.created_at),
        recipes=recipes,
    )


def _recipes(one: RepoSummary, task: str | None) -> Iterator[InferenceCatalogRecipe]:
    """Return the recipes of a model: one for each file of llama.cpp, or one for each accelerator of its engine."""
    files = sorted(file.path for file in one.files if file.path.endswith(".gguf"))
    choices: list[tuple[str, str, str | None]] = [("llamacpp", "cpu", file) for file in files]
    if not files:
        engine, accelerators = _ENGINES.get(task or "", ("", ()))
        choices = [(engine, accelerator, None) for accelerator in accelerators]
    for engine, accelerator, file in choices:
        text = f"{one.repo.repo_id}:{engine}:{accelerator}:{file or ''}"
        yield InferenceCatalogRecipe(
            id=hashlib.sha256(text.encode()).hexdigest()[:16],
            accelerator=accelerator,
            engine=engine,
            gguf_file=file,
            revision=one.sha,
        )
