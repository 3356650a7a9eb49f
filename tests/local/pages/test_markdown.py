"""READMEs as HTML: nothing in them runs, and nothing is loaded from elsewhere."""

from __future__ import annotations

import pytest

from hub_typed.local.pages.markdown import render
from tests.linear import assert_linear

FOLDER = "/o/n/blob/main/"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<!-- --><iframe src=//example.org></iframe>",
        "<a href='javascript:alert(1)'>a</a>",
        '```x"><script>\n</script>\n```',
        "| a |\n|---|\n| <script> |",
        '[a]: <x> "<script>"\n\n[a]',
        '![<script>](x "<script>")',
    ],
)
def test_html_is_text(text):
    html = render(text, FOLDER)
    assert html is not None
    for tag in ("<script", "<img", "<iframe", "<!--", "<a href='"):
        assert tag not in html


@pytest.mark.parametrize("scheme", ["javascript:", "JaVaScRiPt:", "vbscript:", "data:text/html,", "file:///"])
def test_a_link_to_a_script_is_no_link(scheme):
    html = render(f"[a]({scheme}alert(1)) <{scheme}x> ![b]({scheme}c)", FOLDER)
    assert html is not None
    assert "href" not in html
    assert "src" not in html


@pytest.mark.parametrize(
    ("link", "href"),
    [
        ("data/x.csv", "/o/n/blob/main/data/x.csv"),
        ("./x?y#z", "/o/n/blob/main/x?y#z"),
        ("../../../../a/b", "/a/b"),
        ("/models", "/models"),
        ("#part", "#part"),
        ("https://example.org/a", "https://example.org/a"),
        ("//example.org/a", "//example.org/a"),
    ],
)
def test_relative_links_lead_to_the_files_beside_it(link, href):
    html = render(f"[a]({link})", FOLDER)
    assert html == f'<p><a href="{href}" rel="noopener noreferrer nofollow">a</a></p>\n'


def test_of_an_image_its_text_is_shown():
    html = render('[![an "&" *image*](https://example.org/x.png)](https://example.org)', FOLDER)
    assert html is not None
    assert '<span class="image">an &#34;&amp;&#34; image</span>' in html


def test_what_would_take_long_is_not_rendered():
    assert render("[" * 2001, FOLDER) is None
    assert render("a" * (64 << 10) + "a", FOLDER) is None


@pytest.mark.parametrize(
    "piece", ["a\n", "*a ", "[a](b) c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c ", "|a|b|\n"]
)
def test_the_time_is_linear(piece):
    assert_linear(lambda length: lambda: render((piece * length)[:length], FOLDER), 60_000)
