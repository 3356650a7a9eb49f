"""Files and links planted in a cache or local folder are neither followed nor written through."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import threading
from pathlib import Path

import pytest

from hub_typed.auth.stored_tokens import StoredTokens
from hub_typed.errors import DiskError, HubError, UnsafePathError
from hub_typed.flows.commits.journal import Journal, Record
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.snapshot import snapshot_download

pytestmark = pytest.mark.parametrize("run", ["sync"], indirect=True)
REPO = "org/model"
NAME = "sub/weights.bin"
CONTENT = random.Random(1).randbytes(300_000)
ETAG = hashlib.sha256(CONTENT).hexdigest()
SHORT = base64.urlsafe_b64encode(hashlib.sha1(b"weights.bin.metadata", usedforsecurity=False).digest()).decode()
KINDS = ["link", "dangling link", "hard link", "pipe", "folder"]
PRECIOUS = "precious, and no business of a download"


@pytest.fixture
def commit(hub, large):
    hub.piece = 65_536
    return hub.commit({NAME: large(CONTENT), "README.md": b"read me"})


@pytest.fixture
def outside(tmp_path):
    """Files of the user in another folder."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text(PRECIOUS)
    return folder


@pytest.fixture
def unharmed(outside):
    """Function that asserts that the user's files are unchanged."""

    def check():
        assert os.listdir(outside) == ["file"]
        assert (outside / "file").read_text() == PRECIOUS
        assert not (outside / "file").is_symlink()

    return check


def plant(path, kind, outside):
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        path.symlink_to(outside / "file")
    elif kind == "dangling link":
        path.symlink_to(outside / "new")
    elif kind == "hard link":
        os.link(outside / "file", path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link to a folder":
        path.symlink_to(outside)


def attempted(do, *arguments, **named):
    """Return the result of a call, or the error of the library that it raises."""
    try:
        return do(*arguments, **named)
    except HubError as error:
        return error


OTHER = "ffffffff-1-2-0a0b0c-0a0b0c"
"""An owner on another machine."""
IN_CACHE = [
    "CACHEDIR.TAG",
    f".locks/models--org--model/{ETAG}.lock",
    f"models--org--model/blobs/{ETAG}",
    f"models--org--model/blobs/{ETAG}.incomplete",
    f"models--org--model/blobs/{ETAG}.copy.incomplete",
    f"models--org--model/blobs/{ETAG}.0a1b2c3d.incomplete",
    f"models--org--model/blobs/{ETAG}.{OTHER}.incomplete",
    "models--org--model/refs/main",
    "models--org--model/trees/{commit}.json",
    "models--org--model/snapshots/{commit}/" + NAME,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", IN_CACHE)
def test_in_place_of_a_file_of_the_cache(run, cache, commit, outside, unharmed, place, kind):
    plant(cache / place.format(commit=commit), kind, outside)
    found = attempted(run, snapshot_download, REPO)
    if isinstance(found, HubError):
        assert kind == "folder"
        assert isinstance(found, DiskError)
    else:
        assert (Path(found) / NAME).read_bytes() == CONTENT
    unharmed()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", IN_CACHE[2:5] + IN_CACHE[-1:])
def test_in_place_of_a_file_of_a_cache_without_links(run, cache, commit, outside, unharmed, place, kind):
    run.set(symlinks=False)
    test_in_place_of_a_file_of_the_cache(run, cache, commit, outside, unharmed, place, kind)


@pytest.mark.parametrize(
    "place",
    [
        ".locks",
        ".locks/models--org--model",
        "models--org--model",
        "models--org--model/blobs",
        "models--org--model/refs",
        "models--org--model/trees",
        "models--org--model/snapshots",
        "models--org--model/snapshots/{commit}",
        "models--org--model/snapshots/{commit}/sub",
    ],
)
def test_a_link_in_place_of_a_folder_of_the_cache(run, cache, commit, outside, unharmed, place):
    plant(cache / place.format(commit=commit), "link to a folder", outside)
    found = attempted(run, snapshot_download, REPO)
    if isinstance(found, HubError):
        assert isinstance(found, UnsafePathError)
        assert place.format(commit=commit) in str(found)
        assert "Remove the link" in str(found)
    else:
        assert (Path(found) / NAME).read_bytes() == CONTENT
        assert place.startswith(".locks") or place.endswith(("refs", "trees")), "files were written through a link"
    unharmed()


@pytest.mark.parametrize("kind", [*KINDS, "link to a folder"])
def test_in_place_of_what_says_that_there_is_no_file(run, cache, commit, outside, unharmed, kind):
    plant(cache / "models--org--model" / ".no_exist" / commit / "missing", kind, outside)
    with pytest.raises(HubError, match="404"):
        run(hf_hub_download, REPO, "missing")
    unharmed()


RECORDS = ".cache/huggingface"
IN_FOLDER = [
    NAME,
    f"{RECORDS}/.gitignore",
    f"{RECORDS}/CACHEDIR.TAG",
    f"{RECORDS}/trees/{{commit}}.json",
    f"{RECORDS}/download/{NAME}.metadata",
    f"{RECORDS}/download/{NAME}.lock",
    f"{RECORDS}/download/sub/{SHORT}.{ETAG}.incomplete",
    f"{RECORDS}/download/sub/{SHORT}.{ETAG}.copy",
    f"{RECORDS}/download/sub/{SHORT}.{ETAG}.0a1b2c3d.incomplete",
]


@pytest.mark.parametrize("cached", [True, False], ids=["from the cache", "from the Hub"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", IN_FOLDER)
def test_in_place_of_a_file_of_a_local_folder(run, tmp_path, commit, outside, unharmed, place, kind, cached):
    folder = tmp_path / "folder"
    plant(folder / place.format(commit=commit), kind, outside)
    if cached:
        run(hf_hub_download, REPO, NAME)
    found = attempted(run, snapshot_download, REPO, local_dir=folder)
    if isinstance(found, HubError):
        assert kind == "folder"
        assert isinstance(found, DiskError | UnsafePathError)
    else:
        assert (folder / NAME).read_bytes() == CONTENT
        assert not (folder / NAME).is_symlink()
    unharmed()


@pytest.mark.parametrize(
    "place",
    ["sub", ".cache", RECORDS, f"{RECORDS}/download", f"{RECORDS}/download/sub", f"{RECORDS}/trees"],
)
def test_a_link_in_place_of_a_folder_of_a_local_folder(run, tmp_path, commit, outside, unharmed, place):
    folder = tmp_path / "folder"
    plant(folder / place, "link to a folder", outside)
    found = attempted(run, snapshot_download, REPO, local_dir=folder)
    if isinstance(found, HubError):
        assert isinstance(found, UnsafePathError)
        assert str(folder / place) in str(found)
    else:
        assert place == f"{RECORDS}/trees", "a list is of use without being kept"
        assert (folder / NAME).read_bytes() == CONTENT
    unharmed()


@pytest.mark.parametrize("local", [False, True])
def test_the_folder_that_the_user_named_may_be_a_link(run, tmp_path, commit, cache, local):
    real = tmp_path / "other disk"
    real.mkdir()
    named = tmp_path / "folder" if local else cache
    named.symlink_to(real)
    where = {"local_dir": named} if local else {}
    assert Path(run(hf_hub_download, REPO, NAME, **where)).read_bytes() == CONTENT
    assert any(path.is_file() and path.stat().st_size == len(CONTENT) for path in real.rglob("*"))


def test_a_blob_that_leads_out_of_the_cache_counts_only_with_the_right_content(run, hub, cache, commit, tmp_path):
    path = Path(run(hf_hub_download, REPO, NAME))
    blob = cache / "models--org--model" / "blobs" / ETAG
    moved = tmp_path / "elsewhere"
    blob.rename(moved)
    blob.symlink_to(moved)
    hub.forget()
    assert Path(run(hf_hub_download, REPO, NAME)).read_bytes() == CONTENT
    assert blob.is_symlink()
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD"]

    moved.write_bytes(bytes(len(CONTENT)))
    assert Path(run(hf_hub_download, REPO, NAME)) == path
    assert path.read_bytes() == CONTENT
    assert moved.read_bytes() == bytes(len(CONTENT))


def test_a_file_of_a_commit_that_leads_out_of_the_cache_is_not_given_out(run, cache, commit, outside, unharmed):
    plant(cache / "models--org--model" / "snapshots" / commit / NAME, "link", outside)
    path = run(hf_hub_download, REPO, NAME, revision=commit)
    assert Path(path).read_bytes() == CONTENT
    unharmed()


@pytest.mark.parametrize("place", [".gitignore", "CACHEDIR.TAG", "upload/a.txt.metadata"])
@pytest.mark.parametrize("kind", KINDS)
def test_in_place_of_a_record_of_an_upload(run, tmp_path, outside, unharmed, place, kind):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    plant(folder / RECORDS / place, kind, outside)
    journal = Journal(folder)
    journal.make()
    assert journal.read("a.txt") == Record(size=1)
    journal.write("a.txt", Record(size=1, committed=True), 9e9)
    unharmed()


@pytest.mark.parametrize("place", [".cache", RECORDS, f"{RECORDS}/upload"])
def test_a_link_in_place_of_the_records_of_an_upload(run, tmp_path, outside, unharmed, place):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    plant(folder / place, "link to a folder", outside)
    journal = Journal(folder)
    made = attempted(journal.make)
    if place != f"{RECORDS}/upload":
        assert isinstance(made, UnsafePathError)
        assert str(folder / place) in str(made)
    journal.write("a.txt", Record(size=1), 9e9)
    unharmed()


@pytest.mark.parametrize("place", ["token", "stored_tokens", "stored_tokens.lock"])
@pytest.mark.parametrize("kind", ["link", "dangling link", "hard link"])
def test_in_place_of_a_file_of_tokens(run, tmp_path, outside, unharmed, place, kind):
    home = tmp_path / "home"
    plant(home / place, kind, outside)
    if place == "stored_tokens" and kind != "dangling link":
        (outside / "file").write_text("[other]\nhf_token = hf_other\n")
    before = (outside / "file").read_text()
    StoredTokens(home / "token").store("mine", "hf_mine")
    assert (home / "token").read_text() == "hf_mine"
    for name in ("token", "stored_tokens"):
        assert (home / name).stat().st_mode & 0o777 == 0o600
    assert (outside / "file").read_text() == before
    assert os.listdir(outside) == ["file"]


@pytest.mark.parametrize("seed", range(6))
def test_folders_that_become_links_while_files_are_written(run, hub, cache, tmp_path, large, outside, unharmed, seed):
    """Another process repeatedly replaces folders by links and back."""
    chance = random.Random(seed)
    files = {f"sub/{number}": chance.randbytes(2000) for number in range(25)}
    commit = hub.commit({**files, "sub/large": large(CONTENT)})
    hub.piece = 4096
    local = seed % 2 == 1
    folder = tmp_path / "folder"
    targets = (
        [folder / "sub", folder / RECORDS / "download" / "sub", folder / RECORDS]
        if local
        else [cache / "models--org--model" / name for name in ("blobs", "snapshots", f"snapshots/{commit}/sub")]
    )
    stop = threading.Event()

    def swap():
        while not stop.is_set():
            target = chance.choice(targets)
            aside = target.with_name(f"{target.name}-aside")
            try:
                target.rename(aside)
                target.symlink_to(outside)
                stop.wait(0.001)
                target.unlink()
                aside.rename(target)
            except OSError:
                if target.is_symlink():
                    target.unlink()
                if aside.exists() and not target.exists():
                    aside.rename(target)
            stop.wait(0.002)

    swapper = threading.Thread(target=swap)
    swapper.start()
    where = {"local_dir": folder} if local else {}
    try:
        for _ in range(6):
            attempted(run, snapshot_download, REPO, **where)
    finally:
        stop.set()
        swapper.join()
    unharmed()
    found = Path(run(snapshot_download, REPO, force_download=True, **where))
    assert {name: (found / name).read_bytes() for name in files} == files
    unharmed()
