"""Local cards: reading, changing, rendering from templates, writing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hub_typed import (
    CardData,
    CardError,
    DatasetCard,
    DatasetCardData,
    EvalResult,
    ModelCard,
    ModelCardData,
    RepoCard,
    SpaceCard,
    SpaceCardData,
    metadata_eval_result,
    metadata_load,
    metadata_save,
)
from hub_typed.errors import DiskError

CARD = """\ufeff---\r
# who may do what\r
license: mit   # ours\r
tags:  [ "a", 'b' ]\r
model-index:\r
- name: bert\r
  note: kept\r
  results:\r
  - task: {type: t}\r
    dataset: {type: d, name: D}\r
    metrics: [{type: m, value: 1}]\r
x-mine:   {b: 1,   a: 2}\r
---\r
# Title\r
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "README.md"
    found.write_bytes(CARD.encode())
    return found


def test_a_card_that_nobody_changes_stays_to_the_byte(path):
    card = ModelCard.load(path)
    card.save(path)
    assert path.read_bytes() == CARD.encode()
    assert card.data.eval_results[0].metric_value == 1
    assert str(card) == card.content == CARD


def test_a_member_that_is_changed_takes_its_line_alone(path):
    card = ModelCard.load(str(path))
    card.data.license = "apache-2.0"
    card.data.tags.append("c")
    card.data.language = "en"
    card.text += "More.\r\n"
    expected = CARD.replace("license: mit ", "license: apache-2.0 ").replace("""[ "a", 'b' ]""", "[a, b, c]")
    expected = expected.replace("a: 2}\r\n", "a: 2}\r\nlanguage: en\r\n") + "More.\r\n"
    assert card.content == expected


def test_new_results_are_written_and_old_ones_read(path):
    card = ModelCard.load(path)
    card.data.eval_results.append(EvalResult("t", "d2", "D2", "m", 2))
    again = ModelCard(card.content)
    assert [result.metric_value for result in again.data.eval_results] == [1, 2]
    assert "license: mit   # ours\r\n" in card.content


def test_an_index_that_cannot_be_read_is_left_alone_where_that_is_wanted(caplog):
    text = "---\nmodel-index: {a: 1}  # old\nlicense: mit\n---\n"
    with pytest.raises(CardError, match=r"The card:2: model-index is not a list"):
        ModelCard(text)
    card = ModelCard(text, ignore_metadata_errors=True)
    assert "Dropped the evaluation results" in caplog.text
    card.data.license = "cc0-1.0"
    assert card.content == "---\nmodel-index: {a: 1}  # old\nlicense: cc0-1.0\n---\n"


def test_a_text_without_metadata_gets_them_when_there_are_some():
    card = RepoCard("\ufeff# Title\r\n")
    assert card.content == "\ufeff# Title\r\n"
    card.data["license"] = "mit"
    assert card.content == "\ufeff---\r\nlicense: mit\r\n---\r\n# Title\r\n"


def test_a_text_may_follow_where_there_was_none():
    card = RepoCard("---\na: 1\n---")
    assert card.content == "---\na: 1\n---"
    card.text = "# Title"
    assert card.content == "---\na: 1\n---\n# Title"


def test_other_content_and_other_data_may_be_given():
    card = ModelCard("---\na: 1 # x\nb:\n---\n")
    card.data = ModelCardData(license="mit")
    assert card.content == "---\nb:\nlicense: mit\n---\n"
    card.content = "---\nlicense: cc\n---\n"
    assert card.data.license == "cc"


def test_a_card_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "README.md"
    path.write_bytes(b"---\na: 1\nb: \xff\n---\n")
    for read in (RepoCard.load, metadata_load):
        with pytest.raises(CardError, match=rf"{path}:3: a card must be UTF-8"):
            read(path)


def test_a_path_without_a_file_is_no_name_of_a_repository(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.md"):
        RepoCard.load(tmp_path / "missing.md")
    with pytest.raises(ValueError, match=r"missing\.md"):
        RepoCard.load(str(tmp_path / "missing.md"))


def test_content_that_cannot_be_read_leaves_the_card_as_it_was():
    card = ModelCard(CARD)
    for wrong in ("---\na: [\n---\n", "---\nmodel-index: 3\n---\n"):
        with pytest.raises(CardError):
            card.content = wrong
        assert card.content == CARD


@pytest.mark.parametrize(
    ("card", "data"),
    [
        (ModelCard, ModelCardData(license="mit", language=["en"], model_name="m", eval_results=[])),
        (DatasetCard, DatasetCardData(license="mit", pretty_name="Data")),
        (SpaceCard, SpaceCardData(title="Demo", sdk="static")),
        (RepoCard, CardData(a=1)),
    ],
)
def test_a_new_card_says_what_is_known(card, data):
    made = card.from_template(data, model_id="o/n")
    assert made.data.to_dict() == data.to_dict()
    assert "\n# " in made.text
    assert "{{" not in made.content
    assert ("o/n" in made.text) == (card in (ModelCard, RepoCard))


def test_a_template_of_ones_own_gets_the_metadata_and_more(tmp_path):
    template = "---\n{{ card_data }}\n---\n# {{ title }}, {{ license }}\n"
    data = ModelCardData(license="mit", title="Old")
    (tmp_path / "t.md").write_text(template)
    for made in (
        ModelCard.from_template(data, template_str=template, title="New"),
        ModelCard.from_template(data, tmp_path / "t.md", title="New"),
    ):
        assert made.content == "---\nlicense: mit\ntitle: Old\n---\n# New, mit"


@pytest.mark.parametrize(("end", "left"), [("", ""), ("\n", ""), ("\n\n", "\n"), ("\r\n", ""), (" \n", " ")])
def test_a_card_from_a_template_ends_as_jinja_ends(end, left):
    assert ModelCard.from_template(ModelCardData(), template_str=f"---\na: 1\n---\n# Text{end}").text == f"# Text{left}"


def test_templates_need_jinja(monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"hub-typed\[cards\]"):
        ModelCard.from_template(ModelCardData())


def test_metadata_are_read_and_written_in_place(path, tmp_path):
    found = metadata_load(path)
    assert (found["license"], found["x-mine"]) == ("mit", {"b": 1, "a": 2})
    metadata_save(path, found)
    assert path.read_bytes() == CARD.encode()
    metadata_save(path, {name: value for name, value in found.items() if name != "tags"} | {"license": "cc"})
    assert path.read_bytes().decode() == CARD.replace("tags:  [ \"a\", 'b' ]\r\n", "").replace("mit ", "cc ")


def test_metadata_are_put_before_a_text_that_has_none(tmp_path):
    path = tmp_path / "README.md"
    metadata_save(path, {"a": 1})
    assert path.read_bytes() == b"---\na: 1\n---\n"
    path.write_bytes(b"# Title\r\n")
    assert metadata_load(path) is None
    metadata_save(path, {"a": 1})
    assert path.read_bytes() == b"---\r\na: 1\r\n---\r\n# Title\r\n"
    with pytest.raises(FileNotFoundError):
        metadata_load(tmp_path / "missing.md")


def test_metadata_that_cannot_be_read_are_not_overwritten(tmp_path):
    path = tmp_path / "README.md"
    path.write_bytes(b"---\na: [\n---\n")
    with pytest.raises(CardError, match=rf"{path}:3"):
        metadata_save(path, {"a": 1})
    assert path.read_bytes() == b"---\na: [\n---\n"


def test_one_result_is_made_ready_for_a_card():
    made = metadata_eval_result(
        model_pretty_name="M",
        task_pretty_name="T",
        task_id="t",
        metrics_pretty_name="A",
        metrics_id="acc",
        metrics_value=0.5,
        dataset_pretty_name="D",
        dataset_id="d",
        dataset_split="test",
    )
    assert made == {
        "model-index": [
            {
                "name": "M",
                "results": [
                    {
                        "task": {"type": "t", "name": "T"},
                        "dataset": {"name": "D", "type": "d", "split": "test"},
                        "metrics": [{"type": "acc", "value": 0.5, "name": "A", "verified": False}],
                    }
                ],
            }
        ]
    }


def test_a_card_that_cannot_be_written_is_an_error_of_the_disk(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("a file")
    for place in ("folder", "file/README.md"):
        with pytest.raises(DiskError, match="A folder is in place of a file, or a file in place of a folder"):
            ModelCard("---\nlicense: mit\n---\n").save(tmp_path / place)
    assert (tmp_path / "file").read_text() == "a file"
