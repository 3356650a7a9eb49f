"""Discussions and pull requests.

What is asked stands in `read`, what is changed in `write`; `events` and `discussion` have the classes, `checks` what is
refused before any request.
"""

from __future__ import annotations

__all__: list[str] = []
