"""Small pieces of markup that stand many times on a page, such as icons, statuses and table cells.

Simple tags render several times faster than includes, which matters in tables. Whatever is passed
in is escaped.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from django.template import Library
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from iamconsole.console.components.tables import Table
from iamconsole.console.forms.base import NAMES_WITHOUT_ADDRESS

register = Library()

#: The words' icons; the colour only repeats what icon and words say.
STATUS_ICONS = {
    "success": "circle-check",
    "warning": "triangle-alert",
    "error": "circle-x",
    "info": "info",
    "stopped": "circle-minus",
    "pending": "clock",
}


@register.simple_tag
@lru_cache(maxsize=128)
def icon(name: str) -> SafeString:
    """A line icon by its name at lucide.dev; decoration only, so say it in words beside it."""
    markup = lucide(name, size=16, **{"class": "icon", "aria-hidden": "true", "focusable": "false"})
    # Safe: a file of the icon package, unless there is none of that name, which raises.
    return SafeString(markup)


@register.simple_tag
def status(kind: str, words: object) -> SafeString:
    """A state: `kind` is success, warning, error, info, stopped or pending."""
    return format_html(
        '<span class="status status-{}">{}<span>{}</span></span>',
        kind, icon(STATUS_ICONS[kind]), words,
    )  # fmt: skip


@register.simple_tag
def badge(words: object, colour: str = "grey") -> SafeString:
    """A label that doesn't change by itself. `colour`: grey, blue, green, red or yellow."""
    return format_html('<span class="badge badge-{}">{}</span>', colour, words)


@register.simple_tag
def copy(text: object, label: str = "Copy") -> SafeString:
    """A button that copies `text`. `label` says what is copied: "Copy ARN"."""
    return format_html(
        '<button type="button" class="icon-button js-only" data-copy="{}" aria-label="{}"'
        ' title="{}">{}</button>',
        text, label, label, icon("copy"),
    )  # fmt: skip


@register.simple_tag
def copyable(text: object, label: str = "Copy") -> SafeString:
    """A text with its copy button."""
    return format_html('<span class="copyable">{} {}</span>', text, copy(text, label))


@register.simple_tag
def when(moment: datetime | None, none: str = "-") -> SafeString:
    """A moment in full, as the real console prints it, in UTC; `none` where there is none."""
    if moment is None:
        return format_html("{}", none)
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), in_full(moment))


@register.simple_tag
def ago(moment: datetime | None, none: str = "-") -> SafeString:
    """How long ago a moment was, with the moment itself as the tooltip."""
    if moment is None:
        return format_html("{}", none)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(), in_full(moment), distance(timezone.now(), moment),
    )  # fmt: skip


@register.simple_tag
def counter(table: Table) -> SafeString:
    """How many rows a table has, for its heading: (25), and (2/25) while two are selected.

    (25+) where it is paged by markers: nobody has counted what follows.
    """
    if table.error is not None:
        return SafeString()
    return format_html(
        '<span class="counter" id="{}-count" data-total="{}">({}{})</span>',
        table.element_id, table.total, table.total, "+" if table.page.marker else "",
    )  # fmt: skip


@register.simple_tag
def cell(value: object, none: str = "-") -> SafeString:
    """A plain cell; `none` where the value is missing or empty. Zero is a value."""
    return format_html("<td>{}</td>", none if value is None or value == "" else value)


@register.simple_tag
def number_cell(value: object, none: str = "-") -> SafeString:
    """A cell of a numeric column."""
    return format_html('<td class="number">{}</td>', none if value is None else value)


@register.simple_tag
def link_cell(url: str, text: object) -> SafeString:
    """The cell that names the row and leads to its page, if browsers can ask for it."""
    if text in NAMES_WITHOUT_ADDRESS:
        return format_html(
            '<th scope="row" title="Browsers can\'t open a page of this name">{}</th>', text
        )
    return format_html('<th scope="row"><a href="{}">{}</a></th>', url, text)


@register.simple_tag
def denied_cell(action: str) -> SafeString:
    """A cell whose value the caller may not read, with what he would need."""
    return format_html(
        '<td><span title="You need {}">–<span class="visually-hidden"> (you need {})</span>'
        "</span></td>",
        action, action,
    )  # fmt: skip


@register.simple_tag
def select_cell(
    name: str,
    value: object,
    form: str = "",
    checked: bool = False,
    kind: str = "checkbox",
    *,
    called: object = "",
) -> SafeString:
    """The row's box: `name` is the parameter, `value` the row's, `form` the id of the form.

    `kind="radio"` where only one row can be acted on; `called` what people call the row where
    `value` is something else, such as an ARN.
    """
    return format_html(
        '<td class="select-cell"><label><input type="{}" name="{}" value="{}" form="{}"'
        ' data-row{}><span class="visually-hidden">Select {}</span></label></td>',
        kind, name, value, form, SafeString(" checked") if checked else "", called or value,
    )  # fmt: skip


@register.filter
def cause(clause: str) -> str:
    """A denial's reason clause without its conjunction, to stand after "Because:"."""
    return clause.removeprefix("because ").removeprefix("with ")


def in_full(moment: datetime) -> str:
    """November 22, 2026, 03:05 (UTC)."""
    return f"{moment:%B} {moment.day}, {moment:%Y, %H:%M} (UTC)"


def distance(now: datetime, moment: datetime) -> str:
    """Between two moments, in the largest unit that fits: "2 days ago", "in 3 hours"."""
    seconds = int((now - moment).total_seconds())
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = abs(seconds) // length
        if count:
            words = f"{count} {unit}{'' if count == 1 else 's'}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now"
