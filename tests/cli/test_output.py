"""How results are printed."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from hub_typed import ModelInfo
from hub_typed.cli.cells import Size, human_text, plain_text
from hub_typed.cli.json_form import json_form
from hub_typed.cli.output import ROWS_PER_TABLE, Output, keys

MOMENT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@attrs.frozen
class Record:
    name: str
    size: int = 0


class Screen(io.StringIO):
    """What is printed on stdout, which is a terminal of 40 columns or a pipe."""

    terminal = False

    def isatty(self) -> bool:
        return self.terminal

    def take(self) -> str:
        """Everything since the last time."""
        text = re.sub("\x1b\\[[01]m", "", self.getvalue())  # bold titles
        self.seek(0)
        self.truncate()
        return text


@pytest.fixture
def pipe(monkeypatch):
    screen = Screen()
    monkeypatch.setattr("hub_typed.cli.output.sys", SimpleNamespace(stdout=screen))
    return screen


@pytest.fixture
def terminal(pipe, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    pipe.terminal = True
    return pipe


COLUMNS = {"name": lambda one: one.name, "size": lambda one: Size(one.size)}


@pytest.mark.parametrize("shape", ["human", "agent", "json", "quiet"])
def test_nothing_is_printed_of_a_list_that_cannot_be_read(pipe, shape):
    def broken():
        raise ConnectionResetError
        yield

    with pytest.raises(ConnectionResetError):
        Output(format=shape).rows(broken(), COLUMNS, id=lambda one: one.name)
    assert pipe.take() == ""


def show(output: Output, *records: Record) -> None:
    output.rows(records, COLUMNS, id=lambda one: one.name)


def test_a_program_gets_tab_separated_lines(pipe):
    show(Output(), Record("a", 42_200), Record("b\n\tc"))
    assert pipe.take() == "name\tsize\na\t42200\nb\\n\\tc\t0\n"


def test_people_get_a_table(terminal):
    show(Output(), Record("a", 42_200), Record("bb"))
    assert terminal.take() == "name     size\na     42.2 kB\nbb        0 B\n"


def test_a_table_fits_the_terminal_unless_told_otherwise(terminal):
    show(Output(), Record("x" * 60, 1))
    assert max(map(len, terminal.take().splitlines())) == 40
    show(Output(no_truncate=True), Record("x" * 60, 1))
    assert "x" * 60 in terminal.take()


def test_a_table_in_a_pipe_is_not_cut(pipe):
    show(Output(format="human"), Record("x" * 300, 1))
    assert "x" * 300 in pipe.take()


def test_control_characters_cannot_reach_the_terminal(terminal):
    for output in (Output(), Output(quiet=True), Output(format="agent"), Output(as_json=True)):
        show(output, Record("\x1b[31mred\x9b\u202e[bold]x[/bold]"))
        text = terminal.take()
        assert "\x1b" not in text
        assert text.replace("…", "").isascii()
        assert "[bold]x[/bold]" in text  # nor is anything read as markup


def test_ids_for_a_program_are_exact(pipe):
    show(Output(quiet=True), Record("caf\u00e9 \u202e"))
    assert pipe.take() == "caf\u00e9 \u202e\n"


def test_json_is_one_array(pipe):
    show(Output(as_json=True), Record("a", 1), Record("b", 2))
    text = pipe.take()
    assert json.loads(text) == [{"name": "a", "size": 1}, {"name": "b", "size": 2}]
    assert len(text.splitlines()) == 4
    show(Output(as_json=True))
    assert json.loads(pipe.take()) == []


@pytest.mark.parametrize("output", [Output(), Output(as_json=True), Output(quiet=True)])
def test_a_list_is_printed_while_it_is_received(pipe, output):
    def records():
        yield Record("first")
        assert "first" in pipe.take()
        yield Record("second")

    output.rows(records(), COLUMNS, id=lambda one: one.name)
    assert "second" in pipe.take()


def test_a_long_table_is_printed_in_pieces(terminal):
    def records():
        for number in range(ROWS_PER_TABLE + 1):
            if number == ROWS_PER_TABLE:
                assert len(terminal.take().splitlines()) == ROWS_PER_TABLE + 1
            yield Record(str(number))

    Output().rows(records(), COLUMNS, id=lambda one: one.name)
    assert terminal.take().splitlines()[-1].startswith(str(ROWS_PER_TABLE))


def test_columns_without_space_are_left_out_and_named(terminal, capsys):
    columns = {name: lambda _, name=name: name * 6 for name in "abcdef"} | {"end": lambda _: 1}
    for _ in range(2):
        Output().rows([Record("x")] * (ROWS_PER_TABLE + 1), columns, id=lambda one: one.name)
        assert terminal.take().splitlines()[1] == "aaaaaa  bbbbbb  cccccc  dddddd  eeeeee"
        assert capsys.readouterr().err == "Not shown, for lack of space: f, end; --no-truncate shows all.\n"
    Output(no_truncate=True).rows([Record("x")], columns, id=lambda one: one.name)
    assert terminal.take().splitlines()[1].endswith("ffffff    1")
    assert capsys.readouterr().err == ""


def test_a_shortened_column_keeps_some_of_its_text(terminal, capsys):
    columns = {"id": lambda _: "a", "title": lambda _: "t" * 50, "more": lambda _: "m" * 50, "size": lambda _: 12345}
    Output().rows([Record("x")], columns, id=lambda one: one.name)
    assert terminal.take().splitlines()[1] == f"a   {'t' * 27}…  12,345"
    assert "lack of space: more;" in capsys.readouterr().err


def test_wide_characters_are_counted_as_they_are_shown(terminal, capsys):
    columns = {"id": lambda _: "\u6f22" * 19, "size": lambda _: 1}
    Output().rows([Record("x")], columns, id=lambda one: one.name)
    assert terminal.take().splitlines()[1] == "\u6f22" * 19
    assert "size" in capsys.readouterr().err


def test_values_of_a_record_are_wrapped_between_words(terminal):
    fields = {"url": "http://hub.test/" + "x" * 40, "about": "one two three four five six seven eight"}
    Output().record(Record("a"), fields, id="a")
    assert terminal.take().splitlines() == [
        f"url    {fields['url']}",
        "about  one two three four five six seven",
        "       eight",
    ]
    Output(no_truncate=True).record(Record("a"), fields, id="a")
    assert terminal.take().splitlines()[1] == f"about  {fields['about']}"


def test_one_record(terminal):
    Output().record(Record("a"), {"name": "a", "last change": None, "files": 0, "private": False}, id="a")
    assert terminal.take() == "name     a\nfiles    0\nprivate  no\n"
    Output(format="agent").record(Record("a"), {"name": "a", "tags": ["x", "y"]}, id="a")
    assert terminal.take() == "name\ta\ntags\tx,y\n"
    Output(as_json=True).record(Record("a", 3), {}, id="a")
    assert json.loads(terminal.take()) == {"name": "a", "size": 3}
    Output(quiet=True).record(Record("a"), {}, id="a")
    assert terminal.take() == "a\n"


def test_columns_of_mappings(pipe):
    Output().rows([{"a": 1, "b": True}], keys("a", "b"), id=lambda one: one["a"])
    assert pipe.take() == "a\tb\n1\ttrue\n"


def test_a_value_alone(pipe):
    for output, text in ((Output(), "x\n"), (Output(quiet=True), "x\n"), (Output(as_json=True), '{"name": "x"}\n')):
        output.value("name", "x")
        assert pipe.take() == text


def test_text_for_people_and_programs():
    assert [human_text(one) for one in (None, True, 1234567, ["a", "b"], 0.5)] == [
        "",
        "yes",
        "1,234,567",
        "a, b",
        "0.5",
    ]
    assert human_text(MOMENT) == MOMENT.astimezone().strftime("%Y-%m-%d %H:%M")
    assert [plain_text(one) for one in (None, True, Size(1234567), MOMENT, {"b", "a"})] == [
        "",
        "true",
        "1234567",
        "2024-05-06T07:08:09.000Z",
        "a,b",
    ]


def test_json_of_any_record():
    assert json_form(ModelInfo(id="a/b")) == {"id": "a/b"}
    assert json_form({"at": MOMENT, "path": Path("/x"), "set": {2, 1}, "many": (Record("a"),)}) == {
        "at": "2024-05-06T07:08:09.000Z",
        "path": "/x",
        "set": [1, 2],
        "many": [{"name": "a", "size": 0}],
    }
