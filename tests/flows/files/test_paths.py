"""Paths and hashes from the Hub that must not become file names on disk."""

from __future__ import annotations

import pytest

from hub_typed.errors import ProtocolError, UnsafePathError
from hub_typed.flows.files.paths import check_conflicts, checked_hash, checked_path

EVERYWHERE = ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", "a/", "a\0b", ".git/hooks/post-checkout"]
EVERYWHERE += ["a/" + "x" * 256, "\u00e4" * 128, "lone \ud800 surrogate", "sub/.GIT/config", "GIT~1/config"]
ON_WINDOWS = ["C:\\x", "C:/x", "a\\..\\b", "\\\\server\\share", "CON", "con.txt", "a/NUL", "com1.bin", "LPT\u00b9"]
ON_WINDOWS += ["aux .md", "x:ads", "dot.", "space ", "a./b", "...", "q?", "a*b", "tab\tx", 'quo"te', "<x>", "a|b"]
FINE = ["a", "a/b/c.txt", "..a", "a..b", "console.txt", "COM10", ".gitignore", ".github/x", "\u00e4", "a b", "x" * 255]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("windows", [False, True])
def test_refused_on_all_systems(path, windows):
    with pytest.raises(UnsafePathError) as caught:
        checked_path(path, windows=windows)
    assert repr(path) in str(caught.value)


@pytest.mark.parametrize("path", ON_WINDOWS)
def test_refused_on_windows_alone(path):
    assert checked_path(path, windows=False) == path
    with pytest.raises(UnsafePathError):
        checked_path(path, windows=True)


@pytest.mark.parametrize("path", FINE)
@pytest.mark.parametrize("windows", [False, True])
def test_fine(path, windows):
    assert checked_path(path, windows=windows) == path


@pytest.mark.parametrize("value", ["a" * 40, "0" * 64, "0123456789abcdef" * 4])
def test_hashes(value):
    assert checked_hash(value, "the ETag") == value


@pytest.mark.parametrize(
    "value", ["", "a" * 39, "a" * 41, "A" * 40, "a" * 40 + "\n", "../" + "a" * 37, "*" * 64, "g" * 40]
)
def test_what_is_no_hash(value):
    with pytest.raises(ProtocolError, match="the ETag is"):
        checked_hash(value, "the ETag")


def test_twins_matter_where_the_disk_takes_them_for_the_same():
    twins = ["README.md", "x", "readme.md"]
    check_conflicts(twins, lambda: False)
    with pytest.raises(UnsafePathError, match=r"README\.md.*readme\.md"):
        check_conflicts(twins, lambda: True)


def test_twins_in_other_normal_forms_and_folders():
    for twins in (["caf\u00e9", "cafe\u0301"], ["A/x", "a"], ["a", "A/x"]):
        check_conflicts(twins, lambda: False)
        with pytest.raises(UnsafePathError):
            check_conflicts(twins, lambda: True)


def test_the_disk_is_not_asked_without_need():
    check_conflicts(["a", "b/a", "b/c"], lambda: pytest.fail("asked"))


def test_a_file_that_is_a_folder_too():
    with pytest.raises(UnsafePathError, match="'x' and 'x/y'"):
        check_conflicts(["x/y", "x"], lambda: False)
