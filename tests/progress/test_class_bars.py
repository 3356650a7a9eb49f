"""Bars of a class with the interface of tqdm."""

from __future__ import annotations

import io
from typing import ClassVar

import pytest
from tqdm import tqdm

from hub_typed.progress import Job, Transfer
from hub_typed.progress_bars.class_bars import ClassBars


class Drawn:
    """A bar that records its calls."""

    made: ClassVar[list[Drawn]] = []

    def __init__(self, **given):
        self.given = given
        self.n = given["initial"]
        self.total = given["total"]
        self.refreshed = 0
        self.closed = 0
        self.made.append(self)

    def update(self, count):
        self.n += count

    def refresh(self):
        self.refreshed += 1

    def close(self):
        self.closed += 1


@pytest.fixture(autouse=True)
def made(monkeypatch):
    monkeypatch.setattr(Drawn, "made", [])
    return Drawn.made


def test_a_transfer_without_a_job_has_a_bar(made):
    bars = ClassBars(Drawn)
    first, second = Transfer(bars, "download", "a", 10, 3), Transfer(bars, "upload", "b", None)
    first.advance(2)
    second.advance(9)
    first.set_done(1)
    second.fail()
    first.finish()
    assert [(bar.given["desc"], bar.given["total"], bar.given["initial"], bar.n, bar.closed) for bar in made] == [
        ("a", 10, 3, 1, 1),
        ("b", None, 0, 9, 1),
    ]
    assert [bar.refreshed for bar in made] == [1, 0]


def test_a_job_has_a_bar_of_its_files_and_one_of_their_bytes(made):
    with Job(ClassBars(Drawn), "download", "me/repo") as job:
        assert not made
        job.expect({"a": 10, "b": 20})
        job.expect({"c": 30})
        Transfer(job, "download", "a", 10).finish(done=10)
        job.settle(["b", "c"])
    assert [(bar.given["desc"], bar.given["total"], bar.total, bar.n, bar.refreshed, bar.closed) for bar in made] == [
        ("Fetching", 2, 3, 3, 1, 1),
        ("me/repo", 30, 60, 60, 1, 1),
    ]


def test_tqdm_is_such_a_class():
    output = io.StringIO()
    bars = ClassBars(lambda **given: tqdm(file=output, mininterval=0, **given))
    transfer = Transfer(bars, "download", "model.safetensors", 2_000_000)
    transfer.advance(1_000_000)
    transfer.finish()
    assert "model.safetensors:  50%" in output.getvalue()
    assert "1.00M/2.00M" in output.getvalue()
