"""Names of buckets, their URLs, and paths of copies."""

from __future__ import annotations

import pytest

from hub_typed import BucketUrl, HfUri
from hub_typed.errors import HFValidationError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id, parse_bucket_path
from hub_typed.flows.buckets.copy_targets import Destination


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a/b", ""),
        ("a/b/", ""),
        ("a/b/c/d", "c/d"),
        ("hf://buckets/a/b/c", "c"),
        ("https://huggingface.co/buckets/a/b/tree/c/d", "c/d"),
        (HfUri("bucket", "a/b", None, "c"), "c"),
    ],
)
def test_a_path_in_a_bucket(text, path):
    assert parse_bucket_path(text) == HfUri("bucket", "a/b", None, path)


@pytest.mark.parametrize("text", ["a", "a/", "/b", "a/b//c", "a/b/../c", "hf://a/b", "hf://datasets/a/b", "s3://a/b"])
def test_what_is_no_path_in_a_bucket(text):
    with pytest.raises(HFValidationError):
        parse_bucket_path(text)


def test_a_bucket_has_an_owner_or_is_that_of_the_token():
    assert parse_bucket_id("box") == ("me", "box")
    assert parse_bucket_id("hf://buckets/a/box") == ("a", "box")
    with pytest.raises(HFValidationError, match="path in the bucket a/box"):
        parse_bucket_id("a/box/file")


@pytest.mark.parametrize("url", ["https://hub.test/base/buckets/a/b", "buckets/a/b", "/a/b/", "hf://buckets/a/b"])
def test_a_url_has_its_parts(url):
    found = BucketUrl(url, "https://hub.test/base")
    assert (found.namespace, found.bucket_id, found.uri) == ("a", "a/b", HfUri("bucket", "a/b"))
    assert found.url == url
    assert found.endpoint == "https://hub.test/base"
    assert BucketUrl("https://huggingface.co/buckets/a/b").endpoint == "https://huggingface.co"


@pytest.mark.parametrize("url", ["https://other.test/buckets/a/b", "https://hub.test/datasets/a/b", "a/b/c", "a"])
def test_what_is_no_url_of_a_bucket(url):
    with pytest.raises(ValueError, match="is not the URL of a bucket"):
        BucketUrl(url, "https://hub.test")


FILE = Destination("d/new", is_folder=False, exists=False)
NEW = Destination("d", is_folder=True, exists=False)
OLD = Destination("d", is_folder=True, exists=True)
ALL = Destination("", is_folder=True, exists=True)


@pytest.mark.parametrize(
    ("where", "file", "folder", "contents", "whole"),
    [
        (FILE, "d/new", "d/new/x/f", "d/new/x/f", "d/new/s/x/f"),
        (NEW, "d/f", "d/x/f", "d/x/f", "d/s/x/f"),
        (OLD, "d/f", "d/s/x/f", "d/x/f", "d/s/x/f"),
        (ALL, "f", "s/x/f", "x/f", "s/x/f"),
    ],
)
def test_copies_go_into_folders_or_become_new_ones(where, file, folder, contents, whole):
    assert where.of_file("s/x/f") == file
    assert where.of_file_in("s", "s/x/f", contents_only=False) == folder
    assert where.of_file_in("s", "s/x/f", contents_only=True) == contents
    assert where.of_file_in("", "s/x/f", contents_only=False) == whole
