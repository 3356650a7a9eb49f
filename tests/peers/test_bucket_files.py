"""Buckets of the embedded Hub as files of the official client's file system."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def test_the_file_system_of_the_official_client_works_on_buckets(official, xet_hub, hub_bucket):
    large = bytes(range(256)) * 1000
    bucket = hub_bucket({"large.bin": large, "a.txt": "text"})
    root = f"buckets/{bucket.bucket_id}"

    told = official.run("bucket_files.py", bucket.bucket_id)

    assert told["ls"] == [[f"{root}/a.txt", f"{root}/d", f"{root}/large.bin"], [f"{root}/d/written.txt"]]
    assert told["find"] == [f"{root}/a.txt", f"{root}/d/written.txt", f"{root}/large.bin"]
    assert told["info"] == [len(large), True, False]
    assert (told["cat"], told["part"].encode("latin-1")) == ("written", large[100_000:100_010])
    assert told["after"] == [f"{root}/a.txt", f"{root}/copy.txt", f"{root}/large.bin"]
