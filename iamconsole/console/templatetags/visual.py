"""Long lists of the visual policy editor, which a template would take too long to write."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.engine import catalog
from iamconsole.console.policies.visual_choices import Level

register = template.Library()

_TICK = (
    '<label class="check"><input type="checkbox" name="visual-action" value="{}"{}>'
    "<span>{}{}</span></label>"
)


@register.simple_tag
@cache
def service_options() -> SafeString:
    """Every service as an option: its prefix, called by its name."""
    found = ((each.prefix, each.name) for each in catalog.services())
    return format_html_join("", '<option value="{}">{}</option>', found)


@register.simple_tag
def key_options(keys: Iterable[str]) -> SafeString:
    """Condition keys as options."""
    return format_html_join("", '<option value="{}"></option>', ((key,) for key in keys))


@register.simple_tag
def ticks(level: Level) -> SafeString:
    """The actions of an access level as boxes; those that a pattern covers can't be unticked."""
    by = {tick.by: format_html(" <small>by {}</small>", tick.by) for tick in level.ticks}
    return format_html_join(
        "",
        _TICK,
        (
            (
                tick.name,
                " checked disabled" if tick.fixed else " checked" if tick.ticked else "",
                tick.name,
                by[tick.by] if tick.fixed else "",
            )
            for tick in level.ticks
        ),
    )
