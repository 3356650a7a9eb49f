"""Docstrings of generated functions."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.spec.operations import Operation

__all__ = ["documented", "with_argument"]

WIDTH = 108
ANY_ERROR = "The Hub returned an error."


def _entry(name: str, text: str) -> str:
    words = " ".join(text.split())
    return textwrap.fill(f"{name}: {words}", WIDTH, initial_indent="    ", subsequent_indent=" " * 8)


def documented(operation: Operation) -> str:
    """Build the docstring of an operation: summary, notes, parameters, errors, endpoint."""
    blocks = [f"Deprecated. {operation.summary}" if operation.deprecated else operation.summary]
    if operation.description:
        blocks.append(textwrap.fill(" ".join(operation.description.split()), WIDTH))
    entries = [_entry(p.name, p.description) for p in operation.given if p.description]
    if entries:
        blocks.append("\n".join(["Args:", *entries]))
    if operation.raises:
        blocks.append("\n".join(["Raises:", *(_entry(name, _meaning(name)) for name in operation.raises)]))
    blocks.append(f"Endpoint: ``{operation.method} {operation.template}``")
    return "\n\n".join(blocks)


def _meaning(error: str) -> str:
    meanings = {
        "RepositoryNotFoundError": "The repository does not exist, or the token may not read it.",
        "GatedRepoError": "The repository is gated, and the token has no access to it.",
        "RevisionNotFoundError": "The repository has no such branch, tag or commit.",
        "EntryNotFoundError": "The repository has no such file or folder at that revision.",
        "BadRequestError": "The Hub rejected the request (400).",
        "HfHubHTTPError": ANY_ERROR,
    }
    return meanings.get(error, ANY_ERROR)


def with_argument(docstring: str, name: str, text: str) -> str:
    """Add an argument to a docstring."""
    entry = _entry(name, text)
    blocks = docstring.split("\n\n")
    for position, block in enumerate(blocks):
        if block.startswith("Args:"):
            blocks[position] = f"{block.rstrip()}\n{entry}"
            return "\n\n".join(blocks)
    later = ("Returns:", "Yields:", "Raises:", "Endpoint:")
    at = next((place for place, block in enumerate(blocks) if block.startswith(later)), len(blocks))
    return "\n\n".join([*blocks[:at], f"Args:\n{entry}", *blocks[at:]])
