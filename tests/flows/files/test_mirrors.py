"""Mirrors: what their metadata lacks is taken from the file list, and their redirects to the Hub are followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from hub_typed.errors import EntryNotFoundError, HfHubHTTPError, IntegrityError, LocalEntryNotFoundError
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.metadata import HfFileMetadata, file_exists, get_hf_file_metadata
from hub_typed.flows.files.snapshot import snapshot_download
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT
from hub_typed_api.wire import Request, Response

ENDPOINT = "https://hub.test"
REPO = "org/model"
README = b"# A model\n"
README_ID = "c06b64da4b222b355e7a83daac91e2572f67e525"
WEIGHTS = b"0123456789abcdef"
WEIGHTS_ID = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"
FOREIGN_ETAGS = [
    '"9e107d9d372bb6826bd81d3542a419d6"',
    f'"{README_ID}-gzip"',
    f'W/"{README_ID}-gzip"',
    '"any text; with ../../ and spaces"',
    "5f3a-1b2c",
    "",
    None,
]


@pytest.fixture
def commit(hub, large):
    return hub.commit({"README.md": README, "sub/weights.bin": large(WEIGHTS)})


@pytest.mark.parametrize("etag", FOREIGN_ETAGS)
def test_a_download_with_an_etag_of_the_mirror(run, hub, cache, commit, etag):
    hub.head = {"etag": etag}
    path = run(hf_hub_download, REPO, "README.md")
    assert Path(path).read_bytes() == README
    assert (cache / "models--org--model" / "blobs" / README_ID).exists()
    assert [asked.partition("?")[0] for asked in hub.asked] == [
        "HEAD /org/model/resolve/main/README.md",
        f"GET /api/models/org/model/tree/{commit}",
        f"GET /org/model/resolve/{commit}/README.md",
    ]


@pytest.mark.parametrize("etag", FOREIGN_ETAGS)
def test_a_download_of_a_large_file_with_an_etag_of_the_mirror(run, hub, cache, commit, etag):
    hub.head = {"x-linked-etag": None, "x-linked-size": None, "etag": etag}
    path = run(hf_hub_download, REPO, "sub/weights.bin")
    assert Path(path).read_bytes() == WEIGHTS
    assert (cache / "models--org--model" / "blobs" / WEIGHTS_ID).exists()
    assert f"GET /api/models/org/model/tree/{commit}/sub" in hub.asked


@pytest.mark.parametrize(
    "head",
    [
        {"content-length": None},
        {"content-length": "x"},
        {"content-length": "0"},
        {"content-length": "7", "content-encoding": "gzip"},
        {"x-repo-commit": None},
        {"x-repo-commit": None, "etag": None, "content-length": None},
    ],
)
@pytest.mark.parametrize("local", [False, True])
def test_a_download_from_a_mirror_whose_head_lacks_metadata(run, hub, cache, commit, tmp_path, head, local):
    hub.head = head
    path = run(hf_hub_download, REPO, "README.md", local_dir=tmp_path / "local" if local else None)
    assert Path(path).read_bytes() == README
    if not local:
        assert (cache / "models--org--model" / "refs" / "main").read_text() == commit


def test_the_list_is_read_only_up_to_the_file(run, hub, commit):
    hub.commit({f"{number:03}": b"x" for number in range(50)})
    hub.head, hub.page = {"etag": None}, 10
    run(hf_hub_download, REPO, "015")
    assert sum("/tree/" in asked for asked in hub.asked) == 2


def test_complete_metadata_take_no_other_request(run, hub, commit):
    run(hf_hub_download, REPO, "README.md")
    run(get_hf_file_metadata, f"https://hub.test/{REPO}/resolve/main/README.md")
    assert not any("/api/" in asked for asked in hub.asked)


@pytest.mark.parametrize("etag", ["0" * 40, "0" * 64, WEIGHTS_ID])
@pytest.mark.parametrize("local", [False, True])
def test_an_etag_of_the_mirror_that_looks_like_a_hash(run, hub, commit, tmp_path, etag, local):
    hub.head = {"etag": f'"{etag}"'}
    path = run(hf_hub_download, REPO, "README.md", local_dir=tmp_path / "mine" if local else None)
    assert Path(path).read_bytes() == README
    assert f"GET /api/models/org/model/tree/{commit}" in [asked.partition("?")[0] for asked in hub.asked]


def test_a_download_from_a_mirror_that_alters_the_file_is_refused(run, hub, commit, spoil):
    hub.head = {"etag": None}
    spoil(body=b"0 A model\n")
    with pytest.raises(IntegrityError):
        run(hf_hub_download, REPO, "README.md")


def test_metadata_that_neither_the_head_nor_the_list_has(run, hub, commit):
    hub.head, hub.tree = {"content-length": None}, []
    with pytest.raises(LocalEntryNotFoundError, match="lacks size, and so does the list of files"):
        run(hf_hub_download, REPO, "README.md")


@pytest.mark.parametrize(
    ("path", "head", "found"),
    [
        ("README.md", {"etag": '"x"'}, (README_ID, 10)),
        ("README.md", {"content-length": None}, (README_ID, 10)),
        ("README.md", {"x-repo-commit": None}, (README_ID, 10)),
        ("sub%2Fweights.bin", {"x-linked-etag": None}, (WEIGHTS_ID, 16)),
    ],
)
def test_the_metadata_of_a_url_are_completed_from_the_list(run, hub, commit, path, head, found):
    hub.head = head
    url = f"https://hub.test/{REPO}/resolve/main/{path}"
    got = run(get_hf_file_metadata, url)
    assert (got.commit_hash, got.etag, got.size) == (commit, *found)


def test_the_metadata_of_a_url_stay_as_they_are_if_the_list_is_unavailable(run, hub, commit):
    hub.head, hub.api_status = {"etag": '"x"', "content-length": None}, 404
    url = f"https://hub.test/{REPO}/resolve/main/README.md"
    assert run(get_hf_file_metadata, url) == HfFileMetadata(commit, "x", url, None)


def test_a_snapshot_from_a_mirror_whose_head_lacks_everything(run, hub, commit, listing, tmp_path):
    hub.head = dict.fromkeys(("etag", "x-linked-etag", "x-linked-size", "content-length", "x-repo-commit"))
    run(snapshot_download, REPO, local_dir=tmp_path / "local")
    assert (tmp_path / "local" / "README.md").read_bytes() == README
    assert (tmp_path / "local" / "sub" / "weights.bin").read_bytes() == WEIGHTS


@pytest.mark.parametrize("status", [405, 501])
def test_metadata_of_a_mirror_that_refuses_head_come_from_get_without_its_body(run, hub, commit, status):
    hub.head_status, hub.piece = status, 1
    hub.commit({"README.md": README, "empty": b"", "big": b"x" * 1000})
    for name, size in [("README.md", 10), ("empty", 0), ("big", 1000)]:
        hub.forget()
        found = run(get_hf_file_metadata, f"{ENDPOINT}/{REPO}/resolve/main/{name}")
        assert (found.size, found.commit_hash) == (size, hub.refs["main"])
        assert hub.asked == [f"HEAD /{REPO}/resolve/main/{name}", f"GET /{REPO}/resolve/main/{name}"]
    assert run(file_exists, REPO, "big")
    assert not run(file_exists, REPO, "none")


@pytest.mark.parametrize("path", ["README.md", "sub/weights.bin"])
def test_a_download_from_a_mirror_that_refuses_head(run, hub, commit, path):
    hub.head_status = 405
    assert Path(run(hf_hub_download, REPO, path)).read_bytes() == (README if path == "README.md" else WEIGHTS)
    with pytest.raises(EntryNotFoundError):
        run(hf_hub_download, REPO, "none")


def test_a_mirror_that_refuses_get_as_well(run, hub, commit):
    hub.gone = (405, {})
    with pytest.raises(HfHubHTTPError, match="405"):
        run(get_hf_file_metadata, f"{ENDPOINT}/{REPO}/resolve/main/README.md")


@attrs.define
class Mirror:
    """Transport of a mirror that redirects every request to the default host, where the fake Hub responds.

    Attributes:
        asked: URL of each request, and whether it had a token.
    """

    hub: Any
    status: int
    asked: list[tuple[str, bool]] = attrs.field(factory=list)

    def send(self, request: Request, **options: Any) -> Response:
        self.asked.append((request.path, "authorization" in request.headers))
        if request.path.startswith(ENDPOINT):
            location = request.path.replace(ENDPOINT, DEFAULT_ENDPOINT)
            return Response(status=self.status, headers={"location": location}, url=request.path)
        here = attrs.evolve(request, path=request.path.replace(DEFAULT_ENDPOINT, ENDPOINT))
        return attrs.evolve(self.hub.send(here, **options), url=request.path)

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("flow", [hf_hub_download, snapshot_download])
def test_a_download_from_a_mirror_that_redirects_to_the_default_host(run, hub, commit, status, flow):
    run.hub = mirror = Mirror(hub, status)
    arguments = ["README.md"] if flow is hf_hub_download else []
    path = run(flow, REPO, *arguments)
    assert Path(path, *([] if arguments else ["README.md"])).read_bytes() == README
    assert {with_token for url, with_token in mirror.asked if url.startswith(ENDPOINT)} == {True}
    assert {with_token for url, with_token in mirror.asked if not url.startswith(ENDPOINT)} == {False}


def test_the_metadata_of_a_mirror_that_redirects_to_the_default_host(run, hub, commit):
    run.hub = Mirror(hub, 308)
    found = run(get_hf_file_metadata, f"{ENDPOINT}/{REPO}/resolve/main/README.md")
    assert found == HfFileMetadata(commit, README_ID, f"{DEFAULT_ENDPOINT}/{REPO}/resolve/main/README.md", 10)
