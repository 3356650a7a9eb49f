"""Handlers of the dataset viewer: it serves only Parquet files that the dataset itself contains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from hub_typed.local.git.objects import Entry
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import summarize_repo
from hub_typed_api import models
from hub_typed_api.server.dataset_viewer import DatasetViewerHandlers

__all__ = ["DatasetViewer"]

_SPLIT = re.compile(r"(?:.*[/_.-])?(train|test|validation|valid|dev)(?=[/_.-])")
_SPLITS = {"valid": "validation", "dev": "validation"}


class DatasetViewer(DatasetViewerHandlers[Call]):
    """Handlers of the operations in the area ``dataset_viewer``."""

    def list_dataset_parquet_files(self, call: Call, *, dataset: str, config: str | None = None) -> models.ParquetFiles:
        found = [
            models.DatasetParquetEntry(
                dataset=dataset,
                config=name,
                split=split,
                url=_url(call, dataset, file.path),
                filename=file.path.rpartition("/")[2],
                size=file.size,
            )
            for name, split, file in _files(call, dataset)
            if config in (None, name)
        ]
        return models.ParquetFiles(parquet_files=found, partial=False, pending=[], failed=[])

    def list_dataset_parquet_urls(self, call: Call, *, repo_id: str) -> dict[str, models.ParquetUrls]:
        found: dict[str, models.ParquetUrls] = {}
        for config, split, file in _files(call, repo_id):
            found.setdefault(config, {}).setdefault(split, []).append(_url(call, repo_id, file.path))
        return found

    def get_dataset_croissant(self, call: Call, *, repo_id: str) -> dict[str, Any]:
        one = summarize_repo(call.readable("dataset", repo_id), "main")
        return {
            "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
            "@type": "Dataset",
            "conformsTo": "http://mlcommons.org/croissant/1.1",
            "name": repo_id.rpartition("/")[2],
            "url": call.web_url("dataset", repo_id),
            "license": one.card.get("license"),
            "keywords": one.common["tags"],
            "distribution": [
                {
                    "@type": "cr:FileObject",
                    "@id": file.path,
                    "name": file.path,
                    "contentUrl": _url(call, repo_id, file.path),
                    "contentSize": f"{file.size} B",
                }
                for file in one.files
            ],
        }


def _files(call: Call, repo_id: str) -> Iterator[tuple[str, str, Entry]]:
    """List the Parquet files of a dataset as configuration (from the folder), split (from the name) and file."""
    for file in summarize_repo(call.readable("dataset", repo_id), "main").files:
        if file.path.endswith(".parquet"):
            folder = file.path.rpartition("/")[0]
            found = _SPLIT.match(file.path)
            split = _SPLITS.get(found[1], found[1]) if found else "train"
            yield "default" if folder in ("", "data", split) else folder.partition("/")[0], split, file


def _url(call: Call, repo_id: str, path: str) -> str:
    return f"{call.web_url('dataset', repo_id)}/resolve/main/{quote(path)}"
