"""The operations of the area lfs as the requests they become."""

from __future__ import annotations

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
]
LEAST: dict[str, list[str]] = {
    "lfs.delete_lfs_file": ["DELETE /api/models/ann/set/lfs-files/5eed"],
}
PLACES = ("sha",)
