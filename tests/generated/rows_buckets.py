"""Rows of the operations about buckets, and about the tokens of the store that buckets and repositories share."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import buckets, xet
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PAGED", "PLACES", "RELATIVE"]

EVERY = [
    becomes(buckets.list_buckets, "GET /api/buckets/me", "search=logs", namespace="me", search="logs"),
    becomes(buckets.bucket_info, "GET /api/buckets/ann/logs", namespace="ann", bucket="logs"),
    becomes(
        buckets.create_bucket,
        "POST /api/buckets/ann/logs",
        "content-type: application/json",
        '{"private": true, "visibility": "private", "resourceGroupId": "66", "region": "eu",'
        ' "cdn": [{"provider": "aws", "region": "eu"}]}',
        namespace="ann",
        bucket="logs",
        private=True,
        visibility="private",
        resource_group_id="66",
        region="eu",
        cdn=[m.BucketCdnRegion(provider="aws", region="eu")],
    ),
    becomes(buckets.delete_bucket, "DELETE /api/buckets/ann/logs", namespace="ann", bucket="logs"),
    becomes(
        buckets.list_bucket_tree,
        "GET /api/buckets/ann/logs/tree/2024%2Fmay",
        "recursive=false",
        "limit=5000",
        "cursor=Zm9v",
        "sort=uploadedAt",
        "direction=desc",
        namespace="ann",
        bucket="logs",
        prefix="2024/may",
        recursive=False,
        limit=5000,
        cursor="Zm9v",
        sort="uploadedAt",
        direction="desc",
    ),
    becomes(
        buckets.get_bucket_paths_info,
        "POST /api/buckets/ann/logs/paths-info",
        "content-type: application/json",
        '{"paths": ["a b.csv", "2024"]}',
        namespace="ann",
        bucket="logs",
        paths=["a b.csv", "2024"],
    ),
    becomes(
        buckets.batch_bucket_files,
        "POST /api/buckets/ann/logs/batch",
        "content-type: application/x-ndjson",
        '{"type": "addFile", "path": "a.csv", "xetHash": "5eed", "mtime": 1700000000000, "mtimeNanos": 7, '
        '"contentType": "text/csv"}',
        '{"type": "copyFile", "path": "b.csv", "xetHash": "5eed", "sourceRepoType": "dataset", '
        '"sourceRepoId": "ann/set"}',
        '{"type": "deleteFile", "path": "c.csv"}',
        namespace="ann",
        bucket="logs",
        lines=lambda: [
            m.BucketAddFile(path="a.csv", xet_hash="5eed", mtime=1700000000000, mtime_nanos=7, content_type="text/csv"),
            m.BucketCopyFile(path="b.csv", xet_hash="5eed", source_repo_type="dataset", source_repo_id="ann/set"),
            m.BucketDeleteFile(path="c.csv"),
        ],
    ),
    becomes(
        buckets.get_bucket_file_metadata,
        "HEAD /buckets/ann/logs/resolve/2024%2Fa%20b.csv",
        "accept-encoding: identity",
        namespace="ann",
        bucket="logs",
        path_in_bucket="2024/a b.csv",
    ),
    becomes(
        buckets.resolve_bucket_file,
        "GET /buckets/ann/logs/resolve/a.csv",
        "noContentDisposition=1",
        "download=1",
        "range: bytes=5-",
        "accept-encoding: identity",
        namespace="ann",
        bucket="logs",
        path_in_bucket="a.csv",
        no_content_disposition=True,
        download=True,
        byte_range="bytes=5-",
    ),
    becomes(
        xet.get_xet_read_token,
        "GET /api/datasets/ann/set/xet-read-token/refs%2Fpr%2F1",
        repo_id="ann/set",
        repo_type="dataset",
        revision="refs/pr/1",
    ),
    becomes(
        xet.get_xet_write_token,
        "GET /api/models/ann/m/xet-write-token/main",
        "create_pr=1",
        repo_id="ann/m",
        repo_type="model",
        revision="main",
        create_pr=True,
    ),
    becomes(
        xet.get_bucket_xet_read_token,
        "GET /api/buckets/ann/logs/xet-read-token",
        namespace="ann",
        bucket="logs",
    ),
    becomes(
        xet.get_bucket_xet_write_token,
        "GET /api/buckets/ann/logs/xet-write-token",
        namespace="ann",
        bucket="logs",
    ),
    becomes(
        buckets.update_bucket_settings,
        "PUT /api/buckets/ann/box/settings",
        "content-type: application/json",
        '{"private": true, "cdnRegions": [{"provider": "gcp", "region": "us"}]}',
        namespace="ann",
        bucket="box",
        private=True,
        cdn_regions=[m.BucketRegion(provider="gcp", region="us")],
    ),
    becomes(
        buckets.get_bucket_resource_group, "GET /api/buckets/ann/box/resource-group", namespace="ann", bucket="box"
    ),
    becomes(
        buckets.set_bucket_resource_group,
        "POST /api/buckets/ann/box/resource-group",
        "content-type: application/json",
        '{"resourceGroupId": "resource group id"}',
        namespace="ann",
        bucket="box",
        resource_group_id="resource group id",
    ),
]
LEAST = {
    "buckets.create_bucket": ["POST /api/buckets/ann/logs", "content-type: application/json", "{}"],
    "buckets.list_bucket_tree": ["GET /api/buckets/ann/logs/tree"],
    "buckets.resolve_bucket_file": [
        "GET /buckets/ann/logs/resolve/a.csv",
        "accept-encoding: identity",
    ],
    "xet.get_xet_read_token": ["GET /api/models/ann/set/xet-read-token/main"],
    "buckets.update_bucket_settings": ["PUT /api/buckets/ann/box/settings", "content-type: application/json", "{}"],
}
PLACES = ["namespace", "bucket", "path_in_bucket"]
PAGED = ["buckets.list_buckets", "buckets.list_bucket_tree"]
ONCE = [
    "buckets.set_bucket_resource_group",
]
RELATIVE = ["buckets.get_bucket_file_metadata"]
