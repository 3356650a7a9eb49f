"""LFS: pointers, the object store, and signed URLs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from hub_typed.local.errors import HubResponseError
from hub_typed.local.lfs.signed_urls import LIFETIME, Signer
from hub_typed.local.lfs.store import LfsStore, Pointer

DATA = b"large" * 1000
OID = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> LfsStore:
    return LfsStore(tmp_path)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_pointer_survives_being_written():
    pointer = Pointer(OID, len(DATA))

    assert Pointer.parse(pointer.text()) == pointer


@pytest.mark.parametrize(
    "blob", [b"", b"text", Pointer(OID, 1).text() + b"more", Pointer(OID, 1).text().replace(b"sha256", b"md5")]
)
def test_what_is_no_pointer_is_none(blob):
    assert Pointer.parse(blob) is None


def test_a_file_is_found_again_by_its_hash(store, tmp_path):
    store.receive(OID, len(DATA), [DATA[:10], DATA[10:]])

    assert store.size(OID) == len(DATA)
    assert b"".join(store.read(OID, 0, len(DATA))) == DATA
    assert b"".join(store.read(OID, 7, 12)) == DATA[7:12]
    assert files(tmp_path) == [tmp_path / OID[:2] / OID[2:4] / OID]


@pytest.mark.parametrize("pieces", [[DATA, b"more"], [DATA[:-1]], [DATA[:-1] + b"?"], []])
def test_nothing_is_kept_of_what_is_not_what_was_announced(store, tmp_path, pieces):
    with pytest.raises(HubResponseError) as fault:
        store.receive(OID, len(DATA), pieces)

    assert fault.value.status == 400
    assert store.size(OID) is None
    assert files(tmp_path) == []


@pytest.mark.parametrize("oid", ["", "../../etc/passwd", "AB" * 32, OID[:-1], OID + "0", OID + "\n"])
def test_nothing_but_a_hash_becomes_a_path(store, oid):
    with pytest.raises(HubResponseError):
        store.path(oid)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def signed(url: str) -> tuple[str, dict[str, list[str]]]:
    path, _, query = url.partition("?")
    return path, parse_qs(query)


def test_a_signed_url_permits_what_it_says():
    signer = Signer(b"secret", Clock())

    signer.check("PUT", *signed(signer.sign("PUT", "/x", size=5)))
    signer.check("GET", *signed(signer.sign("GET", "/x")))
    signer.check("HEAD", *signed(signer.sign("GET", "/x")))


def test_a_signed_url_permits_nothing_else():
    signer = Signer(b"secret", Clock())
    path, query = signed(signer.sign("PUT", "/x", size=5))

    attempts = [
        ("GET", path, query),
        ("PUT", "/y", query),
        ("PUT", path, {**query, "size": ["6"]}),
        ("PUT", path, {**query, "more": ["1"]}),
        ("PUT", path, {**query, "expires": ["99999"]}),
        ("PUT", path, {**query, "signature": ["ä"]}),
        ("PUT", path, {name: value for name, value in query.items() if name != "size"}),
        ("PUT", path, {}),
    ]
    for attempt in attempts:
        with pytest.raises(HubResponseError) as fault:
            signer.check(*attempt)
        assert fault.value.status == 403
    with pytest.raises(HubResponseError):
        Signer(b"other", Clock()).check("PUT", path, query)


def test_a_signed_url_expires():
    clock = Clock()
    signer = Signer(b"secret", clock)
    path, query = signed(signer.sign("GET", "/x"))

    clock.now += LIFETIME
    signer.check("GET", path, query)
    clock.now += 1
    with pytest.raises(HubResponseError, match="expired"):
        signer.check("GET", path, query)
