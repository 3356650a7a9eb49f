"""Every block of Python of the documentation runs as it is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.blocks import blocks, run

REPOSITORY = Path(__file__).parent.parent.parent
PAGES = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
WITH_CODE = [
    page
    for page in PAGES
    if any(block.language == "python" and block.file is None for block in blocks(page.read_text("utf-8")))
]


def name(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_the_blocks_of_a_page_run(page, world):
    run(page)


def test_wrong_output_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\nprint(1 + 1)\n```\n\n```output\n3\n```\n")
    with pytest.raises(AssertionError, match="line 6"):
        run(page)
    page.write_text("```python\nprint('abc')\n```\n\n```output\na...\n```\n")
    run(page)


def test_an_error_names_the_line_of_the_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Text\n\n```python\nx = 1\n```\n\n```python\nx / 0\n```\n")
    with pytest.raises(ZeroDivisionError) as caught:
        run(page)
    assert caught.traceback[-1].lineno == 7
