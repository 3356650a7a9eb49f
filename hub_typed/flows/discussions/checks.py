"""Checks of discussion arguments before any request."""

from __future__ import annotations

__all__: list[str] = []

SHORTEST_TITLE = 3
LONGEST_TITLE = 200
LONGEST_TEXT = 65536


def checked_num(value: object) -> int:
    """Check the number of a discussion and return it.

    Raises:
        ValueError: The number is not a positive integer.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"Invalid discussion_num {value!r}: the number of a discussion is an integer from 1.")
    return value


def checked_title(value: str) -> str:
    """Check the title of a discussion and strip white space.

    Raises:
        ValueError: The title is too short or too long.
    """
    title = value.strip()
    if not SHORTEST_TITLE <= len(title) <= LONGEST_TITLE:
        raise ValueError(
            f"Invalid title of {len(title)} characters: it must have {SHORTEST_TITLE} to {LONGEST_TITLE}, not counting "
            "surrounding white space."
        )
    return title


def checked_text(value: str, what: str) -> str:
    """Check the text of a comment and return it.

    Args:
        what: Name of the text in messages.

    Raises:
        ValueError: The text is empty or too long.
    """
    if not value.strip():
        raise ValueError(f"Empty {what}: write at least one character other than white space.")
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"Invalid {what} of {len(value)} characters: at most {LONGEST_TEXT} are allowed.")
    return value


def checked_optional_comment(value: str | None) -> str | None:
    """Check the comment of a change and strip white space; ``None`` if nothing is left.

    Raises:
        ValueError: The comment is too long.
    """
    return checked_text(value.strip(), "comment") if value and value.strip() else None
