"""Paths selected by patterns."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given, strategies as st

from hub_typed.flows.patterns import filter_paths

PATHS = ["README.md", "Readme.md", "a/b/c.txt", "a/x.bin", "b/x.bin"]


@pytest.mark.parametrize(
    ("allow", "ignore", "left"),
    [
        (None, None, PATHS),
        ([], None, []),
        (None, [], PATHS),
        ("*.md", None, ["README.md", "Readme.md"]),
        ("README*", None, ["README.md"]),
        (["a/"], None, ["a/b/c.txt", "a/x.bin"]),
        ("*/x.bin", None, ["a/x.bin", "b/x.bin"]),
        ("a*c.txt", None, ["a/b/c.txt"]),
        (None, "a/", ["README.md", "Readme.md", "b/x.bin"]),
        (["*.bin", "*.txt"], ["b/*", "*/c.*"], ["a/x.bin"]),
        (("*.bin", "*.txt"), ("b/*", "*/c.*"), ["a/x.bin"]),
        (["[Rr]eadme.md"], None, ["Readme.md"]),
        (("*.bin" for _ in range(1)), None, ["a/x.bin", "b/x.bin"]),
    ],
)
def test_patterns(allow, ignore, left):
    assert filter_paths(PATHS, allow, ignore) == left


letters = st.text("ab*?[]!-^/.\\\n\u00e9", max_size=12)


@given(st.lists(letters, min_size=1, max_size=4), st.lists(letters, max_size=8))
@example(["[!a]", "[]a]", "[b-a]", "[a-b-]", "[[:alpha:]]", "**a**", "["], ["", "a", "]", "b", "[", "-", "\n"])
def test_patterns_mean_what_fnmatch_says(patterns, paths):
    meant = [f"{pattern}*" if pattern.endswith("/") else pattern for pattern in patterns]
    known = [path for path in paths if any(fnmatchcase(path, pattern) for pattern in meant)]
    assert filter_paths(paths, patterns, None) == known
    assert filter_paths(paths, None, patterns) == [path for path in paths if path not in known]
