"""Path parameters: validation before any request, and their encoding in URLs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar
from urllib.parse import quote

__all__ = [
    "HFValidationError",
    "checked_file",
    "checked_repo_id",
    "checked_revision",
    "checked_slug",
    "entry",
    "file",
    "is_unicode",
    "repo_id",
    "repo_type",
    "revision",
    "segment",
    "slug",
    "url",
    "web_type",
]

REPO_TYPES = ("model", "dataset", "space", "kernel")
_PART = re.compile(r"[\w\-.]{1,96}", re.ASCII)
_NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|(^|/)\.|\.lock(/|$)")


class HFValidationError(ValueError):
    """An invalid name, refused before any request."""

    cleaned: ClassVar[Callable[[str], str]] = str
    """Takes secrets out of the message, for the name may come from a server. A client puts its own here."""

    def __init__(self, message: str) -> None:
        super().__init__(type(self).cleaned(message))


def checked_repo_id(value: object) -> str:
    """Check the id of a repository, ``name`` or ``owner/name``.

    Raises:
        HFValidationError: It is invalid; the message contains the id and the rule.
    """
    if not isinstance(value, str):
        raise HFValidationError(f"Invalid repo id {value!r}: it is no text.")
    parts = value.split("/")
    rule = (
        "has more than one '/'"
        if len(parts) > 2
        else "must be 'name' or 'owner/name', of letters, digits, '-', '_' and '.', at most 96 a part"
        if not all(_PART.fullmatch(part) for part in parts)
        else "has '--' or '..' in it"
        if "--" in value or ".." in value
        else "has a part that begins or ends with '-' or '.'"
        if any(part[0] in "-." or part[-1] in "-." for part in parts)
        else "ends with '.git'"
        if value.endswith(".git")
        else ""
    )
    if rule:
        raise HFValidationError(f"Invalid repo id {value!r}: it {rule}.")
    return value


def checked_revision(value: object) -> str:
    """Check a branch, tag, other ref or commit.

    Raises:
        HFValidationError: git would not accept the name.
    """
    if not isinstance(value, str) or not value or _NOT_IN_A_REF.search(value) or value[0] in "/-" or value[-1] in "/.":
        raise HFValidationError(f"Invalid revision {value!r}: it is no name that git accepts for a ref or commit.")
    if not is_unicode(value):
        raise HFValidationError(f"Invalid revision {value!r}: it is not valid Unicode, and cannot be encoded as UTF-8.")
    return value


def checked_file(value: object) -> str:
    """Check a path in a repository: relative, with forward slashes.

    Raises:
        HFValidationError: It is empty or absolute, has an empty part, ``.``, ``..`` or a NUL, or is not valid Unicode.
    """
    if not isinstance(value, str) or "\x00" in value or any(part in ("", ".", "..") for part in value.split("/")):
        raise HFValidationError(
            f"Invalid path in a repository {value!r}: it must be relative and without empty, '.' or '..' parts."
        )
    if not is_unicode(value):
        raise HFValidationError(
            f"Invalid path in a repository {value!r}: it is not valid Unicode, and cannot be encoded as UTF-8."
        )
    return value


def is_unicode(value: str) -> bool:
    """Whether a text can be encoded as UTF-8, that is, contains no lone surrogates.

    Python uses surrogates for the bytes of file names that are not UTF-8, and JSON may contain them.
    """
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def checked_slug(value: object) -> str:
    """Check the slug of a collection, ``owner/title-id``.

    Raises:
        HFValidationError: It is not an owner and a title.
    """
    parts = value.split("/") if isinstance(value, str) else []
    if len(parts) != 2 or any(part in ("", ".", "..") or "\x00" in part or not is_unicode(part) for part in parts):
        raise HFValidationError(f"Invalid slug {value!r}: it must be 'owner/title-id', as the Hub gave it.")
    return "/".join(parts)


def repo_id(value: str) -> str:
    """Return the id of a repository for a URL, unchanged."""
    return checked_repo_id(value)


def repo_type(value: str | None, choices: Sequence[str] = REPO_TYPES) -> str:
    """Return the type of a repository for a URL; ``model`` if absent.

    Args:
        value: The type.
        choices: The types that the operation takes.

    Raises:
        HFValidationError: The type is none of them.
    """
    if value is None:
        return "model"
    if value not in choices:
        raise HFValidationError(f"Invalid repo type {value!r}: it must be one of {', '.join(choices)}, or None.")
    return value


def web_type(value: str | None, choices: Sequence[str] = REPO_TYPES) -> str:
    """Return the prefix of a type in web URLs, with slash; empty for a model."""
    known = repo_type(value, choices)
    return "" if known == "model" else f"{known}s/"


def revision(value: str) -> str:
    """Return a branch, tag or commit for a URL, with encoded slashes."""
    return quote(checked_revision(value), safe="")


def slug(value: str) -> str:
    """Return the slug of a collection for a URL, with its slash."""
    return quote(checked_slug(value), safe="/")


def file(value: str) -> str:
    """Return a path in a repository for a URL, with its slashes."""
    return quote(checked_file(value), safe="/")


def entry(value: str) -> str:
    """Return a path in a repository for a URL, with encoded slashes."""
    return quote(checked_file(value), safe="")


def segment(value: object) -> str:
    """Return any other parameter for a URL, as one segment.

    Raises:
        HFValidationError: It is empty, or not valid Unicode.
    """
    text = str(value)
    if not text or text in (".", "..") or not is_unicode(text):
        raise HFValidationError(f"Invalid value {text!r}: it cannot be a segment of a path.")
    return quote(text, safe="")


def url(value: str) -> str:
    """Return an absolute URL from an earlier response.

    Raises:
        HFValidationError: It is not an http or https URL.
    """
    if not value.startswith(("https://", "http://")):
        named = value.split("?", maxsplit=1)[0].rpartition("@")[2]  # neither a signature nor a password
        raise HFValidationError(f"Invalid URL {named!r}: it is neither http nor https.")
    return value
