"""What the measurements work on; the same in every run."""

# chance that is the same each time is what is wanted here

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

__all__ = ["change", "large_file", "medium_files", "model_infos", "small_files", "tree_entries"]

MEBIBYTE: Final = 1 << 20
SMALL: Final = 4096
CHANGES: Final = 10


def small_files(folder: Path, count: int) -> None:
    """Text files of 4 KiB, a hundred in a folder, each different; git keeps them, not LFS."""
    chance = random.Random(1)
    for number in range(count):
        path = folder / f"part-{number // 100:02}" / f"entry-{number:04}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(chance.randbytes(SMALL // 2).hex(), encoding="ascii")


def large_file(folder: Path, mebibytes: int) -> None:
    """One file of bytes that do not compress, which the Hub's usual rules give to LFS."""
    chance = random.Random(2)
    with open(folder / "model.safetensors", "wb") as file:
        file.writelines(chance.randbytes(MEBIBYTE) for _ in range(mebibytes))


def change(file: Path) -> None:
    """Change a hundredth of the bytes of a file, at several places that lie apart."""
    chance, size = random.Random(6), file.stat().st_size
    with file.open("r+b") as target:
        for number in range(CHANGES):
            target.seek(number * size // CHANGES)
            target.write(chance.randbytes(size // 100 // CHANGES))


def medium_files(folder: Path, count: int) -> None:
    """Files of 8 MiB that do not compress, each different, which the Hub's usual rules give to LFS."""
    chance = random.Random(5)
    for number in range(count):
        (folder / f"part-{number:04}.parquet").write_bytes(chance.randbytes(8 * MEBIBYTE))


def model_infos(file: Path, count: int) -> None:
    """A page of models with all that the Hub tells of a known one: about 2 kB of JSON each."""
    chance = random.Random(3)
    file.write_text(json.dumps([_model_info(chance, number) for number in range(count)]), encoding="utf-8")


def tree_entries(file: Path, count: int) -> None:
    """A list of LFS files as `list_repo_tree` receives it."""
    chance = random.Random(4)
    entries = [
        {
            "type": "file",
            "oid": chance.randbytes(20).hex(),
            "size": chance.randrange(10_000_000),
            "path": f"folder-{number // 100:04}/part-{number:06}.parquet",
            "lfs": {"oid": chance.randbytes(32).hex(), "size": chance.randrange(10_000_000), "pointerSize": 134},
            "xetHash": chance.randbytes(32).hex(),
        }
        for number in range(count)
    ]
    file.write_text(json.dumps(entries), encoding="utf-8")


def _model_info(chance: random.Random, number: int) -> dict[str, Any]:
    name = f"maker-{number % 50}/model-{number}"
    return {
        "_id": chance.randbytes(12).hex(),
        "id": name,
        "modelId": name,
        "author": f"maker-{number % 50}",
        "sha": chance.randbytes(20).hex(),
        "lastModified": "2024-02-19T10:57:45.000Z",
        "createdAt": "2022-03-02T23:29:04.000Z",
        "private": False,
        "gated": False,
        "disabled": False,
        "downloads": chance.randrange(10_000_000),
        "likes": chance.randrange(3000),
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "mask_token": None,
        "tags": [f"tag-{chance.randrange(500)}" for _ in range(16)],
        "cardData": {"language": "en", "license": "mit", "tags": ["exbert"], "datasets": ["text"]},
        "config": {
            "architectures": ["GPT2LMHeadModel"],
            "model_type": "gpt2",
            "tokenizer_config": {"bos_token": "<s>", "eos_token": "</s>"},
        },
        "transformersInfo": {
            "auto_model": "AutoModelForCausalLM",
            "pipeline_tag": "text-generation",
            "processor": "AutoTokenizer",
        },
        "widgetData": [{"text": f"Example {part} of {name}"} for part in range(5)],
        "safetensors": {"parameters": {"F32": 137_022_720}, "total": 137_022_720},
        "siblings": [{"rfilename": f"folder/file-{part:02}.json"} for part in range(26)],
        "spaces": [f"maker-{chance.randrange(50)}/space-{part}" for part in range(20)],
    }
