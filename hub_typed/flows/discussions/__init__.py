"""Discussions and pull requests.

`read` lists and fetches them, `write` creates and changes them. `discussion` and `events` define the classes, `checks`
the checks of arguments before any request.
"""

from __future__ import annotations

__all__: list[str] = []
