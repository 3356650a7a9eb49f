"""Headers of safetensors files on disk."""

from __future__ import annotations

import os
from pathlib import Path

from hub_typed.errors import NotASafetensorsRepoError
from hub_typed.flows.safetensors import (
    INDEX_FILE,
    LENGTH_BYTES,
    SINGLE_FILE,
    SafetensorsFileMetadata,
    SafetensorsRepoMetadata,
    header_length,
    parse_header,
    read_index,
)

__all__ = ["get_local_safetensors_metadata", "parse_local_safetensors_file_metadata"]


def get_local_safetensors_metadata(path: str | os.PathLike[str]) -> SafetensorsRepoMetadata:
    """Get the metadata of a safetensors model on disk from the headers of its files.

    Args:
        path: A safetensors file, or a folder with ``model.safetensors`` or ``model.safetensors.index.json``.

    Raises:
        FileNotFoundError: The path, or a file of the index, does not exist.
        NotASafetensorsRepoError: The folder has neither file.
        SafetensorsParsingError: A header or the index is invalid; the message names the file.
    """
    folder = Path(path)
    file = folder / SINGLE_FILE if folder.is_dir() else folder
    index = folder / INDEX_FILE
    if file.is_file() or not folder.is_dir():
        header = parse_local_safetensors_file_metadata(file)
        return SafetensorsRepoMetadata(None, False, dict.fromkeys(header.tensors, file.name), {file.name: header})
    if not index.is_file():
        raise NotASafetensorsRepoError(
            f"{folder} has no weights in safetensors: neither {SINGLE_FILE!r} nor {INDEX_FILE!r} exists."
        )
    metadata, weight_map = read_index(str(index), str(index))
    headers = {name: parse_local_safetensors_file_metadata(folder / name) for name in sorted(set(weight_map.values()))}
    return SafetensorsRepoMetadata(metadata, True, weight_map, headers)


def parse_local_safetensors_file_metadata(path: str | os.PathLike[str]) -> SafetensorsFileMetadata:
    """Get the metadata of one safetensors file on disk from its header.

    Args:
        path: The file.

    Raises:
        FileNotFoundError: The file does not exist.
        SafetensorsParsingError: The header is invalid; the message names the file.
    """
    where = os.fspath(path)
    with open(path, "rb") as file:
        return parse_header(file.read(header_length(file.read(LENGTH_BYTES), where)), where)
