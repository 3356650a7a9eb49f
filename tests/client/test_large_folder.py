"""Large folders, with both clients and both transports: committed in steps, and resumed after any interruption."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from hub_typed import HfHubHTTPError, HFValidationError, RevisionNotFoundError, SourceChangedError, UploadLimitError
from hub_typed.flows.commits import large_upload, limits
from hub_typed.local.faults import Status
from hub_typed_api.serve import Answer

LFS = b"\x00\x01" * 3000
LONG_AGO = time.time() - 1000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "large"
    files = {f"text/{number:02}.txt": b"%d\n" % number for number in range(60)}
    files |= {f"weights/{number}.bin": LFS + bytes([number]) for number in range(8)}
    files |= {"README.md": b"---\nlicense: mit\n---\n", "empty": b"", "same.bin": LFS + b"\0"}
    for name, content in files.items():
        put(root / name, content)
    return root


def put(path: Path, content: bytes) -> None:
    """Write a file that was there before anything was uploaded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (LONG_AGO, LONG_AGO))


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".cache" not in path.parts and path.name != ".gitattributes"
    }


async def uploaded(side, folder, **given):
    """Upload a folder; what that took of the Hub."""
    before = side.hub.stats.snapshot()
    options = {"repo_type": "model", "print_report": False} | given
    assert await side.api.upload_large_folder(side.repo, folder, **options) is None
    return side.hub.stats.snapshot() - before


async def there(side, tmp_path, **given):
    return files_of(Path(await side.api.snapshot_download(side.repo, local_dir=tmp_path / "there", **given)))


def test_a_folder_is_uploaded_in_several_commits(play, folder, tmp_path):
    async def scenario(side):
        done = await uploaded(side, folder, private=True)
        assert await there(side, tmp_path) == files_of(folder)
        assert (await side.api.model_info(side.repo)).private
        assert done.requests["commits.create_commit"] == 2
        assert done.lfs_objects == 8, "the same content goes once"
        again = await uploaded(side, folder)
        assert again.requests["commits.create_commit"] == again.requests["commits.preupload"] == 0
        assert again.lfs_objects == 0

    play(scenario)


def test_only_what_has_changed_is_uploaded_again(play, folder, tmp_path):
    async def scenario(side):
        await uploaded(side, folder)
        (folder / "weights/3.bin").write_bytes(LFS + b"new")
        (folder / "text/new.txt").write_bytes(b"new")
        (folder / "text/00.txt").unlink()
        done = await uploaded(side, folder)
        assert done.lfs_objects == done.requests["commits.create_commit"] == 1
        assert await there(side, tmp_path) == files_of(folder) | {"text/00.txt": b"0\n"}

    play(scenario)


def test_records_of_another_repository_are_not_believed(play, folder, tmp_path):
    async def scenario(side):
        await uploaded(side, folder)
        await side.api.delete_repo(side.repo)
        await uploaded(side, folder)
        assert await there(side, tmp_path) == files_of(folder)

    play(scenario)


def test_what_is_there_already_is_not_committed_again(play, folder):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_folder(repo_id=side.repo, folder_path=folder)
        done = await uploaded(side, folder)
        assert done.requests["commits.create_commit"] == done.lfs_objects == 0

    play(scenario)


def test_commits_that_fail_are_made_in_smaller_steps(play, folder, tmp_path):
    async def scenario(side):
        failing = [413, 503, 409]

        def fail(incoming):
            return Answer(status=failing.pop()) if "/commit/" in incoming.path and failing else None

        side.hub.hub.intercept = fail
        done = await uploaded(side, folder)
        assert not failing
        assert done.requests["commits.create_commit"] > 2
        assert done.lfs_objects == 8, "what was uploaded is not uploaded again"
        assert await there(side, tmp_path) == files_of(folder)

    play(scenario)


def test_what_is_refused_or_fails_for_good_is_raised_and_gone_on_with_later(play, folder, tmp_path):
    async def scenario(side):
        for status in (403, 500):
            side.hub.hub.intercept = lambda incoming, status=status: (
                Answer(status=status) if "/commit/" in incoming.path else None
            )
            with pytest.raises(HfHubHTTPError, match=str(status)):
                await uploaded(side, folder)
        side.hub.hub.intercept = None
        done = await uploaded(side, folder)
        assert done.lfs_objects < 8
        assert await there(side, tmp_path) == files_of(folder)

    play(scenario)


def test_patterns_count_and_so_do_the_rules_of_the_repository(play, folder, tmp_path):
    async def scenario(side):
        put(folder / ".gitignore", b"text/1*\n")
        put(folder / ".git/config", b"ours")
        await uploaded(side, folder, allow_patterns=["text/*", ".gitignore"], ignore_patterns="*/2?.txt")
        wanted = {name: content for name, content in files_of(folder).items() if name.startswith(("text/", ".giti"))}
        wanted = {name: content for name, content in wanted.items() if name[5] not in "12" or name[0] == "."}
        assert await there(side, tmp_path) == wanted
        again = await uploaded(side, folder, allow_patterns=["text/*", ".gitignore"], ignore_patterns="*/2?.txt")
        assert again.requests["commits.preupload"] == 0

    play(scenario)


def test_a_branch_and_a_dataset_serve_as_well(play, folder, tmp_path):
    async def scenario(side):
        await side.api.create_repo(side.repo, repo_type="dataset")
        with pytest.raises(RevisionNotFoundError):
            await uploaded(side, folder, repo_type="dataset", revision="dev")
        await side.api.create_branch(side.repo, branch="dev", repo_type="dataset")
        await uploaded(side, folder, repo_type="dataset", revision="dev", num_workers=1)
        assert await there(side, tmp_path, repo_type="dataset", revision="dev") == files_of(folder)

    play(scenario)


def test_a_space_must_be_there(play, folder, tmp_path):
    async def scenario(side):
        with pytest.raises(ValueError, match="sdk"):
            await uploaded(side, folder, repo_type="space")
        await side.api.create_repo(side.repo, repo_type="space", space_sdk="static")
        await uploaded(side, folder, repo_type="space", ignore_patterns="README.md")
        assert files_of(folder).items() - (await there(side, tmp_path, repo_type="space")).items() == {
            ("README.md", (folder / "README.md").read_bytes())
        }

    play(scenario)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"repo_type": ""}, ValueError, "repo_type is required"),
        ({"repo_type": None}, ValueError, "repo_type is required"),
        ({"repo_type": "thing"}, HFValidationError, "thing"),
        ({"num_workers": 0}, ValueError, "at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_hub_hears_of_it(play, folder, given, error, message):
    async def scenario(side):
        with pytest.raises(error, match=message):
            await uploaded(side, folder, **given)
        put(folder / "deep/.cache/notes", b"")
        with pytest.raises(ValueError, match="cannot be committed"):
            await uploaded(side, folder)
        with pytest.raises(ValueError, match="is not a local folder"):
            await uploaded(side, folder / "README.md")
        assert not side.hub.hub.requests

    play(scenario)


def test_a_readme_that_is_not_valid_stops_it_at_once(play, folder):
    async def scenario(side):
        put(folder / "README.md", b"---\na: [\n---\n")
        with pytest.raises(ValueError, match=r"README\.md"):
            await uploaded(side, folder)
        assert side.hub.stats.snapshot().requests["commits.preupload"] == 0

    play(scenario)


def test_a_file_that_changes_meanwhile_is_told_and_taken_up_the_next_time(play, folder, tmp_path):
    async def scenario(side):
        def change(incoming):
            if "/preupload/" in incoming.path:
                (folder / "weights/1.bin").write_bytes(LFS + b"changed")

        side.hub.hub.intercept = change
        with pytest.raises(SourceChangedError, match=r"1\.bin changed"):
            await uploaded(side, folder)
        side.hub.hub.intercept = None
        await uploaded(side, folder)
        assert await there(side, tmp_path) == files_of(folder)

    play(scenario)


def test_files_whose_upload_failed_are_uploaded_when_the_step_is_repeated(play, folder, tmp_path):
    async def scenario(side):
        oid = hashlib.sha256(LFS + b"\3").hexdigest()
        failing = side.hub.faults.add(Status(500), operation="storage.upload", path=f"*{oid}*", times=6)
        await uploaded(side, folder)
        assert failing.count == 6, "the upload of the file did not use up its five attempts"
        assert await there(side, tmp_path) == files_of(folder)

    play(scenario)


def test_one_tells_how_far_it_is(play, folder, capsys):
    async def scenario(side):
        capsys.readouterr()
        await uploaded(side, folder, print_report=True, print_report_every=1000)
        first, *_, last = capsys.readouterr().out.splitlines()
        assert first == "0 of 71 files committed (0.00 of 0.00 GB), 0 hashed, 0 uploaded (0.00 GB sent), 0 ignored"
        assert last == "71 of 71 files committed (0.00 of 0.00 GB), 71 hashed, 9 uploaded (0.00 GB sent), 0 ignored"

    play(scenario)


def test_what_the_hub_may_find_too_large_is_told(play, folder, caplog, monkeypatch):
    monkeypatch.setattr(limits, "ADVISED_REPO_FILES", 70)

    async def scenario(side):
        caplog.clear()
        await uploaded(side, folder)
        assert "the repository gets 71 files; the Hub advises at most 70" in caplog.text

    play(scenario)


def test_what_the_hub_would_refuse_is_refused_before_the_first_byte(play, folder, monkeypatch):
    monkeypatch.setattr(limits, "MAX_FOLDER_ENTRIES", 59)

    async def scenario(side):
        with pytest.raises(UploadLimitError, match="folder text gets 60 entries; the Hub allows at most 59"):
            await uploaded(side, folder)
        assert {one.operation for one in side.hub.hub.requests} == {"repos.create_repo", "commits.preupload"}

    play(scenario)


def test_commits_hold_so_many_bytes(play, folder, monkeypatch):
    monkeypatch.setattr(large_upload, "MAX_COMMIT_BYTES", 2 * len(LFS))

    async def scenario(side):
        done = await uploaded(side, folder, allow_patterns="weights/*")
        assert done.requests["commits.create_commit"] == 8

    play(scenario)
