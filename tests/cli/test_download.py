"""``hub-typed download``."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from hub_typed.local.faults import Stall

FILES = {"a.txt": b"aaa", "b/c.txt": b"cc", "b/d.bin": b"\0" * 5000}


@pytest.fixture
def model(api, tmp_path) -> str:
    for path, content in FILES.items():
        (tmp_path / "source" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / path).write_bytes(content)
    api.create_repo("local-user/m")
    api.upload_folder(repo_id="local-user/m", folder_path=tmp_path / "source")
    return "local-user/m"


def contents(folder: str) -> dict[str, bytes]:
    paths = [path for path in Path(folder).rglob("*") if path.is_file() and ".cache" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.name != ".gitattributes"}


def test_a_whole_repository(run, model):
    ended = run("download", model)
    assert (ended.code, ended.err, len(ended.lines)) == (0, "", 1)
    assert contents(ended.out.strip()) == FILES
    assert run("download", model, "-q").out == ended.out
    assert run("download", model, "--json").json() == {"path": ended.out.strip()}


def test_a_file(run, model):
    path = run("download", model, "b/c.txt").out.strip()
    assert path.endswith("/b/c.txt")
    assert Path(path).read_bytes() == b"cc"


def test_several_files_and_patterns(run, model):
    assert set(contents(run("download", model, "a.txt", "b/*.bin").out.strip())) == {"a.txt", "b/d.bin"}


def test_include_and_exclude(run, model, tmp_path):
    folder = tmp_path / "here"
    ended = run("download", model, "--include", "b/*", "--exclude", "*.bin", "--local-dir", folder)
    assert ended.out.strip() == str(folder)
    assert contents(str(folder)) == {"b/c.txt": b"cc"}


def test_names_and_include_contradict_each_other(run, model):
    assert run("download", model, "a.txt", "--include", "*").code == 2


def test_a_dry_run_downloads_nothing(run, model, tmp_path):
    ended = run("download", model, "--include", "b/*", "--dry-run", "--cache-dir", tmp_path / "cache")
    assert ended.lines[0] == "file\tsize\tto download\tcached"
    assert ended.rows == [["b/c.txt", "2", "2", "false"], ["b/d.bin", "5000", "5000", "false"]]
    assert not list(tmp_path.glob("cache/*/blobs/*"))
    assert run("download", model, "a.txt", "--dry-run", "--json").json()[0]["bytes_to_download"] == 3
    assert "1 of 1 files, 3 B to download." in run("download", model, "a.txt", "--dry-run", terminal=True).err


def test_another_type_and_revision(run, api):
    api.create_repo("local-user/d", repo_type="dataset")
    old = api.upload_file(path_or_fileobj=b"1", path_in_repo="x", repo_id="local-user/d", repo_type="dataset").oid
    api.upload_file(path_or_fileobj=b"2", path_in_repo="x", repo_id="local-user/d", repo_type="dataset")
    ended = run("download", "local-user/d", "x", "--type", "dataset", "--revision", old)
    assert Path(ended.out.strip()).read_bytes() == b"1"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["local-user/none"], "local-user/none"),
        (["local-user/m", "none.txt"], "none.txt"),
        (["local-user/m", "a.txt", "none.txt"], "none.txt"),
        (["local-user/m", "--revision", "none"], "none"),
    ],
)
def test_what_does_not_exist_is_named(run, model, arguments, said):
    ended = run("download", *arguments)
    assert ended.code == 3
    assert said in ended.error


def test_a_gated_repository_is_not_allowed(run, api, model, local_hub):
    api.update_repo_settings(model, gated="manual")
    ended = run("download", model, "a.txt", "--token", local_hub.add_user("ada"))
    assert ended.code == 4
    assert model in ended.error


def test_an_invalid_name_is_a_usage_error(run):
    ended = run("download", "a/b/c")
    assert ended.code == 2
    assert "a/b/c" in ended.error


def test_without_a_network_only_cached_files_are_found(run, model, unreachable):
    assert run("download", model, "--endpoint", unreachable).code == 5
    run("download", model, "a.txt")
    assert Path(run("download", model, "a.txt", "--endpoint", unreachable).out.strip()).read_bytes() == b"aaa"


def test_offline_what_is_not_cached_is_not_found(run, model, offline):
    assert run("download", model).code == 3


def test_ctrl_c_leaves_a_download_that_goes_on_later(start, run, api, local_hub, model, until, tmp_path):
    content = os.urandom(3 << 20)
    api.upload_file(path_or_fileobj=content, path_in_repo="large.bin", repo_id=model)
    local_hub.faults.add(Stall(after=1 << 20), operation="storage.download", times=1)
    process = start("download", model, "large.bin", "--local-dir", tmp_path / "here")
    until(lambda: local_hub.faults.rules[0].count and list(tmp_path.rglob("*.incomplete")))
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    assert time.monotonic() - begin < 1.5
    assert (
        Path(run("download", model, "large.bin", "--local-dir", tmp_path / "here").out.strip()).read_bytes() == content
    )
