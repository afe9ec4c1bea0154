"""A lab's Markdown as HTML that may stand in a page.

Values are filled in after the Markdown was read: whatever they hold, they stay text. Raw HTML is
text, too; what the renderer made is cleaned with a closed list of elements all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

from iamconsole.labs.format import values as filling
from iamconsole.labs.format.contents import shown

_OUTSIDE = "https://docs.aws.amazon.com/"
_INSIDE = ("/console/", "/labs/")
#: How markdown-it leaves a name in the address of a link.
_NAME_IN_ADDRESS = re.compile(r"%7B([a-z][a-z0-9_]{0,39})%7D", re.ASCII)
#: What a block of code is called, by the language that its author gave.
_BLOCKS = {
    "bash": "Commands",
    "console": "Commands",
    "json": "Document",
    "sh": "Commands",
    "shell": "Commands",
}

_CLEANER = nh3.Cleaner(
    tags=set(
        "a blockquote br button code div em h2 h3 h4 h5 h6 hr li ol p pre s strong table tbody td "
        "th thead tr ul".split()
    ),
    attributes={
        "a": {"href", "target", "rel"},
        "button": {"type", "class", "data-copy", "aria-label"},
        "div": {"class", "tabindex", "role", "aria-label"},
        "ol": {"start"},
        "pre": {"class", "tabindex", "role", "aria-label"},
    },
    url_schemes={"https"},
    link_rel=None,
)


def html(markdown: str, values: Mapping[str, str], *, top: int = 4) -> SafeString:
    """The text as HTML, values filled in; its first level of headings becomes <h4>, or `top`."""
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        _settle(token, values, top)
    made = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    # Safe: cleaned here, after the renderer had escaped all text.
    return SafeString(_CLEANER.clean(made))


def problems(markdown: str) -> Iterator[tuple[int, str]]:
    """What a lab's text may not hold: raw HTML, pictures, links elsewhere. Line and sentence."""
    line = 1
    for token in _STRICT.parse(markdown):
        line = token.map[0] + 1 if token.map else line
        if token.type == "html_block":
            yield line, f"Raw HTML has no place in a text: {shown(token.content.strip())}."
        for child in token.children or ():
            if child.type == "html_inline":
                yield line, f"Raw HTML has no place in a text: {shown(child.content)}."
            elif child.type == "image":
                yield line, "Pictures have no place in a text."
            elif child.type == "link_open" and not _is_allowed(str(child.attrs["href"])):
                address = shown(str(child.attrs["href"]))
                yield line, f"A link leads to /console/, /labs/ or {_OUTSIDE}, not to {address}."


def _is_allowed(address: str) -> bool:
    if address.startswith(_OUTSIDE):
        return True
    return address.startswith(_INSIDE) and "/.." not in address and "\\" not in address


def _settle(token: Token, values: Mapping[str, str], top: int) -> None:
    """Fill a token in, with what is inside; put headings and links where they belong."""
    if token.type in ("text", "code_inline", "fence", "code_block"):
        token.content = filling.fill(token.content, values)
    elif token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(6, int(token.tag[1:]) + top - 1)}"
    elif token.type == "link_open":
        _settle_link(token, values)
    for child in token.children or ():
        _settle(child, values, top)


def _settle_link(token: Token, values: Mapping[str, str]) -> None:
    address = _NAME_IN_ADDRESS.sub(
        lambda found: quote(values.get(found[1], found[0]), safe=""), str(token.attrs["href"])
    )
    token.attrs = {"href": address} if _is_allowed(address) else {}
    if address.startswith(_OUTSIDE):
        token.attrs |= {"target": "_blank", "rel": "noopener noreferrer"}


# --- Rendering -----------------------------------------------------------------------------------


def _block(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """A block of code with its copy button."""
    token = tokens[index]
    name = _BLOCKS.get(token.info.strip().lower(), "Text")
    return format_html(
        '<div class="lab-code"><pre class="document" tabindex="0" role="group" aria-label="{}">'
        '<code>{}</code></pre><button type="button" class="button button-small js-only"'
        ' data-copy="{}" aria-label="Copy {}">Copy</button></div>\n',
        name, token.content, token.content.rstrip("\n"), name.lower(),
    )  # fmt: skip


def _table_open(*_: Any) -> str:
    return '<div class="table-scroll" tabindex="0" role="group" aria-label="Table"><table>\n'


def _table_close(*_: Any) -> str:
    return "</table></div>\n"


def _nothing(*_: Any) -> str:
    return ""


def _markdown(*, html: bool) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])
    made.add_render_rule("fence", _block)
    made.add_render_rule("code_block", _block)
    made.add_render_rule("table_open", _table_open)
    made.add_render_rule("table_close", _table_close)
    made.add_render_rule("image", _nothing)
    return made


_MARKDOWN = _markdown(html=False)
#: Sees raw HTML instead of taking it for text.
_STRICT = _markdown(html=True)
