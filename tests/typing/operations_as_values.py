"""What a downstream author gets from operations as values; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_type

from hub_typed import GitRefs, HfApi
from hub_typed_api.models import ListedModel, RepoFile, RepoFolder
from hub_typed_api.operations import models, refs, tree
from hub_typed_api.wire import Call, Page, Paged, Request


def made() -> None:
    call = refs.list_repo_refs("owner/name", repo_type="dataset", include_pull_requests=True)
    assert_type(call, Call[GitRefs])
    assert_type(call.request, Request)
    assert_type(models.list_models(limit=100), Paged[ListedModel])


def sent(api: HfApi) -> None:
    assert_type(api.call(refs.list_repo_refs("owner/name"), token=False), GitRefs)
    assert_type(api.call(refs.create_branch("owner/name", branch="try")), None)
    pages = api.pages(models.list_models(limit=100))
    assert_type(pages, Iterator[Page[ListedModel]])
    for page in pages:
        assert_type(page.items, list[ListedModel])
        assert_type(page.next, Request | None)
    for leaf in api.pages(tree.list_repo_tree("owner/name")):
        assert_type(leaf.items, list[RepoFile | RepoFolder | dict[str, Any]])
