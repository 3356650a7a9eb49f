"""The public names and signatures change on purpose only."""

from __future__ import annotations

from difflib import unified_diff

from tests.release.public_api import FILE, lines


def test_the_public_names_are_those_that_are_written_down():
    """Whoever changes them on purpose runs `make api`, and says so in CHANGELOG.md."""
    known = FILE.read_text(encoding="utf-8").splitlines()
    changes = list(unified_diff(known, lines(), FILE.name, "now", n=0, lineterm=""))
    assert not changes, "\n".join(["The public API differs. On purpose? Then run `make api`, and say so:", *changes])


def test_it_has_signatures_and_members():
    known = FILE.read_text(encoding="utf-8").splitlines()
    assert "  user: str" in known
    assert [line for line in known if line.startswith("hf_hub_download(repo_id: str, filename: str, *, subfolder:")]
    assert not [line for line in known if " at 0x" in line]
