"""Writing: what becomes one commit, and what becomes none."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest

from hub_typed.errors import HfHubHTTPError
from hub_typed.local.faults import Status


@pytest.fixture
def titles(api, repo):
    """The titles of the commits of the repository, newest first, without that which created it."""

    def read() -> list[str]:
        commits = api.list_repo_commits(repo.removeprefix("datasets/"), repo_type="dataset")
        return [commit.title for commit in commits][:-1]

    return read


def test_a_file_is_committed_when_it_is_closed(fs, repo, titles):
    with fs.open(f"{repo}/a.bin", "wb", commit_message="One") as file:
        file.write(bytes(6_000_000))
        assert titles() == []
        file.write(b"end")
    assert titles() == ["One"]
    assert fs.info(f"{repo}/a.bin")["size"] == 6_000_003


def test_files_of_a_kernel_are_written_and_read(fs, api):
    api.create_repo("local-user/act", repo_type="kernel")
    fs.pipe_file("kernels/local-user/act/build/act.so", b"machine code")
    assert fs.find("hf://kernels/local-user/act") == [
        "kernels/local-user/act/.gitattributes",
        "kernels/local-user/act/build/act.so",
    ]
    assert fs.cat_file("kernels/local-user/act@main/build/act.so") == b"machine code"
    assert fs.resolve_path("kernels/local-user/act/build").repo_type == "kernel"
    fs.rm("kernels/local-user/act/build", recursive=True)
    assert not fs.exists("kernels/local-user/act/build/act.so")


def test_a_large_file_is_written_by_way_of_a_temporary_file(fs, repo, monkeypatch):
    monkeypatch.setattr("hub_typed.fs.opened.MAX_IN_MEMORY", 1000)
    content = os.urandom(100_000)
    with fs.open(f"{repo}/a.bin", "wb", block_size=4096) as file:
        for at in range(0, len(content), 1000):
            file.write(content[at : at + 1000])
    assert fs.cat_file(f"{repo}/a.bin") == content


def test_nothing_is_committed_if_the_block_of_the_file_fails(fs, repo, titles):
    with suppress(ZeroDivisionError), fs.open(f"{repo}/a.txt", "wb") as file:
        file.write(b"half of it")
        raise ZeroDivisionError
    assert titles() == []
    assert not fs.exists(f"{repo}/a.txt")


def test_bytes_are_appended_to_the_content(fs, repo):
    for number in range(3):
        with fs.open(f"{repo}/log.txt", "ab") as file:
            assert file.tell() == 2 * number
            file.write(b"%d\n" % number)
    assert fs.cat_file(f"{repo}/log.txt") == b"0\n1\n2\n"


def test_a_file_is_not_opened_for_writing_where_there_is_no_repository(fs, repo):
    for path in ("datasets/local-user/nothing/x", f"{repo}@none/x"):
        with pytest.raises(FileNotFoundError):
            fs.open(path, "wb")


def test_a_failed_commit_is_an_error_of_close(fs, hub, repo):
    hub.faults.add(Status(403), operation="commits.create_commit")
    file = fs.open(f"{repo}/a.txt", "wb")
    file.write(b"x")
    with pytest.raises(HfHubHTTPError, match="403"):
        file.close()
    hub.faults.clear()
    assert not fs.exists(f"{repo}/a.txt")


def test_each_bulk_operation_is_one_commit(fs, repo, titles, tmp_path):
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text(str(number))
    fs.put(f"{tmp_path}/", f"{repo}/put/", recursive=True, commit_message="Put")
    fs.pipe({f"{repo}/pipe/{number}": b"x" for number in range(5)}, commit_message="Pipe")
    fs.copy(f"{repo}/put/", f"{repo}/copy/", recursive=True, commit_message="Copy")
    fs.mv(f"{repo}/copy", f"{repo}/moved", recursive=True, commit_message="Move")
    fs.rm([f"{repo}/put", f"{repo}/pipe/3"], recursive=True, commit_message="Remove")
    assert titles() == ["Remove", "Move", "Copy", "Pipe", "Put"]
    assert [path.removeprefix(f"{repo}/") for path in fs.find(repo)] == [
        ".gitattributes",
        *(f"moved/{number}.txt" for number in range(5)),
        *(f"pipe/{number}" for number in (0, 1, 2, 4)),
    ]
    assert fs.cat_file(f"{repo}/moved/3.txt") == b"3"


def test_lfs_files_are_copied_without_their_bytes(fs, hub, repo):
    fs.pipe_file(f"{repo}/a.bin", os.urandom(2_000_000))
    before = hub.stats.snapshot()
    fs.copy(f"{repo}/a.bin", f"{repo}/b.bin")
    fs.mv(f"{repo}/a.bin", f"{repo}/c.bin")
    moved = hub.stats.snapshot() - before
    assert moved.sent + moved.received < 100_000
    assert fs.checksum(f"{repo}/b.bin") == fs.checksum(f"{repo}/c.bin")


def test_files_are_copied_to_another_repository(fs, api, repo):
    api.create_repo("local-user/other-thing", exist_ok=True)
    fs.pipe({f"{repo}/a.bin": bytes(100_000), f"{repo}/b.txt": b"b"})
    fs.copy(f"{repo}/*", "local-user/other-thing/copy/")
    assert fs.cat("local-user/other-thing/copy/*") == {
        "local-user/other-thing/copy/.gitattributes": fs.cat_file(f"{repo}/.gitattributes"),
        "local-user/other-thing/copy/a.bin": bytes(100_000),
        "local-user/other-thing/copy/b.txt": b"b",
    }


def test_a_transaction_is_one_commit(fs, repo, titles, tmp_path):
    fs.pipe({f"{repo}/old": b"0", f"{repo}/kept": b"0"}, commit_message="Before")
    (tmp_path / "local").write_bytes(b"5")
    with fs.transaction:
        fs.pipe_file(f"{repo}/a", b"1")
        with fs.open(f"{repo}/a", "wb") as file:
            file.write(b"2")
        fs.pipe({f"{repo}/b": b"3", f"{repo}/c": b"4"})
        fs.put_file(tmp_path / "local", f"{repo}/d")
        fs.mv(f"{repo}/old", f"{repo}/new")
        fs.rm(f"{repo}/c")
        assert titles() == ["Before"]
    assert len(titles()) == 2
    assert {path.rpartition("/")[2]: content for path, content in fs.cat(f"{repo}/?*").items()} == {
        ".gitattributes": fs.cat_file(f"{repo}/.gitattributes"),
        "a": b"2",
        "b": b"3",
        "d": b"5",
        "kept": b"0",
        "new": b"0",
    }
    fs.pipe_file(f"{repo}/e", b"")
    assert len(titles()) == 3


def test_a_transaction_that_fails_commits_nothing(fs, repo, titles):
    with suppress(ZeroDivisionError), fs.transaction:
        fs.pipe_file(f"{repo}/a", b"1")
        fs.open(f"{repo}/b", "wb").write(b"2")
        raise ZeroDivisionError
    assert titles() == []
    fs.pipe_file(f"{repo}/c", b"3")
    assert titles() == ["Write c"]


def test_a_transaction_without_a_block_is_ended_by_its_own_method(fs, repo, titles):
    fs.start_transaction()
    fs.pipe_file(f"{repo}/a", b"1")
    fs.pipe_file(f"{repo}/b", b"2")
    fs.end_transaction()
    assert titles() == ["Write a, b"]


def test_a_folder_is_deleted_only_if_asked_for(fs, repo):
    fs.pipe_file(f"{repo}/folder/a", b"")
    with pytest.raises(IsADirectoryError, match="pass recursive=True"):
        fs.rm(f"{repo}/folder")
    fs.rm(repo, recursive=True)
    assert fs.find(repo) == [f"{repo}/.gitattributes"]
    with pytest.raises(FileNotFoundError):
        fs.rm(f"{repo}/folder/a")


def test_a_download_is_verified_and_resumed(fs, hub, repo, tmp_path):
    content = os.urandom(3_000_000)
    fs.pipe_file(f"{repo}/a.bin", content)
    fs.get(f"{repo}/a.bin", str(tmp_path / "new" / "b.bin"))
    assert (tmp_path / "new" / "b.bin").read_bytes() == content
    assert os.listdir(tmp_path / "new") == ["b.bin"]
