"""An inspector that reports sizes and types of a model's tensors without downloading them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from hub_typed import (
    HfApi,
    NotASafetensorsRepoError,
    SafetensorsDtype,
    SafetensorsFileMetadata,
    SafetensorsParsingError,
    SafetensorsRepoMetadata,
    TensorInfo,
)

BITS: dict[SafetensorsDtype, int] = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I8": 8, "U8": 8}


@dataclass(frozen=True)
class Tensor:
    file: str
    name: str
    dtype: SafetensorsDtype
    shape: tuple[int, ...]
    size: int

    @classmethod
    def of(cls, file: str, name: str, info: TensorInfo) -> Tensor:
        start, end = info.data_offsets
        return cls(file, name, info.dtype, tuple(info.shape), end - start)

    @property
    def is_consistent(self) -> bool:
        bits = BITS.get(self.dtype)
        return bits is None or prod(self.shape) * bits == self.size * 8


def tensors_of(file: str, metadata: SafetensorsFileMetadata) -> Iterator[Tensor]:
    return (Tensor.of(file, name, info) for name, info in metadata.tensors.items())


def tensors(metadata: SafetensorsRepoMetadata) -> list[Tensor]:
    found = [one for file, header in metadata.files_metadata.items() for one in tensors_of(file, header)]
    return sorted(found, key=lambda tensor: tensor.size, reverse=True)


def report(api: HfApi, repo_id: str) -> str:
    try:
        metadata = api.get_safetensors_metadata(repo_id)
    except NotASafetensorsRepoError:
        return f"{repo_id} has no safetensors"
    except SafetensorsParsingError as error:
        return f"{repo_id}: {error}"
    lines = [f"{dtype}: {count:,}" for dtype, count in sorted(metadata.parameter_count.items())]
    lines += [f"{tensor.name} {tensor.dtype} {tensor.shape}" for tensor in tensors(metadata)]
    return "\n".join(lines)
