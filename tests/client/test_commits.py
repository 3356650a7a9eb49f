"""Commits with all kinds of operations, with both clients and both transports."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from hub_typed import (
    BadRequestError,
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    EntryNotFoundError,
    HfApi,
    HfHubHTTPError,
    RevisionNotFoundError,
)
from hub_typed.local import LocalHub

LFS = b"\x00\x01" * 3000
MORE = b"\x00\x02" * 3000


def stored(side):
    """The requests that brought bytes to the store of large files."""
    return [each for each in side.hub.hub.requests if each.operation.startswith("storage.upload")]


async def content(side, path, revision=None):
    return Path(await side.api.hf_hub_download(side.repo, path, revision=revision)).read_bytes()


def test_files_are_copied_and_renamed(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        first = await api.create_commit(
            repo, [CommitOperationAdd("w.bin", LFS), CommitOperationAdd("d/a b.txt", b"old")], commit_message="one"
        )
        await api.upload_file(path_or_fileobj=b"new", path_in_repo="d/a b.txt", repo_id=repo)
        await api.create_commit(
            repo,
            [
                CommitOperationCopy("w.bin", "deep/er/copy.bin"),
                CommitOperationCopy("w.bin", "renamed.bin"),
                CommitOperationDelete("w.bin"),
                CommitOperationCopy("d/a b.txt", "new.txt"),
                CommitOperationCopy("d/a b.txt", "old.txt", src_revision=first.oid),
            ],
            commit_message="copies",
        )
        assert len(stored(side)) == 1
        assert await content(side, "deep/er/copy.bin") == await content(side, "renamed.bin") == LFS
        assert [await content(side, name) for name in ("new.txt", "old.txt")] == [b"new", b"old"]
        assert "w.bin" not in await api.list_repo_files(repo)
        again = [CommitOperationCopy("renamed.bin", "deep/er/copy.bin"), CommitOperationCopy("d/a b.txt", "new.txt")]
        await api.create_commit(repo, again, commit_message="nothing new")
        assert [commit.title for commit in await api.list_repo_commits(repo)][:1] == ["copies"]
        with pytest.raises(EntryNotFoundError, match=r"w\.bin at revision 'main'"):
            await api.create_commit(repo, [CommitOperationCopy("w.bin", "x")], commit_message="m")
        with pytest.raises(RevisionNotFoundError):
            await api.create_commit(repo, [CommitOperationCopy("w.bin", "x", "nowhere")], commit_message="m")
        with pytest.raises(NotImplementedError, match="deep at revision"):
            await api.create_commit(repo, [CommitOperationCopy("deep", "x")], commit_message="m")

    play(scenario)


def test_files_and_folders_are_deleted(play):
    names = ["a.txt", "b.txt", "c.log", "logs/1.log", "logs/d/2.log", "old/x", "old/y/z"]

    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo, repo_type="dataset")
        await api.create_commit(
            repo, [CommitOperationAdd(name, b"x") for name in names], commit_message="add", repo_type="dataset"
        )
        await api.delete_file("a.txt", repo, repo_type="dataset")
        await api.delete_folder("old", repo, repo_type="dataset")
        await api.delete_files(repo, ["*.log", ".gitattributes"], repo_type="dataset")
        assert await api.list_repo_files(repo, repo_type="dataset") == [".gitattributes", "b.txt"]
        for delete, path in ((api.delete_file, "a.txt"), (api.delete_file, "nowhere/"), (api.delete_folder, "old")):
            with pytest.raises(EntryNotFoundError):
                await delete(path, repo, repo_type="dataset")
        assert [commit.title for commit in await api.list_repo_commits(repo, repo_type="dataset")] == [
            "Delete files *.log .gitattributes with huggingface_hub",
            "Delete folder old with huggingface_hub",
            "Delete a.txt with huggingface_hub",
            "add",
            "initial commit",
        ]

    play(scenario)


def test_large_files_go_ahead_of_their_commit(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        additions = [CommitOperationAdd(f"{n}.bin", bytes([0, n]) * 1000) for n in range(3)]
        for addition in additions:
            await api.preupload_lfs_files(repo, [addition])
        assert [addition.path_or_fileobj for addition in additions] == [b""] * 3
        assert await api.list_repo_files(repo) == [".gitattributes"]
        await api.create_commit(repo, additions, commit_message="all")
        assert len(stored(side)) == 3
        assert [await content(side, f"{n}.bin") for n in range(3)] == [bytes([0, n]) * 1000 for n in range(3)]
        with pytest.raises(ValueError, match="was already committed"):
            await api.create_commit(repo, additions, commit_message="again")

    play(scenario)


def test_a_history_is_squashed(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        for n in range(3):
            await api.upload_file(path_or_fileobj=LFS + b"%d" % n, path_in_repo="w.bin", repo_id=repo)
        await api.create_tag(repo, tag="v1")
        await api.create_branch(repo, branch="dev/1")
        assert await api.super_squash_history(repo, commit_message="all of it") is None
        assert [commit.title for commit in await api.list_repo_commits(repo)] == ["all of it"]
        assert len(await api.list_repo_commits(repo, revision="dev/1")) == 4
        assert await content(side, "w.bin") == LFS + b"2"
        await api.super_squash_history(repo, branch="dev/1")
        assert len(await api.list_repo_commits(repo, revision="dev/1")) == 1
        with pytest.raises(RevisionNotFoundError):
            await api.super_squash_history(repo, branch="nowhere")
        with pytest.raises(BadRequestError):
            await api.super_squash_history(repo, branch="v1")

    play(scenario)


def test_a_stranger_opens_a_pull_request(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        before = (await api.model_info(repo)).sha
        stranger = side.hub.add_user("stranger")
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.upload_file(path_or_fileobj=b"x", path_in_repo="a.txt", repo_id=repo, token=stranger)
        info = await api.create_commit(
            repo,
            [CommitOperationAdd("a.txt", b"proposed"), CommitOperationAdd("w.bin", LFS)],
            commit_message="An idea",
            commit_description="why",
            create_pr=True,
            token=stranger,
        )
        assert (info.pr_num, info.pr_revision) == (1, "refs/pr/1")
        assert info.pr_url == f"{info.repo_url}/discussions/1"
        assert info.commit_url.endswith(f"/commit/{info.oid}")
        assert (await api.model_info(repo)).sha == before
        assert await content(side, "a.txt", info.pr_revision) == b"proposed"
        assert await content(side, "w.bin", info.pr_revision) == LFS
        refs = await api.list_repo_refs(repo, include_pull_requests=True)
        assert [(pull.ref, pull.target_commit) for pull in refs.pull_requests] == [("refs/pr/1", info.oid)]

        more = await api.upload_file(
            path_or_fileobj=MORE,
            path_in_repo="more.bin",
            repo_id=repo,
            revision=info.pr_revision,
            parent_commit=info.oid,
            token=stranger,
        )
        assert (more.pr_num, more.pr_url) == (None, None)
        assert await content(side, "more.bin", info.pr_revision) == MORE
        second = await api.delete_file(".gitattributes", repo, create_pr=True)
        assert (second.pr_num, second.pr_revision) == (2, "refs/pr/2")
        assert await api.list_repo_files(repo) == [".gitattributes"]

    play(scenario)


def test_a_commit_knows_its_parent(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        start = (await api.model_info(repo)).sha
        one = await api.upload_file(path_or_fileobj=b"1", path_in_repo="1", repo_id=repo, parent_commit=start)
        await api.upload_file(path_or_fileobj=b"2", path_in_repo="2", repo_id=repo, parent_commit=one.oid[:7])
        with pytest.raises(HfHubHTTPError, match="412") as caught:
            await api.upload_file(path_or_fileobj=b"3", path_in_repo="3", repo_id=repo, parent_commit=start)
        assert "read its current commit" in str(caught.value)
        pull = await api.upload_file(
            path_or_fileobj=b"3", path_in_repo="3", repo_id=repo, parent_commit=start, create_pr=True
        )
        assert await api.list_repo_files(repo, revision=pull.pr_revision) == [".gitattributes", "3"]

    play(scenario)


def test_what_git_is_told_in_the_same_commit_counts(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        files = {
            ".gitattributes": b"*.md filter=lfs diff=lfs merge=lfs -text\n",
            ".gitignore": b"*.tmp\n",
            "large.md": b"text, and yet a large file",
            "x.tmp": b"never committed",
            "y.txt": b"y",
        }
        added = [CommitOperationAdd(path, data) for path, data in files.items()]
        await api.create_commit(repo, added, commit_message="m")
        assert await api.list_repo_files(repo) == [".gitattributes", ".gitignore", "large.md", "y.txt"]
        large, small = await api.get_paths_info(repo, ["large.md", "y.txt"])
        assert (large.lfs.size, small.lfs) == (26, None)

    play(scenario)


def test_file_objects_go_up_whatever_their_way(play, tmp_path):
    (tmp_path / "w.bin").write_bytes(LFS)
    (tmp_path / "a.txt").write_bytes(b"text")

    async def scenario(side):
        api, repo = side.api, side.repo
        side.hub.hub.lfs.part_size = 1000
        await api.create_repo(repo)
        with open(tmp_path / "w.bin", "rb") as large, open(tmp_path / "a.txt", "rb") as small:
            small.seek(2)
            memory = io.BytesIO(MORE)
            sources = {"1.bin": large, "2.bin": large, "3.bin": memory, "1.txt": small, "2.txt": io.BytesIO(b"")}
            added = [CommitOperationAdd(path, source) for path, source in sources.items()]
            await api.create_commit(repo, added, commit_message="m")
            assert small.tell() == 2
        found = [await content(side, path) for path in sources]
        assert found == [LFS, LFS, MORE, b"text", b""]
        assert len(stored(side)) == 12

    play(scenario)


def test_uploads_tell_how_far_they_are(play):
    async def scenario(side):
        events = []
        api = side.make(progress=events.append)
        side.hub.hub.lfs.part_size = 1000
        await api.create_repo(side.repo)
        added = [CommitOperationAdd("w.bin", LFS), CommitOperationAdd("a.txt", b"text")]
        await api.create_commit(side.repo, added, commit_message="m")
        assert [(event.kind, event.state) for event in events if event.state != "advanced"] == [
            (kind, state) for kind in ("hash", "upload", "commit") for state in ("started", "finished")
        ]
        for kind in ("hash", "upload"):
            told = [event for event in events if event.kind == kind]
            assert {(event.name, event.total) for event in told} == {("w.bin", len(LFS))}
            done = [event.done for event in told]
            assert done == sorted(done)
            assert done[-1] == len(LFS)

    play(scenario)


def test_bad_metadata_stops_a_commit_before_anything_is_uploaded(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        added = [CommitOperationAdd("w.bin", LFS), CommitOperationAdd("README.md", b"---\ntags: [\n---\n")]
        with pytest.raises(ValueError, match="correct the metadata"):
            await side.api.create_commit(side.repo, added, commit_message="m")
        assert stored(side) == []

    play(scenario)


def test_commits_in_the_background_come_one_after_the_other():
    with LocalHub() as hub, HfApi("http://hub.localhost", hub.token, transport=hub.transport) as api:
        repo = f"{hub.user}/thing"
        api.create_repo(repo)
        futures = [
            api.upload_file(path_or_fileobj=b"%d" % n, path_in_repo="n", repo_id=repo, run_as_future=True)
            for n in range(5)
        ]
        made = [future.result(timeout=30).oid for future in futures]
        assert [commit.commit_id for commit in api.list_repo_commits(repo)][:5] == made[::-1]
