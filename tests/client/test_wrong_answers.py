"""Wrong responses: the scenarios of the other files, each with one change in one response.

The changed places and their new values are drawn in a fixed order. ``WRONG_ANSWERS=100000`` changes each place of each
operation's responses to each value.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import attrs
import pytest

from hub_typed import HfApi, Settings
from hub_typed.errors import HubError
from hub_typed.local import LocalHub
from hub_typed.logs import redaction
from hub_typed_api.wire import Response
from tests.scenarios import Awaited, Side
from tests.wrong import BODIES, HEADERS, VALUES, changed, places, written

FILES = sorted(path.stem for path in Path(__file__).parent.glob("test_*.py"))
NOT_PLAYED = {"test_coverage", "test_killed_upload", "test_wrong_answers", "test_login", "test_large_folder"}
SAMPLE = int(os.environ.get("WRONG_ANSWERS", "25"))
"""Changes that are tried of each file."""


class _Played(BaseException):
    """The call that got the wrong answer has ended; the rest of the scenario does not matter."""


class BadError(Exception):
    """A method raised what is no `HubError`."""


@attrs.define
class Change:
    """One thing that is changed.

    Attributes:
        number: Of the answer, in the order of the scenario.
        place: Where in its JSON; a header; nothing for the whole body.
        new: What stands there instead.
    """

    test: str
    number: int
    operation: str
    place: tuple[str | int, ...] | str
    new: Any


class Changing:
    """Changes one answer of a Hub; without a change, it keeps the answers."""

    def __init__(self, transport: Any, change: Change | None) -> None:
        self.answers: list[tuple[str, Response]] = []
        self.count = 0
        self.changed = False
        self._transport = transport
        self._change = change

    def send(self, request: Any, *, sink: Any = None, **more: Any) -> Response:
        mine = self.count
        self.count += 1
        wrong = self._change is not None and mine == self._change.number
        self.changed = self.changed or wrong
        if sink is not None and wrong:
            sink = Between(sink, self._wrong)
        response: Response = self._transport.send(request, sink=sink, **more)
        if self._change is None:
            self.answers.append((request.operation, response))
        return self._wrong(response) if wrong else response

    def _wrong(self, response: Response) -> Response:
        assert self._change is not None
        place, new = self._change.place, self._change.new
        if isinstance(place, str):
            return attrs.evolve(response, headers={**response.headers, place: new})
        if not place:
            return attrs.evolve(response, body=new)
        with suppress(ValueError, LookupError, TypeError):
            return attrs.evolve(response, body=written(changed(json.loads(response.body), place, new)))
        return response

    def close(self) -> None:
        self._transport.close()


@attrs.frozen
class Between:
    """A sink that is told of other headers."""

    sink: Any
    change: Any

    def begin(self, head: Response) -> bool:
        return bool(self.sink.begin(self.change(head)))

    def write(self, piece: bytes) -> None:
        self.sink.write(piece)


class Judge(Awaited):
    """The client of a scenario; what a method raises for a wrong answer is judged."""

    def __init__(self, api: HfApi, wire: Changing) -> None:
        super().__init__(api)
        self._wire = wire

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._api, name)
        if not callable(method):
            return method

        def called(*args: Any, **kwargs: Any) -> Any:
            with self._judged():
                result = method(*args, **kwargs)
            return self._each(result) if isinstance(result, Iterator) else _given(result)

        return called

    @contextmanager
    def _judged(self) -> Iterator[None]:
        before = self._wire.changed
        try:
            yield
        except Exception as error:
            if self._wire.changed and not before:
                if isinstance(error, HubError):
                    raise _Played from error
                raise BadError(f"{type(error).__name__}: {error}") from error
            raise
        if self._wire.changed and not before:
            raise _Played

    async def _each(self, items: Iterator[Any]) -> Any:
        while True:
            with self._judged():
                item = next(items, _Played)
            if item is _Played:
                return
            yield item


async def _given(result: Any) -> Any:
    return result


def scenarios(file: str) -> dict[str, Any]:
    """The tests of a file that want no more than a Hub and a folder."""
    module = import_module(f"tests.client.{file}")
    return {
        name: test
        for name, test in vars(module).items()
        if name.startswith("test_") and {"play"} <= set(inspect.signature(test).parameters) <= {"play", "tmp_path"}
    }


def run(test: Any, change: Change | None, folder: Path) -> Changing:
    """Play a scenario.

    Raises:
        BadError: A method raised what is no `HubError` for the wrong answer.
    """
    folder.mkdir(parents=True)
    with LocalHub() as hub, pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction._registry, "secrets", {})  # as for each test
        settings = attrs.evolve(Settings.from_environment(), cache_dir=str(folder / "cache"), backoff=0.0, attempts=2)
        wire = Changing(hub.transport, change)

        def make(token: Any = hub.token, **known: Any) -> Any:
            made = attrs.evolve(settings, **known)
            return Judge(HfApi("http://hub.localhost", token, settings=made, transport=wire), wire)

        def play(scenario: Any) -> None:
            asyncio.run(scenario(Side(make(), hub, make)))

        given = {"play": play, **({"tmp_path": folder} if "tmp_path" in inspect.signature(test).parameters else {})}
        try:
            test(**given)
        except _Played:
            pass
        except BadError:
            raise
        except (Exception, pytest.fail.Exception):
            # What the scenario itself makes of a value that is wrong is its own affair.
            if change is None:
                raise
    return wire


def changes(file: str, folder: Path) -> list[Change]:
    """All that can be changed in the answers of a file, each place of an operation's answer once."""
    found: dict[Any, Change] = {}
    for test, function in scenarios(file).items():
        try:
            wire = run(function, None, folder / f"{file}-{test}")
        except Exception:  # noqa: BLE001  # a scenario that wants more than this harness gives
            continue
        for number, (operation, response) in enumerate(wire.answers):
            spots: list[tuple[Any, dict[str, Any]]] = [((), BODIES)] if response.body else []
            with suppress(ValueError):
                spots += [(place, VALUES) for place in places(json.loads(response.body))]
            more = ("link", "etag", "x-linked-etag", "x-linked-size", "x-repo-commit", "location", "content-length")
            more += ("content-range", "retry-after", "ratelimit", "x-hf-warning", "x-error-code", "content-type")
            spots += [(name, dict(enumerate(HEADERS))) for name in more]
            for place, values in spots:
                general = place if isinstance(place, str) else tuple("*" if isinstance(p, int) else p for p in place)
                for name, value in values.items():
                    key = (operation, response.status, general, name)
                    found.setdefault(key, Change(test, number, operation, place, value))
    return list(found.values())


@pytest.mark.parametrize("file", [file for file in FILES if file not in NOT_PLAYED])
def test_a_method_gives_a_value_or_an_error_of_the_library(file, tmp_path):
    known = scenarios(file)
    found = changes(file, tmp_path / "right")
    found = random.Random(file).sample(found, min(SAMPLE, len(found)))
    wrong = []
    for number, change in enumerate(found):
        try:
            run(known[change.test], change, tmp_path / str(number))
        except BadError as error:
            wrong.append(f"{change.operation} {change.place} {str(change.new)[:40]!r}: {error}"[:300])
    assert not wrong
