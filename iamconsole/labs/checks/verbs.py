"""The closed table of checks: each verb, the arguments it takes, and the function that judges."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from iamconsole.labs.checks import (
    comparing,
    credentials,
    machines,
    objects,
    permissions,
    records,
    structure,
    trusting,
)
from iamconsole.labs.checks.arguments import ARGUMENTS
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place

#: Checks that hold other checks: a list of them, or for `not` a single one.
GROUPS = ("any_of", "all_of", "not")

#: Verbs that look into the record of events.
OF_RECORDS = frozenset({"event", "called", "signed_in", "assumed_role", "published"})

Judge = Callable[[Place, Mapping[str, Any]], Finding]

JUDGES: Mapping[str, Judge] = {
    "can": permissions.can,
    "cannot": permissions.cannot,
    "exists": structure.exists,
    "absent": structure.absent,
    "attached": structure.attached,
    "not_attached": structure.not_attached,
    "has_inline_policy": structure.has_inline_policy,
    "member_of": structure.member_of,
    "tag": structure.tag,
    "mfa_enabled": credentials.mfa_enabled,
    "login_profile": credentials.login_profile,
    "password_policy": credentials.password_policy,
    "trust_allows": trusting.trust_allows,
    "boundary_is": structure.boundary_is,
    "version_count": structure.version_count,
    "key_count": credentials.key_count,
    "key_status": credentials.key_status,
    "max_allowed_actions": comparing.max_allowed_actions,
    "policy_equivalent": comparing.policy_equivalent,
    "event": records.event,
    "called": records.called,
    "signed_in": records.signed_in,
    "assumed_role": records.assumed_role,
    "instance_role": machines.instance_role,
    "s3_object": objects.s3_object,
    "published": records.published,
}

__all__ = ["ARGUMENTS", "GROUPS", "JUDGES", "Judge"]
