"""Lines fit on the terminal, whatever its width and whatever the names."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as some
from tqdm import tqdm

from hub_typed.progress_bars.layout import Line, bar_formats, bytes_text, columns, duration, share, shortened


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"), (14.5e9, "14.5 GB")],
)
def test_sizes(count, text):
    assert bytes_text(count) == text


def test_shares_have_the_unit_of_the_total():
    assert share(12_000_000, 14_500_000_000) == "0.0/14.5 GB"
    assert share(3, 10) == "3/10 B"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.9, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1:00"), (3599.6, "1:00:00")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "width", "text"),
    [
        ("a/b/model.bin", 13, "a/b/model.bin"),
        ("folder/b/model.bin", 13, "…/b/model.bin"),
        ("folder/b/model.bin", 12, "…/model.bin"),
        ("model-00001-of-00002.bin", 11, "model…2.bin"),
        ("ab", 1, "…"),
        ("模型/权重.bin", 10, "…/权重.bin"),
    ],
)
def test_names_lose_their_folders_first(name, width, text):
    assert shortened(name, width) == text


LINES = some.lists(
    some.builds(
        Line,
        some.text(max_size=80),
        some.one_of(some.none(), some.floats(0, 1)),
        some.lists(some.text(some.characters(categories=["L", "N", "Zs", "S"]), max_size=20), min_size=1, max_size=5),
        some.sampled_from(["", "downloading"]),
    ),
    min_size=1,
    max_size=5,
)


@given(LINES, some.integers(19, 200))
def test_every_line_fits(lines, width):
    for line, text in zip(lines, bar_formats(lines, width), strict=True):
        drawn = tqdm.format_meter(500, 1000, 1, ncols=width, bar_format=text)
        assert "\n" not in drawn
        assert columns(text.replace("{{", "{").replace("}}", "}").replace("{bar}", "")) <= width
        assert ("{bar}" in text.replace("{{", "").replace("}}", "")) == (width >= 60), line


def test_bars_are_below_each_other():
    lines = [Line("me/repo", 0.5, ["1 B", "2 files"], "downloading"), Line("a", None, ["3 B"])]
    assert [text.index("{bar}") for text in bar_formats(lines, 80)] == [25, 25]
