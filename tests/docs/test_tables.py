"""The tables of the documentation are what the code says."""

from __future__ import annotations

import attrs
import pytest

from benchmarks.official import OfficialMissingError
from documentation.__main__ import MAKERS
from documentation.settings_tables import meanings, variables_of
from documentation.tables import DOCS, filled, pages_with_tables, table
from hub_typed import Settings


@pytest.mark.parametrize("page", pages_with_tables(), ids=lambda page: page.name)
def test_the_tables_of_a_page_are_current(page):
    text = page.read_text(encoding="utf-8")
    try:
        wanted = filled(text, MAKERS)
    except OfficialMissingError as error:
        pytest.skip(f"Not compared with the official client: {error}")
    assert text == wanted, "Run `make tables`, read the difference and commit it."


def test_every_table_is_in_a_page():
    text = "".join(page.read_text(encoding="utf-8") for page in pages_with_tables(DOCS))
    assert [name for name in MAKERS if f"<!-- table: {name} -->" not in text] == []


def test_every_setting_is_described():
    assert list(meanings()) == [one.name for one in attrs.fields(Settings)]


def test_each_variable_changes_a_setting():
    found = variables_of()
    assert found["HF_HOME"] == {"cache_dir", "token_path"}
    assert all(found.values()), found


def test_cells_of_a_table_stay_cells():
    assert table(("a", "b"), [("x|y", "1\n2")]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 2 |\n"
