"""``python -m documentation.site ZENSICAL``: build the site; fail on warnings and on links that lead nowhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["dead_links"]

SITE: Final = Path(__file__).parent.parent / "build" / "docs"
_COLOURS: Final = re.compile(r"\x1b\[[0-9;]*m")
_WARNING: Final = re.compile(r"^(griffe|mkdocstrings|zensical): ", re.MULTILINE)
"""What is logged does not fail in Zensical's strict mode."""


class _Page(HTMLParser):
    """Links and anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the base class's
        found = dict(attrs)
        self.anchors.update(value for name in ("id", "name") if (value := found.get(name)))
        self.links.update(value for name in ("href", "src") if (value := found.get(name)))


def dead_links(site: Path) -> Iterator[str]:
    """Find links within a site to files and anchors that do not exist."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    for path, page in sorted(pages.items()):
        if path.name == "404.html":  # its links begin at the root of the server
            continue
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                yield f"{path.relative_to(site)}: {link} leads nowhere"


def main() -> int:
    """Build and check the site; return the exit status."""
    command = [sys.argv[1], "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=SITE.parent.parent, capture_output=True, text=True, check=False)
    said = _COLOURS.sub("", done.stdout + done.stderr)
    if done.returncode or _WARNING.search(said):
        print(said, file=sys.stderr)
        return 1
    wrong = list(dead_links(SITE))
    print("\n".join(wrong) or f"The documentation is in {SITE.relative_to(SITE.parent.parent)}/index.html.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
