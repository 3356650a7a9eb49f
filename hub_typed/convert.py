"""Converter of cattrs for the models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hub_typed_api.codec import hooks

if TYPE_CHECKING:
    import cattrs

__all__ = ["converter"]


def converter() -> cattrs.Converter:
    """Create a cattrs converter that structures and unstructures all models as the clients do."""
    import cattrs

    made = cattrs.Converter()
    for model, (structure, unstructure) in hooks().items():
        made.register_structure_hook(model, _hook(structure))
        made.register_unstructure_hook(model, unstructure)
    return made


def _hook(structure: Callable[[Any], Any]) -> Callable[[Any, type], Any]:
    def read(value: Any, _: type) -> Any:
        return structure(value)

    return read
