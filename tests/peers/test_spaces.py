"""Spaces, leaderboards, headers and attachments, read by the current official client and by this library."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfApi
from hub_typed.local import LocalHub
from tests.client.test_safetensors import weights
from tests.local.repos.test_file_infos import HEADER, gguf

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client

RESULT = "- dataset: {id: local-user/benchmark, task_id: main}\n  value: 0.75\n  notes: no-tools\n"


@pytest.mark.parametrize("theirs", ["2.4.0"], indirect=True)
def test_both_read_the_same_of_spaces_and_leaderboards(ours, theirs, local_hub: LocalHub, tmp_path: Path):
    user = local_hub.user
    space, dataset, model = f"{user}/greeting", f"{user}/benchmark", f"{user}/sharded"
    index = {"metadata": {"total_size": 12}, "weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}
    files = {
        ".eval_results/main.yaml": RESULT.encode(),
        "m-1.safetensors": weights({"a": [1]}),
        "m-2.safetensors": weights({"b": [2]}, {"format": "pt"}),
        "model.gguf": gguf({"a": [4]}, **HEADER),
        "model.safetensors.index.json": json.dumps(index).encode(),
    }
    with HfApi() as api:
        api.create_repo(space, repo_type="space", space_template="Greeting")
        api.create_repo(dataset, repo_type="dataset")
        api.create_repo(model)
        changes = [CommitOperationAdd(path, content) for path, content in files.items()]
        api.create_commit(model, changes, commit_message="Weights")
    local_hub.write_space_log(space, "started\n")
    local_hub.write_space_log(space, "Step 1\n", build=True)
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"PNG")

    seen = ours.run("spaces.py", space, dataset, model, str(picture))

    assert seen == theirs.run("spaces.py", space, dataset, model, str(picture))
    assert (seen["logs"], seen["build"], seen["stage"]) == (["started\n"], ["Step 1\n"], "RUNNING")
    assert seen["board"] == [[1, model, 0.75, ".eval_results/main.yaml", False]]
    assert seen["shards"][3] == {"F32": 3}
    assert seen["gguf"]["architecture"] == "llama"
    assert seen["results"] == [[dataset, "main", 0.75, "no-tools"]]
    assert seen["url"] == [True, ".png"]
