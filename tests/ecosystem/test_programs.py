"""Each program ends with the same result with either client, and its requests to the Hub are those of that client."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub_typed.local.testing import HubRepoFactory
from tests.ecosystem.runner import Runner, interpreter_or_skip

pytestmark = [pytest.mark.ecosystem, pytest.mark.timeout(600)]  # the first run installs the environment
TOKENIZER = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [],
    "normalizer": None,
    "pre_tokenizer": {"type": "Whitespace"},
    "post_processor": None,
    "decoder": None,
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "hello": 1, "hub": 2}, "unk_token": "[UNK]"},
}
ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_transformers_pushes_and_reads_configs_and_tokenizers(runner: Runner, tmp_path: Path):
    found = runner.run("light", "transformers_files.py", "local-user/bert", str(tmp_path / "saved"))
    assert found["commit"] == "CommitInfo"
    assert found["config"] == ["bert", 8]
    assert found["tokens"] == [[1, 0, 2], [2]]
    assert found["saved"] == ["tokenizer.json", "tokenizer_config.json"]
    assert found["complaints"][:2] == [
        "local-user/bert-none is not a local folder and is not a vali",
        "none is not a valid git identifier (branch name, tag name or",
    ]
    assert found["complaints"][2].startswith(("Repo id must be", "Invalid repo id"))


def test_transformers_reads_from_the_cache_when_nobody_answers(
    runner: Runner, hub_repo: HubRepoFactory, dead_endpoint: str
):
    repo = hub_repo({"config.json": json.dumps({"model_type": "bert", "hidden_size": 8})}, name="bert").repo_id
    for variables in ({}, {"HF_ENDPOINT": dead_endpoint}, {"HF_HUB_OFFLINE": "1"}):
        found = runner.run("light", "transformers_offline.py", repo, **variables)
        assert found["found"] == 8
        assert found["said"].startswith("We couldn't connect" if variables else f"{repo}-none is not"), variables


def test_tokenizers_reads_a_tokenizer(runner: Runner, hub_repo: HubRepoFactory):
    repo = hub_repo({"tokenizer.json": json.dumps(TOKENIZER)}, name="words").repo_id
    found = runner.run("light", "tokenizers_files.py", repo)
    assert found == {"ids": [1, 2], "same": True, "said": "RepositoryNotFoundError"}


@pytest.fixture
def tables(hub_repo: HubRepoFactory, tmp_path: Path) -> Mapping[str, str]:
    """Datasets with the same rows in three formats."""
    written = tmp_path / "rows.parquet"
    make = f"import pyarrow, pyarrow.parquet as p; p.write_table(pyarrow.Table.from_pylist({ROWS}), {str(written)!r})"
    subprocess.run([interpreter_or_skip("light"), "-c", make], check=True)
    files = {
        "csv": ("data.csv", b"a,b\n1,x\n2,y\n"),
        "lines": ("data.jsonl", "".join(f"{json.dumps(row)}\n" for row in ROWS).encode()),
        "columns": ("data/train-00000-of-00001.parquet", written.read_bytes()),
    }
    return {
        name: hub_repo({path: content}, repo_type="dataset", name=name).repo_id
        for name, (path, content) in files.items()
    }


def test_datasets_reads_streams_and_pushes_tables(runner: Runner, tables: Mapping[str, str]):
    found = runner.run("light", "datasets_tables.py", *tables.values(), "local-user/pushed")
    assert found == {
        "rows": {"csv": ROWS, "json": ROWS, "parquet": ROWS},
        "streams": {"csv": ROWS, "json": ROWS, "parquet": ROWS},
        "one": ROWS,
        "again": ROWS,
        "other": [1],
        "said": "DatasetNotFoundError",
    }


def test_datasets_reads_from_the_cache_when_nobody_answers(
    runner: Runner, tables: Mapping[str, str], dead_endpoint: str
):
    for variables in ({}, {"HF_ENDPOINT": dead_endpoint}, {"HF_HUB_OFFLINE": "1"}):
        assert runner.run("light", "datasets_offline.py", tables["csv"], **variables) == {"rows": ROWS}


def test_model2vec_pushes_and_reads_a_model(runner: Runner):
    assert runner.run("light", "model2vec_model.py", "local-user/static") == {"same": True}


def test_gradio_client_asks_for_a_space(runner: Runner, hub_repo: HubRepoFactory):
    space = hub_repo({"app.py": ""}, repo_type="space", name="demo").repo_id
    assert runner.run("light", "gradio_client_space.py", space) == {"host": space, "client": "Client"}


def test_evaluate_writes_a_result_into_a_card(runner: Runner, hub_repo: HubRepoFactory, tmp_path: Path):
    if runner.client == "huggingface_hub":
        pytest.skip("it validates cards at huggingface.co, whatever the endpoint")
    repo = hub_repo({"README.md": "---\nlicense: mit\n---\n# A model\n"}, name="judged").repo_id
    dataset = hub_repo(repo_type="dataset", name="rows").repo_id
    found = runner.run("light", "evaluate_results.py", repo, dataset, str(tmp_path))
    assert found == {"result": {"share": 0.75}, "written": ["share", 0.75, "Rows"]}


def test_fastembed_downloads_the_files_of_a_model(runner: Runner, hub_repo: HubRepoFactory, tmp_path: Path):
    files = {"config.json": "{}", "tokenizer.json": "{}", "model.onnx": "onnx", "other.bin": "not asked for"}
    repo = hub_repo(files, name="embedding").repo_id
    found = runner.run("light", "fastembed_files.py", repo, str(tmp_path / "models"))
    assert found == ["config.json", "model.onnx", "tokenizer.json"]
