"""A lab's Markdown as HTML that may stand in a page."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.safestring import SafeString


def html(markdown: str, values: Mapping[str, str]) -> SafeString:
    """The text as HTML, values filled in."""
    raise NotImplementedError
