"""``python -m codegen.checks.lowest``: print the lowest allowed versions of dependencies as constraints for pip."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from codegen.hub import ROOT

__all__ = ["lowest", "main"]

EXTRAS = ("cards", "cli", "fast", "local", "pages")
"""What users may install beside the dependencies; the tools of developers are none of it."""


def lowest(project: Mapping[str, Any]) -> Iterator[str]:
    """Return a constraint for each dependency, ``name==version``.

    Raises:
        ValueError: A dependency has no lower bound.
    """
    extras = project["optional-dependencies"]
    texts = [*project["dependencies"], *(text for extra in EXTRAS for text in extras[extra])]
    for text in dict.fromkeys(texts):  # extras share some
        requirement = Requirement(text)
        bounds = [one.version for one in requirement.specifier if one.operator == ">="]
        if len(bounds) != 1:
            raise ValueError(f"{text!r} in pyproject.toml must have one lower bound, as name>=version.")
        yield f"{requirement.name}=={bounds[0]}"


def main(project_file: Path = ROOT / "pyproject.toml") -> int:
    """Print the constraints."""
    project = tomllib.loads(project_file.read_text(encoding="utf-8"))["project"]
    print("\n".join(lowest(project)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
