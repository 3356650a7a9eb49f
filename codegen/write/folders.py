"""Compare and replace folders of generated files."""

from __future__ import annotations

import difflib
from pathlib import Path

from codegen.write.render import SIGN

__all__ = ["differences", "is_ours", "replace"]


def differences(made: Path, committed: Path, mark: str = "") -> list[str]:
    """Return the differences of two folders as readable diffs; empty if they are equal.

    Args:
        mark: Text by which generated files are known where a folder has others, too.
    """
    found: list[str] = []
    files = {path.relative_to(folder) for folder in (made, committed) for path in _files(folder, mark)}
    for file in sorted(files):
        new, old = made / file, committed / file
        if not old.exists():
            found.append(f"missing: {file}")
        elif not new.exists():
            found.append(f"not generated: {file}")
        elif new.read_bytes() != old.read_bytes():
            lines = difflib.unified_diff(
                old.read_text().splitlines(),
                new.read_text().splitlines(),
                f"committed/{file}",
                f"generated/{file}",
                lineterm="",
            )
            found.append("\n".join(lines))
    return found


def _files(folder: Path, mark: str) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in files if mark.encode() in path.read_bytes().partition(b"\n")[0]]


def replace(made: Path, committed: Path, mark: str = "") -> None:
    """Make the generated files of the committed folder equal to the new ones; equal files are not touched.

    Args:
        mark: Text by which they are known where the folder has others, too.
    """
    for path in _files(committed, mark):
        if not (made / path.relative_to(committed)).exists():
            path.unlink()
            if not any(path.parent.iterdir()):
                path.parent.rmdir()
    for path in _files(made, ""):
        target = committed / path.relative_to(made)
        if not target.exists() or target.read_bytes() != path.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def is_ours(folder: Path, sign: str) -> bool:
    """Whether a folder may be overwritten: it is empty, or a file in it marks it as generated."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    if not any(folder.iterdir()):
        return True
    return (folder / sign).exists() and SIGN in (folder / sign).read_text(encoding="utf-8")
