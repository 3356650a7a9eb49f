"""Files of buckets: batches, lists, contents, and what of the Xet storage a caller may use."""

from __future__ import annotations

import hashlib
import json

import pytest

from hub_typed.local.faults import Status
from hub_typed.local.server.app import Hub
from tests.local.buckets.conftest import BUCKET, added, batch, copied, deleted
from tests.local.xet.material import put

EMPTY = "0" * 64
UNKNOWN = "1" * 64
XET = {"accept": "application/vnd.xet-fileinfo+json"}


def paths(answer):
    return [one["path"] for one in answer.json()]


def tree(caller, query=""):
    return paths(caller("GET", f"{BUCKET}/tree{query}"))


# Batches


def test_a_batch_adds_replaces_and_deletes(ada, upload):
    one, other = upload(b"one"), upload(b"other")
    assert batch(ada, added("a", one), added("b", one)).json() == {
        "success": True,
        "processed": 2,
        "succeeded": 2,
        "failed": [],
    }

    assert batch(ada, added("a", other), deleted("b"), deleted("never there")).json()["succeeded"] == 3

    (file,) = ada("GET", f"{BUCKET}/tree").json()
    assert (file["type"], file["path"], file["size"], file["xetHash"]) == ("file", "a", 5, other)
    told = ada("GET", BUCKET).json()
    assert (told["size"], told["totalFiles"], told["updatedAt"]) == (5, 1, file["uploadedAt"])


def test_times_and_the_media_type_of_a_file_are_kept(ada, upload):
    line = added("a.csv", upload(b"1,2"), mtime=1_700_000_000_123, mtimeNanos=456_789, contentType="text/csv")
    assert batch(ada, line).status == 200

    (file,) = ada("POST", f"{BUCKET}/paths-info", {"paths": ["a.csv"]}).json()
    assert file["mtime"] == "2023-11-14T22:13:20.123Z"
    assert (file["mtimeNanos"], file["contentType"]) == (456_789, "text/csv")


def test_lines_that_fail_do_not_stop_the_others(ada, upload):
    answer = batch(ada, added("a", upload(b"one")), added("b", UNKNOWN), deleted("c"))

    assert answer.status == 200
    told = answer.json()
    assert (told["success"], told["processed"], told["succeeded"]) == (False, 3, 2)
    assert [one["path"] for one in told["failed"]] == ["b"]
    assert UNKNOWN in told["failed"][0]["error"]
    assert tree(ada) == ["a"]


def test_a_batch_of_which_nothing_is_applied_is_a_422(ada):
    answer = batch(ada, added("a", UNKNOWN))

    assert (answer.status, answer.json()["success"], answer.json()["succeeded"]) == (422, False, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        added("../a", EMPTY),
        added("/a", EMPTY),
        added("a//b", EMPTY),
        added("a" * 1025, EMPTY),
        added("a", "no hash"),
        added("a", EMPTY, mtime=10**15),
        added("a", EMPTY, mtimeNanos=1_000_000),
        added("a", EMPTY, contentType="text/csv\r\nset-cookie: a=b"),
        copied("a", EMPTY, "bucket", "ada/nope"),
        copied("a", EMPTY, "bucket", "nope"),
        copied("a", EMPTY, "model", "ada/nope"),
        copied("a", EMPTY, "mars", "ada/b"),
        deleted(".."),
    ],
    ids=json.dumps,
)
def test_a_wrong_line_fails_alone(ada, wrong):
    told = batch(ada, added("right", EMPTY), wrong).json()

    assert [one["path"] for one in told["failed"]] == [wrong["path"]]
    assert tree(ada) == ["right"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"type": "addFile"', 400),
        (b'{"type": "renameFile", "path": "a"}', 400),
        (b'{"type": "addFile", "path": 1, "xetHash": "0"}', 400),
        (b'{"type": "deleteFile", "path": "a"}\n{"type": "addFile", "path": "b", "xetHash": "%s"}' % (b"0" * 64), 400),
        (b'{"type": "deleteFile", "path": "a"}\n' * 1001, 413),
    ],
)
def test_a_malformed_batch_changes_nothing(ada, fill, body, status):
    fill("a")
    added_first = json.dumps(added("b", EMPTY)).encode() + b"\n"

    assert ada("POST", f"{BUCKET}/batch", added_first * (status == 400) + body).status == status
    assert tree(ada) == ["a"]


def test_an_empty_file_needs_no_upload(ada, anyone):
    assert batch(ada, added("empty", EMPTY)).status == 200

    answer = anyone("GET", "/buckets/ada/b/resolve/empty")
    assert (answer.status, answer.body, answer.headers["x-linked-size"]) == (200, b"", "0")


def test_only_what_was_uploaded_for_the_bucket_is_added(hub, ada, bob, upload):
    """A hash neither grants access to a content nor tells whether it is stored."""
    name = upload(b"private")
    bob("POST", "/api/buckets/bob/c", {})

    stored = batch(bob, added("a", name), to="/api/buckets/bob/c").json()
    unknown = batch(bob, added("a", UNKNOWN), to="/api/buckets/bob/c").json()

    assert stored["failed"][0]["error"].replace(name, "") == unknown["failed"][0]["error"].replace(UNKNOWN, "")


def test_a_content_of_the_bucket_is_added_again_without_an_upload(hub, ada, bob, upload):
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write"})
    ada("POST", "/api/buckets/lab/b", {})
    name = upload(b"content", bucket="lab/b")
    batch(ada, added("a", name), to="/api/buckets/lab/b")

    assert batch(bob, added("b", name), to="/api/buckets/lab/b").status == 200


def test_who_may_only_read_changes_nothing(bob, fill):
    fill("a")

    assert batch(bob, deleted("a")).status == 403
    assert tree(bob) == ["a"]


# Copies


def test_files_are_copied_from_buckets_that_the_caller_may_read(ada, bob, upload):
    name = upload(b"content")
    batch(ada, added("a", name))
    bob("POST", "/api/buckets/bob/c", {})

    assert batch(bob, copied("b", name, "bucket", "ada/b"), to="/api/buckets/bob/c").status == 200
    ada("PUT", f"{BUCKET}/settings", {"private": True})
    refused = batch(bob, copied("c", name, "bucket", "ada/b"), to="/api/buckets/bob/c")

    assert (refused.status, refused.json()["failed"][0]["error"]) == (422, "Repository not found")
    assert paths(bob("GET", "/api/buckets/bob/c/tree")) == ["b"]


def test_files_are_copied_from_repositories(ada):
    """From any revision, whichever way the content came."""
    ada("POST", "/api/repos/create", {"name": "m", "type": "dataset"})
    oid = ada.upload(b"large\0" * 1000, "datasets/ada/m")
    assert ada.commit("datasets/ada/m", ada.large("w.bin", oid)).status == 200
    name = ada("HEAD", "/datasets/ada/m/resolve/main/w.bin").headers["x-xet-hash"]

    assert batch(ada, copied("w.bin", name, "dataset", "ada/m", contentType="a/b")).status == 200
    assert batch(ada, copied("x", UNKNOWN, "dataset", "ada/m")).status == 422

    location = ada("GET", "/buckets/ada/b/resolve/w.bin").headers["location"]
    assert ada("GET", location).body == b"large\0" * 1000


def test_a_content_of_a_bucket_may_be_committed_to_a_repository(hub, ada, upload):
    batch(ada, added("a", upload(b"content")))
    ada("POST", "/api/repos/create", {"name": "m"})

    oid = hashlib.sha256(b"content").hexdigest()

    assert ada.commit("models/ada/m", ada.large("w.bin", oid, 7)).status == 200


def test_contents_of_a_bucket_are_linked_to_a_repository(hub, ada, bob, upload):
    name, oid = upload(b"content"), hashlib.sha256(b"content").hexdigest()
    batch(ada, added("a", name))
    bob("POST", "/api/repos/create", {"name": "m"})
    link = {"target": {"type": "model", "name": "bob/m"}, "files": [{"xetHash": name, "sha256": oid}]}
    unknown = {**link, "files": [*link["files"], {"xetHash": UNKNOWN, "sha256": UNKNOWN}]}

    assert bob("POST", f"{BUCKET}/lfs-files/duplicate", link).json()["succeeded"] == 1
    partial = bob("POST", f"{BUCKET}/lfs-files/duplicate", unknown)

    assert (partial.status, partial.json()["succeeded"]) == (207, 1)
    ada("PUT", f"{BUCKET}/settings", {"private": True})
    assert bob("POST", f"{BUCKET}/lfs-files/duplicate", link).status == 404
    assert bob.commit("models/bob/m", bob.large("a", oid, 7)).status == 200


# Lists


def test_folders_are_listed_only_on_request(ada, fill):
    fill("a", "d/e/f", "d/x", "d-x")

    assert tree(ada) == ["a", "d-x", "d/e/f", "d/x"]
    assert tree(ada, "?recursive=true") == ["a", "d-x", "d/e/f", "d/x"]
    listed = ada("GET", f"{BUCKET}/tree?recursive=false").json()
    assert [(one["type"], one["path"]) for one in listed] == [("file", "a"), ("file", "d-x"), ("directory", "d")]
    assert listed[2]["uploadedAt"] == listed[0]["uploadedAt"]


@pytest.mark.parametrize(
    ("prefix", "recursive", "found"),
    [
        ("d", "true", ["d", "d-x/y", "d/e/f", "d/x"]),
        ("d", "false", ["d", "d-x/y", "d/e", "d/x"]),
        ("d%2F", "false", ["d/e", "d/x"]),
        ("d/", "false", ["d/e", "d/x"]),
        ("d%2Fe", "false", ["d/e/f"]),
        ("d%2Fx", "true", ["d/x"]),
        ("nope", "false", []),
    ],
)
def test_a_prefix_may_end_within_a_name(ada, fill, prefix, recursive, found):
    fill("a", "d", "d/e/f", "d/x", "d-x/y")

    assert tree(ada, f"/{prefix}?recursive={recursive}") == found


def test_a_file_and_a_folder_may_have_the_same_path(ada, fill):
    fill("a", "a/b")

    listed = ada("GET", f"{BUCKET}/tree?recursive=false").json()
    assert [(one["type"], one["path"]) for one in listed] == [("file", "a"), ("directory", "a")]


def test_lists_are_sorted_as_asked(ada, fill):
    fill("c", "d/e")
    fill("b")
    fill("a")

    assert tree(ada, "?sort=path&direction=desc") == ["d/e", "c", "b", "a"]
    assert tree(ada, "?sort=uploadedAt") == ["c", "d/e", "b", "a"]
    assert tree(ada, "?sort=uploadedAt&direction=desc&recursive=false") == ["a", "b", "d", "c"]
    for query in ("sort=size", "direction=up", "limit=0", "limit=5001"):
        assert ada("GET", f"{BUCKET}/tree?{query}").status == 400


def test_lists_of_files_have_pages(ada, fill):
    fill(*(f"{number:03}" for number in range(25)))

    found, url = [], f"{BUCKET}/tree?limit=10"
    while url:
        answer = ada("GET", url)
        found.append(len(answer.json()))
        url = answer.headers.get("link", "").partition(">")[0].lstrip("<").removeprefix("http://hub.test")

    assert found == [10, 10, 5]


def test_infos_of_paths_omit_what_is_no_file(ada, fill):
    fill("a", "d/e")

    assert paths(ada("POST", f"{BUCKET}/paths-info", {"paths": ["d/e", "nope", "d", "a"]})) == ["d/e", "a"]
    assert ada("POST", f"{BUCKET}/paths-info", {"paths": ["a"] * 2001}).status == 413


# Contents


def test_a_file_is_read_without_xet(ada, anyone, upload):
    batch(ada, added("d/table 1.csv", upload(b"hello, ", b"world"), contentType="text/csv"))

    answer = anyone("GET", "/buckets/ada/b/resolve/d%2Ftable%201.csv")
    assert (answer.status, answer.headers["x-linked-size"]) == (302, "12")
    content = anyone("GET", answer.headers["location"])
    assert (content.body, content.headers["content-type"]) == (b"hello, world", "text/csv")
    assert content.headers["content-disposition"].startswith("inline; filename*=UTF-8''table%201.csv;")
    assert content.headers["content-security-policy"] == "sandbox"
    part = anyone("GET", answer.headers["location"], headers={"range": "bytes=7-"})
    assert (part.status, part.body, part.headers["content-range"]) == (206, b"world", "bytes 7-11/12")


def test_a_file_is_sent_as_an_attachment_or_without_a_name_on_request(ada, fill):
    fill("a")

    def disposition(query):
        location = ada("GET", f"/buckets/ada/b/resolve/a?{query}").headers["location"]
        return ada("GET", location).headers.get("content-disposition")

    assert disposition("download=1").startswith("attachment; ")
    assert disposition("noContentDisposition=1") is None


def test_the_head_of_a_file_leads_to_the_xet_storage(ada, anyone, upload):
    name = upload(b"content")
    batch(ada, added("d/a", name))

    for path in ("d%2Fa", "d/a"):
        head = anyone("HEAD", f"/buckets/ada/b/resolve/{path}").headers
        assert (head["x-xet-hash"], head["x-linked-etag"], head["x-linked-size"]) == (name, f'"{name}"', "7")
        assert f'<http://hub.test{BUCKET}/xet-read-token>; rel="xet-auth"' in head["link"]
    source = anyone("GET", "/buckets/ada/b/resolve/d%2Fa", headers=XET).json()
    assert (source["hash"], source["size"], source["etag"]) == (name, 7, f'"{name}"')
    assert source["refreshUrl"] == f"http://hub.test{BUCKET}/xet-read-token"
    assert anyone("GET", "/buckets/ada/b/resolve/nope").error == (404, "EntryNotFound")
    assert anyone("GET", "/buckets/ada/b/resolve/d").error == (404, "EntryNotFound")


def reconstructed(caller, token, name):
    headers = {"authorization": f"Bearer {token}"}
    url = f"http://storage.test/_xet/v1/reconstructions/{name}"
    return caller("GET", url, headers=headers).status


def test_a_token_reads_the_files_of_its_bucket_only(ada, anyone, upload):
    ada("POST", "/api/buckets/ada/c", {})
    here, there, never = upload(b"here"), upload(b"there", bucket="ada/c"), upload(b"never added")
    batch(ada, added("a", here))
    batch(ada, added("a", there), to="/api/buckets/ada/c")

    token = anyone("GET", f"{BUCKET}/xet-read-token").json()["accessToken"]

    assert [reconstructed(anyone, token, name) for name in (here, there, never)] == [200, 404, 404]
    batch(ada, deleted("a"))
    assert reconstructed(anyone, token, here) == 404


def test_a_token_ends_with_the_permission(ada, bob, upload):
    name = upload(b"content")
    batch(ada, added("a", name))
    told = bob("GET", f"{BUCKET}/xet-read-token")
    token = told.json()["accessToken"]
    assert told.headers["x-xet-access-token"] == token
    assert reconstructed(bob, token, name) == 200

    ada("POST", "/api/repos/move", {"fromRepo": "ada/b", "toRepo": "ada/c", "type": "bucket"})
    assert reconstructed(bob, token, name) == 200
    ada("PUT", "/api/buckets/ada/c/settings", {"private": True})
    assert reconstructed(bob, token, name) == 401
    assert bob("GET", "/api/buckets/ada/c/xet-read-token").status == 404


def test_a_token_to_write_needs_that_permission(ada, bob, anyone):
    assert ada("GET", f"{BUCKET}/xet-write-token").status == 200
    assert bob("GET", f"{BUCKET}/xet-write-token").status == 403
    assert anyone("GET", f"{BUCKET}/xet-write-token").status == 401


def test_contents_of_buckets_are_no_garbage(hub, ada, upload):
    kept, gone = upload(b"kept"), upload(b"gone")
    batch(ada, added("a", kept), added("b", gone))
    batch(ada, deleted("b"))

    hub.collect_garbage(older_than=0)

    assert [hub.xet.file(name) is not None for name in (kept, gone)] == [True, False]
    location = ada("GET", "/buckets/ada/b/resolve/a").headers["location"]
    assert ada("GET", location).body == b"kept"


def test_what_a_repository_deletes_for_good_stays_in_buckets(hub, ada):
    file = put(hub.xet, b"content")
    ada("POST", "/api/repos/create", {"name": "m"})
    hub.lfs.note_upload(file.sha256, repo=hub.store.find("model", "ada/m").facts.id, user="ada")
    assert ada.commit("models/ada/m", ada.large("a", file.sha256, 7)).status == 200
    assert batch(ada, copied("a", file.hash, "model", "ada/m")).status == 200
    (listed,) = ada("GET", "/api/models/ada/m/lfs-files").json()

    ada("POST", "/api/models/ada/m/lfs-files/batch", {"deletions": {"sha": [listed["fileOid"]]}})

    assert hub.lfs.size(file.sha256) == 7


def test_without_xet_files_are_still_read(hub, ada, upload, tmp_path, login):
    batch(ada, added("a", upload(b"content")))
    hub.stop()

    plain = login(Hub(tmp_path / "hub"), "ada")

    answer = plain("GET", "/buckets/ada/b/resolve/a", headers=XET)
    assert (answer.status, "x-xet-hash" in answer.headers) == (302, False)
    assert plain("GET", answer.headers["location"]).body == b"content"
    assert plain("GET", f"{BUCKET}/xet-read-token").status == 404
    assert batch(plain, added("b", EMPTY)).status == 422
    assert batch(plain, deleted("a")).status == 200


def test_faults_reach_buckets(hub, ada):
    hub.faults.add(Status(503), operation="buckets.batch_bucket_files")

    assert hub.faults.choose("POST", f"{BUCKET}/batch") == Status(503)
    assert hub.faults.choose("GET", f"{BUCKET}/tree") is None
