"""``hub-typed cp``: files between this machine and repositories."""

from __future__ import annotations

import io
import subprocess
import sys
from types import SimpleNamespace

import pytest

from hub_typed.cli.failures import CommandError
from hub_typed.cli.hub_paths import HubPath

REPO = "local-user/m"
OTHER = "local-user/other"
LARGE = b"\0" * 11_000_000
"""A file that is stored by LFS."""


@pytest.fixture
def repo(api) -> str:
    api.create_repo(REPO)
    for path in ("a.txt", "b/c[1].txt", "b/d/e.txt"):
        api.upload_file(path_or_fileobj=path.encode(), path_in_repo=path, repo_id=REPO)
    return REPO


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(api, repo_id=REPO, **options) -> set[str]:
    return set(api.list_repo_files(repo_id, **options)) - {".gitattributes"}


@pytest.mark.parametrize(
    ("destination", "path"),
    [(None, "a.txt"), ("x.txt", "x.txt"), ("new/", "new/a.txt"), ("new/x.txt", "new/x.txt"), (".", "a.txt")],
)
def test_a_file_of_the_hub_is_copied_to_a_path(run, repo, folder, destination, path):
    (folder / "a.txt").write_text("old")
    ended = run("cp", f"hf://{repo}/a.txt", *filter(None, [destination]), "-q")
    assert (ended.code, ended.out, ended.err) == (0, f"{path}\n", "")
    assert (folder / path).read_text() == "a.txt"
    assert not [one for one in folder.rglob("*") if ".hub-typed" in str(one)]


def test_repos_cp_is_the_same_command(run, repo, folder):
    ended = run("repos", "cp", f"hf://models/{repo}@main/b/c[1].txt", "--json")
    assert ended.json() == {"source": f"hf://{repo}@main/b/c[1].txt", "path": "c[1].txt"}
    assert (folder / "c[1].txt").read_text() == "b/c[1].txt"


def test_a_file_of_the_hub_to_stdout(run_alone, repo, local_hub):
    ended = run_alone("cp", f"hf://{repo}/a.txt", "-")
    assert (ended.code, ended.out, ended.err) == (0, "a.txt", "")


@pytest.mark.parametrize("to", ["x.txt", "dir/", ""])
def test_a_local_file_is_copied_to_a_repository(run, api, repo, folder, to):
    (folder / "local.txt").write_text("content")
    ended = run("cp", "local.txt", f"hf://{repo}/{to}", "--json")
    assert (ended.code, ended.err) == (0, "")
    path = {"x.txt": "x.txt", "dir/": "dir/local.txt", "": "local.txt"}[to]
    assert ended.json()["oid"] == api.model_info(repo).sha
    assert path in paths(api)


def test_stdin_is_copied_to_a_repository(run, api, repo, monkeypatch):
    typed = SimpleNamespace(buffer=io.BytesIO(b"typed"), isatty=lambda: False)
    monkeypatch.setattr("hub_typed.cli.commands.copy_files.sys", SimpleNamespace(stdin=typed))
    assert run("cp", "-", f"hf://{repo}/typed.txt").code == 0
    assert "typed.txt" in paths(api)
    ended = run("cp", "-", f"hf://{repo}/dir/")
    assert ended.code == 2
    assert "name of the file" in ended.error


def test_a_pipe_is_copied_to_a_repository(local_hub, api, repo):
    command = [sys.executable, "-m", "hub_typed", "cp", "-", f"hf://{repo}/piped.bin"]
    subprocess.run(command, input=LARGE, check=True, stdout=subprocess.DEVNULL, timeout=30)
    assert api.get_paths_info(repo, "piped.bin")[0].size == len(LARGE)


def test_files_are_copied_within_a_repository(run, api, repo):
    api.upload_file(path_or_fileobj=LARGE, path_in_repo="large.bin", repo_id=repo)
    assert run("cp", f"hf://{repo}/a.txt", f"hf://{repo}/x.txt").code == 0
    assert run("cp", f"hf://{repo}/large.bin", f"hf://{repo}/dir/").code == 0
    assert run("cp", f"hf://{repo}/b", f"hf://{repo}/contents").code == 0
    assert run("cp", f"hf://{repo}/b", f"hf://{repo}/inside/").code == 0  # as a new folder
    assert run("cp", f"hf://{repo}/b", f"hf://{repo}/inside").code == 0  # into one that exists
    new = {"x.txt", "dir/large.bin", "contents/c[1].txt", "contents/d/e.txt", "inside/c[1].txt", "inside/d/e.txt"}
    new |= {"inside/b/c[1].txt", "inside/b/d/e.txt"}
    assert paths(api) - {"a.txt", "b/c[1].txt", "b/d/e.txt", "large.bin"} == new


def test_a_branch_is_read_and_another_one_written(run, api, repo):
    api.create_branch(repo, branch="old/one")
    api.delete_file("a.txt", repo)
    assert run("cp", f"hf://{repo}@old%2Fone/a.txt", f"hf://{repo}@main/a.txt").code == 0
    assert "a.txt" in paths(api)
    assert run("cp", f"hf://{repo}/a.txt", f"hf://{repo}@old%2Fone/z.txt").code == 0
    assert "z.txt" in paths(api, revision="old/one")
    assert "z.txt" not in paths(api)


def test_files_are_copied_to_another_repository(run, api, repo):
    api.create_repo(OTHER, repo_type="dataset")
    ended = run("cp", f"hf://{repo}/b/", f"hf://datasets/{OTHER}/from/", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.json() == {"source": f"hf://{repo}/b/", "destination": f"hf://datasets/{OTHER}/from/"}
    assert paths(api, OTHER, repo_type="dataset") == {"from/c[1].txt", "from/d/e.txt"}
    assert run("cp", f"hf://{repo}/", f"hf://datasets/{OTHER}/").code == 0
    assert "a.txt" in paths(api, OTHER, repo_type="dataset")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("a.txt", "b.txt"), 2, "hf://"),
        (("a.txt",), 2, "hf://"),
        ((f"hf://{REPO}/b/", "."), 2, "download"),
        ((f"hf://{REPO}",), 2, "folder"),
        ((".", f"hf://{REPO}/"), 2, "upload"),
        (("hf://buckets/a/b/c", "."), 3, "bucket"),
        (("hf://buckets/a/b/c", f"hf://{REPO}/"), 2, "cannot be copied to a repository"),
        (("hf://buckets/a/b", "."), 2, "buckets sync"),
        (("hf://", "."), 2, "hf://"),
        (("none.txt", f"hf://{REPO}/"), 3, "none.txt"),
        ((f"hf://{REPO}/none.txt", "."), 3, "none.txt"),
        ((f"hf://{REPO}/none.txt", f"hf://{REPO}/x"), 3, "none.txt"),
        ((f"hf://{OTHER}/a.txt", "."), 3, OTHER),
        ((f"hf://{REPO}@none/a.txt", f"hf://{REPO}/x"), 3, "none"),
    ],
)
def test_what_cannot_be_copied(run, repo, folder, arguments, code, says):
    ended = run("cp", *arguments)
    assert ended.code == code
    assert says in ended.error
    assert list(folder.iterdir()) == []


def test_a_token_that_may_not_write(run, repo, local_hub):
    ended = run("cp", f"hf://{repo}/a.txt", f"hf://{repo}/x.txt", "--token", local_hub.read_token)
    assert ended.code == 4
    assert local_hub.read_token not in ended.error


def test_without_a_network(run, repo, folder, unreachable):
    assert run("cp", f"hf://{repo}/a.txt", "--endpoint", unreachable).code == 5
    assert run("cp", f"hf://{repo}/a.txt", f"hf://{repo}/x.txt", "--endpoint", unreachable).code == 5


def test_a_file_of_the_cache_is_copied_offline(run, repo, folder, monkeypatch):
    assert run("cp", f"hf://{repo}/a.txt", "x").code == 0
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run("cp", f"hf://{repo}/a.txt", "y").code == 0
    assert run("cp", f"hf://{repo}/b/d/e.txt", "z").code == 3
    assert sorted(one.name for one in folder.iterdir()) == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("hf://o/n", HubPath("model", "o/n", None, "", True)),
        ("hf://models/o/n/", HubPath("model", "o/n", None, "", True)),
        ("hf://datasets/o/n@refs/pr/1/a/b", HubPath("dataset", "o/n", "refs/pr/1", "a/b", False)),
        ("hf://kernels/o/n/a", HubPath("kernel", "o/n", None, "a", False)),
        ("hf://spaces/o/n@v1/a@b/", HubPath("space", "o/n", "v1", "a@b", True)),
    ],
)
def test_paths_on_the_hub(text, parsed):
    assert HubPath.of(text) == parsed


@pytest.mark.parametrize("text", ["hf://o", "hf://datasets/o", "hf://o//a", "hf://o/n@/a"])
def test_wrong_paths_on_the_hub(text):
    with pytest.raises(CommandError):
        HubPath.of(text)
