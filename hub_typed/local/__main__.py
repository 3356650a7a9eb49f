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
    parser.add_argument("--root", help="folder for all data; by default, a temporary folder, removed at the end")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; by default, any free port")
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        help="a further host name that clients may use, such as that of a container; may be repeated",
    )
    options = parser.parse_args()
    os.umask(0o077)  # files below the root are private to this user
    # Containers are stopped with SIGTERM: shut down as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with LocalHub(options.root, options.port, hosts=options.host) as hub, contextlib.suppress(KeyboardInterrupt):
        print(
            f"export HF_ENDPOINT={hub.endpoint}",
            f"export HF_TOKEN={hub.token}",
            f"export HF_INFERENCE_ENDPOINTS_ENDPOINT={hub.endpoint}",
            "export HF_HUB_DISABLE_XET=1",  # for the official client: Xet is not served
            sep="\n",
            flush=True,
        )
        hub.wait()


if __name__ == "__main__":
    main()
