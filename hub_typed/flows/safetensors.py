"""What safetensors files say of themselves: their headers are read, and nothing of their tensors."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, TypeAlias, TypeGuard, cast

import attrs

from hub_typed.errors import (
    NEVER_RETRIED,
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    HubTimeoutError,
    NotASafetensorsRepoError,
    ProtocolError,
    SafetensorsParsingError,
    TransportError,
)
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.paths import checked_hash
from hub_typed.header_values import range_start
from hub_typed.io import Io
from hub_typed.session import answer, patience
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType
from hub_typed_api.operations import files as operations
from hub_typed_api.wire import Response

__all__ = [
    "SafetensorsDtype",
    "SafetensorsFileMetadata",
    "SafetensorsRepoMetadata",
    "TensorInfo",
    "get_safetensors_metadata",
    "parse_safetensors_file_metadata",
]

SINGLE: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
FIRST: Final = 100_001
"""Bytes of the first request: nearly every header is shorter."""
LENGTH: Final = 8
"""Bytes that tell the length of the header."""
MAX_HEADER: Final = 25_000_000
MAX_FILES: Final = 10_000
MAX_NUMBERS: Final = 2**64 - 1
"""Numbers that a tensor holds at most: safetensors counts them in 64 bits."""

SafetensorsDtype: TypeAlias = (
    Literal["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8", "BOOL"] | str  # noqa: PYI051  # an open enum: the names are for the reader and the editor
)
"""Type of the numbers of a tensor; new ones come with new hardware, as ``F8_E4M3``."""


@attrs.frozen
class TensorInfo:
    """A tensor, as the header of its file describes it.

    Attributes:
        dtype: Type of its numbers, as ``BF16``.
        shape: Its dimensions; empty for a single number.
        data_offsets: First byte, and first byte after it, counted from the end of the header.
    """

    dtype: SafetensorsDtype
    shape: list[int]
    data_offsets: tuple[int, int]

    @property
    def parameter_count(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@attrs.frozen
class SafetensorsFileMetadata:
    """The header of one file.

    Attributes:
        metadata: What its author says of it.
        tensors: The tensors by name.
    """

    metadata: dict[str, str]
    tensors: dict[str, TensorInfo]

    @property
    def parameter_count(self) -> dict[str, int]:
        """How many parameters there are of each type."""
        return _summed((tensor.dtype, tensor.parameter_count) for tensor in self.tensors.values())


@attrs.frozen
class SafetensorsRepoMetadata:
    """The headers of all files of a model.

    Attributes:
        metadata: What the index says of the whole; ``None`` for a single file.
        sharded: Whether there are several files.
        weight_map: The file of each tensor.
        files_metadata: The headers by file.
    """

    metadata: dict[str, object] | None
    sharded: bool
    weight_map: dict[str, str]
    files_metadata: dict[str, SafetensorsFileMetadata]

    @property
    def parameter_count(self) -> dict[str, int]:
        """How many parameters there are of each type."""
        return _summed(item for file in self.files_metadata.values() for item in file.parameter_count.items())


async def get_safetensors_metadata(
    io: Io,
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    timeout: float | None = None,
) -> SafetensorsRepoMetadata:
    """Read the headers of all safetensors files of a model, without its weights.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; a model if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        timeout: Seconds for each answer, repeated requests included; the deadline of the settings if not given.

    Raises:
        NotASafetensorsRepoError: It has neither ``model.safetensors`` nor ``model.safetensors.index.json``.
        SafetensorsParsingError: A header or the index is not as it should be; the message names the file.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
    """

    async def read(filename: str) -> SafetensorsFileMetadata:
        return await parse_safetensors_file_metadata(
            io, repo_id, filename, repo_type=repo_type, revision=commit, timeout=timeout
        )

    # All that follows is asked of this one commit: a push in between must not mix two models.
    if commit := await _commit_with(io, repo_id, SINGLE, repo_type, revision, timeout):
        header = await read(SINGLE)
        return SafetensorsRepoMetadata(None, False, dict.fromkeys(header.tensors, SINGLE), {SINGLE: header})
    commit = await _commit_with(io, repo_id, INDEX, repo_type, revision, timeout)
    if not commit:
        raise NotASafetensorsRepoError(
            f"{repo_id!r} has no weights in safetensors: neither {SINGLE!r} nor {INDEX!r} is there at "
            f"{revision or 'main'!r}."
        )
    index = await hf_hub_download(io, repo_id, INDEX, repo_type=repo_type, revision=commit)
    metadata, weight_map = await io.work(lambda: _index(index, f"{repo_id}: {INDEX}"))
    names = sorted(set(weight_map.values()))
    return SafetensorsRepoMetadata(
        metadata, True, weight_map, dict(zip(names, await io.each(read, names), strict=True))
    )


async def parse_safetensors_file_metadata(
    io: Io,
    repo_id: str,
    filename: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    timeout: float | None = None,
) -> SafetensorsFileMetadata:
    """Read the header of one safetensors file, without its tensors.

    Args:
        repo_id: Name, as ``owner/name``.
        filename: Path in the repository.
        repo_type: ``model``, ``dataset`` or ``space``; a model if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        timeout: Seconds for each answer, repeated requests included; the deadline of the settings if not given.

    Raises:
        SafetensorsParsingError: The header is not as it should be; the message names the file.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
        EntryNotFoundError: It has no such file.
    """
    where = f"{repo_id}: {filename}"

    async def ask(start: int, size: int) -> bytes:
        seconds = io.settings.deadline if timeout is None else timeout
        ends = io.now() + seconds

        def check() -> None:
            if io.now() >= ends:
                raise HubTimeoutError(f"{where}: the header did not arrive within {seconds:.3g} s.")

        part = _Part(where, start, size, check)
        byte_range = f"bytes={start}-{start + size - 1}"
        call = operations.resolve_file(repo_id, filename, repo_type=repo_type, revision=revision, byte_range=byte_range)
        attempt = 1
        while True:
            try:
                left = max(ends - io.now(), 0.001)
                await answer(io, call, sink=part, timeout=min(io.settings.read_timeout, left), deadline=left)
            except _EnoughError:
                pass
            except NEVER_RETRIED:
                raise
            except TransportError:  # a request with a sink is repeated by nobody else
                wait = patience(None, attempt, io.settings, io.chance(), io.now()) or 0.0
                if attempt >= io.settings.attempts or io.now() + wait >= ends:
                    raise
                await io.pause(wait)
                attempt += 1
                continue
            except HfHubHTTPError as error:
                if error.response is None or error.response.status_code != 416:
                    raise
                return b""  # the file ends before it
            return bytes(part.data)

    first = await ask(0, FIRST)
    length = header_length(first, where)
    header = first[LENGTH : LENGTH + length]
    if len(header) < length:
        header = await ask(LENGTH, length)
    if len(header) < length:
        raise _malformed(where, f"the header should have {length} bytes, and the file ends after {len(header)} of them")
    return await io.work(lambda: parsed_header(header, where))


def header_length(beginning: bytes, where: str) -> int:
    """The bytes of the header, by the first ones of the file.

    Raises:
        SafetensorsParsingError: There are too few of them, or they tell of too many.
    """
    if len(beginning) < LENGTH:
        raise _malformed(where, f"it should begin with the {LENGTH} bytes of a length, and has {len(beginning)}")
    length = int.from_bytes(beginning[:LENGTH], "little")
    if length > MAX_HEADER:
        raise _malformed(where, f"the header should have {length} bytes, and {MAX_HEADER} are allowed")
    return length


def parsed_header(header: bytes, where: str) -> SafetensorsFileMetadata:
    """What a header says.

    Raises:
        SafetensorsParsingError: It is not as it should be.
    """
    members = _object(header, where, "the header")
    metadata = members.pop("__metadata__", {})
    if not _is_text_map(metadata):
        raise _malformed(where, "'__metadata__' is no object of texts")
    return SafetensorsFileMetadata(metadata, {name: _tensor(name, told, where) for name, told in members.items()})


async def _commit_with(
    io: Io, repo_id: str, path: str, repo_type: RepoType | None, revision: str | None, timeout: float | None
) -> str | None:
    """The commit of a revision that has this file; ``None``, where it has not."""
    call = operations.resolve_head(repo_id, path, repo_type=repo_type, revision=revision)
    try:
        response = await answer(io, call, timeout=timeout)
    except EntryNotFoundError:
        return None
    commit = response.headers.get("x-repo-commit")
    return checked_hash(commit, f"{repo_id}: the commit (X-Repo-Commit) of {path!r}") if commit else revision or "main"


def _index(path: str, where: str) -> tuple[dict[str, object], dict[str, str]]:
    with open(path, "rb") as file:
        members = _object(file.read(), where, "the index")
    metadata, weight_map = members.get("metadata", {}), members.get("weight_map")
    if not _is_object(metadata):
        raise _malformed(where, "'metadata' is no object")
    if not _is_text_map(weight_map):
        raise _malformed(where, "'weight_map' is no object of the names of files")
    names = set(weight_map.values())
    if len(names) > MAX_FILES:
        raise _malformed(where, f"it names {len(names)} files, and {MAX_FILES} are allowed")
    for name in names:
        try:
            rules.checked_file(name)
        except HFValidationError as error:
            raise _malformed(where, f"it names a file that cannot be: {error}") from error
    return metadata, weight_map


def _tensor(name: str, told: object, where: str) -> TensorInfo:
    if not _is_object(told):
        raise _malformed(where, f"tensor {name!r} is no object")
    dtype, shape, offsets = told.get("dtype"), told.get("shape"), told.get("data_offsets")
    if not isinstance(dtype, str):
        raise _malformed(where, f"tensor {name!r} has no 'dtype'")
    if not _are_counts(shape):
        raise _malformed(where, f"tensor {name!r}: 'shape' is no list of sizes")
    if not _is_countable(shape):
        raise _malformed(where, f"tensor {name!r}: 'shape' is of more than {MAX_NUMBERS} numbers")
    if not (_are_counts(offsets) and len(offsets) == 2 and offsets[0] <= offsets[1]):
        raise _malformed(where, f"tensor {name!r}: 'data_offsets' are not where its bytes begin and end")
    return TensorInfo(dtype, shape, (offsets[0], offsets[1]))


def _object(data: bytes, where: str, what: str) -> dict[str, object]:
    try:
        members: object = json.loads(data.decode(errors="ignore"))
    except (ValueError, RecursionError) as error:
        raise _malformed(where, f"{what} is no JSON: {error}") from error
    if not _is_object(members):
        raise _malformed(where, f"{what} is no JSON object")
    return members


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)  # JSON has no other keys


def _is_text_map(value: object) -> TypeGuard[dict[str, str]]:
    return _is_object(value) and all(isinstance(text, str) for text in value.values())


def _are_counts(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0
        for number in cast("list[object]", value)
    )


def _is_countable(shape: list[int]) -> bool:
    """Whether a tensor of this shape holds no more than `MAX_NUMBERS`, wherever one stops to multiply."""
    count = 1
    for size in shape:
        count *= size
        if count > MAX_NUMBERS:
            return False
    return True


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, count in counts:
        sums[name] = sums.get(name, 0) + count
    return sums


def _malformed(where: str, why: str) -> SafetensorsParsingError:
    return SafetensorsParsingError(f"{where} is not as safetensors should be: {why}.")


class _EnoughError(Exception):
    """All bytes that were asked for are there; whoever does not heed ranges would go on to the end of the file."""


class _Part:
    """Takes some bytes of a file, whatever answers: those alone, or the file from its beginning."""

    def __init__(self, where: str, start: int, size: int, check: Callable[[], None]) -> None:
        self.data = bytearray()
        self._check = check
        self._where = where
        self._start = start
        self._size = size
        self._skip = 0
        self._cut = False

    def begin(self, response: Response) -> bool:
        if response.status not in (200, 206):
            return False
        self.data.clear()
        self._cut = response.status == 200
        self._skip = self._start if self._cut else 0
        if not self._cut:
            self._check_range(response.headers)
        return True

    def write(self, piece: bytes) -> None:
        self._check()
        skipped = min(self._skip, len(piece))
        self._skip -= skipped
        self.data += piece[skipped : skipped + self._size - len(self.data)]
        if self._cut and len(self.data) == self._size:
            raise _EnoughError

    def _check_range(self, headers: Mapping[str, str]) -> None:
        told = headers.get("content-range", "")
        if range_start(told) != self._start:
            raise ProtocolError(
                f"{self._where} was answered with a range of {told!r}, which does not begin at byte {self._start}."
            )
