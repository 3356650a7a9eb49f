"""Token files on this machine, in the format of the official client."""

from __future__ import annotations

import configparser
import io
import os
import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

from hub_typed.auth.tokens import checked_token
from hub_typed.disk.lock_files import LockFile
from hub_typed.errors import SettingsError
from hub_typed.logs.redaction import sanitize_line

__all__: list[str] = []

TOKEN_KEY: Final = "hf_token"
LOCK_TIMEOUT: Final = 10
"""Seconds to wait for the lock while another process changes the files."""
MAX_NAME_LENGTH: Final = 200
_DEFAULT_SECTION: Final = "\n"
"""Replaces configparser's section ``DEFAULT``, since a token may have that name."""


@attrs.frozen
class StoredTokens:
    """Tokens by name in an INI file, and the default token in a file beside it.

    Attributes:
        active_path: File of the default token.
    """

    active_path: Path = attrs.field(converter=Path)

    @property
    def path(self) -> Path:
        """Path of the INI file."""
        return self.active_path.with_name("stored_tokens")

    def all(self) -> dict[str, str]:
        """Return the tokens by name, sorted.

        Raises:
            ValueError: The file is not a valid INI file.
        """
        return {name: section[TOKEN_KEY] for name, section in sorted(self._read().items()) if section.get(TOKEN_KEY)}

    def active(self) -> str | None:
        """Return the default token, ignoring environment variables; ``None`` if there is none."""
        try:
            return self.active_path.read_text(encoding="utf-8").strip().removeprefix("\ufeff").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def store(self, name: str, token: str) -> None:
        """Store a token under a name and make it the default.

        Args:
            name: Its name; white space is collapsed to single spaces, unprintable characters are removed.
            token: The token.

        Raises:
            InvalidTokenError: The token is malformed; the message does not contain it.
            ValueError: The token is empty, or the file of the tokens is not a valid INI file.
        """
        sent = _require_token(token)
        with self._lock():
            sections = self._read()
            sections[_section_name(name)] = {TOKEN_KEY: sent}
            self._write(sections)
            _write_private_file(self.active_path, sent)

    def activate(self, name: str) -> str:
        """Make the token with this name the default, and return it.

        Raises:
            InvalidTokenError: The stored token is malformed.
            ValueError: No stored token has this name.
        """
        with self._lock():
            token = _require_token(self._token_named(name))
            _write_private_file(self.active_path, token)
            return token

    def remove(self, name: str) -> str:
        """Remove and return the token with this name; if it is the default, no default remains.

        Raises:
            ValueError: No stored token has this name.
        """
        with self._lock():
            token = self._token_named(name)
            sections = self._read()
            del sections[name]
            self._write(sections)
            if self.active() == token:
                self.active_path.unlink()
            return token

    def remove_all(self) -> set[str]:
        """Remove and return all tokens."""
        with self._lock():
            removed: set[str] = set()
            with suppress(ValueError):  # an invalid file is deleted, too
                removed |= set(self.all().values())
            if token := self.active():
                removed.add(token)
            for path in (self.path, self.active_path):
                path.unlink(missing_ok=True)
            return removed

    def _token_named(self, name: str) -> str:
        stored = self.all()
        if name not in stored:
            known = ", ".join(stored) or "none"
            raise ValueError(sanitize_line(f"No token named {name!r} is stored in {self.path}; stored names: {known}."))
        return stored[name]

    @contextmanager
    def _lock(self) -> Generator[None, None, None]:
        """Lock the files against other processes, with the lock of the official client."""
        _make_folder(self.path.parent)
        lock = LockFile.of(self.path.parent, (f"{self.path.name}.lock",))
        deadline = time.monotonic() + LOCK_TIMEOUT
        try:
            # After the timeout the files are changed without the lock: each is replaced atomically anyway.
            while lock is not None and not lock.try_acquire() and time.monotonic() < deadline:
                time.sleep(0.05)
            yield
        finally:
            if lock is not None:
                lock.release()

    def _read(self) -> dict[str, dict[str, str]]:
        parser = _parser()
        readable = True
        try:
            parser.read(self.path, encoding="utf-8-sig")
        except (configparser.Error, UnicodeDecodeError):
            readable = False
        if not readable:  # raised outside of the handler: configparser's error quotes lines, which may contain tokens
            raise ValueError(f"{self.path} is not a valid INI file: repair or delete it.")
        return {name: dict(parser.items(name)) for name in parser.sections()}

    def _write(self, sections: Mapping[str, Mapping[str, str]]) -> None:
        parser = _parser()
        parser.read_dict({name: sections[name] for name in sorted(sections)})
        text = io.StringIO()
        parser.write(text)
        _write_private_file(self.path, text.getvalue())


def _parser() -> configparser.ConfigParser:
    return configparser.ConfigParser(default_section=_DEFAULT_SECTION, interpolation=None)


def _require_token(token: str) -> str:
    text = checked_token(token)
    if text is None:
        raise ValueError("The token is empty.")
    return text


def _section_name(name: str) -> str:
    """Normalize a name to a single line that is safe as a section header."""
    words = " ".join(name.split())
    return "".join(char for char in words if char.isprintable())[:MAX_NAME_LENGTH].strip() or "unnamed"


def _make_folder(folder: Path) -> None:
    """Create the folder of the tokens.

    Raises:
        PermissionError: This user may not create it.
        SettingsError: It cannot be created for another reason.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        kind = PermissionError if isinstance(error, PermissionError) else SettingsError
        raise kind(
            f"Tokens cannot be stored in the folder {folder}: {error.strerror}. Set HF_HOME or HF_TOKEN_PATH to a path "
            "that can be written."
        ) from error


def _write_private_file(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
