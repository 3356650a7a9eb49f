"""Names of the wire become names of Python."""

from __future__ import annotations

import keyword
import re

import pytest
from hypothesis import given, strategies as st

from codegen.spec.names import is_name, pascal, snake

WIRE = st.from_regex(r"[A-Za-z0-9_.:/\-\[\] ]*[A-Za-z0-9][A-Za-z0-9_.:/\-\[\] ]*", fullmatch=True)
"""At least one letter or digit, and what the Hub puts between them."""
WORDS = st.lists(st.from_regex(r"[a-z][a-z0-9]+", fullmatch=True), min_size=1).filter(
    lambda words: words[0] not in ("self", "token", "call", "given") and not keyword.iskeyword("_".join(words))
)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("lastModified", "last_modified"),
        ("HTTPServer", "http_server"),
        ("isXMLFile", "is_xml_file"),
        ("jFrogScan", "j_frog_scan"),
        ("sha256Sum", "sha256_sum"),
        ("model-index", "model_index"),
        ("expand[]", "expand"),
        ("_id", "internal_id"),
        ("class", "class_"),
        ("from", "from_"),
        ("token", "token_"),
        ("None", "none"),
        ("3d", "n3d"),
        ("+1", "n1"),
        ("p", "p"),
    ],
)
def test_the_names_of_the_reference(wire, name):
    assert snake(wire) == name


@given(WIRE)
def test_every_name_of_the_wire_becomes_a_name_in_snake_case(wire):
    name = snake(wire)
    assert is_name(name)
    assert name == name.lower()
    assert snake(name) == name


@given(WORDS)
def test_case_and_punctuation_say_the_same(words):
    name = "_".join(words)
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    assert snake(name) == snake("-".join(words)) == snake(camel) == name
    assert pascal(name) == pascal(camel) == "".join(word.capitalize() for word in words)


@given(WORDS)
def test_a_class_keeps_its_name(words):
    name = pascal("_".join(words))
    assert re.fullmatch("[A-Z][A-Za-z0-9]*", name)
    assert pascal(name) == name


@pytest.mark.parametrize("text", ["", "class", "3d", "a b", "a-b", "None"])
def test_what_is_no_name(text):
    assert not is_name(text)
