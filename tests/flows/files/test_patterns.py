"""Which paths patterns let through."""

from __future__ import annotations

import pytest

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
        (["[Rr]eadme.md"], None, ["Readme.md"]),
        (("*.bin" for _ in range(1)), None, ["a/x.bin", "b/x.bin"]),
    ],
)
def test_patterns(allow, ignore, left):
    assert filter_paths(PATHS, allow, ignore) == left
