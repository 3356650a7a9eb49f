"""Rows of the Xet storage, whose server is named by the Hub together with a token."""

from __future__ import annotations

from typing import Any

from hub_typed_api.operations import xet_storage
from tests.generated.rows import becomes

__all__ = ["EVERY", "HOSTS", "LEAST", "ONCE", "PLACES", "WITHOUT_TOKEN"]

HASH = "5eed" * 16
TOKEN: dict[str, Any] = {"authorization": "Bearer xet_t"}
AS_SENT = "authorization: Bearer xet_t"

EVERY = [
    *(
        becomes(
            operation,
            f"GET /{version}/reconstructions/{HASH}",
            AS_SENT,
            "range: bytes=0-99",
            file_id=HASH,
            byte_range="bytes=0-99",
            **TOKEN,
        )
        for operation, version in ((xet_storage.get_reconstruction, "v2"), (xet_storage.get_reconstruction_v1, "v1"))
    ),
    becomes(xet_storage.head_stored_file, f"HEAD /v1/files/{HASH}", AS_SENT, file_id=HASH, **TOKEN),
    becomes(
        xet_storage.find_chunk, f"GET /v1/chunks/default/{HASH}", AS_SENT, prefix="default", chunk_hash=HASH, **TOKEN
    ),
    becomes(
        xet_storage.head_xorb, f"HEAD /v1/xorbs/default/{HASH}", AS_SENT, prefix="default", xorb_hash=HASH, **TOKEN
    ),
    becomes(
        xet_storage.upload_xorb,
        f"POST /v1/xorbs/default/{HASH}",
        AS_SENT,
        "chunks",
        prefix="default",
        xorb_hash=HASH,
        body=b"chunks",
        **TOKEN,
    ),
    becomes(
        xet_storage.upload_shard,
        "POST /v2/shards",
        AS_SENT,
        "files",
        body=b"files",
        **TOKEN,
    ),
    becomes(
        xet_storage.upload_shard_v1,
        "POST /v1/shards",
        AS_SENT,
        "files",
        body=b"files",
        **TOKEN,
    ),
    becomes(
        xet_storage.send_transfer_summary,
        "POST /v1/telemetry",
        "content-type: application/json",
        AS_SENT,
        '{"bytes": 1}',
        members={"bytes": 1},
        **TOKEN,
    ),
]
LEAST = {
    "xet_storage.get_reconstruction": [f"GET /v2/reconstructions/{HASH}", AS_SENT],
    "xet_storage.get_reconstruction_v1": [f"GET /v1/reconstructions/{HASH}", AS_SENT],
}
PLACES = ["file_id", "prefix", "chunk_hash", "xorb_hash"]
ONCE = ["xet_storage.send_transfer_summary"]
WITHOUT_TOKEN = [f"xet_storage.{name}" for name in xet_storage.__all__]
HOSTS = dict.fromkeys(WITHOUT_TOKEN, "https://cas-server.xethub.hf.co")
