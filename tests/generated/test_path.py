"""Names that go into a URL: what is refused before any request, and how the rest is written."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin

import pygit2
import pytest
from hypothesis import given, strategies as st

from hub_typed_api import path
from hub_typed_api.path import HFValidationError

SHARP = st.text(st.sampled_from("ab7._-/~^:?*[\\@{} %#&+\x00\n\x7fé🤗."), max_size=12)
"""Short texts of the characters that rules are about."""

NAMES = st.one_of(SHARP, st.text(max_size=20))


def accepted(rule, value):
    try:
        rule(value)
    except HFValidationError:
        return False
    return True


# --- repositories


@pytest.mark.parametrize("value", ["gpt2", "openai-community/gpt2", "o/n", "A.b_c-d/e__f", "7/7", "o/" + "n" * 96])
def test_names_of_repositories_are_taken_as_they_are(value):
    assert path.repo_id(value) == value


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("", "name"),
        ("/n", "name"),
        ("o/", "name"),
        ("o/n/x", "more than one"),
        ("o/n" * 2 + "/", "more than one"),
        ("o/" + "n" * 97, "96"),
        ("o n/x", "letters"),
        ("ö/n", "letters"),
        ("o/n\n", "letters"),
        ("o/n?x=1", "letters"),
        ("o/n%2F..", "letters"),
        ("o/a--b", "'--'"),
        ("o/a..b", "'..'"),
        ("../n", "'..'"),
        ("./n", "begins or ends"),
        ("-o/n", "begins or ends"),
        ("o/n-", "begins or ends"),
        ("o/n.", "begins or ends"),
        ("o/n.git", "'.git'"),
        (None, "no text"),
        (7, "no text"),
    ],
)
def test_a_name_that_no_repository_has_is_refused_with_the_rule(value, rule):
    with pytest.raises(HFValidationError, match=re.escape(rule)) as caught:
        path.repo_id(value)
    assert repr(value) in str(caught.value)
    assert isinstance(caught.value, ValueError)


@given(NAMES)
def test_a_repository_stays_in_its_place_of_the_url_and_of_the_cache(value):
    if accepted(path.repo_id, value):
        assert urljoin(f"https://hub.test/api/models/{value}/refs", ".") == f"https://hub.test/api/models/{value}/"
        assert re.fullmatch(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)?", value)
        assert "--" not in value  # which stands for the slash in the cache
        assert ".." not in value


def test_types_of_repositories():
    every = (None, "model", "dataset", "space", "kernel")
    assert [path.repo_type(value) for value in every] == ["model", "model", "dataset", "space", "kernel"]
    assert [path.web_type(value) for value in every] == ["", "", "datasets/", "spaces/", "kernels/"]
    for rule in (path.repo_type, path.web_type):
        for value in ("", "models", "Model", "bucket", "../model"):
            with pytest.raises(HFValidationError, match="one of model, dataset, space, kernel, or None"):
                rule(value)


def test_an_operation_may_take_fewer_types_of_repositories():
    assert path.repo_type("dataset", ("model", "dataset")) == "dataset"
    assert path.web_type("model", ("model", "dataset")) == ""
    for rule in (path.repo_type, path.web_type):
        with pytest.raises(HFValidationError, match=r"'kernel': it must be one of model, dataset, or None"):
            rule("kernel", ("model", "dataset"))


# --- revisions


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("main", "main"),
        ("refs/pr/1", "refs%2Fpr%2F1"),
        ("v1.0", "v1.0"),
        ("a" * 40, "a" * 40),
        ("release candidate".replace(" ", "+"), "release%2Bcandidate"),
        ("50%", "50%25"),
        ("größe", "gr%C3%B6%C3%9Fe"),
    ],
)
def test_a_revision_is_one_segment_of_the_url(value, written):
    assert path.revision(value) == written


@pytest.mark.parametrize(
    "value",
    [
        *("", "a b", "a..b", "../main", "a//b", "/a", "a/", "a.", "a~1", "a^", "a:b", "a?", "a*", "a[b", "a\\b"),
        *("a@{1}", "-a", "a.lock", "a\x00", "a\n", "a\x7f", None, 7),
    ],
)
def test_a_revision_that_git_would_not_take_is_refused(value):
    with pytest.raises(HFValidationError, match=re.escape(repr(value))):
        path.revision(value)


@given(NAMES)
def test_a_revision_that_git_takes_is_taken_and_comes_out_as_it_went_in(value):
    """But for a leading dash, which a command line would take for an option."""
    value = value.replace("\x00", "")  # where pygit2 stops reading
    if pygit2.reference_is_valid_name(f"refs/heads/{value}") and not value.startswith("-"):
        assert "/" not in path.revision(value)
        assert unquote(path.revision(value)) == value


# --- collections


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("ann/good-models-64f9a55bb3115b4f513ec026", "ann/good-models-64f9a55bb3115b4f513ec026"),
        ("ann/a--b_c", "ann/a--b_c"),
        ("ann/a b?#%", "ann/a%20b%3F%23%25"),
    ],
)
def test_a_slug_keeps_its_slash(value, written):
    assert path.slug(value) == written


@pytest.mark.parametrize(
    "value", ["", "title-64f9", "/title", "ann/", "ann/a/b", "../a", "ann/..", "ann/\x00", None, 7]
)
def test_a_slug_that_is_no_owner_and_title_is_refused(value):
    with pytest.raises(HFValidationError, match=re.escape(repr(value))):
        path.slug(value)


# --- files


@pytest.mark.parametrize(
    ("value", "as_file", "as_entry"),
    [
        ("config.json", "config.json", "config.json"),
        ("a/b c/d.txt", "a/b%20c/d.txt", "a%2Fb%20c%2Fd.txt"),
        ("100%/a?b#c", "100%25/a%3Fb%23c", "100%25%2Fa%3Fb%23c"),
        (".gitattributes", ".gitattributes", ".gitattributes"),
        ("a/..b/...", "a/..b/...", "a%2F..b%2F..."),
        ("é/🤗", "%C3%A9/%F0%9F%A4%97", "%C3%A9%2F%F0%9F%A4%97"),
    ],
)
def test_a_path_keeps_its_slashes_as_a_file_and_not_as_an_entry_of_a_tree(value, as_file, as_entry):
    assert (path.file(value), path.entry(value)) == (as_file, as_entry)


@pytest.mark.parametrize(
    "value", ["", "/a", "a/", "a//b", ".", "..", "./a", "a/.", "a/../b", "../a", "a/..", "a\x00b", None]
)
@pytest.mark.parametrize("rule", [path.file, path.entry])
def test_a_path_that_leaves_the_repository_is_refused(rule, value):
    with pytest.raises(HFValidationError, match=re.escape(repr(value))):
        rule(value)


@given(NAMES)
def test_a_path_that_is_taken_stays_below_and_comes_out_as_it_went_in(value):
    if accepted(path.file, value):
        url = f"https://hub.test/o/n/resolve/main/{path.file(value)}"
        assert urljoin(url, url.partition("hub.test")[2]) == url
        assert unquote(url) == f"https://hub.test/o/n/resolve/main/{value}"
        assert not {"", ".", ".."} & set(value.split("/"))
        assert not set(path.file(value)) & set(" ?#\\\n\x00")
        assert "/" not in path.entry(value)
        assert unquote(path.entry(value)) == value
    else:
        assert "\x00" in value or {"", ".", ".."} & set(value.split("/"))


# --- the rest


@given(NAMES)
def test_any_other_value_is_one_segment(value):
    if accepted(path.segment, value):
        assert not set(path.segment(value)) & set("/?#% ") - {"%"}
        assert unquote(path.segment(value)) == value
    else:
        assert value in ("", ".", "..")


def test_a_number_may_be_a_segment():
    assert path.segment(7) == "7"


def test_a_whole_url_is_taken_as_it_is_and_anything_else_refused():
    for value in ("https://cdn.test/a%2Fb?sig=1%3D", "http://127.0.0.1:1/x"):
        assert path.url(value) == value
    for value in ("", "/a", "file:///etc/passwd", "ftp://x/?sig=secret", "javascript:https://x"):
        with pytest.raises(HFValidationError) as caught:
            path.url(value)
        assert "secret" not in str(caught.value)
