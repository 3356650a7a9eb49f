"""``python -m hub_typed.local``: serve an embedded Hub until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from hub_typed.local import LocalHub

if TYPE_CHECKING:
    from hub_typed.local.seed_file import Seed


def main(arguments: list[str] | None = None) -> int:
    """Serve, and print the environment variables to set; return the exit status, 0 after SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m hub_typed.local", description="Serve an embedded Hub.")
    parser.add_argument("--root", help="folder for all data; by default, a temporary folder, removed at the end")
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; by default, any free port")
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        help="a further host name that clients may use, such as that of a container; may be repeated",
    )
    parser.add_argument(
        "--seed",
        type=Path,
        metavar="FILE",
        help="YAML file with users, organizations and repositories to create, see docs/local_hub.md",
    )
    parser.add_argument(
        "--xet",
        action=argparse.BooleanOptionalAction,
        help="serve Xet, besides LFS; by default, if its packages are installed",
    )
    options = parser.parse_args(arguments)
    os.umask(0o077)  # files below the root are private to this user
    stopped, stop = os.pipe()
    # Containers are stopped with SIGTERM: shut down as on Ctrl-C. Python writes to the pipe itself, in whichever thread
    # the signal arrives, and interrupts nothing.
    os.set_blocking(stop, False)
    signal.set_wakeup_fd(stop, warn_on_full_buffer=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _do_nothing)
    try:
        _serve(options, stopped)
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        print(f"{parser.prog}: {_explain(error, options.port)}", file=sys.stderr)
        return 1
    return 0


def _serve(options: argparse.Namespace, stopped: int) -> None:
    """Serve until the pipe is written to."""
    seed: Seed | None = None
    if options.seed is not None:
        from hub_typed.local.seed_file import read_seed

        seed = read_seed(options.seed)
    with LocalHub(options.root, options.port, hosts=options.host, xet=options.xet) as hub:
        _ = hub.endpoint  # which fails if the port is taken, before anything is created
        tokens = seed.plant(hub.hub) if seed is not None else []
        if tokens:
            hub.hub.admin = tokens[0].user.name  # whose token is printed as HF_TOKEN
        variables = hub.environment(tokens[0].token if tokens else None)
        print(
            *(f"export {name}={value}" for name, value in variables.items()),
            *(f"# token of {one.user.name}, {one.name!r}, role {one.role}: {one.token}" for one in tokens),
            sep="\n",
            flush=True,
        )
        os.read(stopped, 1)


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Handle a signal, which would end the process otherwise."""


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text} is no port: it must be a number from 0 to 65535")
    return port


def _explain(error: Exception, port: int) -> str:
    """Describe in one line why the Hub cannot be served."""
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} of 127.0.0.1 is in use: stop the program that uses it, or choose another --port (0: any)"
    if isinstance(error, OSError) and error.errno == errno.EACCES and 0 < port < 1024:
        return f"port {port} of 127.0.0.1 may not be opened by this user: choose a --port from 1024 up (0: any)"
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
