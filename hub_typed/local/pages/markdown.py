"""READMEs as HTML: Markdown whose own HTML is shown as text, without images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:  # of the extra `pages`
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict
    from markupsafe import Markup

__all__ = ["render"]

_MAX_LENGTH: Final = 64 << 10
_MAX_BRACKETS: Final = 2000
"""Maximum number of opening brackets: for each one, the parser searches the rest of its paragraph for the end."""


def render(text: str, folder: str) -> Markup | None:
    """Return Markdown as HTML; ``None`` if it is too large to be parsed.

    Args:
        folder: Path of the pages of the files beside it, which ends in a slash; relative links lead there.
    """
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    if len(text) > _MAX_LENGTH or text.count("[") > _MAX_BRACKETS:
        return None
    # Links to scripts and to data are not links there.
    parser = MarkdownIt("js-default", {"html": False, "maxNesting": 20})
    parser.add_render_rule("image", _show_alternative)
    parser.add_render_rule("link_open", _open_link)
    return Markup(parser.render(text, {"folder": folder}))  # noqa: S704  # its HTML is the parser's own


def _show_alternative(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any
) -> str:
    """Show the text of an image: a page loads nothing from elsewhere."""
    from markupsafe import escape

    text = renderer.renderInlineAsText(tokens[index].children or [], options, env)
    return f'<span class="image">{escape(text)}</span>'


def _open_link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    token = tokens[index]
    token.attrSet("href", _absolute(str(token.attrGet("href") or ""), env["folder"]))
    token.attrSet("rel", "noopener noreferrer nofollow")
    return renderer.renderToken(tokens, index, options, env)


def _absolute(target: str, folder: str) -> str:
    try:
        parts = urlsplit(target)
        return target if parts.scheme or parts.netloc or not parts.path else urljoin(folder, target)
    except ValueError:  # a malformed host
        return "#"
