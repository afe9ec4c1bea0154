"""How the console words what it knows of a role."""

from __future__ import annotations

import json

from django.template import Library

from accounts.models import Role
from iamconsole.console.roles.trust import trusted_entities

register = Library()


@register.filter
def trusted(role: Role) -> str:
    """Whom the role's trust policy lets in: "AWS Service: ec2"."""
    return trusted_entities(role.trust_policy, role.path)


@register.filter
def as_json(document: str) -> str:
    """A document that was written on one line, spread out; any other as it was written."""
    if "\n" in document:
        return document
    return json.dumps(json.loads(document), indent=4, ensure_ascii=False)


@register.filter
def in_hours(seconds: int) -> str:
    """A session's length in words: "1 hour", "1 hour 30 minutes"."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = ((hours, "hour"), (minutes, "minute"))
    return " ".join(f"{count} {unit}{'s' * (count != 1)}" for count, unit in parts if count)
