"""``python -m codegen.checks.vendor FILE``: compare the spec with an OpenAPI document of the vendor.

Both are read as plain documents; ours is ``generated/openapi.json``. For each common operation, all parameters and all
members of the body and the responses are compared. Intended differences are listed with reasons in
``spec/differences.yaml``. Operations that the spec lacks, unexplained differences, and rules that explain nothing are
errors.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path

import attrs
import yaml

from codegen.checks.rules import Explained, Rule, RuleError, explain, read_rules
from codegen.checks.values import Node, Value, resolved, value_of
from codegen.hub import DOCUMENT, ROOT
from codegen.spec.document import METHODS

__all__ = ["WORDS", "Finding", "Report", "compare", "main"]

RULES = ROOT / "spec" / "differences.yaml"
SAME = "same"
NOTHING = "-"
"""Written where one side has nothing."""
TOLD = {
    SAME: "both say {ours}",
    "missing": "the vendor has it ({vendor}), we do not",
    "added": "we have it ({ours}), the vendor does not",
    "type": "it is {ours} here and {vendor} there",
    "presence": "it is {ours} here and {vendor} there",
    "values": "only we name {ours}; only the vendor names {vendor}",
    "members": "its members are {ours} here and {vendor} there",
    "media": "it is {ours} here and {vendor} there",
    "deprecation": "the operation is {ours} here and {vendor} there",
}
"""The kinds of findings, and how each is told."""
_PLACE = re.compile(r"\{[^}]*\}(?:-\{[^}]*\})*")


@attrs.frozen(order=True)
class Finding:
    """Result of comparing one position.

    Attributes:
        area: Area of the operation in the spec.
        operation: Its name.
        place: Position, for example ``query.limit``, ``body.files[].path``, ``200[].id``.
        schema: Schema member of the spec, for example ``RepoFile.size``; empty if there is none.
        kind: One of ``TOLD``.
        ours: The value in our document, in a word or two.
        vendor: The value in the vendor's document.
    """

    area: str
    operation: str
    place: str
    schema: str
    kind: str
    ours: str
    vendor: str

    def __str__(self) -> str:
        """Format it as one line."""
        where = f"{self.place} ({self.schema})" if self.schema else self.place
        told = TOLD[self.kind].format(ours=self.ours, vendor=self.vendor)
        return f"{_file(self.area)}: {self.operation}: {where}: {told}"


WORDS = tuple(field.name for field in attrs.fields(Finding))
"""What a rule may speak of."""


@attrs.frozen
class Report:
    """Result of comparing two documents.

    Attributes:
        same: Positions without differences.
        differences: The other positions.
        lacking: Operations of the vendor that are missing in the spec, by where to add them.
    """

    same: list[Finding]
    differences: Explained[Finding]
    lacking: dict[str, list[str]]

    def __str__(self) -> str:
        """Format the report for printing; the last line contains the totals."""
        lines = [f"lacking: {one}: {place}" for place, found in sorted(self.lacking.items()) for one in sorted(found)]
        counts = {
            "same": len(self.same),
            "explained": sum(map(len, self.differences.explained.values())),
            "unexplained": len(self.differences.unexplained),
            "lacking": sum(map(len, self.lacking.values())),
        }
        total = "vendor-diff: " + ", ".join(f"{count} {name}" for name, count in counts.items())
        return "\n".join([*lines, *self.differences.faults(), total])


def compare(ours: Node, vendor: Node, rules: list[Rule]) -> Report:
    """Compare our document with the vendor's; the first rule that fits a difference explains it."""
    known = {(method, _shape(path)): node for method, path, node in _operations(ours)}
    comparer = _Comparer(ours, vendor)
    lacking: defaultdict[str, list[str]] = defaultdict(list)
    areas: defaultdict[str, Counter[str]] = defaultdict(Counter)
    findings: set[Finding] = set()
    for method, path, node in _operations(vendor):
        shapes = [(_shape(path), "")] if (method, _shape(path)) in known else [*_spelt_out(vendor, path, node)]
        absent = [values for shape, values in shapes if (method, shape) not in known]
        if absent:
            notes = ["deprecated"] * bool(node.get("deprecated")) + absent * (len(absent) < len(shapes))
            told = f" ({'; '.join(notes)})" if notes else ""
            lacking[_tag(node)].append(f"{method.upper()} {path}{told}")
        for shape, _ in shapes:
            if (method, shape) in known:
                areas[_tag(node)][_tag(known[method, shape])] += 1
                findings |= set(comparer.operation(known[method, shape], node))
    differences = sorted(finding for finding in findings if finding.kind != SAME)
    different = {(finding.operation, finding.place) for finding in differences}
    return Report(
        same=sorted(f for f in findings if f.kind == SAME and (f.operation, f.place) not in different),
        differences=explain(differences, rules),
        lacking={_place_of(tag, areas[tag]): found for tag, found in lacking.items()},
    )


def _tag(node: Node) -> str:
    """Return the area of an operation."""
    tags: list[str] = node.get("tags") or [NOTHING]
    return tags[0]


def _age(node: Node) -> str:
    return "deprecated" if node.get("deprecated") else "current"


def _file(area: str) -> str:
    return f"spec/{area}.yaml"


def _place_of(tag: str, areas: Counter[str]) -> str:
    """Return where to add an operation that the vendor has in an area: to the file that has most others of it."""
    if areas:
        return f"add it to {_file(areas.most_common(1)[0][0])}"
    if tag == NOTHING:
        return "add it to the file of its subject in spec/"
    return f"make {_file(tag.replace('-', '_'))} with it, and list it in spec/hub.yaml"


def _operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _shape(path: str) -> str:
    """Return a path without the names of its parameters; ``{slug}-{id}`` is one parameter."""
    return _PLACE.sub("{}", path)


def _spelt_out(document: Node, path: str, node: Node) -> Iterator[tuple[str, str]]:
    """Return the shapes of a path, with parameters of few values replaced by each value."""
    few = {
        parameter["name"]: parameter["schema"]["enum"]
        for parameter in _parameters(document, node)
        if parameter["in"] == "path" and "enum" in parameter.get("schema", {})
    }
    for values in product(*few.values()):
        text = path
        for name, value in zip(few, values, strict=True):
            text = text.replace(f"{{{name}}}", value)
        yield _shape(text), ", ".join(values)


def _parameters(document: Node, node: Node) -> list[Node]:
    return [resolved(document, parameter) for parameter in node.get("parameters", [])]


def _contents(document: Node, node: Node | None) -> dict[str, list[Node]]:
    """Return the schemas of a body or a response by media type."""
    content: Node = resolved(document, node).get("content", {}) if node else {}
    return {kind: [media["schema"]] if "schema" in media else [] for kind, media in content.items()}


@attrs.frozen
class _Said:
    """Value of one side at a position.

    Attributes:
        schemas: Alternative schemas; empty if there are none.
    """

    schemas: tuple[Node, ...] = ()
    required: bool = True

    @property
    def presence(self) -> str:
        """``required`` or ``optional``."""
        return "required" if self.required else "optional"


Row = tuple[str, str, str, str, str]
"""A finding without its area and operation."""


@attrs.frozen
class _Comparer:
    """Compares operations of two documents and resolves their references."""

    ours: Node
    vendor: Node

    def operation(self, ours: Node, vendor: Node) -> Iterator[Finding]:
        """Compare a common operation."""
        name = ours["operationId"].partition("__")[0]
        rows = [*self._parameters(ours, vendor), *self._answers(ours, vendor)]
        rows += self._bodies("body", ours.get("requestBody"), vendor.get("requestBody"))
        if _age(ours) != _age(vendor):
            rows.append(("deprecated", "", "deprecation", _age(ours), _age(vendor)))
        return (Finding(_tag(ours), name, *row) for row in rows)

    def _parameters(self, ours: Node, vendor: Node) -> Iterator[Row]:
        """Compare parameters; path parameters are equal because the paths are."""
        one, other = (
            {
                f"{found['in']}.{found['name']}": _Said((found.get("schema", {}),), bool(found.get("required")))
                for found in _parameters(document, node)
                if found["in"] != "path"
            }
            for document, node in ((self.ours, ours), (self.vendor, vendor))
        )
        for place in dict.fromkeys([*one, *other]):
            yield from self._values(place, "", one.get(place, _Said()), other.get(place, _Said()))

    def _answers(self, ours: Node, vendor: Node) -> Iterator[Row]:
        one: Node = ours.get("responses") or {}
        other: Node = vendor.get("responses") or {}
        for status in dict.fromkeys([*one, *other]):
            if status not in other:
                yield status, "", "added", "an answer", NOTHING
            elif status not in one:
                yield status, "", "missing", NOTHING, "an answer"
            else:
                yield from self._bodies(status, one[status], other[status])

    def _bodies(self, place: str, ours: Node | None, vendor: Node | None) -> Iterator[Row]:
        """Compare bodies: media types, then contents."""
        one, other = _contents(self.ours, ours), _contents(self.vendor, vendor)
        if one and other and set(one) != set(other):
            yield place, "", "media", _list(one), _list(other)
        said = [_Said(tuple(schema for schemas in side.values() for schema in schemas)) for side in (one, other)]
        if any(side.schemas for side in said):
            yield from self._values(place, "", *said)

    def _values(self, place: str, schema: str, ours: _Said, vendor: _Said) -> Iterator[Row]:
        """Compare one value of both sides, and all its members."""
        one, other = value_of(self.ours, *ours.schemas), value_of(self.vendor, *vendor.schemas)
        if not ours.schemas:
            yield place, schema, "missing", NOTHING, f"{vendor.presence} {_described(other)}"
            return
        if not vendor.schemas:
            yield place, schema, "added", f"{ours.presence} {_kinds(one)}", NOTHING
            return
        differences = [*_differences(one, other)]
        if ours.required != vendor.required:
            differences.append(("presence", ours.presence, vendor.presence))
        for difference in differences or [(SAME, _kinds(one), _kinds(other))]:
            yield place, schema, *difference
        if one.members and other.members:
            for name in dict.fromkeys([*one.members, *other.members]):
                said = [_Said(side.members.get(name, ()), name in side.required) for side in (one, other)]
                yield from self._values(f"{place}.{name}", f"{one.name}.{name}" if one.name else "", *said)
        for mark, items, others in (("[]", one.items, other.items), ("{}", one.entries, other.entries)):
            if items and others:
                yield from self._values(f"{place}{mark}", schema, _Said(items), _Said(others))


def _differences(ours: Value, vendor: Value) -> Iterator[tuple[str, str, str]]:
    """Return the differences of two values: the kind, and the value of each side."""
    if ours.kinds != vendor.kinds:
        yield "type", _kinds(ours), _kinds(vendor)
    if ours.known != vendor.known:
        yield "values", _list(ours.known - vendor.known), _list(vendor.known - ours.known)
    if "object" in ours.kinds & vendor.kinds and bool(ours.members) != bool(vendor.members):
        yield "members", _list(ours.members), _list(vendor.members)


def _kinds(value: Value) -> str:
    return " or ".join(sorted(value.kinds)) or "anything"


def _described(value: Value) -> str:
    """Return the types of a value, with the values of an enum and the members of an object."""
    values = f" ({_list(value.known)})" if value.known else ""
    members = f" with {_list(value.members)}" if value.members else ""
    return f"{_kinds(value)}{values}{members}"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or NOTHING


def main(arguments: list[str] | None = None) -> int:
    """Compare with a vendor's document; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen.checks.vendor", description=__doc__)
    parser.add_argument("vendor", type=Path, help="OpenAPI document of the vendor, as JSON or YAML")
    parser.add_argument("--document", type=Path, default=ROOT / "generated" / DOCUMENT, help="our document")
    parser.add_argument("--rules", type=Path, default=RULES, help="what differs on purpose, and why")
    parser.add_argument("--explained", action="store_true", help="print what is explained, too, by reason")
    options = parser.parse_args(arguments)
    if not options.vendor.is_file():
        parser.error(f"there is no file {options.vendor}")
    try:
        rules = read_rules(options.rules, WORDS)
    except RuleError as error:
        print(error, file=sys.stderr)
        return 2
    report = compare(_read(options.document), _read(options.vendor), rules)
    if options.explained:
        print("\n".join(report.differences.told()))
    print(report)
    return 1 if report.lacking else report.differences.status


def _read(path: Path) -> Node:
    text = path.read_text(encoding="utf-8")
    document: Node = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    return document


if __name__ == "__main__":
    sys.exit(main())
