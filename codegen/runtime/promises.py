"""Members that an operation always returns: reading one that the Hub did not send is an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, get_args

from .coerce import is_list
from .fields import unset
from .wire import Response

__all__ = ["Sent", "promised"]

T = TypeVar("T")


class Sent:
    """The members of a view that are never ``None``, in the annotation that it is at run time.

    Args:
        members: Attributes that are always set.
        items: The view of the items of a list, by attribute.
    """

    def __init__(self, *members: str, **items: object) -> None:
        self.members = members
        self.items = items


def promised(parse: Callable[[Response], T], view: object, operation: str) -> Callable[[Response], T]:
    """Return a function that parses a response, and unsets the members that the Hub should have sent.

    Args:
        parse: Parses the response: a model, or a list of models.
        view: The view of the models; ``None`` if there is none.
        operation: Name of the operation, for the error.
    """
    promises = _promises(view)
    if not promises:
        return parse

    def parsed(response: Response) -> T:
        found = parse(response)
        models: object = found
        _unset_missing(models if is_list(models) else [models], promises, operation)
        return found

    return parsed


def _promises(view: object) -> list[Sent]:
    return [one for one in get_args(view) if isinstance(one, Sent)]


def _unset_missing(models: list[object], promises: list[Sent], operation: str) -> None:
    for sent in promises:
        for name in sent.members:
            for model in models:
                if getattr(model, name, None) is None:
                    unset(model, name, operation)
        for name, view in sent.items.items():
            items = [item for model in models for item in getattr(model, name, None) or ()]
            _unset_missing(items, _promises(view), operation)
