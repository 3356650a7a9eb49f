"""LFS files of all revisions: listed, and permanently deleted."""

from __future__ import annotations

import hashlib

import pytest

from hub_typed import EntryNotFoundError, HfHubHTTPError, RepositoryNotFoundError, operations
from hub_typed_api.models import LfsDuplicate, LFSFileInfo, LfsTarget

OLD, NEW = b"\0old" * 3000, b"\0new" * 3000


async def grown(side):
    """A repository with two versions of a large file, and a small one."""
    await side.api.create_repo(side.repo)
    for content in (OLD, NEW):
        await put(side, side.repo, "a/model.safetensors", content)
    await put(side, side.repo, "a.txt", b"a\n")


async def put(side, repo, path, content, **more):
    await side.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=repo, **more)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_large_files_of_all_revisions_are_listed(play):
    async def scenario(side):
        await grown(side)
        await put(side, side.repo, "b.bin", OLD + NEW, create_pr=True)
        files = [file async for file in side.api.list_lfs_files(side.repo)]
        assert all(isinstance(file, LFSFileInfo) for file in files)
        assert {(file.oid, file.filename, file.size) for file in files} == {
            (sha256(OLD), "a/model.safetensors", len(OLD)),
            (sha256(NEW), "a/model.safetensors", len(NEW)),
            (sha256(OLD + NEW), "b.bin", len(OLD + NEW)),
        }
        assert {file.filename: file.ref for file in files} == {
            "a/model.safetensors": "refs/heads/main",
            "b.bin": "refs/pr/1",
        }
        assert {file.pusher.name for file in files} == {side.hub.user}
        side.hub.hub.page_size = 1
        assert len([file async for file in side.api.list_lfs_files(side.repo)]) == 3

    play(scenario)


def test_a_file_is_deleted_from_all_revisions_and_others_stay(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await grown(side)
        await api.create_tag(repo, tag="v1")
        before = await api.list_repo_commits(repo)
        gone = [file async for file in api.list_lfs_files(repo) if file.oid == sha256(NEW)]
        await api.permanently_delete_lfs_files(repo, gone)
        assert [file.oid async for file in api.list_lfs_files(repo)] == [sha256(OLD)]
        after = await api.list_repo_commits(repo)
        assert [commit.title for commit in after] == [commit.title for commit in before]
        assert after[0].commit_id != before[0].commit_id
        assert after[-1].commit_id == before[-1].commit_id  # nothing was in it
        for revision in ("main", "v1"):
            assert await api.list_repo_files(repo, revision=revision) == [".gitattributes", "a.txt"]
        kept = await api.hf_hub_download(repo, "a/model.safetensors", revision=after[2].commit_id, cache_dir=tmp_path)
        with open(kept, "rb") as file:
            assert file.read() == OLD
        assert side.hub.hub.lfs.size(sha256(NEW)) is None

    play(scenario)


def test_without_a_rewritten_history_pointers_lead_nowhere(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await grown(side)
        head = (await api.model_info(repo)).sha
        await api.permanently_delete_lfs_files(repo, [f async for f in api.list_lfs_files(repo)], rewrite_history=False)
        assert (await api.model_info(repo)).sha == head
        with pytest.raises((HfHubHTTPError, EntryNotFoundError)):
            await api.hf_hub_download(repo, "a/model.safetensors", cache_dir=tmp_path)

    play(scenario)


def test_what_another_repository_has_stays_there(play, tmp_path):
    async def scenario(side):
        api, repo, other = side.api, side.repo, f"{side.hub.user}/other"
        await grown(side)
        await api.create_repo(other, repo_type="dataset")
        await put(side, other, "copy.bin", NEW, repo_type="dataset")
        await api.permanently_delete_lfs_files(repo, [file async for file in api.list_lfs_files(repo)])
        assert [file async for file in api.list_lfs_files(repo)] == []
        await api.hf_hub_download(other, "copy.bin", repo_type="dataset", cache_dir=tmp_path)

    play(scenario)


def test_only_writers_see_and_delete_them(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await grown(side)
        files = [file async for file in api.list_lfs_files(repo)]
        stranger = side.hub.add_user("stranger")
        for token in (stranger, side.hub.read_token):
            with pytest.raises(HfHubHTTPError, match="403"):
                [file async for file in api.list_lfs_files(repo, token=token)]
            with pytest.raises(HfHubHTTPError, match="403"):
                await api.permanently_delete_lfs_files(repo, files, token=token)
        with pytest.raises(RepositoryNotFoundError):
            [file async for file in api.list_lfs_files("nobody/nothing")]
        with pytest.raises(RepositoryNotFoundError):
            await api.permanently_delete_lfs_files("nobody/nothing", files)
        await api.permanently_delete_lfs_files(repo, files)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.permanently_delete_lfs_files(repo, files)
        before = len(side.hub.hub.requests)
        await api.permanently_delete_lfs_files(repo, [])
        assert len(side.hub.hub.requests) == before

    play(scenario)


def test_contents_are_made_known_to_another_repository(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await grown(side)
        await api.create_repo(f"{side.hub.user}/other")
        target = LfsTarget(type="model", name=f"{side.hub.user}/other")
        files = [LfsDuplicate(xet_hash="0" * 64, sha256=sha256(content)) for content in (OLD, b"missing")]
        duplicate = operations.lfs.duplicate_lfs_files
        told = await api.call(duplicate(repo, target=target, files=files))
        assert (told.success, told.processed, told.succeeded) == (False, 2, 1)
        assert [failure.sha256 for failure in told.failed] == [sha256(b"missing")]
        assert (await api.call(duplicate(repo, target=target, files=files[:1]))).success is True
        with pytest.raises(RepositoryNotFoundError):
            await api.call(duplicate(repo, target=LfsTarget(type="model", name="nobody/nothing"), files=files))

    play(scenario)
