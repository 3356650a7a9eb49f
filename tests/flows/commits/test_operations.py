"""Commit operations and their arguments."""

from __future__ import annotations

import base64
import hashlib
import io as stdio
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hub_typed.flows.commits.operations import CommitOperationAdd as Add, CommitOperationDelete as Delete
from hub_typed.flows.lfs.content import Content


@pytest.mark.parametrize(
    ("given_", "meant"),
    [("a", "a"), ("/a", "a"), ("./a", "a"), ("/./a", "a"), ("d/a.txt", "d/a.txt"), (".gitignore", ".gitignore")],
)
def test_one_leading_slash_or_dot_is_taken_off(given_, meant):
    assert Add(given_, b"").path_in_repo == meant
    assert Delete(given_).path_in_repo == meant


@pytest.mark.parametrize(
    "path",
    ["", "/", ".", "..", "../a", "a/../b", "a//b", "//a", "a\0", ".git/config", "d/.git", ".cache/x", "d/.cache/x"],
)
def test_a_path_that_no_commit_may_touch_is_refused(path):
    with pytest.raises(ValueError, match=r"Invalid path|cannot be committed"):
        Add(path, b"")
    with pytest.raises(ValueError, match=r"Invalid path|cannot be committed"):
        Delete(path)


def test_a_path_is_checked_again_when_it_is_changed():
    addition = Add("a", b"")
    addition.path_in_repo = "./b"
    assert addition.path_in_repo == "b"
    with pytest.raises(ValueError, match="Invalid path"):
        addition.path_in_repo = "../b"


@pytest.mark.parametrize(
    ("path", "is_folder", "meant"),
    [
        ("d/", "auto", ("d/", True)),
        ("d", "auto", ("d", False)),
        ("d", True, ("d/", True)),
        ("d/", True, ("d/", True)),
        ("d", False, ("d", False)),
    ],
)
def test_a_folder_is_told_from_a_file(path, is_folder, meant):
    deletion = Delete(path, is_folder=is_folder)
    assert (deletion.path_in_repo, deletion.is_folder) == meant


def test_what_is_neither_file_nor_folder_is_refused():
    with pytest.raises(ValueError, match="is_folder"):
        Delete("a", is_folder="maybe")


class Pipe(stdio.BytesIO):
    """A file object that can be read only once."""

    def seekable(self):
        return False


@pytest.mark.parametrize("source", [None, 5, stdio.StringIO("text"), Pipe(b"once"), ["a"]])
def test_what_holds_no_bytes_is_refused(source):
    with pytest.raises(ValueError, match="cannot be uploaded"):
        Add("a", source)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is not a local file"):
        Add("a", tmp_path)
    with pytest.raises(ValueError, match="is not a local file"):
        Add("a", str(tmp_path / "missing"))


def test_the_bytes_themselves_are_not_shown():
    assert repr(Add("a", b"secret")) == "CommitOperationAdd(path_in_repo='a', path_or_fileobj='<6 bytes>')"


@given(st.binary(max_size=2000), st.integers(0, 2000), st.integers(0, 2000))
def test_path_bytes_and_file_object_are_the_same(content, one, other):
    start, stop = sorted((min(one, len(content)), min(other, len(content))))
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        sources = [content, file.name, Path(file.name), stdio.BytesIO(content), file]
        for addition in [Add("a", source) for source in sources]:
            info = addition.upload_info
            assert (info.size, info.sample) == (len(content), content[:512])
            assert info.sha256 == hashlib.sha256(content).digest()
            assert addition.b64content() == base64.b64encode(content)
            with addition.as_file() as opened:
                assert opened.read() == content
            looked_at = Content.of(addition.path_or_fileobj)
            assert b"".join(looked_at.pieces(start, stop)) == content[start:stop]
            assert looked_at.git_id() == hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def test_a_bar_is_drawn_while_a_file_is_read(capsys):
    content = bytes(100_000)
    with Add("weights.bin", content).as_file(with_tqdm=True) as file:
        assert file.read(10) == content[:10]
        assert file.seek(0) == 0
        assert file.read() == content
    assert "weights.bin" in capsys.readouterr().err


def test_operations_can_be_pickled(tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    for operation in (Add("a", b"a"), Add("a", tmp_path / "a"), Delete("d/")):
        assert pickle.loads(pickle.dumps(operation)) == operation
