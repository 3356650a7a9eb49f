"""Tensors of PyTorch: their storage, and their distribution over files."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Protocol, Self

from hub_typed.serialization.shards import DEFAULT_SHARD_SIZE, StateDictSplit, split_state_dict_into_shards_factory

__all__ = [
    "TorchTensor",
    "get_torch_storage_id",
    "get_torch_storage_size",
    "split_torch_state_dict_into_shards",
]


class TorchDevice(Protocol):
    """The part of ``torch.device`` that is used here."""

    @property
    def type(self) -> str: ...
    def __hash__(self) -> int: ...


class TorchStorage(Protocol):
    """The part of ``torch.UntypedStorage`` that is used here."""

    def data_ptr(self) -> int: ...
    def nbytes(self) -> int: ...


class TorchTensor(Protocol):
    """The part of ``torch.Tensor`` that is used here."""

    @property
    def device(self) -> TorchDevice: ...
    def untyped_storage(self) -> TorchStorage: ...
    def data_ptr(self) -> int: ...
    def numel(self) -> int: ...
    def element_size(self) -> int: ...
    def contiguous(self) -> Self: ...


def get_torch_storage_id(tensor: TorchTensor) -> tuple[Hashable, int, int] | None:
    """Return what identifies the storage of a tensor while it lives: its device, address and size.

    The result is ``None`` for meta tensors, which have no storage.
    """
    if tensor.device.type == "meta":
        return None
    storage = tensor.untyped_storage()
    return tensor.device, storage.data_ptr(), storage.nbytes()


def get_torch_storage_size(tensor: TorchTensor) -> int:
    """Return the size of the storage of a tensor in bytes; tensors that share it return the same size."""
    return tensor.untyped_storage().nbytes()


def split_torch_state_dict_into_shards(
    state_dict: Mapping[str, TorchTensor],
    *,
    filename_pattern: str = "model{suffix}.safetensors",
    max_shard_size: int | str = DEFAULT_SHARD_SIZE,
) -> StateDictSplit:
    """Distribute the tensors of a PyTorch model over files, as `split_state_dict_into_shards_factory` does.

    Args:
        state_dict: Tensors by name.
        filename_pattern: Name of the files, with ``{suffix}``.
        max_shard_size: Maximum size of the tensors of a file, in bytes or as ``5GB``.

    Raises:
        ValueError: ``max_shard_size`` is invalid.
    """
    return split_state_dict_into_shards_factory(
        state_dict,
        get_storage_size=get_torch_storage_size,
        filename_pattern=filename_pattern,
        get_storage_id=get_torch_storage_id,
        max_shard_size=max_shard_size,
    )


def without_shared_tensors(
    state_dict: Mapping[str, TorchTensor], discarded: frozenset[str]
) -> tuple[dict[str, TorchTensor], dict[str, str]]:
    """Keep one of the tensors that overlap in memory, as a safetensors file cannot share storage.

    Args:
        discarded: Names that are rather dropped than others.

    Returns:
        The kept tensors, and for each dropped name the name that was kept.

    Raises:
        ValueError: None of the overlapping tensors covers the whole storage.
    """
    by_storage: dict[Hashable, list[str]] = {}
    for name, tensor in state_dict.items():
        by_storage.setdefault(get_torch_storage_id(tensor) or name, []).append(name)
    dropped: dict[str, str] = {}
    for names in by_storage.values():
        if not _overlap([state_dict[name] for name in names]):
            continue
        whole = [name for name in names if _size(state_dict[name]) == get_torch_storage_size(state_dict[name])]
        if not whole:
            raise ValueError(
                f"The tensors {', '.join(sorted(names))} overlap in memory, and none covers all of it: clone them."
            )
        kept = min(whole, key=lambda name: (name in discarded, name))
        dropped |= {name: kept for name in names if name != kept}
    return {name: tensor for name, tensor in state_dict.items() if name not in dropped}, dropped


def _overlap(tensors: list[TorchTensor]) -> bool:
    end = 0
    for start, size in sorted((tensor.data_ptr(), _size(tensor)) for tensor in tensors):
        if start < end:
            return True
        end = start + size
    return False


def _size(tensor: TorchTensor) -> int:
    return tensor.numel() * tensor.element_size()
