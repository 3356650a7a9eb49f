"""Constants of huggingface_hub, which it reads from the environment when it is imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any, Final

__all__ = ["official_client_in_environment"]

_LIBRARY: Final = "huggingface_hub"
_CONSTANTS: Final = f"{_LIBRARY}.constants"
_MISSING: Final = object()


@contextmanager
def official_client_in_environment() -> Generator[Callable[[], None]]:
    """Let huggingface_hub, where it is imported, follow changes of the environment within the block.

    Yields:
        A function to call after the environment has changed. At the end of the block, it must be as before.
    """
    replaced: list[tuple[object, str, object]] = []
    inside: Mapping[str, object] | None = None

    def follow() -> None:
        nonlocal inside
        constants = sys.modules.get(_CONSTANTS)
        if constants is None:
            return
        inside = _evaluated(constants)
        for owner, attribute, name in _uses(inside):
            value = getattr(owner, attribute)
            if value != inside[name]:
                replaced.append((owner, attribute, value))
                setattr(owner, attribute, inside[name])
        _forget_file_systems()

    try:
        yield follow
    finally:
        for owner, attribute, value in replaced:
            setattr(owner, attribute, value)
        constants = sys.modules.get(_CONSTANTS)
        if constants is not None:  # modules that were imported within the block have its values
            outside = _evaluated(constants)
            inside = inside or _plain(vars(constants))
            for owner, attribute, name in _uses(outside):
                if inside.get(name, outside[name]) != outside[name] and getattr(owner, attribute) == inside[name]:
                    setattr(owner, attribute, outside[name])
            _forget_file_systems()


def _evaluated(constants: ModuleType) -> Mapping[str, object]:
    """Return the values that the constants have in the current environment."""
    spec = constants.__spec__
    if spec is None or spec.loader is None:
        return {}
    fresh = module_from_spec(spec)
    spec.loader.exec_module(fresh)
    return _plain(vars(fresh))


def _plain(values: Mapping[str, object]) -> Mapping[str, object]:
    return {
        name: value
        for name, value in values.items()
        if name.isupper() and (value is None or isinstance(value, str | bool | int | float))
    }


def _uses(constants: Mapping[str, object]) -> Iterator[tuple[object, str, str]]:
    """Return where constants are used: objects, their attributes, and the names of the constants."""
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] == _LIBRARY:
            known: dict[str, Any] = vars(module)
            yield from ((module, name, name) for name in constants.keys() & known.keys())
    api = getattr(sys.modules.get(f"{_LIBRARY}.hf_api"), "api", _MISSING)  # whose methods are functions of the library
    if hasattr(api, "endpoint") and "ENDPOINT" in constants:
        yield api, "endpoint", "ENDPOINT"


def _forget_file_systems() -> None:
    """Forget the file systems that the library keeps, with their endpoint and lists of files."""
    file_system = getattr(sys.modules.get(f"{_LIBRARY}.hf_file_system"), "HfFileSystem", None)
    if file_system is not None:
        file_system.clear_instance_cache()
