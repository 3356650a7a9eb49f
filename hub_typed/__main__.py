"""The command ``hub-typed``, also ``python -m hub_typed``."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line with the arguments of the process, and return the exit code."""
    try:
        from hub_typed.cli.app import main as run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("cyclopts", "rich"):
            raise
        sys.stderr.write("hub-typed: the command line is an extra: pip install 'hub-typed[cli]'\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
