"""Metadata and URLs of files."""

from __future__ import annotations

import pickle

import pytest

from hub_typed.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HFValidationError,
    HubTimeoutError,
    RepositoryNotFoundError,
)
from hub_typed.flows.files.metadata import HfFileMetadata, file_exists, get_hf_file_metadata, hf_hub_url

REPO = "org/model"
WEIGHTS_ID = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"


@pytest.fixture
def commit(hub, large):
    return hub.commit({"README.md": b"# A model\n", "sub/weights.bin": large(b"0123456789abcdef")})


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ({}, "https://huggingface.co/org/model/resolve/main/a/b.txt"),
        ({"subfolder": "s"}, "https://huggingface.co/org/model/resolve/main/s/a/b.txt"),
        ({"subfolder": ""}, "https://huggingface.co/org/model/resolve/main/a/b.txt"),
        ({"repo_type": "model"}, "https://huggingface.co/org/model/resolve/main/a/b.txt"),
        ({"repo_type": "dataset"}, "https://huggingface.co/datasets/org/model/resolve/main/a/b.txt"),
        ({"repo_type": "space"}, "https://huggingface.co/spaces/org/model/resolve/main/a/b.txt"),
        ({"repo_type": "kernel"}, "https://huggingface.co/kernels/org/model/resolve/main/a/b.txt"),
        ({"revision": "refs/pr/1"}, "https://huggingface.co/org/model/resolve/refs%2Fpr%2F1/a/b.txt"),
        ({"endpoint": "http://localhost:1/"}, "http://localhost:1/org/model/resolve/main/a/b.txt"),
    ],
)
def test_urls(named, url):
    assert hf_hub_url(REPO, "a/b.txt", **named) == url


def test_urls_encode_what_needs_it(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.test/")
    assert hf_hub_url("gpt2", "a b/ä#?.txt") == "https://mirror.test/gpt2/resolve/main/a%20b/%C3%A4%23%3F.txt"


@pytest.mark.parametrize("arguments", [("a/b/c", "x"), ("a", "../x"), ("a", "/x")])
def test_urls_that_cannot_be(arguments):
    with pytest.raises(HFValidationError):
        hf_hub_url(*arguments)


def test_a_file_of_the_hub_itself(run, hub, commit):
    url = hf_hub_url(REPO, "README.md", endpoint="https://hub.test")
    found = run(get_hf_file_metadata, url=url)
    assert found == HfFileMetadata(commit, "c06b64da4b222b355e7a83daac91e2572f67e525", url, 10)
    assert hub.requests[0].headers["accept-encoding"] == "identity"
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_file_in_the_storage(run, hub, commit):
    found = run(get_hf_file_metadata, url="https://hub.test/org/model/resolve/main/sub/weights.bin")
    assert found == HfFileMetadata(commit, WEIGHTS_ID, f"https://storage.test/{WEIGHTS_ID}?signature=secret", 16)
    assert len(hub.asked) == 1, "the storage is not asked"


def test_the_size_is_never_that_of_a_redirect(run, hub, commit):
    hub.head = {"x-linked-size": None}
    hub.tree = []
    found = run(get_hf_file_metadata, url="https://hub.test/org/model/resolve/main/sub/weights.bin")
    assert found.size is None


@pytest.mark.parametrize(
    ("etag", "read"), [('"abc"', "abc"), ('W/"abc"', "abc"), ("abc", "abc"), (None, None), ("", None)]
)
def test_etags(run, hub, commit, etag, read):
    hub.head = {"etag": etag}
    hub.tree = []
    assert run(get_hf_file_metadata, url="https://hub.test/org/model/resolve/main/README.md").etag == read


@pytest.mark.parametrize("size", ["x", "-1", "1.5", "", None])
def test_a_size_that_is_none(run, hub, commit, size):
    hub.head = {"content-length": size}
    hub.tree = []
    assert run(get_hf_file_metadata, url="https://hub.test/org/model/resolve/main/README.md").size is None


def test_errors(run, hub, commit):
    with pytest.raises(EntryNotFoundError):
        run(get_hf_file_metadata, url="https://hub.test/org/model/resolve/main/other")
    with pytest.raises(RepositoryNotFoundError):
        run(get_hf_file_metadata, url="https://hub.test/org/other/resolve/main/x")
    with pytest.raises(HFValidationError):
        run(get_hf_file_metadata, url="org/model/README.md")


def test_file_exists(run, hub, commit):
    assert run(file_exists, REPO, "README.md") is True
    assert run(file_exists, REPO, "sub/weights.bin", revision=commit) is True
    assert run(file_exists, REPO, "other") is False
    assert run(file_exists, REPO, "README.md", revision="other") is False
    assert run(file_exists, "org/other", "README.md") is False
    assert run(file_exists, REPO, "README.md", repo_type="dataset") is False
    assert all(asked.startswith("HEAD ") for asked in hub.asked)


def test_file_exists_does_not_guess(run, hub, commit):
    hub.gone = (403, {"x-error-code": "GatedRepo"})
    with pytest.raises(GatedRepoError):
        run(file_exists, REPO, "README.md")
    hub.down = HubTimeoutError("mute")
    with pytest.raises(HubTimeoutError):
        run(file_exists, REPO, "README.md")
