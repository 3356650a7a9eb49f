"""Buckets: create, look up, list, move and delete them, and add, copy, download and delete their files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub_typed import BucketFile, BucketFolder, CommitOperationAdd, HfUri
from hub_typed.errors import (
    BucketBatchError,
    BucketNotFoundError,
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    IntegrityError,
    SourceChangedError,
    XetUnavailableError,
)
from hub_typed.local import LocalHub
from tests.scenarios import Scenario, player

BUCKET = "local-user/box"


@pytest.fixture(autouse=True)
def _xet_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`hf_xet` remembers for each storage, by its URL, what it has: a Hub of another test may have had the same one."""
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))


@pytest.fixture
def play(kind: str, tmp_path: Path) -> Iterator[Callable[[Scenario], None]]:
    """Plays a scenario, with Xet, over sockets: `hf_xet` needs a server."""
    with LocalHub(xet=True) as hub:
        yield player(hub, "socket", kind, cache_dir=str(tmp_path / "cache"), xet=True)


async def listed(api, bucket=BUCKET, prefix=None, **options):
    return [one.path async for one in api.list_bucket_tree(bucket, prefix, **options)]


def test_a_bucket_is_created_looked_up_changed_moved_and_deleted(play):
    async def scenario(side):
        api = side.api
        url = await api.create_bucket("box", private=True)
        assert (url.bucket_id, url.namespace, url.uri) == (BUCKET, "local-user", HfUri("bucket", BUCKET))
        assert url.url == f"{side.hub.endpoint}/buckets/{BUCKET}"
        info = await api.bucket_info("hf://buckets/local-user/box")
        assert (info.id, info.private, info.size, info.total_files) == (BUCKET, True, 0, 0)
        assert isinstance(info.created_at, datetime)
        await api.update_bucket_settings(BUCKET, private=False)
        assert (await api.bucket_info(url.uri)).private is False
        await api.create_bucket("local-user/second", visibility="private", region="us")
        assert [one.id async for one in api.list_buckets()] == [BUCKET, "local-user/second"]
        assert [one.id async for one in api.list_buckets("local-user", search="sec")] == ["local-user/second"]
        await api.move_bucket(BUCKET, "local-user/moved")
        assert (await api.bucket_info("local-user/moved")).id == "local-user/moved"
        await api.delete_bucket("local-user/moved")
        await api.delete_bucket("local-user/moved", missing_ok=True)
        with pytest.raises(BucketNotFoundError) as caught:
            await api.delete_bucket("local-user/moved")
        assert caught.value.bucket_id == "local-user/moved"

    play(scenario)


def test_an_existing_bucket_is_kept_only_if_that_is_asked_for(play):
    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        with pytest.raises(HfHubHTTPError, match="409"):
            await side.api.create_bucket(BUCKET)
        assert (await side.api.create_bucket(BUCKET, exist_ok=True)).bucket_id == BUCKET
        assert (await side.api.create_bucket("box", exist_ok=True)).bucket_id == BUCKET
        reader = side.make(side.hub.add_user("reader"))
        assert (await reader.create_bucket(BUCKET, exist_ok=True)).bucket_id == BUCKET  # refused, but it exists
        with pytest.raises(HfHubHTTPError, match="403"):
            await reader.create_bucket("local-user/other", exist_ok=True)

    play(scenario)


def test_invalid_arguments_are_refused_before_any_request(play):
    async def scenario(side):
        before = len(side.hub.hub.requests)
        for name in ("a/b/c", "hf://datasets/a/b", "", "a b/c"):
            with pytest.raises(HFValidationError):
                await side.api.create_bucket(name)
        with pytest.raises(ValueError, match="not both"):
            await side.api.create_bucket(BUCKET, private=True, visibility="private")
        with pytest.raises(ValueError, match="region"):
            await side.api.create_bucket(BUCKET, region="mars")
        for path in ("", "a//b", "../a"):
            with pytest.raises(HFValidationError):
                await side.api.batch_bucket_files(BUCKET, add=[(b"", path)])
        await side.api.batch_bucket_files(BUCKET)
        await side.api.download_bucket_files(BUCKET, [])
        assert len(side.hub.hub.requests) == before

    play(scenario)


def test_a_missing_bucket_is_told_by_each_method(play, tmp_path):
    async def scenario(side):
        api = side.api
        for call in (
            lambda: api.bucket_info(BUCKET),
            lambda: api.update_bucket_settings(BUCKET, private=True),
            lambda: api.move_bucket(BUCKET, "local-user/other"),
            lambda: api.batch_bucket_files(BUCKET, add=[(b"a", "a")]),
            lambda: api.batch_bucket_files(BUCKET, delete=["a"]),
            lambda: api.download_bucket_files(BUCKET, [("a", tmp_path / "a")]),
            lambda: api.get_bucket_file_metadata(BUCKET, "a"),
            lambda: listed(api),
            lambda: api.sync_bucket(f"hf://buckets/{BUCKET}", tmp_path / "folder", quiet=True),
        ):
            with pytest.raises(BucketNotFoundError) as caught:
                await call()
            assert caught.value.bucket_id == BUCKET

    play(scenario)


def test_files_are_added_listed_described_and_deleted(play, tmp_path):
    local = tmp_path / "table.csv"
    local.write_bytes(b"a,b\n")
    os.utime(local, (1_700_000_000.5, 1_700_000_000.5))

    async def scenario(side):
        api = side.api
        await api.create_bucket(BUCKET)
        await api.batch_bucket_files(
            BUCKET, add=[(local, "logs/table.csv"), (b"x" * 300_000, "logs/deep/x.bin"), (b"", "logs.txt")]
        )
        entries = {one.path: one async for one in api.list_bucket_tree(BUCKET, recursive=True)}
        files = {path: one for path, one in entries.items() if isinstance(one, BucketFile)}
        assert {path: one.size for path, one in files.items()} == {
            "logs/table.csv": 4,
            "logs/deep/x.bin": 300_000,
            "logs.txt": 0,
        }
        table = files["logs/table.csv"]
        assert table.mtime == datetime.fromtimestamp(1_700_000_000.5, tz=UTC)
        assert (table.content_type, table.type, len(table.xet_hash)) == ("text/csv", "file", 64)
        top = [one async for one in api.list_bucket_tree(BUCKET, recursive=False)]
        assert {type(one) for one in top if one.path == "logs"} == {BucketFolder}
        below = await listed(api, prefix="logs/", recursive=True)
        assert {"logs/table.csv", "logs/deep/x.bin"} <= set(below) <= {*entries, "logs"} - {"logs.txt"}
        assert "logs.txt" in await listed(api, prefix="logs", recursive=True)
        found = [one async for one in api.get_bucket_paths_info(BUCKET, ["logs.txt", "none", "logs/table.csv"])]
        assert [one.path for one in found] == ["logs.txt", "logs/table.csv"]
        metadata = await api.get_bucket_file_metadata(BUCKET, "logs/table.csv")
        assert (metadata.size, metadata.xet_file_data.file_hash) == (4, table.xet_hash)
        with pytest.raises(EntryNotFoundError):
            await api.get_bucket_file_metadata(BUCKET, "none")
        await api.batch_bucket_files(BUCKET, delete=["logs.txt", "logs/deep/x.bin"])
        assert {one.path async for one in api.list_bucket_tree(BUCKET) if one.type == "file"} == {"logs/table.csv"}

    play(scenario)


def test_changes_that_fail_are_told_and_the_others_are_made(play):
    async def scenario(side):
        api = side.api
        await api.create_bucket(BUCKET)
        with pytest.raises(BucketBatchError) as caught:
            await api.batch_bucket_files(
                BUCKET, add=[(b"a", "a.txt")], copy=[("bucket", BUCKET, "ab" * 32, "copy.txt")]
            )
        assert [one["path"] for one in caught.value.failures] == ["copy.txt"]
        assert "1 of 2 changes" in str(caught.value)
        assert "a.txt" in await listed(api)
        with pytest.raises(BucketBatchError) as caught:  # all of them, which is status 422
            await api.batch_bucket_files(BUCKET, copy=[("bucket", BUCKET, "ab" * 32, "copy.txt")])
        assert caught.value.response.status_code == 422
        assert len(caught.value.failures) == 1

    play(scenario)


def test_more_than_a_thousand_changes_are_several_requests(play):
    async def scenario(side):
        api = side.api
        await api.create_bucket(BUCKET)
        await api.batch_bucket_files(BUCKET, add=[(b"one", "one"), (b"two", "two")])
        [one, two] = [file async for file in api.get_bucket_paths_info(BUCKET, ["one", "two"])]
        many = [("bucket", BUCKET, (one, two)[number % 2].xet_hash, f"{number:04}") for number in range(1001)]
        broken = ("bucket", BUCKET, "ab" * 32, "broken")
        with pytest.raises(BucketBatchError, match="1 of 1004 changes") as caught:
            await api.batch_bucket_files(BUCKET, copy=[broken, *many], delete=["one", "two"])
        assert [one["path"] for one in caught.value.failures] == ["broken"]
        assert (await api.bucket_info(BUCKET)).total_files == 1001
        batches = [one for one in side.hub.hub.requests if one.operation == "buckets.batch_bucket_files"]
        assert len(batches) == 3

    play(scenario)


def test_without_xet_files_cannot_be_added_and_the_reason_is_told(play):
    async def scenario(side):
        plain = side.make(xet=False)
        await plain.create_bucket(BUCKET)
        with pytest.raises(XetUnavailableError, match="HF_HUB_DISABLE_XET") as caught:
            await plain.batch_bucket_files(BUCKET, add=[(b"a", "a")])
        assert isinstance(caught.value, ImportError)

    play(scenario)


def test_a_file_that_changes_while_it_is_read_is_not_added(play, tmp_path, monkeypatch):
    from hub_typed.flows.lfs.content import Content

    local = tmp_path / "growing.log"
    local.write_bytes(b"1")
    before = Content.of

    def inspected(source, **options):
        content = before(source, **options)
        local.write_bytes(b"12")
        return content

    monkeypatch.setattr(Content, "of", staticmethod(inspected))

    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        with pytest.raises(SourceChangedError, match="growing"):
            await side.api.batch_bucket_files(BUCKET, add=[(local, "growing.log")])
        assert await listed(side.api) == []

    play(scenario)


@pytest.mark.parametrize("xet", [True, False])
def test_files_are_downloaded_to_their_local_paths(play, tmp_path, xet):
    large = os.urandom(1 << 20)

    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        await side.api.batch_bucket_files(BUCKET, add=[(large, "d/large"), (b"small", "small"), (b"", "empty")])
        reader = side.make(xet=xet)
        [small] = [one async for one in reader.get_bucket_paths_info(BUCKET, ["small"])]
        out = tmp_path / "out"
        with pytest.warns(UserWarning, match="'none'"):
            await reader.download_bucket_files(
                BUCKET,
                [("d/large", out / "deep" / "l"), (small, str(out / "s")), ("empty", out / "e"), ("none", out / "n")],
            )
        assert {str(one.relative_to(out)): one.read_bytes() for one in out.rglob("*") if one.is_file()} == {
            "deep/l": large,
            "s": b"small",
            "e": b"",
        }
        with pytest.raises(EntryNotFoundError, match="'none'"):
            await reader.download_bucket_files(BUCKET, [("none", out / "n")], raise_on_missing_files=True)
        with pytest.raises(ValueError, match="same local path"):
            await reader.download_bucket_files(BUCKET, [("small", out / "x"), ("empty", out / "x")])

    play(scenario)


def test_a_wrong_content_does_not_replace_a_file(play, tmp_path, monkeypatch):
    monkeypatch.setattr("hub_typed.flows.buckets.remote_file.file_hash", lambda _: "cd" * 32)
    target = tmp_path / "file"
    target.write_bytes(b"before")

    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        await side.api.batch_bucket_files(BUCKET, add=[(b"content", "file")])
        with pytest.raises(IntegrityError, match="local-user/box: file"):
            await side.api.download_bucket_files(BUCKET, [("file", target)])
        assert target.read_bytes() == b"before"
        assert [one.name for one in tmp_path.glob(".hub-typed.*")] == []

    play(scenario)


def test_a_file_with_the_right_content_is_not_downloaded_again(play, tmp_path):
    async def scenario(side):
        await side.api.create_bucket(BUCKET)
        await side.api.batch_bucket_files(BUCKET, add=[(b"content", "file")])
        for _ in range(2):
            await side.api.download_bucket_files(BUCKET, [("file", tmp_path / "file")])
        requests = [one.operation for one in side.hub.hub.requests]
        assert requests.count("buckets.resolve_bucket_file") == 1
        (tmp_path / "file").write_bytes(b"CONTENT")  # of the same size
        await side.api.download_bucket_files(BUCKET, [("file", tmp_path / "file")])
        assert (tmp_path / "file").read_bytes() == b"content"

    play(scenario)


def test_files_are_copied_between_repositories_and_buckets(play, tmp_path):
    weights = os.urandom(300_000)

    async def scenario(side):
        api, hub = side.api, side.hub
        repo = side.repo
        await api.create_repo(repo)
        additions = [CommitOperationAdd("w/model.bin", weights), CommitOperationAdd("w/config.json", b"{}")]
        await api.create_commit(repo, additions, commit_message="Add files")
        await api.create_bucket(BUCKET)
        await api.create_bucket("local-user/second")

        await api.copy_files(f"hf://{repo}", f"hf://buckets/{BUCKET}")  # all of a repository
        assert set(await listed(api, recursive=True)) >= {"w/model.bin", "w/config.json"}
        assert ".gitattributes" not in await listed(api, recursive=True)
        await api.copy_files(f"hf://buckets/{BUCKET}/w/model.bin", "hf://buckets/local-user/second/new.bin")
        await api.copy_files(f"hf://buckets/{BUCKET}/w", "hf://buckets/local-user/second/")  # nested
        await api.copy_files(f"hf://buckets/{BUCKET}/w/", HfUri("bucket", "local-user/second", None, "flat"))
        files = await listed(api, "local-user/second", recursive=True)
        assert set(files) >= {"new.bin", "w/model.bin", "w/config.json", "flat/model.bin", "flat/config.json"}

        await api.create_repo("local-user/target", repo_type="dataset")
        await api.copy_files(f"hf://{repo}/w", "hf://datasets/local-user/target/in")
        await api.copy_files(f"hf://{repo}/w/config.json", "hf://datasets/local-user/target/")
        names = await api.list_repo_files("local-user/target", repo_type="dataset")
        assert set(names) >= {"in/model.bin", "in/config.json", "config.json"}
        copied = await api.hf_hub_download("local-user/target", "in/model.bin", repo_type="dataset")
        assert Path(copied).read_bytes() == weights
        assert "lfs.duplicate_lfs_files" in [one.operation for one in hub.hub.requests]

        with pytest.raises(ValueError, match="cannot be copied to a repository"):
            await api.copy_files(f"hf://buckets/{BUCKET}/w", f"hf://{repo}")
        with pytest.raises(EntryNotFoundError):
            await api.copy_files(f"hf://buckets/{BUCKET}/none", "hf://buckets/local-user/second")

    play(scenario)


def test_a_folder_and_a_bucket_are_synchronized(play, tmp_path, capsys):
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.txt").write_bytes(b"a")
    (source / "sub" / "b.txt").write_bytes(b"bb")

    async def scenario(side):
        api = side.api
        await api.create_bucket(BUCKET)
        done = await api.sync_bucket(str(source), f"hf://buckets/{BUCKET}/kept")
        assert done.summary() == {"uploads": 2, "downloads": 0, "deletes": 0, "skips": 0, "total_size": 3}
        assert "2 uploads" in capsys.readouterr().out
        again = await api.sync_bucket(source, HfUri("bucket", BUCKET, None, "kept"), quiet=True)
        assert [(one.action, one.reason) for one in again.operations] == [("skip", "identical")] * 2
        assert capsys.readouterr().out == ""
        back = tmp_path / "back"
        await api.sync_bucket(f"hf://buckets/{BUCKET}/kept", back, quiet=True)
        assert (back / "sub" / "b.txt").read_bytes() == b"bb"
        assert (back / "a.txt").stat().st_mtime == pytest.approx((source / "a.txt").stat().st_mtime, abs=0.01)

    play(scenario)
