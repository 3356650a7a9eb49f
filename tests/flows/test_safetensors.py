"""Headers of safetensors files: what is asked for, what is read, and what is refused by name."""

from __future__ import annotations

import contextlib
import json
import math
import time
from itertools import accumulate
from operator import mul

import pytest
from hypothesis import example, given, strategies as st

from hub_typed.errors import (
    HfHubHTTPError,
    NotASafetensorsRepoError,
    ProtocolError,
    SafetensorsParsingError,
    TransportError,
)
from hub_typed.flows.safetensors import (
    FIRST_REQUEST_BYTES,
    LENGTH_BYTES,
    MAX_HEADER_BYTES,
    TensorInfo,
    get_safetensors_metadata,
    header_length,
    parse_header,
    parse_safetensors_file_metadata,
)

WHERE = "o/n: model.safetensors"
names = st.text(max_size=20).filter(lambda name: name != "__metadata__")
counts = st.integers(0, 2**62)
tensors = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "BF16", "F8_E4M3"]),
        "shape": st.lists(counts, max_size=4).filter(lambda shape: all(n <= 2**64 - 1 for n in accumulate(shape, mul))),
        "data_offsets": st.tuples(counts, counts).map(sorted),
    }
)


def header_of(size: int) -> bytes:
    """A header of so many bytes, padded with spaces as writers do."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    return header.ljust(size)


def file_of(header: bytes, data: bytes = b"") -> bytes:
    return len(header).to_bytes(LENGTH_BYTES, "little") + header + data


def says_range(hub, file: bytes, start: int, stop: int):
    part = file[start:stop]
    return hub.says(206, part, content_range=f"bytes {start}-{start + len(part) - 1}/{len(file)}")


def read(hub):
    return hub.run(parse_safetensors_file_metadata(hub.io(backoff=0.1), "o/n", "model.safetensors"))


# --- what is asked for


@pytest.mark.parametrize("size", [72, FIRST_REQUEST_BYTES - LENGTH_BYTES - 1, FIRST_REQUEST_BYTES - LENGTH_BYTES])
def test_a_header_that_the_first_request_brings_needs_no_second_one(hub, size):
    says_range(hub, file_of(header_of(size), bytes(24)), 0, FIRST_REQUEST_BYTES)
    assert list(read(hub).tensors) == ["w"]
    assert [request.headers["range"] for request in hub.asked] == ["bytes=0-100000"]


@pytest.mark.parametrize(
    "size", [FIRST_REQUEST_BYTES - LENGTH_BYTES + 1, FIRST_REQUEST_BYTES - 1, FIRST_REQUEST_BYTES, 250_000]
)
def test_a_longer_header_is_asked_for_by_its_length(hub, size):
    file = file_of(header_of(size), bytes(24))
    says_range(hub, file, 0, FIRST_REQUEST_BYTES)
    says_range(hub, file, LENGTH_BYTES, LENGTH_BYTES + size)
    assert read(hub).parameter_count == {"F32": 6}
    assert [request.headers["range"] for request in hub.asked] == ["bytes=0-100000", f"bytes=8-{size + 7}"]


def test_the_end_of_the_longest_possible_header_is_not_cut(hub):
    """A comparison with 100,000 in place of what came would cut 99,994 to 100,000 bytes."""
    header = json.dumps({"w" * 90_000: {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}).encode()
    header = header[:-1] + b" " * (99_999 - len(header)) + b"}"
    file = file_of(header)
    says_range(hub, file, 0, FIRST_REQUEST_BYTES)
    says_range(hub, file, LENGTH_BYTES, LENGTH_BYTES + len(header))
    assert read(hub).parameter_count == {"F32": 1}


def test_where_ranges_are_not_heeded_the_rest_of_the_file_is_left_alone(hub):
    file = file_of(header_of(FIRST_REQUEST_BYTES), bytes(1000))
    hub.says(200, file).says(200, file)
    assert read(hub).parameter_count == {"F32": 6}


def test_a_range_of_other_bytes_is_refused(hub):
    hub.says(206, b"abc", content_range="bytes 5-7/8")
    with pytest.raises(ProtocolError, match=r"o/n: model\.safetensors: .* does not begin at byte 0"):
        hub.run(parse_safetensors_file_metadata(hub.io(), "o/n", "model.safetensors"))


def test_a_request_that_breaks_off_is_sent_again(hub):
    hub.breaks(TransportError("cut"))
    says_range(hub, file_of(header_of(80)), 0, FIRST_REQUEST_BYTES)
    assert read(hub).parameter_count == {"F32": 6}
    assert len(hub.waited) == 1


def test_a_request_that_always_breaks_off_fails_in_the_end(hub):
    for _ in range(3):
        hub.breaks(TransportError("cut"))
    with pytest.raises(TransportError, match="cut"):
        hub.run(parse_safetensors_file_metadata(hub.io(attempts=3), "o/n", "model.safetensors"))
    assert hub.exhausted


def test_another_error_than_that_of_the_range_is_raised(hub):
    hub.says(403, {"error": "no"})
    with pytest.raises(HfHubHTTPError, match="no"):
        hub.run(parse_safetensors_file_metadata(hub.io(), "o/n", "model.safetensors"))


# --- what is refused


def refused(hub):
    with pytest.raises(SafetensorsParsingError) as caught:
        hub.run(parse_safetensors_file_metadata(hub.io(), "o/n", "model.safetensors"))
    assert hub.exhausted
    return str(caught.value)


def test_an_empty_file_has_no_header(hub):
    hub.says(416, b"Range Not Satisfiable")
    assert refused(hub).startswith("o/n: model.safetensors is invalid: it should begin with a length of 8")


def test_seven_bytes_are_no_length(hub):
    says_range(hub, bytes(7), 0, FIRST_REQUEST_BYTES)
    assert "has 7" in refused(hub)


def test_a_header_may_not_be_longer_than_the_limit(hub):
    says_range(hub, (MAX_HEADER_BYTES + 1).to_bytes(LENGTH_BYTES, "little") + b"{}", 0, FIRST_REQUEST_BYTES)
    assert "25000001 bytes, but at most 25000000 are allowed" in refused(hub)


def test_a_header_of_the_limit_itself_is_asked_for(hub):
    assert header_length(MAX_HEADER_BYTES.to_bytes(LENGTH_BYTES, "little"), WHERE) == MAX_HEADER_BYTES


def test_a_file_may_not_end_within_its_header(hub):
    says_range(hub, file_of(header_of(200))[:100], 0, FIRST_REQUEST_BYTES)
    says_range(hub, file_of(header_of(200))[:100], LENGTH_BYTES, 208)
    assert "should have 200 bytes, but the file ends after 92" in refused(hub)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (b"", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "the header is not a JSON object"),
        (b'{"__metadata__": []}', "'__metadata__' is not an object"),
        (b'{"__metadata__": "a"}', "'__metadata__' is not an object"),
        (b'{"w": 1}', "tensor 'w' is not an object"),
        (b'{"w": {}}', "tensor 'w' has no 'dtype'"),
        (b'{"w": {"dtype": "F32"}}', "tensor 'w': 'shape'"),
        (b'{"w": {"dtype": "F32", "shape": [-1]}}', "tensor 'w': 'shape'"),
        (b'{"w": {"dtype": "F32", "shape": [true]}}', "tensor 'w': 'shape'"),
        (b'{"w": {"dtype": "F32", "shape": [1.0]}}', "tensor 'w': 'shape'"),
        (b'{"w": {"dtype": "F32", "shape": []}}', "tensor 'w': 'data_offsets'"),
        (b'{"w": {"dtype": "F32", "shape": [], "data_offsets": [4]}}', "tensor 'w': 'data_offsets'"),
        (b'{"w": {"dtype": "F32", "shape": [], "data_offsets": [4, 3]}}', "tensor 'w': 'data_offsets'"),
    ],
)
def test_a_malformed_header_is_told_with_its_file(header, why):
    with pytest.raises(SafetensorsParsingError) as caught:
        parse_header(header, WHERE)
    assert str(caught.value).startswith(f"{WHERE} is invalid: ")
    assert why in str(caught.value)


def test_bytes_that_are_no_text_are_passed_over():
    assert parse_header(b'{"__metadata__": {"a": "\xff1"}}', WHERE).metadata == {"a": "1"}


def test_metadata_that_are_no_text_stay_as_they_are():
    header = b'{"__metadata__": {"a": 1, "b": null, "c": 1.5, "d": true, "e": ["x"], "f": {"g": 2}, "h": "pt"}}'
    found = parse_header(header, WHERE).metadata
    assert found == {"a": 1, "b": None, "c": 1.5, "d": True, "e": ["x"], "f": {"g": 2}, "h": "pt"}
    for empty in (b'{"__metadata__": null}', b'{"__metadata__": {}}', b"{}"):
        assert parse_header(empty, WHERE).metadata == {}


# --- what is read


@given(
    metadata=st.none() | st.dictionaries(st.text(), st.text()),
    found=st.dictionaries(names, tensors),
    pad=st.integers(0, 9),
)
@example(metadata=None, found={}, pad=0)
def test_what_a_writer_says_is_what_is_read(metadata, found, pad):
    members = ({} if metadata is None else {"__metadata__": metadata}) | found
    read = parse_header(json.dumps(members).encode() + b" " * pad, WHERE)
    assert read.metadata == (metadata or {})
    assert read.tensors == {
        name: TensorInfo(one["dtype"], one["shape"], tuple(one["data_offsets"])) for name, one in found.items()
    }
    assert sum(read.parameter_count.values()) == sum(math.prod(one["shape"]) for one in found.values())


@given(st.binary(max_size=300))
def test_whatever_the_bytes_are_they_are_read_or_refused(header):
    with contextlib.suppress(SafetensorsParsingError):
        parse_header(header, WHERE)


@pytest.mark.parametrize("shape", [[2**64], [2**32, 2**32], [9] * 1_000_000, [10**4000] * 5000, [2**62, 4, 0]])
def test_a_shape_of_more_numbers_than_64_bits_count_is_refused_before_it_is_multiplied(shape):
    header = json.dumps({"w": {"dtype": "F32", "shape": shape, "data_offsets": [0, 1]}}).encode()
    began = time.monotonic()
    with pytest.raises(SafetensorsParsingError, match="'shape' has more than 18446744073709551615 elements"):
        parse_header(header, WHERE)
    assert time.monotonic() - began < 20


def test_an_empty_shape_is_a_single_number():
    assert TensorInfo("F32", [], (0, 4)).parameter_count == 1
    assert TensorInfo("F32", [3, 0], (0, 0)).parameter_count == 0


# --- whole repositories


def test_without_either_file_it_is_no_such_repository(hub):
    for _ in range(2):
        hub.says(404, b"Entry not found", x_error_code="EntryNotFound")
    with pytest.raises(NotASafetensorsRepoError, match=r"'o/n' has no weights .* at revision 'v1'"):
        hub.run(get_safetensors_metadata(hub.io(), "o/n", revision="v1"))
    assert [request.method for request in hub.asked] == ["HEAD", "HEAD"]


def test_the_header_is_asked_of_the_commit_that_had_the_file(hub):
    hub.says(200, b"", x_repo_commit="a" * 40)
    says_range(hub, file_of(header_of(80)), 0, FIRST_REQUEST_BYTES)
    found = hub.run(get_safetensors_metadata(hub.io(), "o/n"))
    assert (found.sharded, found.metadata, found.weight_map) == (False, None, {"w": "model.safetensors"})
    assert found.parameter_count == {"F32": 6}
    assert hub.asked[1].path == f"https://hub.test/o/n/resolve/{'a' * 40}/model.safetensors"


@pytest.mark.parametrize("commit", ["../../x", "a b", "main", "%00", '"'])
def test_a_commit_of_the_answer_that_is_none_is_an_error_of_the_hub(hub, commit):
    hub.says(200, b"", x_repo_commit=commit)
    with pytest.raises(ProtocolError, match="X-Repo-Commit"):
        hub.run(get_safetensors_metadata(hub.io(), "o/n"))
    assert len(hub.asked) == 1
