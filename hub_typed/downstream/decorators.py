"""Decorators and checks of arguments for functions of other libraries."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import ParamSpec, TypeVar

from hub_typed import constants
from hub_typed.logs.warnings import warn
from hub_typed_api.path import checked_repo_id

__all__ = ["experimental", "smoothly_deprecate_legacy_arguments", "validate_hf_hub_args", "validate_repo_id"]

P = ParamSpec("P")
R = TypeVar("R")
LEGACY_ARGUMENTS = ("force_filename", "local_dir_use_symlinks", "proxies", "resume_download")


def validate_repo_id(repo_id: str | None) -> None:
    """Check the id of a repository; ``None`` is accepted.

    Raises:
        HFValidationError: It is invalid.
    """
    if repo_id is not None:
        checked_repo_id(repo_id)


def validate_hf_hub_args(fn: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that its arguments ``repo_id``, ``from_id`` and ``to_id`` are checked before each call.

    Raises:
        HFValidationError: One of them is invalid; raised by the decorated function.
    """
    signature = inspect.signature(fn)
    checked = [name for name in ("repo_id", "from_id", "to_id") if name in signature.parameters]

    @wraps(fn)
    def checking(*args: P.args, **kwargs: P.kwargs) -> R:
        given = signature.bind_partial(*args, **kwargs).arguments if checked else {}
        for name in checked:
            validate_repo_id(given.get(name))
        return fn(*args, **kwargs)

    return checking


def smoothly_deprecate_legacy_arguments(fn_name: str, kwargs: Mapping[str, object]) -> dict[str, object]:
    """Return keyword arguments without those that functions of the Hub used to have; each gives a warning.

    Args:
        fn_name: Name of the function, for the warnings.
        kwargs: Its keyword arguments.
    """
    for name in LEGACY_ARGUMENTS:
        if kwargs.get(name) is not None:
            warn(f"{fn_name}: the argument {name!r} has no effect.")
    return {name: value for name, value in kwargs.items() if name not in LEGACY_ARGUMENTS}


def experimental(fn: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function so that each call warns that it may change.

    ``HF_HUB_DISABLE_EXPERIMENTAL_WARNING`` switches the warnings off.
    """

    @wraps(fn)
    def warning(*args: P.args, **kwargs: P.kwargs) -> R:
        if not constants.HF_HUB_DISABLE_EXPERIMENTAL_WARNING:
            warn(f"{fn.__qualname__} is experimental, and may change in any release.")
        return fn(*args, **kwargs)

    return warning
