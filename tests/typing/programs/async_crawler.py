"""A crawler that reads the licences and sizes of many models at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from hub_typed import AsyncHfApi, HubError, ModelInfo, RepoFile


@dataclass(frozen=True)
class Row:
    repo_id: str
    licence: str | None
    size: int
    tags: tuple[str, ...]


@dataclass
class Crawl:
    rows: list[Row] = field(default_factory=list[Row])
    errors: dict[str, HubError] = field(default_factory=dict[str, HubError])

    def licences(self) -> Counter[str]:
        return Counter(row.licence or "unknown" for row in self.rows)


def licence_of(model: ModelInfo) -> str | None:
    return next((tag.removeprefix("license:") for tag in model.tags or () if tag.startswith("license:")), None)


async def size_of(api: AsyncHfApi, repo_id: str) -> int:
    total = 0
    async for entry in api.list_repo_tree(repo_id, recursive=True):
        if isinstance(entry, RepoFile):
            total += entry.size
    return total


async def found(api: AsyncHfApi, author: str) -> AsyncIterator[ModelInfo]:
    async for model in api.list_models(author=author, sort="created_at", expand=("tags", "private")):
        if not model.private:
            yield model


async def crawl(api: AsyncHfApi, author: str, at_once: int = 4) -> Crawl:
    result = Crawl()
    turns = asyncio.Semaphore(at_once)

    async def read(model: ModelInfo) -> None:
        async with turns:
            try:
                size = await size_of(api, model.id)
            except HubError as error:
                result.errors[model.id] = error
                return
        result.rows.append(Row(model.id, licence_of(model), size, tuple(model.tags or ())))

    async with asyncio.TaskGroup() as tasks:
        async for model in found(api, author):
            tasks.create_task(read(model))
    result.rows.sort(key=lambda row: row.repo_id)
    return result
