"""`import huggingface_hub` means hub-typed: programs that were written for the reference client run unchanged.

Nothing on disk is changed. Before anything imports `huggingface_hub`:

Example:
    from hub_typed.compat import install

    install()
    from transformers import AutoConfig

A whole program: ``python -m hub_typed.compat run program.py``, or ``run -m module``.
"""

from __future__ import annotations

import sys

from hub_typed.compat.aliases import REFERENCE, Alias, AliasFinder

__all__ = ["install", "installed", "uninstall"]


def install(*, subprocesses: bool = False) -> None:
    """Make `import huggingface_hub`, and all its modules, mean hub-typed in this process.

    A second call changes nothing. `uninstall()` undoes it.

    Args:
        subprocesses: Whether Python processes that this one starts do so too. Their variable ``PYTHONPATH`` is
            extended by a folder with a `sitecustomize`; interpreters that ignore the variable (``-I``, ``-E``) are left
            alone. Processes of `multiprocessing` that are forked need nothing, others need this.

    Raises:
        RuntimeError: The reference client was imported already.
    """
    loaded = sys.modules.get(REFERENCE)
    if loaded is not None and not isinstance(loaded, Alias):
        raise RuntimeError(
            f"{REFERENCE} was imported already, from {loaded.__file__}: call hub_typed.compat.install() before "
            f"anything imports it, or start the program with `python -m hub_typed.compat run`."
        )
    if not installed():
        sys.meta_path.insert(0, AliasFinder())
    if subprocesses:
        from hub_typed.compat.environment import add_startup_folder

        add_startup_folder()


def installed() -> bool:
    """Whether `import huggingface_hub` means hub-typed in this process."""
    return any(isinstance(finder, AliasFinder) for finder in sys.meta_path)


def uninstall() -> None:
    """Undo `install()`: later imports find the reference client if it is installed.

    Modules that were imported meanwhile keep the names that they have.
    """
    sys.meta_path[:] = [one for one in sys.meta_path if not isinstance(one, AliasFinder)]
    for name in [name for name in sys.modules if name == REFERENCE or name.startswith(f"{REFERENCE}.")]:
        del sys.modules[name]
    from hub_typed.compat.environment import remove_startup_folder

    remove_startup_folder()
