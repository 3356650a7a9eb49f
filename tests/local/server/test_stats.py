"""Counts of requests, bytes and LFS objects."""

from __future__ import annotations

import hashlib

LARGE = b"large\0" * 100


def test_requests_bytes_and_large_files_are_counted(hub, ada):
    before = hub.stats.snapshot()
    ada.upload(LARGE)
    ada.upload(LARGE[1:])
    got = ada("GET", "/ada/m/resolve/main/.gitattributes")
    ada("HEAD", "/ada/m/resolve/main/.gitattributes")
    ada("GET", "/nowhere")

    done = hub.stats.snapshot() - before

    assert dict(done.requests) == {
        "lfs.lfs_batch": 2,
        "storage.upload": 2,
        "files.resolve_file": 1,
        "files.resolve_head": 1,
        "": 1,
    }
    assert done.lfs_objects == 2
    assert done.received > 2 * len(LARGE) - 1
    assert done.sent == sum(one.sent for one in list(hub.requests)[-7:]) > len(got.body)


def test_a_file_in_parts_is_one_and_what_is_refused_is_none(hub, ada):
    hub.lfs.part_size = 256
    oid = hashlib.sha256(LARGE).hexdigest()
    body = {"operation": "upload", "transfers": ["multipart"], "objects": [{"oid": oid, "size": len(LARGE)}]}
    upload = ada("POST", "/ada/m.git/info/lfs/objects/batch", body).json()["objects"][0]["actions"]["upload"]
    hub.stats.reset()
    pieces = {number: LARGE[at : at + 256] for number, at in enumerate(range(0, len(LARGE), 256), 1)}
    etags = {number: ada("PUT", upload["header"][f"{number:05}"], pieces[number]).headers["etag"] for number in pieces}
    parts = [{"partNumber": number, "etag": etag} for number, etag in etags.items()]
    ada("POST", upload["href"], {"oid": oid, "parts": parts[:1]})
    ada("POST", upload["href"], {"oid": oid, "parts": parts})

    counts = hub.stats.snapshot()

    assert dict(counts.requests) == {"storage.upload_part": 3, "storage.complete": 2}
    assert counts.lfs_objects == 1


def test_a_reset_forgets(hub, ada):
    ada("GET", "/api/models")
    hub.stats.reset()

    assert hub.stats.snapshot() - hub.stats.snapshot() == hub.stats.snapshot()
    assert not hub.requests
