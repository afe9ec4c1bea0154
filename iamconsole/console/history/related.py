"""What stands beside an event: the decision in words, and the pages that look into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from accounts import events
from accounts.actions.history import acting
from accounts.caller import Caller, CallerKind
from accounts.engine import Decision
from accounts.models import Event, User
from iamconsole.console.why.words import LAYERS, RULES

_WORDS = {
    Decision.ALLOW.value: "Allowed",
    Decision.IMPLICIT_DENY.value: "Denied: no statement allowed it",
    Decision.EXPLICIT_DENY.value: "Denied by a statement that denies it",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that decided."""

    policy: str
    number: int
    sid: str

    @property
    def policy_url(self) -> str:
        """The page of a managed policy; nothing for an inline one."""
        if not self.policy.startswith("arn:aws:iam::") or ":policy/" not in self.policy:
            return ""
        return reverse("console:policy", args=[self.policy])


@dataclass(frozen=True, slots=True)
class Reasons:
    """A decision as it was recorded."""

    decision: str
    allowed: bool
    layer: str
    rule: str
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Links:
    """Pages that answer the same question today; nothing where there is none."""

    explain: str = ""
    simulate: str = ""


def reasons(event: Event) -> Reasons | None:
    """Why it was allowed or refused; nothing where no policy was asked."""
    told: dict[str, Any] = event.reasons
    if not told:
        return None
    decision = str(told.get("decision", ""))
    return Reasons(
        decision=_WORDS.get(decision, decision.capitalize()),
        allowed=decision == Decision.ALLOW,
        layer=LAYERS.get(told.get("layer") or "", "") if told.get("statements") else "",
        rule=_rule(event, told),
        statements=[
            Statement(
                each.get("policy", ""), int(each.get("statement", 0)) + 1, each.get("sid", "")
            )
            for each in told.get("statements", ())
        ],
    )


def _rule(event: Event, told: dict[str, Any]) -> str:
    if event.principal_kind == CallerKind.ROOT and event.outcome != events.DENIED:
        return "No policy of the account limits the root user."
    rule = str(told.get("rule", ""))
    return RULES.get(rule, rule.capitalize())


def links(caller: Caller, event: Event) -> Links:
    """Where a refused call is explained, and tried again with other policies."""
    if event.outcome != events.DENIED:
        return Links()
    who = acting(caller, event)
    question = {"action": event.action, "resource": event.resources[0] if event.resources else "*"}
    own = event.principal_id == caller.unique_id
    if who is None:
        explain = f"{reverse('console:explain')}?{urlencode(question)}" if own else ""
        return Links(explain)
    asked = question if own else question | {"principal": who.arn}
    view = "console:user-simulate" if isinstance(who, User) else "console:role-simulate"
    return Links(
        f"{reverse('console:explain')}?{urlencode(asked)}",
        f"{reverse(view, args=[who.name])}?{urlencode(question)}",
    )
