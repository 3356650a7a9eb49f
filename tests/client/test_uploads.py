"""Uploads of folders and of many kinds of operations at once, with both clients and both transports."""

from __future__ import annotations

import asyncio
import io
import os
import random
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, UploadLimitError

PART = 1000
LARGE = b"\0" + os.urandom(5 * PART - 3)


def received(side):
    """Return the bytes of LFS files that the storage has received."""
    return sum(one.received for one in side.hub.hub.requests.copy() if one.method == "PUT")


async def content(side, path, revision=None):
    return Path(await side.api.hf_hub_download(side.repo, path, revision=revision)).read_bytes()


@pytest.mark.parametrize("seed", range(4))
def test_a_plan_tells_the_bytes_that_the_upload_sends(play, tmp_path, seed):
    chance = random.Random(seed)
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    names = [f"{where}{number}.{end}" for where in ("", "below/") for number in range(6) for end in ("txt", "bin")]
    before = {
        name: b"\0" * (name[-1] == "n") + chance.randbytes(chance.randint(0, 4 * PART)).hex().encode() for name in names
    }
    before |= {"below/copy.bin": before["1.bin"], "empty.bin": b"", "empty.txt": b"", ".gitignore": b"below/5.*\n"}
    after = dict(before)
    for name in chance.sample(names, 10):
        after[name] = before[chance.choice([each for each in names if each[-3:] == name[-3:]])] + b"x" * chance.choice(
            [0, 1]
        )

    def write(files):
        for name, data in files.items():
            (folder / name).write_bytes(data)

    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)
        for files in (before, after, after):
            write(files)
            words = {"repo_id": side.repo, "folder_path": folder, "delete_patterns": "*"}
            plan = await side.api.upload_folder(**words, dry_run=True)
            began, head = received(side), (await side.api.model_info(side.repo)).sha
            info = await side.api.upload_folder(**words)
            lfs = sum(file.bytes_to_upload for file in plan.files if file.upload_mode == "lfs")
            assert received(side) - began == lfs
            assert plan.is_empty == (info.oid == head)
            assert await content(side, "1.bin") == files["1.bin"]
        assert plan.is_empty
        assert plan.bytes_to_upload == 0

    play(scenario)


def test_a_pull_request_has_files_in_parts_and_copies(play):
    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)
        first = [CommitOperationAdd("large.bin", LARGE), CommitOperationAdd("a.txt", b"a")]
        await side.api.create_commit(side.repo, first, commit_message="First")
        before = received(side)
        other = LARGE[::-1] + b"\0"
        operations = [
            CommitOperationAdd("other.bin", b"\0" + other),
            CommitOperationCopy("large.bin", "copy.bin"),
            CommitOperationAdd("same.bin", LARGE),
            CommitOperationCopy("a.txt", "b.txt"),
            CommitOperationAdd("c.txt", io.BytesIO(b"c")),
            CommitOperationDelete("a.txt"),
        ]
        info = await side.api.create_commit(side.repo, operations, commit_message="Proposal", create_pr=True)
        assert received(side) - before == len(other) + 1
        head = info.pr_revision
        files = {"other.bin": b"\0" + other, "copy.bin": LARGE, "same.bin": LARGE, "b.txt": b"a", "c.txt": b"c"}
        assert {name: await content(side, name, head) for name in files} == files
        assert "a.txt" not in await side.api.list_repo_files(side.repo, revision=head)
        assert await content(side, "a.txt") == b"a"

    play(scenario)


def test_a_folder_with_too_many_files_is_refused_before_the_first_byte(play, tmp_path):
    folder = tmp_path / "folder" / "many"
    folder.mkdir(parents=True)
    (folder.parent / "README.md").write_text("# Read me")
    for number in range(10_001):
        (folder / f"{number}").touch()

    async def scenario(side):
        await side.api.create_repo(side.repo)
        with pytest.raises(UploadLimitError, match="the folder many gets 10,001 entries"):
            await side.api.upload_folder(repo_id=side.repo, folder_path=folder.parent)
        with pytest.raises(UploadLimitError, match="the folder many gets 10,001 entries"):
            await side.api.upload_large_folder(side.repo, folder.parent, repo_type="model", print_report=False)
        asked = {one.operation for one in side.hub.hub.requests}
        assert asked == {"repos.create_repo", "commits.preupload"}, "the Hub was asked for ignored files alone"

    play(scenario)


def test_uploads_of_the_same_content_at_the_same_time_all_succeed(play, tmp_path):
    """They share the records of the parts, and the storage has the parts of the first one only until it completes."""
    (tmp_path / "large.bin").write_bytes(LARGE)

    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)
        others = [side.make() for _ in range(4)]

        def upload(api, number):
            call = api.upload_file(
                path_or_fileobj=tmp_path / "large.bin", path_in_repo=f"{number}.bin", repo_id=side.repo
            )
            return asyncio.run(call)

        await asyncio.gather(*(asyncio.to_thread(upload, api, number) for number, api in enumerate(others)))
        assert [await content(side, f"{number}.bin") for number in range(4)] == [LARGE] * 4
        assert len(await side.api.list_repo_commits(side.repo)) == 5

    play(scenario)
