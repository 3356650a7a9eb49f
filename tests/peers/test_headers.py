"""Both clients read the same headers of safetensors files."""

from __future__ import annotations

import json

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


def weights(name: str, pad: int = 0) -> bytes:
    tensors = {"__metadata__": {"format": "pt"}, name: {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}
    header = json.dumps(tensors).encode() + b" " * pad
    return len(header).to_bytes(8, "little") + header + bytes(12)


def test_both_read_the_same_headers(ours, theirs, local_hub: LocalHub):
    index = {"metadata": {"total_size": 24}, "weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}
    repos = {
        "single": {"model.safetensors": weights("w")},
        "long": {"model.safetensors": weights("w", 150_000)},
        "sharded": {
            "model.safetensors.index.json": json.dumps(index).encode(),
            "1.safetensors": weights("a"),
            "2.safetensors": weights("b"),
        },
    }
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        for name, files in repos.items():
            api.create_repo(f"{local_hub.user}/{name}")
            for path, content in files.items():
                api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=f"{local_hub.user}/{name}")
    names = [f"{local_hub.user}/{name}" for name in repos]
    seen = ours.run("headers.py", *names)
    assert seen == theirs.run("headers.py", *names)
    assert seen[names[2]][:4] == [{"total_size": 24}, True, index["weight_map"], {"BF16": 12}]
