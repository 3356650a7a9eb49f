"""What infos say of GGUF files, of evaluation results in files, and of citations."""

from __future__ import annotations

import json
import struct

import pytest

from tests.local.repos.test_model_infos import create, info


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(tensors: dict[str, list[int]], **metadata) -> bytes:
    """A GGUF file without data."""
    content = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata))
    for name, value in metadata.items():
        content += text(name.replace("__", "."))
        if isinstance(value, str):
            content += struct.pack("<I", 8) + text(value)
        elif isinstance(value, list):
            content += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
        else:
            content += struct.pack("<II", 4, value)
    for name, shape in tensors.items():
        content += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + struct.pack("<IQ", 0, 0)
    return content


HEADER = {
    "general__architecture": "llama",
    "llama__context_length": 4096,
    "tokenizer__chat_template": "{{ messages }}",
    "tokenizer__ggml__tokens": ["<unk>", "<s>", "</s>"],
    "tokenizer__ggml__bos_token_id": 1,
    "tokenizer__ggml__eos_token_id": 2,
}
RESULT = "- dataset: {id: ada/benchmark, task_id: main}\n  value: 0.75\n  date: 2025-01-15\n"


def put(caller, path, content, repo="models/ada/m"):
    answer = caller.commit(repo, caller.file(path, content))
    assert answer.status == 200, answer.body


@pytest.fixture
def model(ada):
    return ada  # whose model is there


def test_the_header_of_a_gguf_file_is_in_the_info(model):
    put(model, "q4/model.gguf", gguf({"a": [4, 8], "b": [10]}, **HEADER) + bytes(100))
    expected = {
        "total": 42,
        "architecture": "llama",
        "context_length": 4096,
        "chat_template": "{{ messages }}",
        "bos_token": "<s>",
        "eos_token": "</s>",
    }
    assert info(model)["gguf"] == expected
    assert info(model, "?expand=gguf")["gguf"] == expected


def test_a_header_longer_than_one_piece_is_read(model):
    tokens = [f"token {number:020}" for number in range(60_000)]
    put(model, "model.gguf", gguf({"a": [2]}, general__architecture="llama", tokenizer__ggml__tokens=tokens))
    assert info(model)["gguf"] == {"total": 2, "architecture": "llama"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GGUF",
        b"no header at all",
        gguf({})[:10],
        b"GGUF" + struct.pack("<IQQ", 3, 1 << 60, 0),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 62),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<I", 99),
        b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text("a") + struct.pack("<IIQ", 9, 9, 1 << 19),
        b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + text("a") + struct.pack("<I", 1 << 31),
        gguf({}, tokenizer__ggml__tokens=["a"], tokenizer__ggml__bos_token_id=9),
    ],
)
def test_a_gguf_file_that_cannot_be_read_is_left_out(model, content):
    put(model, "model.gguf", content)
    assert "gguf" not in info(model)


def test_results_in_files_are_in_the_info_if_asked_for(model):
    assert "evalResults" not in info(model, "?expand=evalResults")
    put(model, ".eval_results/main.yaml", RESULT.encode())
    put(model, ".eval_results/wrong.yaml", b"- dataset: {id: ada/benchmark}\n  value: 1\n")
    put(model, ".eval_results/broken.yaml", b"a: [")
    put(model, "eval_results.yaml", RESULT.encode())
    found = info(model, "?expand=evalResults")["evalResults"]
    data = {"dataset": {"id": "ada/benchmark", "task_id": "main"}, "value": 0.75, "date": "2025-01-15"}
    assert {"filename": ".eval_results/main.yaml", "data": data} in found
    assert {one["filename"] for one in found if "error" in one} == {
        ".eval_results/broken.yaml",
        ".eval_results/wrong.yaml",
    }
    assert "evalResults" not in info(model)


def test_results_in_files_are_on_the_leaderboard(model):
    create(model, "benchmark", "dataset")
    put(model, ".eval_results/main.yaml", RESULT.encode())
    (one,) = model("GET", "/api/datasets/ada/benchmark/leaderboard").json()
    assert (one["modelId"], one["value"], one["filename"]) == ("ada/m", 0.75, ".eval_results/main.yaml")
    assert (one["author"]["name"], one["author"]["type"]) == ("ada", "user")
    assert model("GET", "/api/datasets/ada/benchmark/leaderboard?task_id=other").json() == []


def test_the_citation_of_a_dataset_is_that_of_its_card(ada):
    create(ada, "d", "dataset")
    assert info(ada, name="ada/d", kind="datasets").get("citation") is None
    entry = "@misc{d,\n  title = {D},\n}"
    put(ada, "README.md", f"# D\n\n```python\nx = 1\n```\n\n```bibtex\n{entry}\n```\n".encode(), "datasets/ada/d")
    assert info(ada, name="ada/d", kind="datasets")["citation"] == entry
    assert json.dumps(info(ada, "?expand=citation", "ada/d", "datasets")["citation"]) == json.dumps(entry)
