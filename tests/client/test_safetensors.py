"""Headers of safetensors files, read from the embedded Hub by both clients."""

from __future__ import annotations

import json

import pytest

from hub_typed import (
    EntryNotFoundError,
    HfHubHTTPError,
    NotASafetensorsRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    SafetensorsParsingError,
)


def weights(tensors: dict[str, list[int]], metadata: dict[str, str] | None = None, pad: int = 0) -> bytes:
    """A safetensors file of F32 numbers, all zero."""
    members: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name, shape in tensors.items():
        start, end = end, end + 4 * shape[0]
        members[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}
    header = json.dumps(members).encode() + b" " * pad
    return len(header).to_bytes(8, "little") + header + bytes(end)


async def put(side, **files: bytes) -> None:
    await side.api.create_repo(side.repo, exist_ok=True)
    for path, content in files.items():
        await side.api.upload_file(path_or_fileobj=content, path_in_repo=path, repo_id=side.repo)


def test_a_single_file_tells_its_tensors(play):
    async def scenario(side):
        await put(side, **{"model.safetensors": weights({"a": [2], "b": [3]}, {"format": "pt"}, pad=150_000)})
        found = await side.api.get_safetensors_metadata(side.repo)
        assert (found.sharded, found.metadata) == (False, None)
        assert found.weight_map == {"a": "model.safetensors", "b": "model.safetensors"}
        assert found.parameter_count == {"F32": 5}
        assert found.files_metadata["model.safetensors"].metadata == {"format": "pt"}
        one = await side.api.parse_safetensors_file_metadata(side.repo, "model.safetensors", revision="main")
        assert one == found.files_metadata["model.safetensors"]
        assert one.tensors["b"].data_offsets == (8, 20)

    play(scenario)


def test_the_shards_of_an_index_are_read_together(play):
    async def scenario(side):
        shards = {f"model-{number}.safetensors": weights({f"w{number}": [number]}) for number in range(1, 6)}
        index = {
            "metadata": {"total_size": 60},
            "weight_map": {f"w{number}": f"model-{number}.safetensors" for number in range(1, 6)},
        }
        await put(side, **shards, **{"model.safetensors.index.json": json.dumps(index).encode()})
        found = await side.api.get_safetensors_metadata(side.repo)
        assert (found.sharded, found.metadata) == (True, {"total_size": 60})
        assert found.weight_map == index["weight_map"]
        assert list(found.files_metadata) == sorted(shards)
        assert found.parameter_count == {"F32": 15}

    play(scenario)


def test_what_is_no_safetensors_is_refused_with_its_file(play):
    async def scenario(side):
        await put(
            side, **{"model.safetensors": b"short", "empty.safetensors": b"", "other.safetensors": b"not json at all"}
        )
        for name in ("model", "empty", "other"):
            with pytest.raises(SafetensorsParsingError, match=rf"{side.repo}: {name}\.safetensors"):
                await side.api.parse_safetensors_file_metadata(side.repo, f"{name}.safetensors")
        with pytest.raises(SafetensorsParsingError, match=r"model\.safetensors"):
            await side.api.get_safetensors_metadata(side.repo)

    play(scenario)


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (b"{", "not valid JSON"),
        (b"{}", "'weight_map' is not an object"),
        (b'{"metadata": 1, "weight_map": {}}', "'metadata' is not an object"),
        (b'{"weight_map": {"a": "../b"}}', "invalid file name"),
        (json.dumps({"weight_map": {str(n): f"{n}.st" for n in range(10_001)}}).encode(), "names 10001 files"),
    ],
    ids=["cut", "empty", "metadata", "path", "many"],
)
def test_an_index_that_cannot_be_right_is_refused(play, index, why):
    async def scenario(side):
        await put(side, **{"model.safetensors.index.json": index})
        with pytest.raises(SafetensorsParsingError, match=rf"{side.repo}: model\.safetensors\.index\.json .*{why}"):
            await side.api.get_safetensors_metadata(side.repo)

    play(scenario)


def test_what_is_not_there_is_said_so(play):
    async def scenario(side):
        await put(side, **{"config.json": b"{}"})
        with pytest.raises(NotASafetensorsRepoError, match=side.repo):
            await side.api.get_safetensors_metadata(side.repo)
        with pytest.raises(EntryNotFoundError):
            await side.api.parse_safetensors_file_metadata(side.repo, "model.safetensors")
        for call in (
            side.api.get_safetensors_metadata,
            lambda *a, **k: side.api.parse_safetensors_file_metadata(*a, "f", **k),
        ):
            with pytest.raises(RepositoryNotFoundError):
                await call(f"{side.repo}-missing")
            with pytest.raises(RevisionNotFoundError):
                await call(side.repo, revision="missing")

    play(scenario)


def test_the_hub_reads_the_headers_of_a_sharded_model(play):
    async def scenario(side):
        shards = {f"model-{number}.safetensors": weights({f"w{number}": [number]}) for number in range(1, 4)}
        index = {"metadata": {"total_size": 24}, "weight_map": {f"w{n}": f"model-{n}.safetensors" for n in range(1, 4)}}
        inner = {f"fp32/{name}": content for name, content in shards.items()}
        text = json.dumps(index).encode()
        await put(side, **shards, **{"model.safetensors.index.json": text}, **inner, **{"fp32/index.json": text})
        found = await side.api.get_sharded_safetensors_metadata(side.repo, timeout=30)
        assert found == await side.api.get_safetensors_metadata(side.repo)
        assert await side.api.get_sharded_safetensors_metadata(side.repo, filename="fp32/index.json") == found
        with pytest.raises(EntryNotFoundError):
            await side.api.get_sharded_safetensors_metadata(side.repo, filename="none.json")
        with pytest.raises(RepositoryNotFoundError):
            await side.api.get_sharded_safetensors_metadata("ada/none")

    play(scenario)


@pytest.mark.parametrize("index", [b"[]", b"{", b"{}", b'{"weight_map": {"a": "model.safetensors"}}'])
def test_an_index_that_the_hub_cannot_read(play, index):
    async def scenario(side):
        await put(side, **{"model.safetensors": b"no weights", "model.safetensors.index.json": index})
        with pytest.raises(HfHubHTTPError, match="422"):
            await side.api.get_sharded_safetensors_metadata(side.repo)

    play(scenario)
