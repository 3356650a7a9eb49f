"""``python -m hub_typed.local``: serve an embedded Hub until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hub_typed.local.server.serve import ServeError, ServeOptions, serve


def main(arguments: list[str] | None = None) -> int:
    """Serve, and print the environment variables to set; return the exit status, 0 after SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m hub_typed.local", description="Serve an embedded Hub.")
    parser.add_argument(
        "--root", type=Path, help="folder for all data; by default, a temporary folder, removed at the end"
    )
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; by default, any free port")
    parser.add_argument(
        "--host",
        action="append",
        dest="hosts",
        default=[],
        help="a further host name that clients may use, such as that of a container; may be repeated",
    )
    parser.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="YAML file with users, organizations and repositories to create, see docs/local_hub.md",
    )
    parser.add_argument("--user", action="append", dest="users", default=[], help="a user to create; may be repeated")
    parser.add_argument(
        "--organization",
        action="append",
        dest="organizations",
        default=[],
        help="an organization of these users to create; may be repeated",
    )
    parser.add_argument(
        "--faults", type=Path, metavar="FILE", help="YAML or JSON file with a list of faults, see docs/faults.md"
    )
    parser.add_argument(
        "--xet",
        action=argparse.BooleanOptionalAction,
        help="serve Xet, besides LFS; by default, if its packages are installed",
    )
    parser.add_argument(
        "--jobs",
        choices=("recorded", "subprocess"),
        default="recorded",
        help="record jobs, or execute their commands on this machine, without isolation; by default, record them",
    )
    try:
        serve(ServeOptions(**vars(parser.parse_args(arguments))))
    except ServeError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is no port: it must be a number from 0 to 65535")
    return port


if __name__ == "__main__":
    sys.exit(main())
