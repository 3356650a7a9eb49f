"""``buckets``, ``sync``, and ``cp`` from and to buckets."""

from __future__ import annotations

import json

import pytest

from hub_typed import BucketFile, HfApi
from hub_typed.local import LocalHub

BOX = "local-user/box"
URI = f"hf://buckets/{BOX}"


@pytest.fixture
def local_hub(xet_hub: LocalHub, monkeypatch, tmp_path) -> LocalHub:
    """Buckets have no other storage than Xet."""
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))
    return xet_hub


@pytest.fixture
def box(api: HfApi) -> str:
    api.create_bucket(BOX)
    api.batch_bucket_files(BOX, add=[(b"1", "a.txt"), (b"22", "logs/b.txt"), (b"333", "logs/deep/c.csv")])
    return BOX


@pytest.fixture
def folder(tmp_path, monkeypatch):
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def paths(api: HfApi, bucket: str = BOX) -> list[str]:
    return sorted(one.path for one in api.list_bucket_tree(bucket, recursive=True) if isinstance(one, BucketFile))


def test_a_bucket_is_created_shown_changed_moved_and_deleted(run, api):
    ended = run("buckets", "create", "box", "--private", "--region", "us", "--json")
    assert ended.json() == {"bucket_id": BOX, "uri": URI, "url": f"{api.endpoint}/buckets/{BOX}"}
    assert run("buckets", "create", URI, "--exist-ok", "-q").out == f"{BOX}\n"
    assert run("buckets", "create", BOX).code == 1
    shown = run("buckets", "info", BOX)
    assert ["private", "true"] in [line.split("\t") for line in shown.lines]
    assert run("buckets", "info", BOX, "--json").json()["totalFiles"] == 0
    assert run("buckets", "settings", BOX, "--public").code == 0
    assert api.bucket_info(BOX).private is False
    assert run("buckets", "move", BOX, "local-user/new", "-q").out == "local-user/new\n"
    assert run("buckets", "list", "-q").out == "local-user/new\n"
    assert "--yes" in run("buckets", "delete", "local-user/new").error
    assert run("buckets", "delete", "local-user/new", "--yes").code == 0
    assert run("buckets", "delete", "local-user/new", "-y", "--missing-ok").code == 0
    assert run("buckets", "delete", "local-user/new", "-y").code == 3


def test_buckets_and_files_are_listed(run, box):
    assert run("buckets", "ls", "local-user", "--search", "box").rows[0][0] == BOX
    assert run("buckets", "ls", "local-user", "--search", "none", "-q").out == ""
    assert run("buckets", "ls", box, "-q").lines == ["a.txt", "logs"]
    assert run("buckets", "ls", f"{URI}/logs", "-R", "-q").lines[-2:] == ["logs/b.txt", "logs/deep/c.csv"]
    drawn = run("buckets", "ls", box, "--tree").out
    assert "└── c.csv" in drawn
    assert run("buckets", "ls", box, "--search", "x").code == 2
    assert run("buckets", "ls", "local-user", "--tree").code == 2


def test_files_are_removed(run, api, box):
    assert run("buckets", "rm", f"{box}/a.txt", "--yes", "-q").out == "a.txt\n"
    assert run("buckets", "rm", f"{URI}/logs", "-R", "--include", "*.csv", "--dry-run", "-q").out == "logs/deep/c.csv\n"
    assert paths(api) == ["logs/b.txt", "logs/deep/c.csv"]
    assert run("buckets", "rm", f"{box}/logs", "-R").code == 2  # no terminal to ask on
    assert run("buckets", "rm", box, "-R", "--exclude", "*.csv", "-y").code == 0
    assert paths(api) == ["logs/deep/c.csv"]
    assert run("buckets", "rm", box, "-y").code == 2
    assert run("buckets", "rm", f"{box}/logs", "-y", "--include", "*").code == 2


def test_a_file_is_copied_from_and_to_a_bucket(run, run_alone, api, box, folder):
    assert run("cp", f"{URI}/logs/b.txt", "-q").out == "b.txt\n"
    assert run("buckets", "cp", f"{URI}/logs/b.txt", "new/").code == 0
    assert (folder / "new" / "b.txt").read_bytes() == (folder / "b.txt").read_bytes() == b"22"
    assert run_alone("cp", f"{URI}/a.txt", "-").out == "1"
    assert run("cp", "b.txt", f"{URI}/up/", "--json").json()["destination"] == f"{URI}/up/b.txt"
    assert run("buckets", "cp", "b.txt", f"{URI}/named").code == 0
    assert run("buckets", "cp", f"{URI}/logs/", f"{URI}/copy/").code == 0
    assert {"up/b.txt", "named", "copy/b.txt", "copy/deep/c.csv"} <= set(paths(api))
    assert "not in a bucket" in run("buckets", "cp", "b.txt", "hf://local-user/m/").error
    assert run("cp", f"{URI}/none", ".").code == 3
    assert "buckets sync" in run("cp", f"{URI}/logs/", ".").error


def test_stdin_is_copied_to_a_bucket(start, api, box):
    process = start("buckets", "cp", "-", f"{URI}/typed", stdin=-1)
    process.communicate("typed", timeout=30)
    assert process.returncode == 0
    assert "typed" in paths(api)


@pytest.mark.parametrize("command", [("sync",), ("buckets", "sync")])
def test_a_folder_is_synchronized(run, api, box, folder, command):
    (folder / "n.txt").write_bytes(b"n")
    ended = run(*command, ".", URI, "--delete", "--include", "*.txt", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert {name: ended.json()[name] for name in ("uploads", "deletes", "skips")} == {
        "uploads": 1,
        "deletes": 2,
        "skips": 0,
    }
    assert paths(api) == ["logs/deep/c.csv", "n.txt"]
    shown = run(*command, URI, ".", "--verbose", terminal=True)
    assert "1 downloads" in shown.out
    assert "Downloading logs/deep/c.csv (new file)" in shown.out
    assert (folder / "logs" / "deep" / "c.csv").read_bytes() == b"333"


def test_a_plan_is_written_and_applied(run, api, box, folder):
    (folder / "n.txt").write_bytes(b"n")
    lines = run("sync", ".", URI, "--dry-run").lines
    assert [json.loads(line)["type"] for line in lines] == ["header", "operation"]
    assert run("sync", ".", URI, "--plan", "../plan", "-q").code == 0
    assert "n.txt" not in paths(api)
    assert run("sync", "--apply", "../plan", "-q").out == f"{URI}\n"
    assert "n.txt" in paths(api)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("sync",), 2, "source and dest"),
        (("sync", "none", URI), 2, "not a local folder"),
        (("sync", ".", "."), 2, "hf://buckets/"),
        (("sync", ".", URI, "--existing", "--ignore-existing"), 2, "not both"),
        (("sync", "hf://buckets/local-user/none", "."), 3, "none"),
        (("buckets", "info", "a/b/c"), 2, "path in the bucket"),
        (("buckets", "info", "local-user/none"), 3, "none"),
        (("buckets", "settings", BOX), 2, "--private or --public"),
        (("buckets", "settings", BOX, "--private", "--public"), 2, "choose one"),
    ],
)
def test_what_cannot_be_done(run, local_hub, folder, arguments, code, says):
    ended = run(*arguments)
    assert ended.code == code
    assert says in ended.error


def test_without_a_network(run, local_hub, folder, unreachable):
    assert run("buckets", "list", "--endpoint", unreachable).code == 5
    assert run("sync", ".", URI, "--endpoint", unreachable).code == 5
