"""Reads and writes of the JavaScript client, compared with this library."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from hub_typed import HfApi, RepoFolder
from hub_typed.local import LocalHub
from tests.peers.node import NodeMissingError, run

pytestmark = pytest.mark.timeout(300)  # the first run installs it

SIZE = 3_000_000
LARGE = bytes(place * 7 % 251 for place in range(SIZE))
PATIENCE = 120


@pytest.mark.parametrize("part", [SIZE * 2, 1_000_001], ids=["whole", "in parts"])
def test_what_javascript_writes_we_read_and_both_see_alike(local_hub: LocalHub, tmp_path: Path, part):
    user = local_hub.user
    repo_id = f"{user}/js"
    local_hub.hub.lfs.part_size = part
    try:
        script = Path(__file__).parent / "works.mjs"
        told = json.loads(run(script, local_hub.endpoint, local_hub.token, user, str(SIZE), patience=PATIENCE))
    except NodeMissingError as error:
        pytest.skip(f"Not tested against the client for JavaScript: {error}")

    assert told["me"] == ["user", user, "access_token", "write"]
    with HfApi() as api:
        info = api.model_info(repo_id)
        tree = api.list_repo_tree(repo_id, recursive=True)
        entries = [
            ["directory", one.path, 0, one.tree_id]
            if isinstance(one, RepoFolder)
            else ["file", one.path, one.size, one.lfs.sha256 if one.lfs else one.blob_id]
            for one in tree
        ]
        commits = api.list_repo_commits(repo_id)
        folders = {
            revision: api.snapshot_download(repo_id, revision=revision, local_dir=tmp_path / revision.replace("/", "-"))
            for revision in ("main", "try/this", "refs/pr/1")
        }
        collection = api.get_collection(told["slug"])
        spaces = [[one.id, one.sdk] for one in api.list_spaces(author=user, full=True)]
        assert not api.repo_exists(repo_id, repo_type="dataset")

    assert told["made"] == [f"{local_hub.endpoint}/{repo_id}", info.internal_id]
    assert (told["taken"], told["late"], told["anonymous"]) == (
        ["HubApiError", 409],
        ["HubApiError", 412],
        ["HubApiError", 401],
    )
    assert told["pull"] == f"{local_hub.endpoint}/{repo_id}/discussions/1"
    assert told["files"] == entries
    assert ["file", "model.safetensors", SIZE, hashlib.sha256(LARGE).hexdigest()] in entries
    assert told["paths"] == [["deep", "Files"], ["model.safetensors", "Files"]]
    assert (told["exists"], told["there"], told["missing"]) == ([True, False], [True, False], None)
    assert (told["text"], told["large"]) == ("grüße\n", 0)
    assert told["information"] == [SIZE, f'"{hashlib.sha256(LARGE).hexdigest()}"']
    assert told["commits"] == [[one.commit_id, one.title, one.message, one.authors] for one in commits]
    assert [one.title for one in commits][:3] == ["Take it away", "Change", "Files"]
    assert told["count"] == len(commits)
    assert told["model"] == [repo_id, True, info.sha, user, info.tags]
    assert "license:mit" in info.tags
    assert told["info"] == info.sha
    assert told["datasets"] == [repo_id]
    assert told["spaces"] == spaces == [[repo_id, "static"]]
    assert told["collections"] == [[told["slug"], [[one.item_type, one.item_id] for one in collection.items]]]
    assert told["collections"][0][1] == [["model", repo_id]]

    before = {"README.md", "deep/er/späte Datei.txt", "model.safetensors"}
    found = {revision: names(folder) for revision, folder in folders.items()}
    assert found["main"] == before
    assert found["try/this"] == before | {"config.json", "branch.txt"}
    assert found["refs/pr/1"] == before | {"added.txt", "proposed.txt", "proposed.bin"}
    assert Path(folders["refs/pr/1"], "proposed.bin").read_bytes() == LARGE[1:]
    assert Path(folders["main"], "model.safetensors").read_bytes() == LARGE


def names(folder: str) -> set[str]:
    """The files of a snapshot, without those that the Hub or the cache made."""
    found = {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}
    return {name for name in found if name != ".gitattributes" and not name.startswith(".cache/")}
