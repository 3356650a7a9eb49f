"""Bars of tqdm that can be switched off by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from tqdm.auto import tqdm as _tqdm

from hub_typed.progress_bars.switches import are_progress_bars_disabled

__all__ = ["tqdm"]

if TYPE_CHECKING:
    _Bar: TypeAlias = _tqdm[Any]
else:
    _Bar = _tqdm  # not generic at run time


class tqdm(_Bar):  # noqa: N801  # the name of its base
    """Progress bar that is not shown where `disable_progress_bars` switches it off.

    Args:
        name: Group of bars that it belongs to; see `disable_progress_bars`.
        **options: Those of tqdm, as the other arguments are.
    """

    def __init__(self, *args: Any, name: str | None = None, **options: Any) -> None:
        if are_progress_bars_disabled(name):
            options["disable"] = True
        super().__init__(*args, **options)  # pyright: ignore[reportUnknownMemberType]  # the stubs are incomplete
