"""Run a program in which `import huggingface_hub` means hub-typed: ``python -m hub_typed.compat run program.py``."""

from __future__ import annotations

import os
import runpy
import sys

from hub_typed.compat import install

__all__ = ["main"]

USAGE = """\
usage: python -m hub_typed.compat run program.py [argument ...]
       python -m hub_typed.compat run -m module [argument ...]
"""


def main(arguments: list[str]) -> int:
    """Run a program, and the Python processes that it starts, with hub-typed as `huggingface_hub`.

    Args:
        arguments: ``run``, the path of the program or ``-m`` and a module, and the arguments of the program.
    """
    match arguments:
        case ["run", "-m", module, *rest]:
            install(subprocesses=True)
            sys.argv = [module, *rest]
            sys.path[0] = os.getcwd()
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case ["run", program, *rest] if not program.startswith("-"):
            install(subprocesses=True)
            sys.argv = [program, *rest]
            sys.path[0] = os.path.dirname(os.path.abspath(program))
            runpy.run_path(program, run_name="__main__")
        case _:
            sys.stderr.write(USAGE)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
