"""The policies of a principal that a simulation may leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from accounts.actions.attachments import (
    list_attached_group_policies,
    list_attached_role_policies,
)
from accounts.actions.inline_policies import list_group_policies, list_role_policies
from accounts.caller import Caller
from accounts.simulation.kinds import InlinePolicyIdentifier, PolicyIdentifier
from iamconsole.console.components import panels
from iamconsole.console.subjects import Subject
from iamconsole.console.users.permissions import permissions

BOUNDARY = "boundary"

_LISTS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "group": (list_attached_group_policies, list_group_policies),
    "role": (list_attached_role_policies, list_role_policies),
}


class Included(NamedTuple):
    """A policy with its tick. `identifier` is how the simulation is told to leave it out."""

    value: str
    name: str
    through: str
    identifier: PolicyIdentifier
    ticked: bool = True


def included(caller: Caller, subject: Subject) -> list[Included]:
    """The policies that speak for somebody, as far as the caller may list them."""
    if subject.kind == "user":
        found = [
            _managed(row.arn, row.name, row.via)
            if row.arn
            else _inline(row.name, f"{row.via}, inline", "group", row.group)
            if row.group
            else _inline(row.name, row.via, "user", subject.name)
            for row in permissions(caller, subject.name).rows
        ]
    else:
        found = _of(caller, subject)
    bounded = PolicyIdentifier(policy_type="permission-boundary")
    if subject.kind != "group":
        found.append(Included(BOUNDARY, "Permissions boundary", "if one is set", bounded))
    return list({each.value: each for each in found}.values())


def ticked(rows: Sequence[Included], chosen: Sequence[str]) -> list[Included]:
    """The same with the ticks that the form came with."""
    return [row._replace(ticked=row.value in chosen) for row in rows]


def _of(caller: Caller, subject: Subject) -> list[Included]:
    attached, inline = _LISTS[subject.kind]
    managed = panels.subject(attached, caller, **subject.named).value
    names = panels.subject(inline, caller, **subject.named, max_items=1000).value
    return [
        *(_managed(r.policy_arn, r.policy_name, "Directly") for r in (managed or _NONE).items),
        *(_inline(name, "Inline", subject.kind, subject.name) for name in (names or _NONE).items),
    ]


class _Nothing(NamedTuple):
    items: tuple[Any, ...] = ()


_NONE = _Nothing()


def _managed(arn: str, name: str, through: str) -> Included:
    return Included(arn, name, through, PolicyIdentifier(policy_arn=arn))


def _inline(name: str, via: str, kind: str, owner: str) -> Included:
    identifier = InlinePolicyIdentifier(name, kind, owner)
    return Included(
        f"inline:{kind}:{owner}:{name}",
        name,
        via,
        PolicyIdentifier(inline_policy_identifier=identifier),
    )
