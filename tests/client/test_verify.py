"""Flipped bits in downloaded files are detected, reported and repaired, in the cache and in a local folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from hub_typed import (
    ChecksumMismatch,
    FolderVerification,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    UnsafePathError,
)

LFS = b"\x00\x01" * 700_000
FILES = {"a.txt": b"a\n", "deep/er/b.json": b"{}" * 9000, "empty": b"", "model.safetensors": LFS, "twin.bin": LFS}
EVERY = [".gitattributes", *FILES]


def git_id(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def flip(path, position=-1):
    """Change one bit of a file, in place, as a disk does; its time stays."""
    real = Path(os.path.realpath(path))
    status = real.stat()
    data = bytearray(real.read_bytes())
    data[position] ^= 1
    real.write_bytes(data)
    os.utime(real, ns=(status.st_atime_ns, status.st_mtime_ns))


async def made(side, folder):
    for name, data in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    await side.api.create_repo(side.repo)
    return (await side.api.upload_folder(repo_id=side.repo, folder_path=folder)).oid


def right(folder):
    return all((Path(folder) / name).read_bytes() == data for name, data in FILES.items())


@pytest.fixture(params=["cache", "cache without links", "local_dir"])
def place(request, tmp_path):
    """Where a scenario downloads to, and the words that say so."""
    return {"local_dir": tmp_path / "mine"} if request.param == "local_dir" else {}


@pytest.fixture
def settings(request):
    callspec = request.node.callspec.params
    return {"symlinks": False} if callspec.get("place") == "cache without links" else {}


def test_a_flipped_byte_is_found_named_and_repaired(play, tmp_path, place, settings):
    async def scenario(side):
        api, repo = side.make(**settings), side.repo
        commit = await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo, **place))
        found = await api.verify_repo_checksums(repo, **place)
        assert found == FolderVerification(
            revision="main" if place else commit,
            checked_count=len(EVERY),
            mismatches=[],
            missing_paths=[],
            extra_paths=[],
            verified_path=folder,
        )
        flip(folder / "a.txt", 0)
        flip(folder / "model.safetensors", 1_000_000)
        bad = bytearray(LFS)
        bad[1_000_000] ^= 1
        expected = [
            ChecksumMismatch(path="a.txt", expected=git_id(b"a\n"), actual=git_id(b"`\n"), algorithm="git-sha1"),
            ChecksumMismatch(
                path="model.safetensors",
                expected=hashlib.sha256(LFS).hexdigest(),
                actual=hashlib.sha256(bad).hexdigest(),
                algorithm="sha256",
            ),
        ]
        found = await api.verify_repo_checksums(repo, **place)
        shared = [m for m in found.mismatches if m["path"] == "twin.bin"]  # in a cache with links, it is the same file
        assert [m for m in found.mismatches if m not in shared] == expected
        assert len(shared) == int(not place and not settings)
        assert (found.missing_paths, found.repaired_paths, found.checked_count) == ([], [], len(EVERY))
        assert not right(folder)

        found = await api.verify_repo_checksums(repo, **place, repair=True)
        assert [m for m in found.mismatches if m not in shared] == expected
        assert found.repaired_paths == sorted(["a.txt", "model.safetensors", *(m["path"] for m in shared)])
        assert right(folder)
        assert (await api.verify_repo_checksums(repo, **place)).mismatches == []
        assert await api.snapshot_download(repo, **place) == str(folder)
        assert right(folder)

    play(scenario)


def test_what_is_missing_or_too_much_is_told_and_fetched(play, tmp_path, place, settings):
    async def scenario(side):
        api, repo = side.make(**settings), side.repo
        await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo, **place))
        os.unlink(os.path.realpath(folder / "a.txt"))
        shutil.rmtree(folder / "deep")
        (folder / "mine.txt").write_text("x")
        found = await api.verify_repo_checksums(repo, **place)
        assert found.missing_paths == ["a.txt", "deep/er/b.json"]
        assert found.extra_paths == ["mine.txt"]
        assert (found.mismatches, found.checked_count) == ([], len(EVERY) - 2)
        found = await api.verify_repo_checksums(repo, **place, repair=True)
        assert found.repaired_paths == ["a.txt", "deep/er/b.json"]
        assert right(folder)
        assert (folder / "mine.txt").read_text() == "x"

    play(scenario)


def test_a_file_cut_off_or_longer_is_found(play, tmp_path, place, settings):
    async def scenario(side):
        api, repo = side.make(**settings), side.repo
        await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo, **place))
        for name, data in (("deep/er/b.json", b"{}"), ("empty", b"x"), ("a.txt", b"")):
            Path(os.path.realpath(folder / name)).write_bytes(data)
        found = await api.verify_repo_checksums(repo, **place, repair=True)
        assert [m["path"] for m in found.mismatches] == ["a.txt", "deep/er/b.json", "empty"]
        assert [m["actual"] for m in found.mismatches] == [git_id(b""), git_id(b"{}"), git_id(b"x")]
        assert right(folder)

    play(scenario)


def test_two_commits_that_share_a_flipped_file_are_both_right_again(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        first = await made(side, tmp_path / "source")
        before = Path(await api.snapshot_download(repo))
        await api.upload_file(path_or_fileobj=b"new", path_in_repo="new.txt", repo_id=repo)
        after = Path(await api.snapshot_download(repo))
        flip(before / "model.safetensors")
        seen = len(side.hub.hub.requests)
        found = await api.verify_repo_checksums(repo, revision=first, repair=True)
        assert found.repaired_paths == ["model.safetensors", "twin.bin"]
        sent = sum(one.sent for one in list(side.hub.hub.requests)[seen:])
        assert sent < 1.5 * len(LFS)  # the content was fetched once
        assert right(before)
        assert right(after)

    play(scenario)


def test_links_that_lead_elsewhere_are_not_read_and_what_they_lead_to_stays(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo))
        secret = tmp_path / "secret"
        secret.write_bytes(b"a\n")  # the very bytes of the file
        (folder / "a.txt").unlink()
        (folder / "a.txt").symlink_to(secret)
        (folder / "empty").unlink()
        os.mkfifo(folder / "empty")
        (folder / "twin.bin").unlink()
        (folder / "twin.bin").symlink_to("twin.bin")
        found = await api.verify_repo_checksums(repo, repair=True)
        (mismatch,) = found.mismatches
        assert mismatch["path"] == "a.txt"
        assert mismatch["actual"] == f"a symbolic link that points to {os.path.realpath(secret)}"
        assert found.missing_paths == ["empty", "twin.bin"]
        assert secret.read_bytes() == b"a\n"
        assert os.path.realpath(folder / "a.txt") != os.path.realpath(secret)
        assert right(folder)

    play(scenario)


def test_a_folder_that_is_a_link_is_neither_read_nor_written_through(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await made(side, tmp_path / "source")
        local = tmp_path / "mine"
        await api.snapshot_download(repo, local_dir=local)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "b.json").write_bytes(b"mine")
        shutil.rmtree(local / "deep")
        (local / "deep").mkdir()
        (local / "deep" / "er").symlink_to(elsewhere)
        found = await api.verify_repo_checksums(repo, local_dir=local)
        assert found.missing_paths == ["deep/er/b.json"]
        with pytest.raises(UnsafePathError):
            await api.verify_repo_checksums(repo, local_dir=local, repair=True)
        assert (elsewhere / "b.json").read_bytes() == b"mine"

    play(scenario)


def test_hidden_hashes_of_a_gated_repository_are_not_checked_and_never_a_mismatch(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo))
        await api.update_repo_settings(repo, gated="manual")
        stranger = side.make(side.hub.add_user("stranger"))
        found = await stranger.verify_repo_checksums(repo)
        assert found.unchecked_paths == ["model.safetensors", "twin.bin"]
        assert (found.mismatches, found.missing_paths, found.checked_count) == ([], [], len(EVERY) - 2)
        flip(folder / "a.txt", 0)
        found = await stranger.verify_repo_checksums(repo)
        assert [m["path"] for m in found.mismatches] == ["a.txt"]

    play(scenario)


def test_a_list_of_files_that_was_damaged_on_this_disk_is_not_believed(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        commit = await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo))
        kept = folder.parent.parent / "trees" / f"{commit}.json"
        text = kept.read_text()
        kept.write_text(text.replace(git_id(b"a\n"), "0" * 40))
        assert (await api.verify_repo_checksums(repo)).mismatches == []
        await api.verify_repo_checksums(repo, repair=True)
        assert kept.read_text() == text

    play(scenario)


def test_which_commit_is_meant(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        with pytest.raises(LocalEntryNotFoundError, match="nothing to verify"):
            await api.verify_repo_checksums(repo)
        first = await made(side, tmp_path / "source")
        await api.create_tag(repo, tag="v1")
        await api.snapshot_download(repo, revision=first)  # by its hash: no ref is kept
        assert (await api.verify_repo_checksums(repo)).revision == first
        with pytest.raises(LocalEntryNotFoundError, match="does not contain the revision 'v1'"):
            await api.verify_repo_checksums(repo, revision="v1")
        await api.snapshot_download(repo, revision="v1")
        assert (await api.verify_repo_checksums(repo, revision="v1")).revision == first
        second = (await api.upload_file(path_or_fileobj=b"new", path_in_repo="new.txt", repo_id=repo)).oid
        await api.snapshot_download(repo, revision=second)
        with pytest.raises(LocalEntryNotFoundError, match="several commits"):
            await api.verify_repo_checksums(repo)
        assert (await api.verify_repo_checksums(repo, revision=second)).mismatches == []
        with pytest.raises(ValueError, match="not both"):
            await api.verify_repo_checksums(repo, local_dir=tmp_path, cache_dir=tmp_path)
        with pytest.raises(LocalEntryNotFoundError, match="is not a folder"):
            await api.verify_repo_checksums(repo, local_dir=tmp_path / "nowhere")
        with pytest.raises(RevisionNotFoundError):
            await api.verify_repo_checksums(repo, revision="nope", local_dir=tmp_path / "source")
        with pytest.raises(RepositoryNotFoundError):
            await api.verify_repo_checksums(f"{side.hub.user}/nope", local_dir=tmp_path / "source")

    play(scenario)


def test_a_file_that_cannot_be_read_is_a_mismatch_with_its_reason(play, tmp_path, monkeypatch):
    from hub_typed.flows.files import verify

    async def scenario(side):
        api, repo = side.api, side.repo
        await made(side, tmp_path / "source")
        folder = Path(await api.snapshot_download(repo))
        opened = verify.open_file

        def failing(path, **words):
            if path == os.path.realpath(folder / "a.txt"):
                raise OSError(5, "Input/output error", path)
            return opened(path, **words)

        with monkeypatch.context() as patched:
            patched.setattr(verify, "open_file", failing)
            found = await api.verify_repo_checksums(repo)
        (mismatch,) = found.mismatches
        assert (mismatch["path"], mismatch["actual"]) == ("a.txt", "unreadable: Input/output error")

    play(scenario)
