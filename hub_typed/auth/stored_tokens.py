"""Token files of this machine, in the format of the official client."""

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
from hub_typed.logs.redaction import cleaned_line

__all__: list[str] = []

TOKEN: Final = "hf_token"
LONGEST_WAIT: Final = 10
"""Seconds for which another process that changes the files is waited for."""
LONGEST_NAME: Final = 200
_NOBODY: Final = "\n"
"""In place of configparser's section ``DEFAULT``, which may be the name of a token."""


@attrs.frozen
class StoredTokens:
    """Tokens by name in an INI file, and the default one in a file beside it.

    Attributes:
        active_path: File of the token that is sent.
    """

    active_path: Path = attrs.field(converter=Path)

    @property
    def path(self) -> Path:
        """File of the tokens by name."""
        return self.active_path.with_name("stored_tokens")

    def all(self) -> dict[str, str]:
        """Tokens by name, sorted.

        Raises:
            ValueError: The file cannot be read as what it should be.
        """
        return {name: kept[TOKEN] for name, kept in sorted(self._read().items()) if kept.get(TOKEN)}

    def active(self) -> str | None:
        """The default token, which environment variables override."""
        try:
            return self.active_path.read_text(encoding="utf-8").strip().removeprefix("\ufeff").strip() or None
        except (OSError, UnicodeDecodeError):
            return None

    def keep(self, name: str, token: str) -> None:
        """Store a token under a name, and make it the default.

        Args:
            name: Its name; blanks become single spaces, what is not printable is left out.
            token: The token.

        Raises:
            InvalidTokenError: It cannot be a token; the message does not hold it.
            ValueError: The token is empty, or the file of the tokens cannot be read as what it should be.
        """
        sent = _given(token)
        with self._held():
            kept = self._read()
            kept[_section(name)] = {TOKEN: sent}
            self._write(kept)
            _put(self.active_path, sent)

    def activate(self, name: str) -> str:
        """Make the token with this name the default, and return it.

        Raises:
            InvalidTokenError: What is stored there cannot be a token.
            ValueError: There is none of this name.
        """
        with self._held():
            token = _given(self._named(name))
            _put(self.active_path, token)
            return token

    def forget(self, name: str) -> str:
        """Remove and return the token with this name; if it is the default, there is none afterwards.

        Raises:
            ValueError: There is none of this name.
        """
        with self._held():
            token = self._named(name)
            kept = self._read()
            del kept[name]
            self._write(kept)
            if self.active() == token:
                self.active_path.unlink()
            return token

    def forget_all(self) -> set[str]:
        """Remove and return all tokens."""
        with self._held():
            forgotten: set[str] = set()
            with suppress(ValueError):  # a file that nobody can read is to go, too
                forgotten |= set(self.all().values())
            if token := self.active():
                forgotten.add(token)
            for path in (self.path, self.active_path):
                path.unlink(missing_ok=True)
            return forgotten

    def _named(self, name: str) -> str:
        stored = self.all()
        if name not in stored:
            known = ", ".join(stored) or "none"
            raise ValueError(cleaned_line(f"No token named {name!r} is stored in {self.path}; there are: {known}."))
        return stored[name]

    @contextmanager
    def _held(self) -> Generator[None, None, None]:
        """Lock the files against other processes, with the lock of the official client."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = LockFile.of(self.path.parent, (f"{self.path.name}.lock",))
        latest = time.monotonic() + LONGEST_WAIT
        try:
            # Who has stopped while holding it is not waited for: each file is replaced in one step, lock or not.
            while lock is not None and not lock.take() and time.monotonic() < latest:
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
        if not readable:  # raised here, for configparser's error quotes lines, which may be tokens
            raise ValueError(f"{self.path} cannot be read as an INI file: mend or delete it.")
        return {name: dict(parser.items(name)) for name in parser.sections()}

    def _write(self, kept: Mapping[str, Mapping[str, str]]) -> None:
        parser = _parser()
        parser.read_dict({name: kept[name] for name in sorted(kept)})
        text = io.StringIO()
        parser.write(text)
        _put(self.path, text.getvalue())


def _parser() -> configparser.ConfigParser:
    return configparser.ConfigParser(default_section=_NOBODY, interpolation=None)


def _given(token: str) -> str:
    text = checked_token(token)
    if text is None:
        raise ValueError("The token is empty.")
    return text


def _section(name: str) -> str:
    """Normalize a name to a single line that is safe as a section header."""
    words = " ".join(name.split())
    return "".join(char for char in words if char.isprintable())[:LONGEST_NAME].strip() or "unnamed"


def _put(path: Path, text: str) -> None:
    """Write a file atomically, readable by its owner only."""
    waiting = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(waiting, path)
    finally:
        waiting.unlink(missing_ok=True)
