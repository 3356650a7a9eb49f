"""``python -m documentation``: write the tables of the pages that are made from code."""

from __future__ import annotations

import sys

from benchmarks.official import OfficialMissingError
from documentation.commands import areas_table, commands_reference, common_options_table, exit_codes_table
from documentation.defaults_table import defaults_table
from documentation.errors_table import errors_table
from documentation.generators_table import generators_table
from documentation.migration import MIGRATION_TABLES
from documentation.names import NAMES_TABLES
from documentation.repeats_table import repeats_table
from documentation.settings_tables import settings_table, variables_table
from documentation.tables import Makers, filled, pages_with_tables

__all__ = ["MAKERS"]

MAKERS: Makers = {
    "settings": settings_table,
    "variables": variables_table,
    "errors": errors_table,
    "defaults": defaults_table,
    "repeats": repeats_table,
    "commands": areas_table,
    "commands-in-full": commands_reference,
    "common-options": common_options_table,
    "exit-codes": exit_codes_table,
    "generators": generators_table,
    **MIGRATION_TABLES,
    **NAMES_TABLES,
}


def main() -> int:
    """Write the tables; return the exit status."""
    status = 0
    for page in pages_with_tables():
        text = page.read_text(encoding="utf-8")
        try:
            page.write_text(filled(text, MAKERS), encoding="utf-8")
        except OfficialMissingError as error:
            print(f"{page.name} stays as it is: {error}", file=sys.stderr)
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
