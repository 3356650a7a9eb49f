"""Rows of the operations about tags, benchmarks, the files of datasets and models, and attachments."""

from __future__ import annotations

from hub_typed_api.operations import attachments, dataset_viewer, datasets, models
from tests.generated.rows import becomes

__all__ = ["EVERY", "HOSTS", "LEAST", "POSITIONAL"]

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
    becomes(
        models.get_sharded_safetensors_metadata,
        "GET /api/models/ann/model/safetensors-metadata/fp32/index.json",
        repo_id="ann/model",
        path="fp32/index.json",
    ),
    becomes(
        attachments.upload_attachment,
        "POST /uploads",
        "content-type: image/png",
        "PNG",
        media_type="image/png",
        body=b"PNG",
    ),
]
LEAST = {"dataset_viewer.list_dataset_parquet_files": ["GET /parquet", "dataset=ann/set"]}
HOSTS = {"dataset_viewer.list_dataset_parquet_files": "https://datasets-server.huggingface.co"}
POSITIONAL = {"models.get_sharded_safetensors_metadata": ["repo_id", "path"]}
