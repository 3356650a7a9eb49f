"""Hostile YAML is refused quickly, with a single type of error."""

from __future__ import annotations

import time

import pytest
import yaml

from hub_typed.cards import bounded_yaml
from hub_typed.cards.bounded_yaml import MAX_DEPTH, MAX_LENGTH, load
from hub_typed.cards.front_matter import parse
from hub_typed.errors import CardError
from hub_typed.local.cards.card import CardError as HubsCardError, card_data
from tests.linear import assert_linear


def doubling(kind):
    first, part = {"merge": ("{k: v}", "{{<<: [{}]}}"), "alias": ("[x]", "[{}]")}[kind]
    lines = [f"a{level}: &a{level} " + part.format(", ".join([f"*a{level - 1}"] * 10)) for level in range(1, 12)]
    return "\n".join([f"a0: &a0 {first}", *lines])


HOSTILE = {
    "merge keys that double": doubling("merge"),
    "aliases that double": doubling("alias"),
    "brackets": "a: " + "[" * 100_000,
    "closed brackets": "a: " + "[" * 3000 + "]" * 3000,
    "braces": "{a: " * 3000,
    "blocks": "".join(" " * depth + "a:\n" for depth in range(300)),
    "a chain of references": "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 3000))]),
    "a list that holds itself": "a: &a [*a]",
    "an object that merges itself": "a: &a\n  <<: *a\n  b: 1",
    "a number without end": "a: " + "9" * 5000,
    "a hexadecimal number without end": "a: 0x" + "f" * 500_000,
    "a number to the base 60": "a: 1" + ":59" * 100_000,
    "a number with a fraction to the base 60": "a: 1" + ":59" * 100_000 + ".0",
    "a date that is none": "a: 2024-13-45",
    "the year 0": "a: 0000-01-01",
    "an empty number": 'a: !!int ""',
    "a tag that does not fit": "a: !!timestamp no",
    "a boolean that is none": "a: !!bool maybe",
    "an object of Python": "a: !!python/object/apply:os.system [x]",
    "bytes": "a: !!binary aGVsbG8=",
    "a set": "a: !!set {x}",
    "pairs": "a: !!pairs [x: 1]",
    "a list as a name": "? [a, b]\n: c",
    "a long text that is referred to often": "a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 1000 + "]",
    "merge keys": "a: &a {x: 1}\nb:\n" + "  <<: *a\n" * 50_000,
    "names of tags": "".join(f"%TAG !{n}! x\n" for n in range(100_000)) + "--- {a: b}\n",
    "names of tags at the end": "a: b\n...\n" + "".join(f"%TAG !{n}! x\n" for n in range(100_000)),
    "half of a letter": "a: \ud800",
    "an error at the end of a long text": "- a\n" * 20_000 + "- [",
    "too much": "a: " + "x" * MAX_LENGTH,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_quickly(name):
    began = time.process_time()
    with pytest.raises(yaml.YAMLError):
        load(HOSTILE[name])
    with pytest.raises(CardError):
        parse(HOSTILE[name], "the card")
    assert time.process_time() - began < 5


@pytest.mark.parametrize("name", HOSTILE)
def test_the_embedded_hub_reads_the_same_or_refuses_it(name):
    dates = ("a date that is none", "the year 0")  # the embedded Hub keeps them as text
    card = f"---\n{HOSTILE[name]}\n---\n"
    if name in dates:
        assert card_data(card) == {"a": HOSTILE[name].removeprefix("a: ")}
    else:
        with pytest.raises(HubsCardError):
            card_data(card)


def test_what_is_bounded_may_be_reached():
    depth = MAX_DEPTH - 2  # without the outer object and the innermost value
    assert load("a: " + "[" * depth + "]" * depth)
    assert load("a: &a [1, 2]\nb: *a\nc: {<<: {x: 1}, y: *a}") == {"a": [1, 2], "b": [1, 2], "c": {"x": 1, "y": [1, 2]}}
    assert load("a: " + "9" * 300) == {"a": int("9" * 300)}


def test_the_embedded_hub_gives_what_json_has():
    card = "---\nno: .nan\nyes: .inf\n1: {2: 3}\nday: 2024-01-01\n---\n"
    assert card_data(card) == {"no": None, "yes": None, "1": {"2": 3}, "day": "2024-01-01"}


UGLY = {
    "items": "- a\n",
    "numbered": "- 1:\n",
    "inline lists": "- [[a, b], {c: d}]\n",
    "quotes": "- 'a''b' \n",
    "anchors": None,
    "escapes": '- "\\u00e9\\n"\n',
    "comments": "# a: b\n",
    "empty lines": "\n",
    "folded": "- >-\n  a\n\n  b\n",
    "digits": "- 1_0.0:1\n",
    "one text": None,
}


@pytest.mark.parametrize("name", UGLY)
def test_the_time_is_linear_in_the_length(name):
    def prepare(size):
        unit = UGLY[name]
        if unit is not None:
            text = "- 0\n" + unit * (size // len(unit))
        elif name == "anchors":
            text = "".join(f"- &a{number} a\n" for number in range(size // 10))
        else:
            text = "a: " + "1:5 " * (size // 4)
        return lambda: load(text)

    assert_linear(prepare, 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "a: b\t",
        "a: [b, c]\n",
        "a: 'b",
        "a: ! b\n",
        "k: {x:, y: 1}\n",
        "a: |\n  \tb\n",
        "a: \u2028b\n",
        "a: 1\n---\nb: 2",
    ],
)
def test_without_libyaml_the_same_is_read(text, monkeypatch):
    def result():
        try:
            return load(text), None
        except yaml.YAMLError as error:
            return None, str(error).partition("\n")[0]

    expected = result()
    monkeypatch.setitem(bounded_yaml._LOADERS, True, [bounded_yaml.BoundedLoader])
    assert result() == expected or text == "a: b\t"  # accepted by libyaml and other parsers
