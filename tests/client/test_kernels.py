"""Kernels, the fourth type of repositories, with both clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_typed import (
    CommitOperationAdd,
    HFValidationError,
    KernelInfo,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hub_typed_api.operations import kernels

LARGE = b"\x7fELF\0" * 1000


async def listed(api, **parameters: object) -> list[KernelInfo]:
    return [one async for page in api.pages(kernels.list_kernels(**parameters)) for one in page.items]


async def begin(side) -> str:
    """Create a kernel with files; return the commit."""
    await side.api.create_repo(side.repo, repo_type="kernel")
    added = [CommitOperationAdd("README.md", b"---\ntags: [attention]\n---\n# Act\n")]
    added += [CommitOperationAdd("build/torch29/act.so", LARGE)]
    return (await side.api.create_commit(side.repo, added, commit_message="Add", repo_type="kernel")).oid


def test_a_kernel_is_created_described_and_deleted(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        url = await api.create_repo(repo, repo_type="kernel")
        assert (url.repo_type, url.repo_id, str(url)) == ("kernel", repo, f"{url.endpoint}/kernels/{repo}")
        assert await api.create_repo(repo, repo_type="kernel", exist_ok=True) == url
        for other in ("model", "dataset", "space"):
            assert await api.repo_exists(repo, repo_type=other) is False

        info = await api.kernel_info(repo)

        assert isinstance(info, KernelInfo)
        assert (info.id, info.author, info.repo_type, info.private) == (repo, side.hub.user, "kernel", False)
        assert (info.gated, info.downloads, info.likes, info.is_liked_by_user) == (False, 0, 0, False)
        assert info.files == [".gitattributes"]
        assert await api.repo_info(repo, repo_type="kernel") == info
        assert await api.kernel_info(repo, revision="main", timeout=10) == info
        assert await api.repo_exists(repo, repo_type="kernel") is True
        assert await api.revision_exists(repo, "v1", repo_type="kernel") is False
        with pytest.raises(RevisionNotFoundError):
            await api.kernel_info(repo, revision="v1")
        await api.move_repo(repo, f"{repo}-moved", repo_type="kernel")
        assert (await api.kernel_info(repo)).id == f"{repo}-moved"
        await api.delete_repo(f"{repo}-moved", repo_type="kernel")
        with pytest.raises(RepositoryNotFoundError):
            await api.kernel_info(f"{repo}-moved")

    play(scenario)


def test_a_private_kernel_is_hidden_from_others(play):
    async def scenario(side):
        await side.api.create_repo(side.repo, repo_type="kernel", private=True)
        stranger = side.make(side.hub.add_user("eve"))
        with pytest.raises(RepositoryNotFoundError):
            await stranger.kernel_info(side.repo)
        assert await listed(stranger) == []
        assert [one.id for one in await listed(side.api)] == [side.repo]

    play(scenario)


def test_files_of_a_kernel_are_uploaded_and_downloaded(play, tmp_path):
    async def scenario(side):
        api, repo = side.api, side.repo
        commit = await begin(side)

        path = await api.hf_hub_download(repo, "build/torch29/act.so", repo_type="kernel")

        assert Path(path).read_bytes() == LARGE
        assert f"kernels--{repo.replace('/', '--')}/snapshots/{commit}/build" in Path(path).as_posix()
        folder = await api.snapshot_download(repo, repo_type="kernel", revision="main")
        assert sorted(one.name for one in Path(folder).rglob("*") if one.is_file()) == [
            ".gitattributes",
            "README.md",
            "act.so",
        ]
        copy = await api.snapshot_download(repo, repo_type="kernel", local_dir=tmp_path / "copy")
        await api.upload_folder(repo_id=repo, folder_path=copy, path_in_repo="again", repo_type="kernel")
        await api.upload_file(path_or_fileobj=b"1", path_in_repo="one.txt", repo_id=repo, repo_type="kernel")
        await api.delete_file("README.md", repo, repo_type="kernel")
        names = await api.list_repo_files(repo, repo_type="kernel")
        assert {"again/build/torch29/act.so", "one.txt"} < set(names)
        assert "README.md" not in names
        assert await api.file_exists(repo, "one.txt", repo_type="kernel") is True
        assert await api.file_exists(repo, "README.md", repo_type="kernel") is False
        (found,) = await api.get_paths_info(repo, ["one.txt"], repo_type="kernel")
        assert found.size == 1
        titles = [one.title for one in await api.list_repo_commits(repo, repo_type="kernel")]
        assert titles[-2:] == ["Add", "initial commit"]
        assert [one.size async for one in api.list_lfs_files(repo, repo_type="kernel")] == [len(LARGE)]

    play(scenario)


def test_branches_tags_and_discussions_of_a_kernel(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        commit = await begin(side)
        await api.create_branch(repo, branch="dev", repo_type="kernel")
        await api.create_tag(repo, tag="v1", repo_type="kernel")
        refs = await api.list_repo_refs(repo, repo_type="kernel")
        assert [(one.name, one.target_commit) for one in refs.tags] == [("v1", commit)]
        assert (await api.resolve_revision(repo, revision="v1", repo_type="kernel")).resolved == commit
        question = await api.create_discussion(repo, "A question", repo_type="kernel")
        await api.comment_discussion(repo, question.num, "An answer", repo_type="kernel")
        await api.change_discussion_status(repo, question.num, "closed", repo_type="kernel")
        change = await api.upload_file(
            path_or_fileobj=b"2", path_in_repo="two.txt", repo_id=repo, repo_type="kernel", create_pr=True
        )
        await api.merge_pull_request(repo, change.pr_num, repo_type="kernel")
        talks = [one async for one in api.get_repo_discussions(repo, repo_type="kernel")]
        assert {(one.num, one.repo_type, one.status) for one in talks} == {
            (1, "kernel", "closed"),
            (2, "kernel", "merged"),
        }
        assert talks[0].url.endswith(f"/kernels/{repo}/discussions/{talks[0].num}")

    play(scenario)


def test_likes_of_a_kernel(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await begin(side)
        await api.like(repo, repo_type="kernel")
        assert (await api.list_liked_repos()).kernels == [repo]
        assert (await api.kernel_info(repo)).is_liked_by_user is True
        assert [one.username async for one in api.list_repo_likers(repo, repo_type="kernel")] == [side.hub.user]
        assert (await api.get_user_overview(side.hub.user)).num_kernels == 1
        await api.unlike(repo, repo_type="kernel")
        assert (await api.kernel_info(repo)).likes == 0

    play(scenario)


def test_kernels_are_found_by_each_parameter(play):
    async def scenario(side):
        user = side.hub.user
        for name, card in (("act", "tags: [attention]"), ("norm", "license: mit")):
            await side.api.create_repo(f"{user}/{name}", repo_type="kernel")
            content = f"---\n{card}\n---\nhttps://arxiv.org/abs/2307.0928{len(name)}\n".encode()
            await side.api.upload_file(
                path_or_fileobj=content, path_in_repo="README.md", repo_id=f"{user}/{name}", repo_type="kernel"
            )
        await side.api.like(f"{user}/act", repo_type="kernel")
        for found, parameters in (
            (["norm", "act"], {}),
            (["norm", "act"], {"author": ["nobody", user], "gated": False}),
            ([], {"author": ["nobody"]}),
            ([], {"gated": True}),
            (["act"], {"search": "AC"}),
            (["act"], {"filter": ["attention"]}),
            (["norm"], {"repo_ids": [f"{user}/norm", "no/body"]}),
            (["norm"], {"arxiv_ids": ["2307.09284"]}),
            (["act", "norm"], {"sort": "likes"}),
            (["act", "norm"], {"sort": "likes30d"}),
            (["act", "norm"], {"sort": "id", "direction": 1}),
            (["norm", "act"], {"limit": 1}),
        ):
            assert [one.id.partition("/")[2] for one in await listed(side.api, **parameters)] == found, parameters
        (plain, _) = await listed(side.api)
        assert (plain.sha, plain.files, plain.tags) == (None, None, ["license:mit", "arxiv:2307.09284", "region:us"])
        (full, _) = await listed(side.api, full=True)
        assert full.files == [".gitattributes", "README.md"]
        assert full.sha is not None
        (one, _) = await listed(side.api, expand=["cardData"])
        assert (one.card_data, one.likes) == ({"license": "mit"}, None)

    play(scenario)


def test_what_kernels_do_not_have_is_refused_before_any_request(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        for refused in (
            api.update_repo_settings(repo, private=True, repo_type="kernel"),
            api.super_squash_history(repo, repo_type="kernel"),
            api.auth_check(repo, repo_type="kernel"),
            api.duplicate_repo(repo, f"{repo}-copy", repo_type="kernel"),
            api.grant_access(repo, "eve", repo_type="kernel"),
        ):
            with pytest.raises(HFValidationError, match="'kernel': it must be one of model, dataset, space, or None"):
                await refused
        with pytest.raises(ValueError, match="a kernel is 'public' or 'private'"):
            await api.create_repo(repo, repo_type="kernel", visibility="protected")
        assert not side.hub.hub.requests

    play(scenario)
