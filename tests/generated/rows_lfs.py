"""The operations of the area lfs as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import lfs
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "PLACES"]

EVERY = [
    becomes(
        lfs.delete_lfs_file,
        "DELETE /api/models/ann/set/lfs-files/5eed",
        "rewriteHistory=true",
        repo_id="ann/set",
        sha="5eed",
        repo_type="model",
        rewrite_history=True,
    ),
    becomes(
        lfs.duplicate_bucket_lfs_files,
        "POST /api/buckets/ann/data/lfs-files/duplicate",
        "content-type: application/json",
        '{"target": {"type": "model", "name": "ann/m"}, "files": [{"xetHash": "cafe", "sha256": "5eed"}]}',
        namespace="ann",
        bucket="data",
        target=m.LfsTarget(type="model", name="ann/m"),
        files=[m.LfsDuplicate(xet_hash="cafe", sha256="5eed")],
    ),
]
LEAST: dict[str, list[str]] = {
    "lfs.delete_lfs_file": ["DELETE /api/models/ann/set/lfs-files/5eed"],
}
PLACES = ("sha", "namespace", "bucket")
