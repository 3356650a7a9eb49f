"""What cannot be made a method is refused where it stands in the flow."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from codegen.spec.document import load
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import read_schemas
from codegen.write.functions import SurfaceError
from codegen.write.surface import write_surface

SPEC = Path(__file__).parent / "golden" / "library" / "spec"
FLOW = '''
from __future__ import annotations

from collections.abc import Sequence

from hub_typed.flows.reading import Desk
from hub_typed.http.io import Io

__all__ = ["Lamp", "read_aloud"]

LOUDNESS = 5


class Lamp:
    """Sheds light."""


async def read_aloud(
    io: Io,
    names: Sequence[str],
    lamp: Lamp | None = None,
    desk: Desk | None = None,
    *,
    loudness: int = LOUDNESS,
    quiet: bool = False,
) -> None:
    """Read books aloud."""
'''
DESK = '''
__all__ = ["Desk"]


class Desk:
    """A place to read at."""
'''


class Mistake(NamedTuple):
    """What is written in place of what, and what is said of it."""

    old: str
    new: str
    message: str
    at: str = ""
    """What stands at the line that is reported, where that is not what was written."""


MISTAKES = {
    "no-type": Mistake("names: Sequence[str],", "names,", "every parameter of a flow has a type"),
    "unknown-type": Mistake("Sequence[str],", "Iterable[str],", "nothing here is called 'Iterable'"),
    "private-type": Mistake(
        '["Lamp", "read_aloud"]',
        '["read_aloud"]',
        "the type 'Lamp' of a public signature is in no __all__",
        at="lamp: Lamp",
    ),
    "type-from-within": Mistake(
        "import Desk", "import Shelf as Desk", "the type 'Desk' of a public signature is in no __all__", at="desk: Desk"
    ),
    "computed-default": Mistake("= LOUDNESS", "= len('quiet')", "the default len('quiet') is no literal"),
    "computed-constant": Mistake("LOUDNESS = 5", "LOUDNESS = 2 * 3", "the default 2 * 3 is no literal"),
    "unknown-default": Mistake("= LOUDNESS", "= QUIET", "the default QUIET is no literal"),
    "more-arguments": Mistake(
        "    *,\n", "    *more: int,\n", "read_aloud: *args, **kwargs and '/' cannot be carried over", at="async def"
    ),
    "positional-only": Mistake("    *,\n", "    /,\n    *,\n", "'/' cannot be carried over", at="async def"),
    "no-docstring": Mistake('"""Read books aloud."""', "return", "a flow has a docstring", at="async def"),
    "no-result": Mistake(") -> None:", "):", "a flow has a docstring and says what it gives", at="async def"),
    "overload": Mistake(
        "async def read_aloud",
        "@overload\nasync def read_aloud",
        "an overload of a flow cannot be carried over",
        at="async def",
    ),
    "no-flag": Mistake(
        "async def read_aloud",
        '@alternative_result("silent")\nasync def read_aloud',
        "there is no keyword parameter `silent: bool = False`",
        at="@alternative_result",
    ),
    "no-union": Mistake(
        "async def read_aloud",
        '@alternative_result("quiet")\nasync def read_aloud',
        "the result of `alternative_result` is a union `A | B`",
        at="@alternative_result",
    ),
    "no-ids": Mistake(
        "async def read_aloud",
        '@one_or_several("names")\nasync def read_aloud',
        "there is no positional parameter `names: str | list[str]`",
        at="@one_or_several",
    ),
    "no-operation": Mistake(
        "async def read_aloud",
        '@narrowed("read_book")\nasync def read_aloud',
        "read_aloud: there is no operation 'read_book'",
        at="@narrowed",
    ),
    "no-parameter-of-the-flow": Mistake(
        "async def read_aloud",
        '@narrowed("book_info", full="whole")\nasync def read_aloud',
        "read_aloud: there is no parameter 'whole'",
        at="@narrowed",
    ),
    "no-parameter-of-the-operation": Mistake(
        "async def read_aloud",
        '@narrowed("book_info")\nasync def read_aloud',
        "read_aloud: there is no parameter 'full', on which 'book_info' depends",
        at="@narrowed",
    ),
    "not-async": Mistake(
        "async def read_aloud", "def read_aloud", "read_aloud: what takes io is an async function", at="def read_aloud"
    ),
    "no-python": Mistake("LOUDNESS = 5", "LOUDNESS := 5", "this is no Python: invalid syntax"),
}


@pytest.fixture(scope="module")
def known():
    spec = load(SPEC)
    schemas = read_schemas(spec)
    return schemas, read_operations(spec, schemas)


@pytest.fixture
def library(tmp_path):
    """A library whose flows have no mistake."""
    flows = tmp_path / "hub_typed" / "flows"
    flows.mkdir(parents=True)
    (flows / "books.py").write_text(FLOW)
    (flows / "reading.py").write_text(DESK)
    return tmp_path / "hub_typed"


def refused(known, library: Path, file: str, mark: str, message: str) -> None:
    """A flow is refused at the line of its file that holds a text."""
    path = library / "flows" / file
    (line,) = [number for number, text in enumerate(path.read_text().splitlines(), 1) if mark in text]
    with pytest.raises(SurfaceError) as caught:
        write_surface(*known, library, library.parent / "made")
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


def test_without_a_mistake_nothing_is_refused(known, library, tmp_path):
    write_surface(*known, library, tmp_path / "made")
    assert "def read_aloud(" in (tmp_path / "made" / "surface" / "methods" / "books.py").read_text()


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_where_it_stands(known, library, name):
    old, new, message, at = MISTAKES[name]
    assert FLOW.count(old) == 1
    (library / "flows" / "books.py").write_text(FLOW.replace(old, new))
    refused(known, library, "books.py", at or new, message)


@pytest.mark.parametrize("taken", ["book_info", "read_aloud"])
def test_a_method_has_one_source(known, library, taken):
    (library / "flows" / "shelves.py").write_text(
        f'__all__ = ["{taken}"]\n\n\nasync def {taken}(io: Io) -> None:\n    """Take a name that another has."""\n'
    )
    refused(known, library, "shelves.py", "async def", f"'{taken}' is there twice")
