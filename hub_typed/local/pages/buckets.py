"""Pages that list buckets, and the files of a bucket."""

from __future__ import annotations

from typing import Final

import attrs

from hub_typed.local.buckets.store import Bucket
from hub_typed.local.pages.answers import page
from hub_typed.local.pages.located import part_of
from hub_typed.local.request.call import Call
from hub_typed.local.views.bucket_entries import list_entries
from hub_typed_api.serve import Answer, Given

__all__ = ["show_bucket", "show_buckets"]

_BUCKETS_SHOWN: Final = 100
_ENTRIES_SHOWN: Final = 500


@attrs.frozen(kw_only=True)
class _Listed:
    """A bucket in a list of repositories; the members are those of `Located`."""

    repo: Bucket
    page: str
    private: bool
    gated: bool = False


def show_buckets(call: Call, given: Given) -> Answer:
    """List the buckets that the caller may see."""
    words = (given.text("q") or "").lower().split()
    found = (
        _Listed(repo=bucket, page=_page(bucket), private=bucket.facts.private)
        for bucket in call.buckets.all()
        if all(word in bucket.repo_id.lower() for word in words) and call.may_read(bucket)
    )
    part = part_of(found, given, _BUCKETS_SHOWN)
    return page(call, "repos.html", title="Buckets", part=part, search=" ".join(words))


def show_bucket(call: Call, given: Given) -> Answer:
    """List a folder of a bucket."""
    bucket = call.readable_bucket(f"{given.path['namespace']}/{given.path['bucket']}")
    path = given.path.get("path", "")
    entries = list_entries(bucket.files, f"{path}/" if path else "", recursive=False)
    return page(
        call,
        "bucket.html",
        bucket=bucket,
        page=_page(bucket),
        private=bucket.facts.private,
        path=path,
        above=path.rpartition("/")[0],
        part=part_of(entries, given, _ENTRIES_SHOWN),
    )


def _page(bucket: Bucket) -> str:
    return f"/buckets/{bucket.repo_id}"
