"""Fixtures for the pages of the documentation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfApi
from hub_typed.local import LocalHub
from hub_typed.local.inference import endpoints

PUBLIC_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
FILES = {
    "README.md": b"---\nlicense: apache-2.0\ntags: [sentence-similarity]\n---\n# all-MiniLM-L6-v2\n",
    "config.json": json.dumps({"architectures": ["BertModel"], "hidden_size": 384}).encode(),
    "tokenizer.json": b"{}",
    "model.safetensors": bytes(100_000),
}


@pytest.fixture
def world(
    local_hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> LocalHub:
    """A Hub with the public model that pages read, and a working folder with ``weights/``."""
    local_hub.add_organization("sentence-transformers")
    with HfApi(local_hub.endpoint, local_hub.token) as api:
        api.create_repo(PUBLIC_MODEL)
        added = [CommitOperationAdd(path, data) for path, data in FILES.items()]
        api.create_commit(PUBLIC_MODEL, added, commit_message="Add the model")
    monkeypatch.setattr(endpoints, "PENDING_SECONDS", 0.05)
    monkeypatch.setattr(endpoints, "START_SECONDS", 0.1)
    monkeypatch.chdir(tmp_path)
    if any(page in request.node.name for page in ("buckets.md", "local_hub.md")):  # buckets have no other storage
        monkeypatch.delenv("HF_HUB_DISABLE_XET", raising=False)
        monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "config.json").write_text('{"hidden_size": 8}')
    (weights / "model.safetensors").write_bytes(bytes(200_000))
    return local_hub
