"""A typed client of the Hugging Face Hub. Names are imported on first use."""

from __future__ import annotations

from hub_typed_api.surface.exports import __all__ as __all__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hub_typed_api.surface.exports import *
    from hub_typed_api.surface.optional import *

    __version__: str
else:

    def __getattr__(name: str) -> object:
        """Import a name on first use."""
        if name == "__version__":
            from hub_typed.version import version

            return version()
        if name in __all__:
            from hub_typed_api.surface import exports as names
        else:
            from hub_typed_api.surface import optional as names

            if name not in names.__all__:
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(names, name)
        return value

    def __dir__() -> list[str]:
        """Names of the module, imported or not."""
        return sorted({*globals(), *__all__})
