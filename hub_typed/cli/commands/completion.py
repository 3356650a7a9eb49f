"""``completion``: completion of commands and options in a shell."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from hub_typed.cli.output import Output

__all__ = ["print_completion"]


def print_completion(
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], Parameter(help="The shell.")],
    /,
    *,
    install: bool = False,
    output: Output = Output(),
) -> None:
    """Print the completion script of a shell, or install it.

    Args:
        install: Write the script to the folder where the shell looks for it, and load it from the shell's start file.
    """
    from hub_typed.cli.app import create_app

    app = create_app()
    if not install:
        output.text(app.generate_completion(shell=shell), end="")
        return
    path = app.install_completion(shell=shell)
    output.done(f"Installed {path}: start a new shell to use it.", id=path, path=path)
