"""The steps that attach managed policies to a user, group or role, and detach them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.arns import last_part
from iamconsole.console.components.steps import Step, step


def attachments(kind: str, name: str, policy_arns: Iterable[str]) -> list[Step]:
    """Attach policies to the `user`, `group` or `role` of that name."""
    return [_step("Attach", kind, name, arn) for arn in policy_arns]


def detachments(kind: str, name: str, policy_arns: Iterable[str]) -> list[Step]:
    """Detach them."""
    return [_step("Detach", kind, name, arn) for arn in policy_arns]


def _step(verb: str, kind: str, name: str, policy_arn: str) -> Step:
    named = {f"{kind}_name": name}
    label = f"{verb} policy {last_part(policy_arn)}"
    return step(label, f"iam:{verb}{kind.title()}Policy", **named, policy_arn=policy_arn)
