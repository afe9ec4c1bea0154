"""How the console words what it knows of a managed policy."""

from __future__ import annotations

from django.template import Library

from accounts import managed_policies
from accounts.actions.policies import AWS, CUSTOMER, JOB_FUNCTION, PolicyInUse

register = Library()

TYPES = {
    CUSTOMER: "Customer managed",
    AWS: "AWS managed",
    JOB_FUNCTION: "AWS managed - job function",
}


@register.filter
def policy_type(kind: str) -> str:
    """The type of a managed policy by its kind."""
    return TYPES[kind]


@register.filter
def policy_type_of_arn(arn: str) -> str:
    """The type of an attached policy, of which only the ARN is known."""
    known = managed_policies.get(arn)
    if known is None:
        return TYPES[AWS if arn.startswith("arn:aws:iam::aws:") else CUSTOMER]
    return TYPES[JOB_FUNCTION if known.job_function else AWS]


@register.filter
def used_as(policy: PolicyInUse) -> str:
    """What it is used as, and by how many identities: "Permissions policy (2)", or "None"."""
    uses = (
        ("Permissions policy", policy.attachment_count),
        ("Permissions boundary", policy.boundary_count),
    )
    return ", ".join(f"{words} ({count})" for words, count in uses if count) or "None"
