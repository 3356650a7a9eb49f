"""Metadata of safetensors files, read from their headers only."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias, TypeGuard, cast

import attrs

from hub_typed.errors import (
    NEVER_RETRIED,
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    HubTimeoutError,
    NotASafetensorsRepoError,
    SafetensorsParsingError,
    TransportError,
)
from hub_typed.flows.files.byte_ranges import ContentVersions
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.head import send_head
from hub_typed.flows.files.paths import checked_hash
from hub_typed.flows.files.range_sink import RangeCompleteError, RangeSink
from hub_typed.http.io import Io
from hub_typed.http.retry import retry_delay
from hub_typed.http.send import execute
from hub_typed_api import path as rules
from hub_typed_api.fields import Fields
from hub_typed_api.models import RepoType
from hub_typed_api.operations import files as operations, models as model_operations

__all__ = [
    "SafetensorsDtype",
    "SafetensorsFileMetadata",
    "SafetensorsRepoMetadata",
    "TensorInfo",
    "get_safetensors_metadata",
    "get_sharded_safetensors_metadata",
    "parse_safetensors_file_metadata",
]

SINGLE_FILE: Final = "model.safetensors"
INDEX_FILE: Final = "model.safetensors.index.json"
FIRST_REQUEST_BYTES: Final = 100_001
"""Size of the first request; nearly all headers are shorter."""
LENGTH_BYTES: Final = 8
"""Size of the length field before the header."""
MAX_HEADER_BYTES: Final = 25_000_000
MAX_FILES: Final = 10_000
MAX_ELEMENTS: Final = 2**64 - 1
"""Maximum number of elements of a tensor: safetensors counts them in 64 bits."""

SafetensorsDtype: TypeAlias = (
    Literal["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"] | str  # noqa: PYI051  # an open enum: the names are documentation and completion
)
"""Type of the elements of a tensor; new hardware adds new types, for example ``F8_E4M3``."""


@attrs.frozen
class TensorInfo(Fields):
    """A tensor as described in the header of its file.

    Attributes:
        dtype: Type of the elements, for example ``BF16``.
        shape: Dimensions; empty for a scalar.
        data_offsets: Offsets of the first byte and of the byte after the last one, from the end of the header.
    """

    dtype: SafetensorsDtype
    shape: list[int]
    data_offsets: tuple[int, int]

    @property
    def parameter_count(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@attrs.frozen
class SafetensorsFileMetadata(Fields):
    """Header of one safetensors file.

    Attributes:
        metadata: Metadata of the author, ``__metadata__`` in the header; usually text, but any JSON value is kept.
        tensors: Tensors by name.
    """

    metadata: dict[str, object]
    tensors: dict[str, TensorInfo]

    @property
    def parameter_count(self) -> dict[str, int]:
        """Number of parameters by type."""
        return _sum_by_type((tensor.dtype, tensor.parameter_count) for tensor in self.tensors.values())


@attrs.frozen
class SafetensorsRepoMetadata(Fields):
    """Headers of all safetensors files of a model.

    Attributes:
        metadata: Metadata in the index; ``None`` for a single file.
        sharded: Whether the model has an index, and its tensors are in several files.
        weight_map: File of each tensor, by tensor name.
        files_metadata: Headers by file.
    """

    metadata: dict[str, object] | None
    sharded: bool
    weight_map: dict[str, str]
    files_metadata: dict[str, SafetensorsFileMetadata]

    @property
    def parameter_count(self) -> dict[str, int]:
        """Number of parameters by type."""
        return _sum_by_type(item for file in self.files_metadata.values() for item in file.parameter_count.items())


async def get_safetensors_metadata(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    timeout: float | None = None,
) -> SafetensorsRepoMetadata:
    """Get the metadata of a safetensors model from the headers of its files, without downloading the weights.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        timeout: Seconds to wait for each response, including retries; the deadline from the settings if not given.

    Raises:
        NotASafetensorsRepoError: The repository has neither ``model.safetensors`` nor ``model.safetensors.index.json``.
        SafetensorsParsingError: A header or the index is invalid; the message names the file.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """

    async def read(filename: str) -> SafetensorsFileMetadata:
        return await parse_safetensors_file_metadata(
            io, repo_id, filename, repo_type=repo_type, revision=commit, timeout=timeout
        )

    # All requests use this commit, so that a concurrent push cannot mix two models.
    if commit := await _commit_containing(io, repo_id, SINGLE_FILE, repo_type, revision, timeout):
        header = await read(SINGLE_FILE)
        return SafetensorsRepoMetadata(None, False, dict.fromkeys(header.tensors, SINGLE_FILE), {SINGLE_FILE: header})
    commit = await _commit_containing(io, repo_id, INDEX_FILE, repo_type, revision, timeout)
    if not commit:
        raise NotASafetensorsRepoError(
            f"{repo_id!r} has no weights in safetensors: neither {SINGLE_FILE!r} nor {INDEX_FILE!r} exists at revision "
            f"{revision or 'main'!r}."
        )
    index = str(await hf_hub_download(io, repo_id, INDEX_FILE, repo_type=repo_type, revision=commit))
    metadata, weight_map = await io.run_blocking(lambda: read_index(index, f"{repo_id}: {INDEX_FILE}"))
    names = sorted(set(weight_map.values()))
    return SafetensorsRepoMetadata(
        metadata, True, weight_map, dict(zip(names, await io.each(read, names), strict=True))
    )


async def get_sharded_safetensors_metadata(
    io: Io, repo_id: str, *, filename: str = INDEX_FILE, timeout: float | None = 10
) -> SafetensorsRepoMetadata:
    """Get the metadata of a sharded safetensors model from its default branch in one request: the Hub reads the files.

    Args:
        repo_id: Name, ``owner/name``.
        filename: Path of the index in the repository.
        timeout: Seconds to wait for the response, including retries; ``None`` for the deadline from the settings.

    Raises:
        SafetensorsParsingError: A header is invalid; the message names the file.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        EntryNotFoundError: The index does not exist.
    """
    found = await execute(io, model_operations.get_sharded_safetensors_metadata(repo_id, filename), timeout=timeout)
    files = {shard: _file_metadata(header, f"{repo_id}: {shard}") for shard, header in found.headers.items()}
    weight_map = {tensor: shard for shard, file in files.items() for tensor in file.tensors}
    metadata = None if found.index is None else found.index.metadata
    return SafetensorsRepoMetadata(metadata, True, weight_map, files)


async def parse_safetensors_file_metadata(
    io: Io,
    repo_id: str,
    filename: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    timeout: float | None = None,
) -> SafetensorsFileMetadata:
    """Get the metadata of one safetensors file from its header, without downloading the tensors.

    Args:
        repo_id: Name, ``owner/name``.
        filename: Path in the repository.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        timeout: Seconds to wait for each response, including retries; the deadline from the settings if not given.

    Raises:
        SafetensorsParsingError: The header is invalid; the message names the file.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
        EntryNotFoundError: The file does not exist.
    """
    where = f"{repo_id}: {filename}"

    async def read_range(start: int, size: int) -> bytes:
        seconds = io.settings.deadline if timeout is None else timeout
        deadline = io.now() + seconds

        def check() -> None:
            if io.now() >= deadline:
                raise HubTimeoutError(f"{where}: the header was not received within {seconds:.3g} s.")

        memory = bytearray(size)
        sink = RangeSink(where, start, memoryview(memory), ContentVersions(), check)
        byte_range = f"bytes={start}-{start + size - 1}"
        call = operations.resolve_file(repo_id, filename, repo_type=repo_type, revision=revision, byte_range=byte_range)
        attempt = 1
        while True:
            try:
                left = max(deadline - io.now(), 0.001)
                await execute(io, call, sink=sink, timeout=min(io.settings.read_timeout, left), deadline=left)
            except RangeCompleteError:
                pass
            except NEVER_RETRIED:
                raise
            except TransportError:  # requests with a sink are not retried elsewhere
                wait = retry_delay(None, attempt, io.settings, io.random(), io.now()) or 0.0
                if attempt >= io.settings.attempts or io.now() + wait >= deadline:
                    raise
                await io.sleep(wait)
                attempt += 1
                continue
            except HfHubHTTPError as error:
                if error.response.status_code != 416:
                    raise
                return b""  # the file ends before this range
            return bytes(memory[: sink.filled])

    first = await read_range(0, FIRST_REQUEST_BYTES)
    length = header_length(first, where)
    header = first[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(header) < length:
        header = await read_range(LENGTH_BYTES, length)
    if len(header) < length:
        raise _parsing_error(
            where, f"the header should have {length} bytes, but the file ends after {len(header)} of them"
        )
    return await io.run_blocking(lambda: parse_header(header, where))


def header_length(beginning: bytes, where: str) -> int:
    """Return the length of the header according to the first bytes of a file.

    Raises:
        SafetensorsParsingError: The file is too short, or the length exceeds `MAX_HEADER_BYTES`.
    """
    if len(beginning) < LENGTH_BYTES:
        raise _parsing_error(where, f"it should begin with a length of {LENGTH_BYTES} bytes, but has {len(beginning)}")
    length = int.from_bytes(beginning[:LENGTH_BYTES], "little")
    if length > MAX_HEADER_BYTES:
        raise _parsing_error(
            where, f"the header should have {length} bytes, but at most {MAX_HEADER_BYTES} are allowed"
        )
    return length


def parse_header(header: bytes, where: str) -> SafetensorsFileMetadata:
    """Parse the header of a file.

    Raises:
        SafetensorsParsingError: The header is invalid.
    """
    return _file_metadata(_object(header, where, "the header"), where)


def _file_metadata(header: dict[str, object], where: str) -> SafetensorsFileMetadata:
    members = dict(header)
    metadata = _object_or_empty(members.pop("__metadata__", None), where, "__metadata__")
    return SafetensorsFileMetadata(metadata, {name: _tensor(name, value, where) for name, value in members.items()})


async def _commit_containing(
    io: Io, repo_id: str, path: str, repo_type: RepoType | None, revision: str | None, timeout: float | None
) -> str | None:
    """Return the commit of a revision if it contains a file; ``None`` if not."""
    call = operations.resolve_head(repo_id, path, repo_type=repo_type, revision=revision)
    try:
        commit = (await send_head(io, call.request, timeout=timeout)).headers.get("x-repo-commit")
    except EntryNotFoundError:
        return None
    return checked_hash(commit, f"{repo_id}: the commit (X-Repo-Commit) of {path!r}") if commit else revision or "main"


def read_index(path: str, where: str) -> tuple[dict[str, object], dict[str, str]]:
    with open(path, "rb") as file:
        members = _object(file.read(), where, "the index")
    metadata, weight_map = _object_or_empty(members.get("metadata"), where, "metadata"), members.get("weight_map")
    if not _is_text_map(weight_map):
        raise _parsing_error(where, "'weight_map' is not an object of file names")
    names = set(weight_map.values())
    if len(names) > MAX_FILES:
        raise _parsing_error(where, f"it names {len(names)} files, but at most {MAX_FILES} are allowed")
    for name in names:
        try:
            rules.checked_file(name)
        except HFValidationError as error:
            raise _parsing_error(where, f"it contains an invalid file name: {error}") from error
    return metadata, weight_map


def _tensor(name: str, value: object, where: str) -> TensorInfo:
    if not _is_object(value):
        raise _parsing_error(where, f"tensor {name!r} is not an object")
    dtype, shape, offsets = value.get("dtype"), value.get("shape"), value.get("data_offsets")
    if not isinstance(dtype, str):
        raise _parsing_error(where, f"tensor {name!r} has no 'dtype'")
    if not _are_counts(shape):
        raise _parsing_error(where, f"tensor {name!r}: 'shape' is not a list of sizes")
    if not _is_countable(shape):
        raise _parsing_error(where, f"tensor {name!r}: 'shape' has more than {MAX_ELEMENTS} elements")
    if not (_are_counts(offsets) and len(offsets) == 2 and offsets[0] <= offsets[1]):
        raise _parsing_error(where, f"tensor {name!r}: 'data_offsets' are not two ascending offsets")
    return TensorInfo(dtype, shape, (offsets[0], offsets[1]))


def _object(data: bytes, where: str, what: str) -> dict[str, object]:
    try:
        members: object = json.loads(data.decode(errors="ignore"))
    except (ValueError, RecursionError) as error:
        raise _parsing_error(where, f"{what} is not valid JSON: {error}") from error
    if not _is_object(members):
        raise _parsing_error(where, f"{what} is not a JSON object")
    return members


def _object_or_empty(value: object, where: str, name: str) -> dict[str, object]:
    if value is not None and not _is_object(value):
        raise _parsing_error(where, f"{name!r} is not an object")
    return value or {}


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)  # JSON keys are always strings


def _is_text_map(value: object) -> TypeGuard[dict[str, str]]:
    return _is_object(value) and all(isinstance(text, str) for text in value.values())


def _are_counts(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0
        for number in cast("list[object]", value)
    )


def _is_countable(shape: list[int]) -> bool:
    """Return whether all partial products of a shape are at most `MAX_ELEMENTS`."""
    count = 1
    for size in shape:
        count *= size
        if count > MAX_ELEMENTS:
            return False
    return True


def _sum_by_type(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, count in counts:
        sums[name] = sums.get(name, 0) + count
    return sums


def _parsing_error(where: str, why: str) -> SafetensorsParsingError:
    return SafetensorsParsingError(f"{where} is invalid: {why}.")
