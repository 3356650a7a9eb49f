"""Modules of the reference client that show the names of modules of this library."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.metadata import Distribution, DistributionFinder

__all__ = ["REFERENCE", "Alias", "AliasFinder"]

REFERENCE: Final = "huggingface_hub"
OWN: Final = "hub_typed"
TABLE: Final = "docs/names.md"


class Alias(ModuleType):
    """A module of the reference client; its names are those of a module of this library.

    Names that are set or deleted, as tests do that replace them, are set or deleted in the module of this library.
    """

    def __init__(self, name: str, target: ModuleType) -> None:
        super().__init__(name, target.__doc__)
        vars(self)["_target"] = target

    def __getattr__(self, name: str) -> object:
        target: ModuleType = vars(self)["_target"]
        if name.startswith("__") and name not in vars(target):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        full = f"{self.__name__}.{name}"
        try:
            found: object = getattr(target, name)
        except AttributeError:
            if exists(own_name(full)):
                return importlib.import_module(full)
            raise AttributeError(missing(full), name=name, obj=self) from None
        return importlib.import_module(full) if isinstance(found, ModuleType) and exists(own_name(full)) else found

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("__") or isinstance(value, Alias):
            super().__setattr__(name, value)
        else:
            setattr(vars(self)["_target"], name, value)

    def __delattr__(self, name: str) -> None:
        if name in vars(self):
            super().__delattr__(name)
        else:
            delattr(vars(self)["_target"], name)

    def __dir__(self) -> list[str]:
        return dir(vars(self)["_target"])


class AliasFinder(MetaPathFinder, Loader):
    """Finds the modules of the reference client and its metadata, before the one that may be installed."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of an alias.

        Raises:
            ImportError: This library has no such module. `from module import name` asks for a module when the name is
                not found, so this is also the message for names.
        """
        if fullname != REFERENCE and not fullname.startswith(f"{REFERENCE}."):
            return None
        own = own_name(fullname)
        if not exists(own):
            raise ImportError(missing(fullname), name=fullname)
        # A package, so that the import system asks this finder for names that the module does not have.
        return ModuleSpec(fullname, self, origin=own, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the alias of a module of this library."""
        return Alias(spec.name, importlib.import_module(own_name(spec.name)))

    def exec_module(self, module: ModuleType) -> None:
        """Give the alias what is its own: the version and the path, for programs that look at them."""
        module.__file__ = vars(module)["_target"].__file__
        if module.__name__ == REFERENCE:
            from hub_typed.compat.distribution import ReferenceDistribution

            vars(module)["__version__"] = ReferenceDistribution.told_version()

    def find_distributions(self, context: DistributionFinder.Context) -> Iterator[Distribution]:
        """Find the metadata of the reference client, as `importlib.metadata` asks each finder to."""
        from hub_typed.compat.distribution import ReferenceDistribution

        if context.name is None or context.name.replace("-", "_").lower() == REFERENCE:
            yield ReferenceDistribution()


def own_name(name: str) -> str:
    """Name of the module of this library with the names of a module of the reference client."""
    return OWN + name.removeprefix(REFERENCE)


def exists(module: str) -> bool:
    """Whether this library has a module."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # what stands before the last dot is no package
        return False


def missing(name: str) -> str:
    """Message for a name of the reference client that this library does not have."""
    return (
        f"{name} is not in hub-typed, which stands for {REFERENCE} in this process (hub_typed.compat). The table of "
        f"names ({TABLE}) says what there is in its place."
    )
