"""Any folder is downloaded as it was uploaded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings, strategies as st

from hub_typed import HfApi, Settings
from hub_typed.local import LocalHub
from hub_typed.local.handlers import commits

PART = 1000
"""Bytes of a part of a large file here."""
LARGE = 2000
"""Bytes beyond which any file is a large one here."""
SIZES = [0, 1, 511, 512, 513, LARGE - 1, LARGE, LARGE + 1, 3 * PART - 1, 3 * PART, 3 * PART + 1]

names = st.text("aZ0 %#?+&=;:@~!*$'\"[]{}()<>|^,.-_éßЖ漢😀\u0301", min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)
paths = st.lists(names, min_size=1, max_size=6).map(tuple)
contents = st.tuples(st.sampled_from(SIZES), st.booleans(), st.integers(0, 9))
"""Size, whether the bytes are binary, and what they begin with: few values, so that some files are the same."""


def folder_of(files):
    """The paths that can be there together: none is both a file and a folder."""
    folders = {path[:depth] for path in files for depth in range(1, len(path))}
    return {"/".join(path): content for path, content in files.items() if path not in folders}


trees = st.dictionaries(paths, contents, min_size=1, max_size=12).map(folder_of).filter(bool)


def bytes_of(size, binary, seed):
    text = hashlib.shake_128(bytes([seed])).hexdigest(size // 2 + 1).encode()[:size]
    return b"\0" + text[1:] if binary and size else text


def files_in(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def hub():
    with pytest.MonkeyPatch.context() as patch, LocalHub() as hub:
        patch.setattr(commits, "MAX_REGULAR", LARGE)
        hub.hub.lfs.part_size = PART
        yield hub


@settings(max_examples=25)
@given(tree=trees)
@example(tree={f"{size}/{'bin' if binary else 'txt'}": (size, binary, 1) for size in SIZES for binary in (True, False)})
@example(tree={"/".join("abcdefghijklmnop"): (1, False, 0), "a/ /%2F/x?y#z": (1, False, 1), "a/b c+d": (0, False, 2)})
def test_a_folder_comes_back_as_it_went_up(hub, tree):
    known = Settings(progress=False)
    with (
        TemporaryDirectory() as scratch,
        HfApi("http://hub.localhost", hub.token, settings=known, transport=hub.transport) as api,
    ):
        source = Path(scratch, "source")
        for path, (size, binary, seed) in tree.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes(bytes_of(size, binary, seed))
        repo = f"{hub.user}/thing"
        api.create_repo(repo)
        try:
            api.upload_folder(repo_id=repo, folder_path=source)
            found = files_in(Path(api.snapshot_download(repo, cache_dir=Path(scratch, "cache"))))
        finally:
            api.delete_repo(repo)
        attributes = found.pop(".gitattributes")
        assert b"filter=lfs" in attributes
        assert found == files_in(source)
