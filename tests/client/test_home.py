"""Local paths that begin with ``~``, with both clients and both transports."""

from __future__ import annotations

import pytest

from hub_typed import CommitOperationAdd, ModelCard, Settings, metadata_load, metadata_save
from hub_typed.local import LocalHub


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with files, not the working folder."""
    folder = tmp_path / "home"
    (folder / "d" / "sub").mkdir(parents=True)
    (folder / "d" / "sub" / "a.txt").write_text("a")
    monkeypatch.setenv("HOME", str(folder))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    yield folder
    assert not (tmp_path / "elsewhere" / "~").exists()


def test_uploads(play, home):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        await side.api.upload_file(path_or_fileobj="~/d/sub/a.txt", path_in_repo="one.txt", repo_id=side.repo)
        await side.api.upload_folder(repo_id=side.repo, folder_path="~/d", path_in_repo="two")
        added = CommitOperationAdd("three.txt", "~/d/sub/a.txt")
        await side.api.create_commit(side.repo, [added], commit_message="x")
        await side.api.upload_large_folder(repo_id=side.repo, folder_path="~/d", repo_type="model")
        found = set(await side.api.list_repo_files(side.repo))
        assert {"one.txt", "two/sub/a.txt", "three.txt", "sub/a.txt"} <= found

    play(scenario)


def test_downloads(play, home):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        path = await side.api.hf_hub_download(side.repo, ".gitattributes", local_dir="~/here")
        assert path == str(home / "here" / ".gitattributes")
        path = await side.api.snapshot_download(side.repo, cache_dir="~/cache")
        assert path.startswith(str(home / "cache"))

    play(scenario)


def test_cards(home):
    metadata_save("~/d/README.md", {"license": "mit"})
    assert metadata_load("~/d/README.md") == {"license": "mit"}
    card = ModelCard.load("~/d/README.md")
    card.save("~/copy.md")
    assert (home / "copy.md").read_text() == (home / "d" / "README.md").read_text()
    (home / "template.md").write_text("---\n{{ card_data }}\n---\n# Text")
    assert ModelCard.from_template(card.data, template_path="~/template.md").text.strip() == "# Text"


def test_settings_and_the_embedded_hub(home):
    settings = Settings(cache_dir="~/c", token_path="~/t", ca_bundle="~/b")
    assert (settings.cache_dir, settings.token_path, settings.ca_bundle) == (
        str(home / "c"),
        str(home / "t"),
        str(home / "b"),
    )
    with LocalHub("~/hub") as hub:
        assert hub.root == home / "hub"
