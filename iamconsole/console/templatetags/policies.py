"""How the console words what it knows of a managed policy."""

from __future__ import annotations

from django.http import QueryDict
from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.actions.policies import PolicyInUse
from accounts.engine import Access, Row
from iamconsole.console.policies.types import LABELS, label_of_arn

register = Library()

ACCESS_WORDS = {Access.NONE: "No", Access.LIMITED: "In part", Access.FULL: "Yes"}


@register.filter
def policy_type(kind: str) -> str:
    """The type of a managed policy by its kind."""
    return LABELS[kind]


@register.filter
def policy_type_of_arn(arn: str) -> str:
    """The type of an attached policy, of which only the ARN is known."""
    return label_of_arn(arn)


@register.filter
def used_as(policy: PolicyInUse) -> str:
    """What it is used as, and by how many identities: "Permissions policy (2)", or "None"."""
    uses = (
        ("Permissions policy", policy.attachment_count),
        ("Permissions boundary", policy.boundary_count),
    )
    return ", ".join(f"{words} ({count})" for words, count in uses if count) or "None"


@register.filter
def opens(row: Row, effect: str) -> str:
    """What the address calls a row of the summary: "Allow:s3"."""
    return f"{effect}:{row.prefix}"


@register.simple_tag
def summary_row(row: Row, effect: str, opened: str, all_services: str) -> SafeString:
    """A service of the summary; its name opens and closes the list of its actions.

    A tag and no template: a policy for everything has some 460 of them.
    """
    name = opens(row, effect)
    query = QueryDict(mutable=True)
    if name != opened:
        query["open"] = name
    if all_services:
        query["all"] = "1"
    address = f"?{query.urlencode()}"
    return format_html(
        '<tr><th scope="row"><a id="{}" href="{}#summary" hx-get="{}" aria-expanded="{}">{}</a>'
        "</th><td>{}</td><td>{}</td><td>{}</td></tr>",
        f"open-{name.replace(':', '-')}", address, address, str(name == opened).lower(),
        row.service, row.access, row.resource, row.condition,
    )  # fmt: skip


@register.filter
def author(arn: str) -> str:
    """Who wrote a version, by the end of the ARN: "user/alice", "root"; nothing where unknown."""
    return arn.rpartition(":")[2]


@register.filter
def access_words(access: Access) -> str:
    """How far something is allowed, in a word."""
    return ACCESS_WORDS[access]
