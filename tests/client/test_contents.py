"""Uploads and downloads of files, with both clients and both transports."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_typed import (
    CommitOperationAdd,
    CommitOperationDelete,
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepoFile,
    RepoFolder,
    RevisionNotFoundError,
    operations,
)

LFS = b"\x00\x01" * 3_000_000
NAMES = ["a.txt", "with space/ü n.txt", "q?.txt", "per%cent#.md", "plus+.txt", "deep/er/and/deeper/x.bin", "empty"]


def test_a_folder_up_and_down_is_the_same_folder(play, tmp_path):
    source = tmp_path / "source"
    for name in NAMES:
        file = source / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode() * 10 if name != "empty" else b"")
    (source / "model.safetensors").write_bytes(LFS)

    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        done = await api.upload_folder(repo_id=repo, folder_path=source)
        assert (await api.model_info(repo)).sha == done.oid
        assert sorted(await api.list_repo_files(repo)) == sorted([".gitattributes", "model.safetensors", *NAMES])
        folder = Path(await api.snapshot_download(repo))
        for name in [*NAMES, "model.safetensors"]:
            assert (folder / name).read_bytes() == (source / name).read_bytes(), name
        (large,) = await api.get_paths_info(repo, "model.safetensors")
        assert (large.size, large.lfs.size) == (len(LFS), len(LFS))
        seen = len(side.hub.hub.requests)
        assert await api.snapshot_download(repo, revision=done.oid) == str(folder)
        again = list(side.hub.hub.requests)[seen:]
        assert not [r for r in again if "/resolve/" in r.path]

    play(scenario)


def test_a_commit_adds_and_deletes(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        added = [CommitOperationAdd(name, name.encode()) for name in ("keep.txt", "drop.txt", "old/a", "old/b")]
        await api.create_commit(repo, added, commit_message="add")
        done = await api.create_commit(
            repo,
            [CommitOperationDelete("drop.txt"), CommitOperationDelete("old/"), CommitOperationAdd("keep.txt", b"new")],
            commit_message="second",
            commit_description="why",
        )
        entries = [entry async for entry in api.list_repo_tree(repo, recursive=True)]
        assert {entry.path for entry in entries} == {".gitattributes", "keep.txt"}
        commits = await api.list_repo_commits(repo)
        assert [commit.title for commit in commits] == ["second", "add", "initial commit"]
        assert (commits[0].commit_id, commits[0].authors) == (done.oid, [side.hub.user])
        with pytest.raises(EntryNotFoundError):
            await api.create_commit(repo, [CommitOperationDelete("drop.txt")], commit_message="again")
        same = await api.create_commit(repo, [CommitOperationAdd("keep.txt", b"new")], commit_message="nothing new")
        assert same.oid == done.oid
        assert len(await api.list_repo_commits(repo)) == 3

    play(scenario)


def test_the_tree_tells_files_from_folders(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.create_commit(repo, [CommitOperationAdd("d/e/f.txt", b"x")], commit_message="add")
        top = [entry async for entry in api.list_repo_tree(repo)]
        assert {type(entry) for entry in top} == {RepoFile, RepoFolder}
        inner = [entry.path async for entry in api.list_repo_tree(repo, "d", recursive=True)]
        assert inner == ["d/e", "d/e/f.txt"]
        expanded = [entry async for entry in api.list_repo_tree(repo, "d/e", expand=True)]
        assert expanded[0].last_commit.title == "add"
        with pytest.raises(EntryNotFoundError):
            _ = [entry async for entry in api.list_repo_tree(repo, "nowhere")]
        with pytest.raises(RevisionNotFoundError):
            _ = [entry async for entry in api.list_repo_tree(repo, revision="nowhere")]
        found = await api.get_paths_info(repo, ["d", "d/e/f.txt", "missing"])
        assert [entry.path for entry in found] == ["d", "d/e/f.txt"]

    play(scenario)


def test_a_dry_run_tells_what_a_download_does(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.create_commit(
            repo, [CommitOperationAdd("a.txt", b"one"), CommitOperationAdd("c.bin", LFS)], commit_message="add"
        )
        before = len(side.hub.hub.requests)
        plan = await api.snapshot_download(repo, dry_run=True, allow_patterns=["a.txt", "c.bin"])
        sent = list(side.hub.hub.requests)[before:]
        assert not [request for request in sent if "/resolve/" in request.path]
        assert {(file.filename, file.file_size, file.will_download) for file in plan} == {
            ("a.txt", 3, True),
            ("c.bin", len(LFS), True),
        }
        path = await api.hf_hub_download(repo, "c.bin")
        one = await api.hf_hub_download(repo, "c.bin", dry_run=True)
        assert (one.local_path, one.is_cached, one.will_download) == (path, True, False)
        again = await api.snapshot_download(repo, dry_run=True, allow_patterns=["a.txt", "c.bin"])
        assert {file.filename: file.bytes_to_download for file in again} == {"a.txt": 3, "c.bin": 0}

    play(scenario)


def test_lists_come_page_by_page(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        added = [CommitOperationAdd(f"f{number:03}", b"x") for number in range(25)]
        await api.create_commit(repo, added, commit_message="many")
        paged = operations.tree.list_repo_tree(repo, limit=10)
        sizes = [len(page.items) async for page in api.pages(paged)]
        assert sizes == [10, 10, 6]
        refs = await api.call(operations.refs.list_repo_refs(repo))
        assert [branch.name for branch in refs.branches] == ["main"]

    play(scenario)


def test_one_file_down_and_from_the_cache(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.upload_file(path_or_fileobj=b"hello", path_in_repo="dir/a b.txt", repo_id=repo)
        path = await api.hf_hub_download(repo, "dir/a b.txt")
        assert Path(path).read_bytes() == b"hello"
        assert await api.hf_hub_download(repo, "a b.txt", subfolder="dir") == path
        assert await api.hf_hub_download(repo, "dir/a b.txt", local_files_only=True) == path
        assert await api.file_exists(repo, "dir/a b.txt") is True
        assert await api.file_exists(repo, "dir/no.txt") is False
        with pytest.raises(EntryNotFoundError, match=r"no\.txt"):
            await api.hf_hub_download(repo, "no.txt")
        with pytest.raises(LocalEntryNotFoundError):
            await api.hf_hub_download(repo, "other.txt", local_files_only=True)
        offline = side.make(offline=True)
        assert await offline.hf_hub_download(repo, "dir/a b.txt") == path
        with pytest.raises(LocalEntryNotFoundError):
            await offline.hf_hub_download(repo, "never.txt")

    play(scenario)


def test_a_folder_on_this_machine_instead_of_the_cache(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.create_commit(
            repo, [CommitOperationAdd("a/b.txt", b"one"), CommitOperationAdd("c.bin", LFS)], commit_message="add"
        )
        target = tmp_path / "here"
        await api.snapshot_download(repo, local_dir=target, allow_patterns=["a/*"])
        assert (target / "a/b.txt").read_bytes() == b"one"
        assert not (target / "c.bin").exists()
        await api.hf_hub_download(repo, "c.bin", local_dir=target)
        assert (target / "c.bin").read_bytes() == LFS
        assert not (target / "c.bin").is_symlink()

    play(scenario)


@pytest.mark.parametrize("bad", ["../x", "/../x", "a//b", "a/../b", ".git/config", ""])
def test_a_bad_path_is_refused_before_any_request(play, bad):
    async def scenario(side):
        seen = len(side.hub.hub.requests)
        with pytest.raises(ValueError, match=r"Invalid path|cannot be committed"):
            await side.api.create_commit(side.repo, [CommitOperationAdd(bad, b"x")], commit_message="m")
        assert len(side.hub.hub.requests) == seen

    play(scenario)


def test_a_bad_revision_is_refused_before_any_request(play):
    async def scenario(side):
        for bad in ("a b", "a..b", "", "x~1"):
            with pytest.raises(HFValidationError, match="Invalid revision"):
                await side.api.model_info(side.repo, revision=bad)
        assert not side.hub.hub.requests

    play(scenario)


def test_the_token_never_reaches_the_storage(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.upload_file(path_or_fileobj=LFS, path_in_repo="x.safetensors", repo_id=repo)
        assert Path(await api.hf_hub_download(repo, "x.safetensors")).stat().st_size == len(LFS)
        storage = [r for r in side.hub.hub.requests if "_storage" in r.path or "storage" in r.path]
        assert {r.method for r in storage} >= {"PUT", "GET"}
        assert all(r.status < 300 for r in storage)  # the storage turns away whoever brings a token

    play(scenario)


def test_the_metadata_of_a_file_come_without_the_file(play):
    async def scenario(side):
        api, repo = side.api, await side.api.get_full_repo_name("thing")
        assert repo == side.repo
        await api.create_repo(repo)
        done = await api.create_commit(
            repo,
            [CommitOperationAdd("small.txt", b"small"), CommitOperationAdd("large.bin", LFS)],
            commit_message="add",
        )
        for name, size in (("small.txt", 5), ("large.bin", len(LFS))):
            found = await api.get_hf_file_metadata(f"{api.endpoint}/{repo}/resolve/main/{name}")
            (entry,) = await api.get_paths_info(repo, name)
            assert (found.commit_hash, found.size) == (done.oid, size)
            assert found.etag == (entry.lfs.sha256 if entry.lfs else entry.blob_id)
        with pytest.raises(EntryNotFoundError, match=r"gone\.txt"):
            await api.get_hf_file_metadata(f"{api.endpoint}/{repo}/resolve/main/gone.txt")

    play(scenario)


def test_a_name_gets_the_owner_that_was_meant(play):
    async def scenario(side):
        api = side.api
        assert await api.get_full_repo_name("thing", organization="team") == "team/thing"
        assert await api.get_full_repo_name("ada/thing") == "ada/thing"
        with pytest.raises(HfHubHTTPError, match="401"):
            await api.get_full_repo_name("thing", token="hf_nobodys")

    play(scenario)


def test_downloads_of_a_resolved_revision_read_its_commit_although_the_branch_moves(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, exist_ok=True)
        first = await api.upload_file(path_or_fileobj=b"first", path_in_repo="moving.txt", repo_id=repo)
        revision = await api.resolve_revision(repo)
        await api.upload_file(path_or_fileobj=b"second", path_in_repo="moving.txt", repo_id=repo)
        path = await api.hf_hub_download(repo, "moving.txt", revision=revision, cache_dir=tmp_path)
        assert (revision, revision.resolved) == ("main", first.oid)
        assert Path(path).read_bytes() == b"first"

    play(scenario)
