"""Save and load the weights of PyTorch models, in safetensors or, on request, in pickle."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol, cast

from hub_typed.constants import PYTORCH_WEIGHTS_FILE_PATTERN, SAFETENSORS_WEIGHTS_FILE_PATTERN
from hub_typed.errors import SafetensorsParsingError
from hub_typed.flows.safetensors import read_index
from hub_typed.serialization.safetensors_files import parse_local_safetensors_file_metadata
from hub_typed.serialization.shards import DEFAULT_SHARD_SIZE
from hub_typed.serialization.torch_tensors import (
    TorchTensor,
    split_torch_state_dict_into_shards,
    without_shared_tensors,
)

__all__ = [
    "LoadedKeys",
    "TorchModule",
    "load_state_dict_from_file",
    "load_torch_model",
    "save_torch_model",
    "save_torch_state_dict",
]


class TorchModule(Protocol):
    """The part of ``torch.nn.Module`` that is used here."""

    def state_dict(self) -> Mapping[str, TorchTensor]: ...
    def load_state_dict(self, state_dict: Mapping[str, TorchTensor], strict: bool = ...) -> object: ...


class LoadedKeys(NamedTuple):
    """Names in which a checkpoint and a model differ.

    Attributes:
        missing_keys: Tensors of the model that the checkpoint does not have.
        unexpected_keys: Tensors of the checkpoint that the model does not have.
    """

    missing_keys: list[str]
    unexpected_keys: list[str]


def save_torch_model(
    model: TorchModule,
    save_directory: str | os.PathLike[str],
    *,
    filename_pattern: str | None = None,
    force_contiguous: bool = True,
    max_shard_size: int | str = DEFAULT_SHARD_SIZE,
    metadata: Mapping[str, str] | None = None,
    safe_serialization: bool = True,
    is_main_process: bool = True,
    shared_tensors_to_discard: list[str] | None = None,
) -> None:
    """Save the weights of a model as `save_torch_state_dict` does.

    Args:
        model: The model.
        save_directory: Folder of the files; it is created if missing.
    """
    save_torch_state_dict(
        model.state_dict(),
        save_directory,
        filename_pattern=filename_pattern,
        force_contiguous=force_contiguous,
        max_shard_size=max_shard_size,
        metadata=metadata,
        safe_serialization=safe_serialization,
        is_main_process=is_main_process,
        shared_tensors_to_discard=shared_tensors_to_discard,
    )


def save_torch_state_dict(
    state_dict: Mapping[str, TorchTensor],
    save_directory: str | os.PathLike[str],
    *,
    filename_pattern: str | None = None,
    force_contiguous: bool = True,
    max_shard_size: int | str = DEFAULT_SHARD_SIZE,
    metadata: Mapping[str, str] | None = None,
    safe_serialization: bool = True,
    is_main_process: bool = True,
    shared_tensors_to_discard: list[str] | None = None,
) -> None:
    """Save tensors to one file, or to several with an index; files of an earlier call with the pattern are deleted.

    Args:
        state_dict: Tensors by name.
        save_directory: Folder of the files; it is created if missing.
        filename_pattern: Name of the files, with ``{suffix}``; ``model{suffix}.safetensors`` or
            ``pytorch_model{suffix}.bin`` if not given.
        force_contiguous: Save the tensors in contiguous layout, which safetensors requires.
        max_shard_size: Maximum size of the tensors of a file, in bytes or as ``5GB``.
        metadata: Text by name, written to the files.
        safe_serialization: Write safetensors; pickle files otherwise.
        is_main_process: Whether this process deletes the files of an earlier call; one of several that save.
        shared_tensors_to_discard: Names to drop first where tensors share memory; the metadata tells for each dropped
            name which one was kept.

    Raises:
        ImportError: torch or safetensors is not installed.
        ValueError: ``max_shard_size`` is invalid, or overlapping tensors cannot be saved.
    """
    folder = Path(save_directory)
    pattern = filename_pattern or (
        SAFETENSORS_WEIGHTS_FILE_PATTERN if safe_serialization else PYTORCH_WEIGHTS_FILE_PATTERN
    )
    described = dict(metadata or {})
    tensors = dict(state_dict)
    if safe_serialization:
        tensors, dropped = without_shared_tensors(tensors, frozenset(shared_tensors_to_discard or ()))
        described = dropped | described
        if force_contiguous:
            tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
    split = split_torch_state_dict_into_shards(tensors, filename_pattern=pattern, max_shard_size=max_shard_size)
    folder.mkdir(parents=True, exist_ok=True)
    if is_main_process:
        for old in _files_of(folder, pattern):
            old.unlink()
    for filename, names in split.filename_to_tensors.items():
        shard = {name: tensors[name] for name in names}
        if safe_serialization:
            _safetensors().save_file(shard, folder / filename, metadata={"format": "pt"} | described)
        else:
            _torch().save(shard, folder / filename)
    if split.is_sharded:
        index = {"metadata": described | split.metadata, "weight_map": split.tensor_to_filename}
        text = json.dumps(index, indent=2, sort_keys=True) + "\n"
        (folder / _index_name(pattern)).write_text(text, encoding="utf-8")


def load_torch_model(
    model: TorchModule,
    checkpoint_path: str | os.PathLike[str],
    *,
    strict: bool = False,
    safe: bool = True,
    weights_only: bool = True,
    map_location: object = None,
    mmap: bool = False,
    filename_pattern: str | None = None,
) -> LoadedKeys:
    """Load the weights of a file, or of the files of a folder, into a model, one file at a time.

    Args:
        model: The model.
        checkpoint_path: A file, or a folder that `save_torch_model` wrote.
        strict: Raise an error if the names of the checkpoint and of the model differ.
        safe: Load safetensors only; pickle files, which can execute code, are loaded too if ``False``.
        weights_only: Let torch refuse pickle files that contain more than tensors.
        map_location: Device of the loaded tensors.
        mmap: Map pickle files into memory.
        filename_pattern: Name of the files in a folder, with ``{suffix}``; the patterns of `save_torch_model` if not
            given.

    Raises:
        FileNotFoundError: There is no checkpoint.
        ImportError: torch or safetensors is not installed.
        ValueError: The checkpoint is not safe, although ``safe`` is set; or its index is invalid.
        RuntimeError: Names differ, although ``strict`` is set.
    """
    path = Path(checkpoint_path)
    if path.is_dir():
        files = _checkpoint_files(path, _pattern_in(path, filename_pattern, safe=safe))
    elif path.is_file():
        files = [path]
    else:
        raise FileNotFoundError(f"{path}: there is no such file or folder with a checkpoint.")
    wanted = set(model.state_dict())
    loaded: set[str] = set()
    for file in files:
        state = load_state_dict_from_file(
            file, map_location=map_location, weights_only=weights_only, mmap=mmap, safe=safe
        )
        loaded |= set(state)
        model.load_state_dict(state, strict=False)
    keys = LoadedKeys(sorted(wanted - loaded), sorted(loaded - wanted))
    if strict and any(keys):
        raise RuntimeError(
            f"{path} does not fit the model: missing {keys.missing_keys}, unexpected {keys.unexpected_keys}."
        )
    return keys


def load_state_dict_from_file(
    checkpoint_file: str | os.PathLike[str],
    map_location: object = None,
    weights_only: bool = True,
    mmap: bool = False,
    *,
    safe: bool = True,
) -> Mapping[str, TorchTensor]:
    """Load the tensors of one file.

    Args:
        checkpoint_file: The file.
        map_location: Device of the loaded tensors.
        weights_only: Let torch refuse pickle files that contain more than tensors.
        mmap: Map a pickle file into memory; safetensors files always are.
        safe: Load the file as safetensors whatever its name is; a pickle file can execute code.

    Raises:
        FileNotFoundError: The file does not exist.
        ImportError: torch or safetensors is not installed.
        ValueError: The file is not in safetensors, although ``safe`` is set.
    """
    path = Path(checkpoint_file)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such checkpoint.")
    if not (safe or path.suffix == ".safetensors"):
        return _torch().load(path, map_location=map_location, weights_only=weights_only, mmap=mmap)
    try:
        parse_local_safetensors_file_metadata(path)
    except SafetensorsParsingError as error:
        raise ValueError(
            f"{error} A pickle file can execute code when it is loaded: pass safe=False if it is one and you trust it."
        ) from error
    return _safetensors().load_file(path, device="cpu" if map_location is None else map_location)


def _pattern_in(folder: Path, given: str | None, *, safe: bool) -> str:
    if given is not None:
        return given
    for pattern in [SAFETENSORS_WEIGHTS_FILE_PATTERN, *([] if safe else [PYTORCH_WEIGHTS_FILE_PATTERN])]:
        if (folder / pattern.format(suffix="")).is_file() or (folder / _index_name(pattern)).is_file():
            return pattern
    return SAFETENSORS_WEIGHTS_FILE_PATTERN


def _checkpoint_files(folder: Path, pattern: str) -> list[Path]:
    index = folder / _index_name(pattern)
    if index.is_file():
        _, weight_map = read_index(str(index), str(index))
        return [folder / name for name in sorted(set(weight_map.values()))]
    single = folder / pattern.format(suffix="")
    if not single.is_file():
        raise FileNotFoundError(f"{folder} has no checkpoint: neither {single.name} nor {index.name} exists.")
    return [single]


def _index_name(pattern: str) -> str:
    return pattern.format(suffix="") + ".index.json"


def _files_of(folder: Path, pattern: str) -> Iterator[Path]:
    """Files that were written with a pattern."""
    name = re.escape(pattern).replace(r"\{suffix\}", r"(-[0-9]{5}-of-[0-9]{5})?")
    expression = re.compile(rf"{name}(\.index\.json)?")
    return (path for path in list(folder.iterdir()) if expression.fullmatch(path.name))


class _Safetensors(Protocol):
    def save_file(
        self, tensors: Mapping[str, TorchTensor], filename: Path, metadata: Mapping[str, str] | None = ...
    ) -> None: ...
    def load_file(self, filename: Path, device: object = ...) -> Mapping[str, TorchTensor]: ...


class _Torch(Protocol):
    def save(self, obj: object, f: Path) -> None: ...
    def load(self, f: Path, *, map_location: object, weights_only: bool, mmap: bool) -> Mapping[str, TorchTensor]: ...


def _safetensors() -> _Safetensors:
    return cast("_Safetensors", _imported("safetensors.torch", "pip install safetensors torch"))


def _torch() -> _Torch:
    return cast("_Torch", _imported("torch", "pip install torch"))


def _imported(name: str, how: str) -> ModuleType:
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError(f"Weights of PyTorch models need {name}: {how}.") from error
