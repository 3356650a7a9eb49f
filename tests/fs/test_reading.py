"""Reading: pinned to a commit, in few requests, verified, and continued after faults."""

from __future__ import annotations

import pickle
import random

import pytest

from hub_typed.errors import HfHubHTTPError, IntegrityError
from hub_typed.fs import HubFileSystem
from hub_typed.local.faults import ExpiredUrls, Reset, Status, Truncated, WrongBytes

BIG = random.Random(1).randbytes(20_000_000)


@pytest.fixture
def big(fs: HubFileSystem, repo: str) -> str:
    """An LFS file."""
    path = f"{repo}/data/big.bin"
    fs.pipe_file(path, BIG)
    return path


# --- requests


def test_opening_takes_one_request_and_each_range_another_one(fs, big, sent):
    def read():
        with fs.open(big) as file:
            for at in (1_000_000, 9_000_000, 5_000_000):
                file.seek(at)
                assert file.read(100_000) == BIG[at : at + 100_000]

    assert sent(read) == {"files.resolve_head": 1, "storage.download": 3}


def test_a_random_read_fetches_what_it_asks_for(fs, big, hub):
    before = hub.stats.snapshot()
    with fs.open(big) as file:
        file.seek(7_000_000)
        file.read(100_000)
    assert 100_000 <= (hub.stats.snapshot() - before).sent < 110_000


def test_sequential_reads_need_fewer_and_fewer_requests(fs, big, sent):
    def read():
        with fs.open(big) as file:
            assert b"".join(iter(lambda: file.read(50_000), b"")) == BIG

    assert sent(read)["storage.download"] < 20


def test_the_next_block_is_requested_while_the_program_computes(fs, big, until):
    with fs.open(big) as file:
        while (running := file._ahead._running) is None:
            assert file.read(50_000)
        position = file.tell()
        until(running.task.done)  # without a read
        assert running.at >= position
        assert file.read(5_000_000) == BIG[position : position + 5_000_000]


def test_a_file_whose_cached_listing_shows_the_same_content_is_not_looked_up_again(fs, big, sent):
    fs.find(big.rpartition("/")[0])
    fs.cat_file(big, 0, 10)
    assert sent(lambda: fs.cat_file(big, 10, 20)) == {"storage.download": 1}
    fs.invalidate_cache()
    assert sent(lambda: fs.cat_file(big, 10, 20)) == {"files.resolve_head": 1, "storage.download": 1}


def test_the_files_of_a_listed_tree_are_opened_without_a_request_at_its_commit(fs, api, repo, sent):
    files = {f"{repo}/{number}.bin": BIG[number:300_000] for number in range(3)}
    fs.pipe(files)
    listed = sent(lambda: fs.find(repo))
    assert listed == {"datasets.dataset_info_at_revision": 1, "tree.list_repo_tree": 1}
    api.upload_file(
        path_or_fileobj=b"new", path_in_repo="0.bin", repo_id=repo.removeprefix("datasets/"), repo_type="dataset"
    )

    def read():
        for path, content in files.items():
            with fs.open(path) as file:
                assert file.read(10) + file.read(10) == content[:20]

    assert sent(read) == {"files.resolve_file": 2, "files.resolve_head": 1, "storage.download": 3}
    fs.invalidate_cache()
    assert fs.cat_file(f"{repo}/0.bin") == b"new"


def test_a_large_file_of_a_listed_tree_is_looked_up_once_before_its_parts(fs, big, repo, sent):
    fs.find(repo)
    assert sent(lambda: fs.cat_file(big)) == {"files.resolve_head": 1, "storage.download": 3}


def test_a_repository_is_looked_up_once_until_it_is_forgotten(fs, hub, repo, sent):
    once = {"datasets.dataset_info_at_revision": 1}
    assert sent(lambda: (fs.info(repo), fs.isdir(repo))) == once
    assert sent(lambda: fs.info(repo, refresh=True)) == once
    fs.invalidate_cache(repo)
    assert sent(lambda: fs.info(repo)) == once
    other = HubFileSystem(endpoint=hub.endpoint, token=hub.token, use_listings_cache=False, skip_instance_cache=True)
    assert sent(lambda: (other.info(repo), other.isdir(repo))) == {"datasets.dataset_info_at_revision": 2}
    other.close()


def test_signing_a_url_keeps_the_cached_listings(fs, big, repo, sent):
    fs.find(repo)
    assert sent(lambda: (fs.sign(big), fs.info(big))) == {"files.resolve_head": 1}


def test_ranges_that_are_near_each_other_are_requested_together(fs, big, sent):
    found = []
    ranges = [(0, 10), (20, 30), (5_000_000, 5_000_010), (25, 40), (19_999_990, 20_000_010), (-5, None)]
    starts, ends = zip(*ranges, strict=True)
    assert sent(lambda: found.extend(fs.cat_ranges([big] * 6, list(starts), list(ends))))["storage.download"] == 3
    assert found == [BIG[start:end] for start, end in ranges]


def test_a_range_of_a_file_that_does_not_exist_is_an_error_in_its_place(fs, big, repo):
    first, second = fs.cat_ranges([f"{repo}/none", big], 0, 3)
    assert isinstance(first, FileNotFoundError)
    assert second == BIG[:3]
    with pytest.raises(FileNotFoundError):
        fs.cat_ranges([f"{repo}/none", big], 0, 3, on_error="raise")


# --- one commit


def test_an_open_file_keeps_its_content_when_the_branch_moves(fs, hub, repo):
    path = f"{repo}/table.csv"
    fs.pipe_file(path, b"old" * 100_000)
    other = HubFileSystem(endpoint=hub.endpoint, token=hub.token, skip_instance_cache=True)
    with fs.open(path) as file:
        begun = file.read(3)
        other.pipe_file(path, b"new" * 50_000)
        file.seek(150_000)
        assert (begun, file.read(3), file.size) == (b"old", b"old", 300_000)
        assert pickle.loads(pickle.dumps(file)).read(3) == b"old"
    assert fs.cat_file(path) == b"new" * 50_000
    other.close()


def test_a_file_of_a_pull_request_is_read_by_its_reference(fs, api, repo):
    name = repo.removeprefix("datasets/")
    made = api.upload_file(
        path_or_fileobj=b"proposed", path_in_repo="p.txt", repo_id=name, repo_type="dataset", create_pr=True
    )
    path = f"hf://{repo}@{made.pr_revision}/p.txt"
    assert fs.cat_file(path) == b"proposed"
    assert fs.ls(f"{repo}@{made.pr_revision}", detail=False)[-1] == path.removeprefix("hf://")
    assert not fs.exists(f"{repo}/p.txt")


# --- faults


def test_a_broken_connection_is_continued_at_the_byte_reached(fs, big, hub):
    hub.faults.add(Reset(after=700_000, of="response"), operation="storage.download", times=2)
    before = hub.stats.snapshot()
    assert fs.cat_file(big, 0, 2_000_000) == BIG[:2_000_000]
    assert (hub.stats.snapshot() - before).sent < 2_500_000


def test_a_response_that_ends_too_early_is_continued(fs, big, hub):
    rule = hub.faults.add(Truncated(at=100_000), operation="storage.download", times=1)
    with fs.open(big) as file:
        assert file.read(500_000) == BIG[:500_000]
    assert rule.count == 1


def test_a_signed_url_that_expires_while_the_file_is_open_is_replaced(fs, big, hub, sent):
    with fs.open(big) as file:
        file.read(10)
        hub.faults.add(ExpiredUrls(), operation="storage.download", times=1)
        file.seek(10_000_000)
        assert sent(lambda: file.read(10)) == {"storage.download": 2, "files.resolve_file": 1}


def test_a_storage_that_always_refuses_is_an_error(fs, big, hub):
    hub.faults.add(Status(403), operation="storage.download")
    with pytest.raises(HfHubHTTPError, match="403"):
        fs.cat_file(big, 0, 10)


def test_wrong_bytes_of_a_whole_file_are_requested_again(fs, big, hub):
    hub.faults.add(WrongBytes(at=5), operation="storage.download", times=1)
    assert fs.cat_file(big) == BIG
    hub.faults.add(WrongBytes(at=5), operation="storage.download")
    with pytest.raises(IntegrityError, match=r"data/big\.bin at commit"):
        fs.cat_file(big)
    with pytest.raises(IntegrityError), fs.open(big) as file:
        file.read()


def test_what_does_not_exist_is_not_found(fs, repo):
    for path in (f"{repo}/none", f"{repo}@none/x", "datasets/local-user/nothing/x", "datasets/local-user/no thing/x"):
        with pytest.raises(FileNotFoundError):
            fs.open(path)
        with pytest.raises(FileNotFoundError):
            fs.ls(path)
        assert not fs.exists(path)
    with pytest.raises(IsADirectoryError):
        fs.open(repo)


# --- listings


def test_one_listing_and_the_commit_it_is_of_are_a_tree(fs, repo, sent):
    fs.pipe({f"{repo}/a/{number}/{letter}": b"" for number in range(3) for letter in "xy"})
    assert sent(lambda: fs.find(repo)) == {"datasets.dataset_info_at_revision": 1, "tree.list_repo_tree": 1}
    assert sent(lambda: (fs.ls(f"{repo}/a/1"), fs.glob(f"{repo}/**/x"), fs.info(f"{repo}/a/2/y"))) == {}
    assert sent(lambda: list(fs.walk(repo))) == {}
    assert fs.find(repo, maxdepth=2, withdirs=True) == [repo, f"{repo}/.gitattributes", f"{repo}/a"] + [
        f"{repo}/a/{number}" for number in range(3)
    ]


def test_a_branch_that_moves_while_it_is_listed_does_not_change_the_listing(fs, api, hub, repo):
    fs.pipe({f"{repo}/a": b"1", f"{repo}/b": b"1"})

    def move(incoming):
        if "/tree/" in incoming.path:
            hub.hub.intercept = None
            api.delete_file("a", repo.removeprefix("datasets/"), repo_type="dataset")

    hub.hub.intercept = move
    assert fs.find(repo) == [f"{repo}/.gitattributes", f"{repo}/a", f"{repo}/b"]
    assert fs.cat_file(f"{repo}/a") == b"1"
    fs.invalidate_cache(repo)
    assert not fs.exists(f"{repo}/a")


def test_a_listing_is_kept_until_it_is_invalidated(fs, api, repo):
    name = repo.removeprefix("datasets/")
    assert fs.ls(repo, detail=False) == [f"{repo}/.gitattributes"]
    api.upload_file(path_or_fileobj=b"1", path_in_repo="new", repo_id=name, repo_type="dataset")
    assert not fs.exists(f"{repo}/new")
    assert fs.exists(f"{repo}/new", refresh=True)
    fs.invalidate_cache(repo)
    assert fs.exists(f"{repo}/new")


def test_what_an_entry_tells(fs, big, repo):
    info = fs.info(big)
    assert (info["name"], info["size"], info["type"]) == (big, len(BIG), "file")
    assert info["lfs"].size == len(BIG)
    assert fs.checksum(big) == int(info["lfs"].sha256, 16)
    assert fs.info(f"{repo}/data")["type"] == "directory"
    assert fs.modified(big) == fs.info(big, expand_info=True)["last_commit"].date
    assert fs.url(big).endswith("/resolve/main/data/big.bin")
    assert "_storage" in fs.sign(big)


def test_a_stream_is_read_from_its_beginning_to_its_end(fs, big):
    with fs.open(big, block_size=0) as file:
        assert file.read(3) + file.read(100) == BIG[:103]
        with pytest.raises(ValueError, match="is read as a stream"):
            file.seek(0)
        assert pickle.loads(pickle.dumps(file)).read(10) == BIG[103:113]
        assert file.read() == BIG[103:]
