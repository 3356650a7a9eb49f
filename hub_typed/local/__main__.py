"""``python -m hub_typed.local``: serve an embedded Hub until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal

from hub_typed.local import LocalHub


def main() -> None:
    """Serve, and print the environment variables to set."""
    parser = argparse.ArgumentParser(prog="python -m hub_typed.local", description="Serve an embedded Hub.")
    parser.add_argument("--root", help="folder that keeps everything; without it, everything is gone at the end")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; any that is free, if not given")
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        help="a name that clients call it by, beside those of this machine, as that of a container; may be repeated",
    )
    options = parser.parse_args()
    os.umask(0o077)  # whatever is written below the root is for our eyes only
    # What a container stops with: end as tidily as by Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with LocalHub(options.root, options.port, hosts=options.host) as hub, contextlib.suppress(KeyboardInterrupt):
        print(f"export HF_ENDPOINT={hub.endpoint}\nexport HF_TOKEN={hub.token}", flush=True)
        hub.wait()


if __name__ == "__main__":
    main()
