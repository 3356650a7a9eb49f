"""Whether there is anything to generate."""

from __future__ import annotations

import pytest

from codegen import stamp
from codegen.stamp import digest


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "local" / "spec"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("a")
    return folder


def test_nothing_changed(folder):
    before = digest([folder])
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "a.pyc").write_text("bytecode")
    assert digest([folder]) == before


@pytest.mark.parametrize(("name", "text"), [("a.yaml", "b"), ("b.yaml", ""), ("more/a.yaml", "a")])
def test_a_file_changed_or_is_new(folder, name, text):
    before = digest([folder])
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    assert digest([folder]) != before


def test_a_file_has_another_name(folder):
    before = digest([folder])
    (folder / "a.yaml").rename(folder / "b.yaml")
    assert digest([folder]) != before


def test_a_tool_is_another_one(folder, monkeypatch):
    before = digest([folder])
    monkeypatch.setattr(stamp, "version", lambda tool: "0")
    assert digest([folder]) != before


def test_a_single_file_counts(folder):
    assert digest([], [folder / "a.yaml"]) != digest([])
