"""Runtime of a Space, as its infos and the responses to changes of its settings have it."""

from __future__ import annotations

from hub_typed.local.repos.space_settings import runtime
from hub_typed.local.views.repo_info import RepoSummary
from hub_typed_api.models import SpaceRuntime

__all__ = ["runtime_of"]


def runtime_of(one: RepoSummary) -> SpaceRuntime:
    """Return the runtime that a Space has by its settings and its card."""
    return runtime(one.repo.space.get(), one.card, {file.path for file in one.files}, one.sha or "")
