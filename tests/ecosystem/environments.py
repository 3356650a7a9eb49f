"""Environments with programs that use the official client, pinned; with what hub-typed needs to run in them."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final, Literal, TypeAlias

from benchmarks.official import installed

Environment: TypeAlias = Literal["light", "torch"]

OURS: Final = ("attrs==26.1.0", "cattrs==26.2.1", "filelock==4.3.1", "PyYAML==6.0.4", "tqdm==4.70.1", "urllib3==2.8.0")
PACKAGES: Final[dict[Environment, tuple[str, ...]]] = {
    "light": (
        *OURS,
        "datasets==5.2.0",
        "evaluate==0.4.6",
        "fastembed==0.9.1",
        "gradio_client==2.7.2",
        "huggingface_hub==1.33.0",  # fastembed accepts no 2.x
        "model2vec==0.10.0",
        "tokenizers==0.23.3",
        "transformers==5.24.0",
    ),
    "torch": (
        *OURS,
        "huggingface_hub==2.4.0",
        "peft==0.21.2",
        "sentence-transformers==6.2.0",
        "timm==1.0.31",
        "torch==2.13.0",
        "transformers==5.24.0",
    ),
}


def interpreter_of(environment: Environment) -> Path:
    """The interpreter of an environment, which is installed once for each list of packages."""
    packages = PACKAGES[environment]
    digest = sha256("\n".join(packages).encode()).hexdigest()[:8]
    return installed(f"ecosystem-{environment}-{digest}", *packages)
