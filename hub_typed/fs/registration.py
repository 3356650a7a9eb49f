"""Which file system fsspec uses for ``hf://``."""

from __future__ import annotations

__all__ = ["register"]


def register() -> None:
    """Let fsspec use `HubFileSystem` for ``hf://`` in this process, also if huggingface_hub is installed.

    ``hub-typed://`` always means it, without this call.

    Raises:
        ImportError: fsspec is not installed.
    """
    try:
        from fsspec import register_implementation
    except ModuleNotFoundError as error:
        raise ImportError("register() needs fsspec: pip install 'hub-typed[fs]'", name="fsspec") from error
    from hub_typed.fs.file_system import HubFileSystem

    register_implementation("hf", HubFileSystem, clobber=True)
