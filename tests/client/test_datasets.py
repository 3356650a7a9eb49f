"""Parquet files and leaderboards of datasets, with both clients and both transports."""

from __future__ import annotations

import pytest

from hub_typed import HfHubHTTPError, RepositoryNotFoundError, SettingsError


async def made(side, name, files):
    """A dataset with these files."""
    repo = f"{side.hub.user}/{name}"
    await side.api.create_repo(repo, repo_type="dataset")
    for path, content in files.items():
        await side.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=repo, repo_type="dataset")
    return repo


async def scored(side, name, dataset, value, base_model=""):
    """A model whose card has a result on a dataset."""
    repo = f"{side.hub.user}/{name}"
    card = f"""---
{base_model}
model-index:
- name: {name}
  results:
  - task: {{type: text-classification}}
    dataset: {{type: {dataset}, name: a benchmark}}
    metrics: [{{type: accuracy, value: {value}}}]
---
"""
    await side.api.create_repo(repo)
    await side.api.upload_file(path_or_fileobj=card.encode(), path_in_repo="README.md", repo_id=repo)
    return repo


def test_the_parquet_files_of_a_dataset_are_listed(play):
    async def scenario(side):
        api = side.api
        repo = await made(side, "rows", {"data/train-0.parquet": b"PAR1", "fr/test.parquet": b"PAR1PAR1"})
        found = await api.list_dataset_parquet_files(repo)
        assert [(one.config, one.split, one.size) for one in found] == [("default", "train", 4), ("fr", "test", 8)]
        assert found[0].url.endswith(f"/datasets/{repo}/resolve/main/data/train-0.parquet")
        assert [one.split for one in await api.list_dataset_parquet_files(repo, config="fr")] == ["test"]
        with pytest.raises(HfHubHTTPError, match="ada/none"):
            await api.list_dataset_parquet_files("ada/none")
        with pytest.raises(ValueError, match="repo id"):
            await api.list_dataset_parquet_files("no/such/name")
        mirror = side.make(servers={})
        with pytest.raises(SettingsError, match="HUB_TYPED_DATASET_VIEWER_ENDPOINT"):
            await mirror.list_dataset_parquet_files(repo)

    play(scenario)


@pytest.mark.parametrize("name", ["parquet", "croissant", "leaderboard", "refs", "discussions"])
def test_a_dataset_may_be_called_as_a_part_of_the_api(play, name):
    async def scenario(side):
        repo = await made(side, name, {"a.parquet": b"PAR1"})
        assert (await side.api.dataset_info(repo)).id == repo
        assert len(await side.api.list_dataset_parquet_files(repo)) == 1
        assert [one.name for one in (await side.api.list_repo_refs(repo, repo_type="dataset")).branches] == ["main"]
        await side.api.delete_repo(repo, repo_type="dataset")
        with pytest.raises(RepositoryNotFoundError):
            await side.api.dataset_info(repo)

    play(scenario)


def test_a_leaderboard_lists_the_best_model_first(play):
    async def scenario(side):
        repo = await made(side, "benchmark", {})
        await scored(side, "good", repo, 0.9)
        await scored(side, "better", repo, 0.95)
        await scored(side, "tuned", repo, 0.97, f"base_model: {side.hub.user}/good")
        found = await side.api.get_dataset_leaderboard(repo)
        assert [(one.rank, one.model_id.partition("/")[2], one.value) for one in found] == [
            (1, "better", 0.95),
            (2, "good", 0.9),
        ]
        everything = await side.api.get_dataset_leaderboard(repo, base_model_only=False, timeout=30)
        assert [one.model_id.partition("/")[2] for one in everything] == ["tuned", "better", "good"]
        assert await side.api.get_dataset_leaderboard(repo, base_model_only=True) == found
        with pytest.raises(RepositoryNotFoundError):
            await side.api.get_dataset_leaderboard("ada/none")

    play(scenario)
