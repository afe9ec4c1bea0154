"""How the console words what it knows of a managed policy."""

from __future__ import annotations

from django.template import Library

from accounts.actions.policies import PolicyInUse
from iamconsole.console.policies.types import LABELS, label_of_arn

register = Library()


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
