"""Line-wise editing of the YAML of a card: unchanged lines are preserved byte by byte."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given, settings, strategies as st

from hub_typed import ModelCard, RepoCard
from hub_typed.cards.front_matter import FrontMatter, dump, equal_in_yaml, parse, rewrite
from hub_typed.errors import CardError

STYLES = [
    " mit",
    " 'no'  # a country",
    ' "a\\tb: c"',
    " [a, b]  # in a line",
    " [a,\n  b]",
    " {x: 1, y: {z: 2}}",
    " |\n  text\n  # no comment\n\n  more\n",
    " >-\n  folded\n\n  text",
    " |+\n  kept\n\n",
    "\n- a  # the first\n- b",
    "\n  - a\n  # between\n  - b: 1\n    c: 2",
    "\n  x: 1\n  y: [1,\n    2]",
    "",
    " ~",
    "  # nothing yet",
    " 2024-01-02",
    " 1e3",
    " plain text\n  on two lines",
    " 'quoted\n\n  text'",
    " no",
]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts | st.just("a\n---\nb"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
newlines = st.sampled_from(["\n", "\r\n", "\r"])
comments = st.lists(st.sampled_from(["# a comment", "", "#", "  # indented", "# key: value"]), max_size=2)
entries = st.lists(st.tuples(comments, st.sampled_from(STYLES)), min_size=1, max_size=6)
fates = st.sampled_from(["stay", "change", "remove"])


def lines(text):
    return text.split("\n")


def is_part(few, many):
    """Whether the first lines are a subsequence of the second."""
    left = iter(many)
    return all(line in left for line in few)


@settings(max_examples=60)
@given(
    found=entries,
    newline=newlines,
    mark=st.sampled_from(["", "\ufeff"]),
    body=texts,
    fate=st.lists(fates, min_size=6, max_size=6),
    new=st.lists(values.filter(lambda value: value is not None), min_size=6, max_size=6),
    added=st.dictionaries(st.sampled_from(["added", "no", "1", "a: b", "# c", "ä"]), values.filter(bool), max_size=2),
)
@example([([], " mit")], "\n", "", "", ["stay"] * 6, [1] * 6, {})
@example([(["# a"], " [a, b]  # b"), ([], "")], "\r\n", "\ufeff", "# Title", ["change"] * 6, [["c"]] * 6, {})
def test_only_the_lines_of_what_is_changed_change(found, newline, mark, body, fate, new, added):
    kept, block = [], ""
    for number, (before, style) in enumerate(found):
        own = f"k{number}:{style}"
        block += "".join(f"{line}\n" for line in before) + own + ("" if own.endswith("\n") else "\n")
        # Lines before a member may belong to a multi-line text above it, and are then replaced along with it.
        kept += lines(own) if fate[number] == "stay" else []
    text = f"{mark}---\n{block}---\n{body}".replace("\n", newline) if "\r" not in body else f"{mark}---\n{block}---\n"
    card = RepoCard(text)
    assert card.content == text
    expected = {name: card.data[name] for name in (f"k{number}" for number in range(len(found)))}
    for number in range(len(found)):
        if fate[number] == "change":
            card.data[f"k{number}"] = expected[f"k{number}"] = new[number]
        elif fate[number] == "remove":
            card.data.pop(f"k{number}")
            del expected[f"k{number}"]
    for name, value in added.items():
        card.data[name] = expected[name] = value
    again = RepoCard(card.content)
    front = FrontMatter.of(text)
    assert card.content.startswith(front.opening)
    assert card.content.endswith(front.body)
    assert is_part([line for line in kept if line], lines(FrontMatter.of(card.content).block.replace(newline, "\n")))
    said = again.data.to_dict()
    assert said.keys() == {name for name, value in expected.items() if value is not None}
    assert all(equal_in_yaml(said[name], expected[name]) for name in said)


@given(st.dictionaries(texts, values, max_size=4), newlines)
def test_whatever_is_written_is_read_again_by_us_and_by_any_reader(members, newline):
    block = dump(members, newline)
    assert equal_in_yaml(parse(block, "c") or {}, members)
    known = yaml.safe_load(block)
    assert equal_in_yaml(known, members)


@given(st.text(max_size=200), st.dictionaries(st.sampled_from(["a", "b"]), values, max_size=2))
def test_any_text_stays_as_it_is_or_is_refused_by_name(text, changes):
    try:
        card = ModelCard(text, source="c.md")
    except CardError as error:
        if not str(error).startswith("c.md:"):
            raise
        return
    assert card.content == text
    for name, value in changes.items():
        card.data[name] = value
    again = ModelCard(card.content)
    assert all(equal_in_yaml(again.data.get(name), value) for name, value in changes.items())


@pytest.mark.parametrize(
    "block",
    [
        "{a: 1, b: 2}\n",
        "a: &x [1, 2]\nb: *x\n",
        "base: &x {c: 1}\n<<: *x\na: 1\n",
        "a: 0\na: 1\nb: 2\n",
        "? a\n: 1\n? b\n: 2\n",
        "a: 1\nb: 2\n...\n",
        "!!map\na: 1\n",
        "  a: 1\n  b: 2\n",
        "\"a\": 1\n'b': 2\n",
        "a: 1 # one\t\nb:\n",
        "",
        "# nothing\n",
        "null\n",
    ],
)
@pytest.mark.parametrize("changes", [{"a": [1, {"b": 2}]}, {"a": "x\ny"}, {"c": 1}, {"a": None}, {}])
def test_every_way_of_writing_ends_with_what_is_wanted(block, changes):
    wanted = {**(parse(block, "c") or {}), **changes}
    less = {name: value for name, value in wanted.items() if name != "a"}
    for members in (wanted, less):
        found = parse(rewrite(block, members, "\n"), "c") or {}
        assert found.keys() == members.keys()
        assert all(equal_in_yaml(found[name], members[name]) for name in members)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("license: mit  # ours\n", "apache-2.0", "license: apache-2.0  # ours\n"),
        ("license:   'mit'\n", "no", "license:   'no'\n"),
        ("license: # todo\n", "mit", "license: mit # todo\n"),
        ("license:\n", "mit", "license: mit\n"),
        ("license: [a, b] # c\n", ["a", "c"], "license: [a, c] # c\n"),
        ("license: [a, b] # c\n", "mit", "license: mit # c\n"),
        ("license: mit # c\n", ["a"], "license:\n- a\n"),
        ("license: |\n  a\n  b\n# c\n", "mit", "license: mit\n# c\n"),
        ("license:\n  - a\n  # b\n\n# c\n", ["z"], "license:\n- z\n  # b\n\n# c\n"),
    ],
)
def test_a_value_is_replaced_where_it_stands(before, value, after):
    wanted = {"a": 1, "license": value, "z": 2}
    assert rewrite(f"a: 1 # x\n{before}z: 2\n", wanted, "\n") == f"a: 1 # x\n{after}z: 2\n"


def test_an_indented_member_stays_indented():
    assert rewrite("  a: mit\n  # c\n", {"a": ["z"]}, "\n") == "  a:\n  - z\n  # c\n"


def test_a_member_that_is_taken_away_takes_its_lines_and_leaves_the_comments():
    assert rewrite("# a\na: 1\n# b\nb:\n- 1\n# c\nc: 3\n", {"a": 1, "c": 3}, "\n") == "# a\na: 1\n# b\n# c\nc: 3\n"


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("---\na: 1\n---\nbody\n---\n", "a: 1\n"),
        ("---\n---\nbody\n\n---\n", ""),
        ("\n\n---\na: 1\n---", "a: 1\n"),
        ("\ufeff---\r\na: 1\r\n---\r\n", "a: 1\r\n"),
        ("--- \na: '---'\n--- \n", "a: '---'\n"),
        ("---\ra: 1\r---\rbody", "a: 1\r"),
    ],
)
def test_the_block_is_found(text, block):
    front = FrontMatter.of(text)
    assert front.block == block
    assert front.opening + front.block + front.closing + front.body == text


@pytest.mark.parametrize(
    "text", ["", "# Title", "---\na: 1", "----\na: 1\n---\n", "text\n---\na: 1\n---\n", "---\na: 1\n---x\n"]
)
def test_there_may_be_none(text):
    assert FrontMatter.of(text) is None
    assert RepoCard(text).content == text


def test_an_endless_block_costs_no_more_than_its_length():
    assert FrontMatter.of("---\r\n" + "a\r\n" * 200_000) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\na: 1\nb: [\n---\n", "c.md:4: the metadata is not valid YAML"),
        (
            "\n\n---\na: 1\nb: x: y\n---\n",
            "c.md:5: the metadata is not valid YAML: mapping values are not allowed here",
        ),
        ("---\na: !!python/object:os.system x\n---\n", "c.md:2: the metadata is not valid YAML"),
        ("---\na: 1\nb: *x\n---\n", "c.md:3: the metadata is not valid YAML: found undefined alias 'x'"),
        ("---\na: 1\n\nb: \x01\n---\n", "c.md:4: the metadata contains a character that YAML forbids"),
        ("---\n- a\n---\n", "c.md:2: the metadata must be a YAML object"),
        ("---\njust text\n---\n", "c.md:2: the metadata must be a YAML object"),
        ("---\na: 1\n2: b\n---\n", "c.md:3: the name 2 of a metadata member is not text"),
        ("---\na: 2024-13-45\n---\n", "c.md:2: the metadata cannot be parsed: month must be in 1..12"),
        ("---\na: &a [*a]\n---\n", "c.md:2: the metadata is not valid YAML: a value contains itself"),
        ("---\na: 1\nmodel-index:\n- x\n---\n", "c.md:3: model-index[0] is not an object."),
        ("---\na: 1\neval_results: [x]\n---\n", "c.md:3: eval_results must be a list of EvalResult."),
    ],
)
def test_what_is_wrong_is_told_with_the_file_and_the_line(text, message):
    with pytest.raises(CardError) as caught:
        ModelCard(text, source="c.md")
    assert str(caught.value).startswith(message)


def test_a_block_that_grows_without_bounds_is_refused():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
    with pytest.raises(CardError, match="expands to more than"):
        RepoCard(f"---\n{bomb}---\n")


def test_what_yaml_does_not_know_is_refused():
    with pytest.raises(CardError, match="The values of a card must be texts"):
        dump({"a": object()})


def test_norwegian_is_no_lie():
    card = ModelCard("---\nlanguage: no\nprivate: yes\nold: true\n---\n")
    assert (card.data.language, card.data["private"], card.data["old"]) == ("no", "yes", True)
    card.data.language = ["no", "en"]
    assert "language:\n- 'no'\n- en\n" in card.content
