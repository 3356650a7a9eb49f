"""Hashes of Xet."""

from __future__ import annotations

import pytest
from blake3 import blake3
from hypothesis import given, strategies as st

from hub_typed.local.errors import HubResponseError
from hub_typed.local.xet.hashes import EMPTY_FILE, HashTree, checked_hash, chunk_hash, from_text, to_text, xorb_hash

NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
Nodes = list[tuple[bytes, int]]
hashes = st.binary(min_size=32, max_size=32)


def root_of(nodes: Nodes) -> bytes:
    """The rule of the tree, level by level over whole lists."""
    while len(nodes) > 1:
        upper: Nodes = []
        while nodes:
            ends = [at + 1 for at, (raw, _) in enumerate(nodes[:9]) if at >= 2 and raw[24] % 4 == 0]
            group = nodes[: ends[0] if ends else 9]
            text = "".join(f"{to_text(raw)} : {size}\n" for raw, size in group)
            upper.append((blake3(text.encode(), key=NODE_KEY).digest(), sum(size for _, size in group)))
            nodes = nodes[len(group) :]
        nodes = upper
    return nodes[0][0]


def tree_of(nodes: Nodes) -> HashTree:
    tree = HashTree()
    for node in nodes:
        tree.add(*node)
    return tree


@given(st.lists(st.tuples(hashes, st.integers(1, 1 << 17)), min_size=1, max_size=200))
def test_a_tree_that_grows_chunk_by_chunk_has_the_root_of_the_rule(nodes):
    assert tree_of(nodes).root() == root_of(nodes)
    assert xorb_hash(nodes) == to_text(root_of(nodes))


@pytest.mark.parametrize("count", [1, 2, 3, 9, 10, 81, 82, 729, 5000])
@pytest.mark.parametrize("last", [0, 1])
def test_nodes_have_three_to_nine_children(count, last):
    nodes = [(bytes(24) + bytes([last]) + bytes(7), 1)] * count

    assert tree_of(nodes).root() == root_of(nodes)


def test_hashes_are_those_of_the_protocol():
    content = b"small"

    assert to_text(chunk_hash(content)) == "30bf8c4d38e1b50b04d5c86317a089b231a3074445b59e8fa53bf7893a29d1da"
    assert tree_of([(chunk_hash(content), 5)]).file_hash() == (
        "1f77de9d5e15d0e08579a41bcc65bd57375cdd545a7624bb14de7928de127fff"
    )


def test_the_empty_file_has_a_hash_of_zeros():
    assert HashTree().file_hash() == EMPTY_FILE


@given(hashes)
def test_a_hash_survives_being_written_as_text(raw):
    assert from_text(to_text(raw)) == raw


@pytest.mark.parametrize("text", ["", "0" * 63, "0" * 65, "A" * 64, "../" * 21 + "a", "0" * 64 + "\n"])
def test_nothing_but_a_hash_is_one(text):
    with pytest.raises(HubResponseError, match="Invalid Xet hash"):
        checked_hash(text)
