"""Distribute the tensors of a model over files of limited size."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from typing import Final, TypeVar

import attrs

from hub_typed_api.fields import Fields

__all__ = ["StateDictSplit", "split_state_dict_into_shards_factory"]

TensorT = TypeVar("TensorT")

DEFAULT_SHARD_SIZE: Final = "5GB"
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGT]B)\s*", re.IGNORECASE | re.ASCII)
_UNITS: Final = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@attrs.frozen
class StateDictSplit(Fields):
    """Distribution of tensors over files.

    Attributes:
        metadata: ``total_size``, the size of all tensors in bytes; shared storage counts once.
        filename_to_tensors: Names of the tensors by file.
        tensor_to_filename: File by name of the tensor.
    """

    metadata: dict[str, int]
    filename_to_tensors: dict[str, list[str]]
    tensor_to_filename: dict[str, str]

    @property
    def is_sharded(self) -> bool:
        """Whether there are several files; they need an index then."""
        return len(self.filename_to_tensors) > 1


@attrs.define
class _Shard:
    names: list[str] = attrs.Factory(list[str])
    size: int = 0


def split_state_dict_into_shards_factory(
    state_dict: Mapping[str, TensorT | str],
    *,
    get_storage_size: Callable[[TensorT], int],
    filename_pattern: str,
    get_storage_id: Callable[[TensorT], Hashable | None] | None = None,
    max_shard_size: int | str = DEFAULT_SHARD_SIZE,
) -> StateDictSplit:
    """Distribute tensors over files, in their order. A tensor larger than a file may be gets a file of its own.

    Args:
        state_dict: Tensors by name; text is skipped.
        get_storage_size: Returns the size of a tensor in bytes.
        filename_pattern: Name of the files, with ``{suffix}``, for example ``model{suffix}.safetensors``.
        get_storage_id: Returns what identifies the storage of a tensor, or ``None`` if unknown. Tensors with the same
            storage are in the same file.
        max_shard_size: Maximum size of the tensors of a file, in bytes or as ``5GB`` (decimal: KB, MB, GB, TB).

    Raises:
        ValueError: ``max_shard_size`` is invalid.
    """
    limit = _size_in_bytes(max_shard_size)
    shards: list[_Shard] = []
    current = _Shard()
    shard_of_storage: dict[Hashable, _Shard] = {}
    shared: list[tuple[_Shard, str]] = []
    for name, tensor in state_dict.items():
        if isinstance(tensor, str):
            continue
        storage = None if get_storage_id is None else get_storage_id(tensor)
        if storage is not None and storage in shard_of_storage:
            shared.append((shard_of_storage[storage], name))
            continue
        size = get_storage_size(tensor)
        if size > limit:
            shard = _Shard()
            shards.append(shard)
        else:
            if current.size + size > limit:
                shards.append(current)
                current = _Shard()
            shard = current
        shard.names.append(name)
        shard.size += size
        if storage is not None:
            shard_of_storage[storage] = shard
    if current.names:
        shards.append(current)
    for shard, name in shared:
        shard.names.append(name)
    files = {
        filename_pattern.format(suffix="" if len(shards) == 1 else f"-{number:05d}-of-{len(shards):05d}"): shard.names
        for number, shard in enumerate(shards, start=1)
    }
    return StateDictSplit(
        {"total_size": sum(shard.size for shard in shards)},
        files,
        {name: file for file, names in files.items() for name in names},
    )


def _size_in_bytes(size: int | str) -> int:
    if not isinstance(size, str):
        return int(size)
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ValueError(f"max_shard_size must be bytes or text such as '5GB' (KB, MB, GB, TB), not {size!r}.")
    return int(float(found[1]) * _UNITS[found[2].upper()])
