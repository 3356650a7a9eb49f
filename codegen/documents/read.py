"""Read OpenAPI documents in YAML or JSON, with positions for error messages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, cast

import attrs
import yaml

from codegen.spec.document import Loader, Mapping, SpecError, items_of, mapping_of

__all__ = ["Derived", "Documents", "child", "derived", "read_documents"]

VERSIONS = ("3.0", "3.1", "3.2")
SUFFIXES = (".json", ".yaml", ".yml")
TEXT = "tag:yaml.org,2002:str"
MERGE = "tag:yaml.org,2002:merge"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:\n]')


class Derived(Mapping):
    """A mapping made from another one, whose position it has."""

    origin: Mapping

    def __getattr__(self, name: str) -> Any:
        if name in ("path", "line", "lines"):
            return getattr(self.origin, name)
        raise AttributeError(name)

    def error(self, message: str, key: str | None = None) -> SpecError:
        return self.origin.error(message, key)


def derived(origin: Mapping, members: dict[str, Any]) -> Mapping:
    """Return a mapping with other members at the position of an existing one."""
    found = Derived(members)
    found.origin = origin
    return found


def child(node: Mapping, key: str) -> Mapping:
    """Return a member that is a mapping; an empty one if it is absent or something else."""
    found = node.get(key)
    return found if isinstance(found, Mapping) else derived(node, {})


class _JsonMapping(Mapping):
    """A mapping of a JSON file. Its position is found when it is first asked for."""

    positions: _JsonPositions
    number: int

    def __getattr__(self, name: str) -> Any:
        if name not in ("line", "lines"):
            raise AttributeError(name)
        self.line, self.lines, _ = self.positions.of(self.number)
        return vars(self)[name]

    def error(self, message: str, key: str | None = None) -> SpecError:
        if self.positions.is_one_line:
            message = f"column {self.positions.of(self.number)[2]}: {message}"
        return super().error(message, key)


Position: TypeAlias = tuple[int, dict[str, int], int]
"""Line, lines of the keys, and column of an object."""


class _JsonPositions:
    """Positions of the objects of a JSON text, by the order in which they end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Position] = []
        self.is_one_line: bool = "\n" not in text.strip()

    def of(self, number: int) -> Position:
        if not self._found:
            self._found = list(self._scanned())
        return self._found[number]

    def _scanned(self) -> Iterator[Position]:
        line, begin, text, text_line = 1, -1, "", 1
        around: list[Position | None] = []  # None stands for a list
        for token in _TOKEN.finditer(self._text):
            kind = token[0][0]
            if kind == "\n":
                line, begin = line + 1, token.start()
            elif kind == '"':
                text, text_line = token[0], line
            elif kind == ":" and around and around[-1] is not None:
                around[-1][1][json.loads(text)] = text_line
            elif kind == "{":
                around.append((line, {}, token.start() - begin))
            elif kind == "[":
                around.append(None)
            elif kind in "]}" and (ended := around.pop()) is not None:
                yield ended


class _PlainLoader(Loader):
    """YAML loader with the scalars of JSON: neither dates nor ``yes`` and ``no``. Keys are text; ``<<`` merges."""


def _merging(loader: _PlainLoader, node: yaml.MappingNode) -> Mapping:
    own = [(key, value) for key, value in node.value if key.tag != MERGE]
    if len(own) < len(node.value):
        names = {key.value for key, _ in own}
        loader.flatten_mapping(node)
        others = node.value[: len(node.value) - len(own)]
        merged = {key.value: (key, value) for key, value in others if key.value not in names}
        node.value = [*merged.values(), *own]
    for key, _ in node.value:
        key.tag = TEXT if isinstance(key, yaml.ScalarNode) else key.tag
    return _without_nulls(mapping_of(loader, node))


def _without_nulls(found: Mapping) -> Mapping:
    """Remove members that are null, which says the same as their absence, except ``const``."""
    for key in [key for key, value in found.items() if value is None and key != "const"]:
        del found[key]
    return found


_PlainLoader.yaml_implicit_resolvers = {}
_resolve = cast("Callable[[str, re.Pattern[str], list[str]], None]", _PlainLoader.add_implicit_resolver)  # pyright: ignore[reportUnknownMemberType]  # types-PyYAML leaves it open
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("merge", r"<<", ["<"]),
):
    _resolve(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)
_PlainLoader.add_constructor("tag:yaml.org,2002:map", _merging)


@attrs.frozen
class Documents:
    """The files of a description of an API.

    Attributes:
        roots: The documents with operations, by area; a single one stands under an empty name.
        files: Every file that was read, by its path.
    """

    roots: dict[str, Mapping]
    files: dict[Path, Mapping]

    def target(self, node: Mapping) -> tuple[Path, str, Mapping]:
        """Return file, pointer and node that the ``$ref`` of a node names.

        Raises:
            SpecError: It leads nowhere.
        """
        reference = str(node["$ref"])
        name, _, pointer = reference.partition("#")
        if "://" in name:
            raise node.error(f"$ref {reference!r} is on another server: bundle the document first", "$ref")
        path = (node.path.parent / name).resolve() if name else node.path
        if path not in self.files:
            self.files[path] = _read(path, node)
        found: Any = self.files[path]
        for part in filter(None, pointer.split("/")):
            key = _unescaped(part)
            if isinstance(found, Mapping):
                found = found.get(key)
            else:
                items = items_of(found)
                found = items[int(key)] if key.isdigit() and int(key) < len(items) else None
        if not isinstance(found, Mapping):
            raise node.error(f"$ref {reference!r} leads nowhere", "$ref")
        return path, pointer, found

    def followed(self, node: Mapping) -> tuple[Path, str, Mapping]:
        """Return file, pointer and node at the end of the references of a node.

        Raises:
            SpecError: One leads nowhere, or round in a circle.
        """
        path, pointer = node.path, ""
        passed: list[int] = []
        while "$ref" in node:
            if id(node) in passed:
                raise node.error(f"$ref {node['$ref']!r} leads round in a circle", "$ref")
            passed.append(id(node))
            path, pointer, node = self.target(node)
        return path, pointer, node

    def resolved(self, node: Mapping) -> Mapping:
        """Resolve a ``$ref``; other nodes are returned as they are.

        Raises:
            SpecError: It leads nowhere, or round in a circle.
        """
        return self.followed(node)[2]


def _unescaped(part: str) -> str:
    from urllib.parse import unquote

    return unquote(part).replace("~1", "/").replace("~0", "~")


def read_documents(source: Path) -> Documents:
    """Read a document, or all documents with operations in a folder.

    Raises:
        SpecError: There is none, or it is not OpenAPI 3.
    """
    source = source.resolve()
    if not source.is_dir():
        files = {source: _read(source)}
        roots = {"": files[source]}
    else:
        files = {path: _read(path) for path in sorted(source.iterdir()) if path.suffix in SUFFIXES}
        roots = {path.stem: document for path, document in files.items() if "paths" in document}
    if not roots:
        raise SpecError(source, 1, "no file of this folder has paths")
    for document in roots.values():
        version = str(document.get("openapi"))
        if not version.startswith(VERSIONS):
            key = "openapi" if "openapi" in document else "swagger"
            says = f"says {document[key]}: convert it first" if key in document else "says nothing"
            raise document.error(f"OpenAPI {', '.join(VERSIONS)} can be read; this {says}", key)
    return Documents(roots, files)


def _read(path: Path, node: Mapping | None = None) -> Mapping:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise node.error(f"{path}: {reason}", "$ref") if node else SpecError(path, 1, str(reason)) from None
    data = _json(path, text) if path.suffix == ".json" else _yaml(path, text)
    if not isinstance(data, Mapping):
        raise SpecError(path, 1, "this is no mapping")
    return data


def _json(path: Path, text: str) -> object:
    positions = _JsonPositions(text)
    number = 0

    def mapping(pairs: list[tuple[str, Any]]) -> Mapping:
        nonlocal number
        found = _JsonMapping(pairs)
        found.path, found.positions, found.number = path, positions, number
        number += 1
        return _without_nulls(found)

    try:
        return cast("object", json.loads(text, object_pairs_hook=mapping))
    except json.JSONDecodeError as error:
        raise SpecError(path, error.lineno, error.msg) from None


def _yaml(path: Path, text: str) -> object:
    loader = _PlainLoader(text)
    loader.path = path
    try:
        return cast("object", loader.get_single_data())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError(path, line, str(error.problem)) from None
    except yaml.YAMLError as error:
        raise SpecError(path, 1, str(error).partition("\n")[0]) from None
    finally:
        loader.dispose()
