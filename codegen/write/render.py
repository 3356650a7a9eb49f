"""Render templates and write files."""

from __future__ import annotations

import textwrap
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.spec.target import HUB, Target

__all__ = ["MARK", "copied", "render", "write"]

MARK = HUB.mark
_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)


def _docstring(text: str, spaces: int = 4) -> str:
    """Format a docstring with quotes and indentation."""
    body = text.strip().replace("\\", "\\\\").replace('"""', '\\"""')
    closing = f"\n{' ' * spaces}" if "\n" in body else " " if body.endswith('"') else ""
    return f'"""{textwrap.indent(body, " " * spaces).strip()}{closing}"""'


_environment.filters["docstring"] = _docstring


def render(template: str, **known: object) -> str:
    """Render a template for a package; the Hub's, and with its mark, unless others are given."""
    target = known.get("target", HUB)
    mark = target.mark if isinstance(target, Target) else MARK
    return _environment.get_template(template).render({"mark": mark, "target": target, **known})


def write(path: Path, text: str) -> None:
    """Write a file and create its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def copied(source: Path) -> str:
    """Return a handwritten module with the mark of generated files."""
    first, quotes, rest = source.read_text(encoding="utf-8").partition('"""\n')
    return f"{first}\n\n{MARK.replace('spec/ and hub_typed/flows/', f'codegen/runtime/{source.name}')}\n{quotes}{rest}"
