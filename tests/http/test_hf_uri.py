"""URIs of repositories and buckets."""

from __future__ import annotations

import pytest

from hub_typed import HfUri, HfUriError, is_hf_uri, parse_hf_uri

URIS = [
    ("hf://o/n", HfUri("model", "o/n")),
    ("hf://models/o/n/", HfUri("model", "o/n")),
    ("hf://o/n/a/b.txt", HfUri("model", "o/n", None, "a/b.txt")),
    ("hf://o/n/a@b", HfUri("model", "o/n", None, "a@b")),
    ("hf://datasets/o/n@v1/a/", HfUri("dataset", "o/n", "v1", "a")),
    ("hf://datasets/o/n@refs/pr/3/a", HfUri("dataset", "o/n", "refs/pr/3", "a")),
    ("hf://datasets/o/n@refs/convert/parquet", HfUri("dataset", "o/n", "refs/convert/parquet")),
    ("hf://spaces/o/n@a%2Fb/c", HfUri("space", "o/n", "a/b", "c")),
    ("hf://kernels/o/n@a@b", HfUri("kernel", "o/n", "a@b")),
    ("hf://buckets/o/n/a/b", HfUri("bucket", "o/n", None, "a/b")),
]


@pytest.mark.parametrize(("text", "parsed"), URIS)
def test_a_uri_has_type_name_revision_and_path(text: str, parsed: HfUri):
    assert parse_hf_uri(text) == parsed


@pytest.mark.parametrize("uri", [parsed for _, parsed in URIS])
def test_a_written_uri_is_parsed_to_the_same(uri: HfUri):
    assert parse_hf_uri(uri.to_uri()) == uri


@pytest.mark.parametrize("uri", [parsed for _, parsed in URIS if parsed.revision or not parsed.path_in_repo])
def test_the_url_of_a_page_is_parsed_to_the_same(uri: HfUri):
    assert parse_hf_uri(uri.to_url()) == uri


@pytest.mark.parametrize(
    ("page", "uri"),
    [
        ("https://huggingface.co/o/n", "hf://models/o/n"),
        ("hf.co/datasets/o/n/tree/refs%2Fpr%2F3/a", "hf://datasets/o/n@refs/pr/3/a"),
        ("https://huggingface.co/o/n/resolve/main/x%20y?download=true#L1", "hf://models/o/n@main/x y"),
        ("https://huggingface.co/buckets/o/n/tree/a", "hf://buckets/o/n/a"),
        ("https://hub.test/sub/spaces/o/n/blob/v1/app.py", "hf://spaces/o/n@v1/app.py"),
    ],
)
def test_urls_of_pages_are_parsed(page: str, uri: str):
    assert parse_hf_uri(page, endpoint="https://hub.test/sub").to_uri() == uri


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hf://", "does not name owner/name"),
        ("hf://gpt2@main", "'hf://gpt2@main' is no URI of the Hub: it does not name owner/name"),
        ("hf://dataset/o/n", "the plural datasets"),
        ("hf://o/n@/a", "the revision of o/n is empty"),
        ("hf://buckets/o/n@v1", "a bucket, which has no revisions"),
        ("hf://o/n/../secret", "without empty, '.' or '..' parts"),
        ("hf://o/n/a//b", "without empty, '.' or '..' parts"),
        ("hf://-o/n", "begins or ends"),
        ("o/n", "o is not the host of the Hub"),
        ("https://evil.test/o/n", "evil.test is not the host"),
        ("https://huggingface.co\\@evil.test/o/n", "is no URI of the Hub"),
        ("https://hub.test/other/o/n", "hub.test is not the host"),
        ("https://huggingface.co/o/n/discussions/1", "/discussions stands for no file"),
        ("https://huggingface.co/gpt2", "not a page of owner/name"),
    ],
)
def test_other_texts_are_refused_with_the_reason(text: str, reason: str):
    with pytest.raises(HfUriError) as caught:
        parse_hf_uri(text, endpoint="https://hub.test/sub")
    assert reason in str(caught.value)
    assert "@evil.test" not in str(caught.value).replace("...@evil.test", "")


def test_a_uri_is_checked_also_when_it_is_not_parsed():
    with pytest.raises(HfUriError, match="the type 'table' is not one of"):
        HfUri("table", "o/n")
    with pytest.raises(HfUriError, match="not owner/name"):
        HfUri("model", "n")


def test_the_page_of_a_path_without_revision_is_that_of_main():
    assert (
        HfUri("dataset", "o/n", None, "a b#.txt").to_url()
        == "https://huggingface.co/datasets/o/n/blob/main/a%20b%23.txt"
    )
    assert HfUri("bucket", "o/n", None, "a").to_url("https://hub.test/") == "https://hub.test/buckets/o/n/tree/a"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf://datasets/ann/set/a.csv", True),
        ("https://huggingface.co/ann/model", True),
        ("ann/model", False),
        ("", False),
    ],
)
def test_what_a_uri_is(text, expected):
    assert is_hf_uri(text) is expected
