"""``python -m documentation.uses FOLDER``: how many uses of the official client by other packages this one covers.

The folder has ``names.csv`` with the columns ``packages``, ``uses``, ``name`` and ``category``; names of the category
``hub`` count.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Final

from codegen.checks.surface import is_here

__all__: list[str] = []

WANTED: Final = 0.95


def main(folder: Path) -> int:
    """Print the names that are missing and the share of uses that is covered; return the exit status."""
    covered = total = 0
    with (folder / "names.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["name"].removeprefix("huggingface_hub.")
            found = is_here(name)
            if row["category"] != "hub":
                continue
            uses = int(row["uses"])
            total += uses
            covered += uses if found else 0
            if not found:
                print(f"missing: {name} ({uses} uses in {row['packages']} packages)")
    share = covered / total
    print(f"{covered} of {total} uses inside the mission resolve: {share:.1%}")
    return 0 if share >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
