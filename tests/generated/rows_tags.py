"""Rows of the operations about tags, benchmarks and the Parquet files of datasets."""

from __future__ import annotations

from hub_typed_api.operations import dataset_viewer, datasets, models
from tests.generated.rows import becomes

__all__ = ["EVERY", "HOSTS", "LEAST"]

EVERY = [
    becomes(models.get_model_tags, "GET /api/models-tags-by-type", "type=library", tag_type="library"),
    becomes(datasets.get_dataset_tags, "GET /api/datasets-tags-by-type", "type=license", tag_type="license"),
    becomes(
        datasets.get_dataset_leaderboard,
        "GET /api/datasets/ann/set/leaderboard",
        "task_id=main",
        "max_params=8B",
        "base_model=false",
        repo_id="ann/set",
        task_id="main",
        max_params="8B",
        base_model=False,
    ),
    becomes(
        dataset_viewer.list_dataset_parquet_files,
        "GET /parquet",
        "dataset=ann/set",
        "config=default",
        dataset="ann/set",
        config="default",
    ),
    becomes(dataset_viewer.list_dataset_parquet_urls, "GET /api/datasets/ann/set/parquet", repo_id="ann/set"),
]
LEAST = {"dataset_viewer.list_dataset_parquet_files": ["GET /parquet", "dataset=ann/set"]}
HOSTS = {"dataset_viewer.list_dataset_parquet_files": "https://datasets-server.huggingface.co"}
