"""An explanation as far as its reader may know it: nothing of policies and tags he may not read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from accounts import engine
from accounts.actions.readable import TELLING, Reading, reading
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.engine import Comparison, Decision, Explanation, StatementReport, Verdict

#: What stands for a value that the reader may not read.
HIDDEN = "a value you may not read"
#: Layers that are the resource's own policy.
_OF_RESOURCES = ("resource", "trust")


class Shown(NamedTuple):
    """One statement about the action, of a policy that the reader may read.

    `decides`: it is among those that made the verdict. `line` is where it begins, from 1.
    """

    layer: str
    effect: str
    matched: bool
    decides: bool
    policy: str
    policy_arn: str
    via: str
    sid: str
    number: int
    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision and how it came about, as far as the reader may know.

    `rule` says what decided where no policy did. `unread` are policies that the reader may not
    read, `unread_deciding` whether one of them decided; `others` counts the statements, in those
    that may be read, about other actions. Of the condition keys those are named that statements
    which may be read ask for.
    """

    who: str
    action: str
    resource: str
    allowed: bool
    decision: Decision
    layer: str
    layers: tuple[tuple[str, Decision], ...] = ()
    statements: tuple[Shown, ...] = ()
    others: int = 0
    unread: int = 0
    unread_deciding: bool = False
    keys_used: tuple[tuple[str, str], ...] = ()
    keys_missing: tuple[str, ...] = ()
    denial: str = ""
    rule: str = ""

    @property
    def deciding(self) -> tuple[Shown, ...]:
        """The statements that made the verdict."""
        return tuple(each for each in self.statements if each.decides)


def told(
    caller: Caller,
    explanation: Explanation,
    policies: engine.Policies,
    subject: Resource,
    on: Resource,
) -> Explained:
    """An explanation as far as the caller may read it."""
    also = [on.policy] if on.policy else []
    may = reading(caller, (*everything_in(policies), *also), subject, on)
    return explained(explanation, may, of_resource=on.policy is None or on.policy in may.policies)


def everything_in(policies: engine.Policies) -> tuple[engine.Policy, ...]:
    """Every policy of every layer."""
    return tuple(policy for _, layer in policies.layers() for policy in layer)


def layers_told(verdict: Verdict, *, readable: bool) -> tuple[tuple[str, Decision], ...]:
    """The layers' answers. A resource's policy that may not be read is named only if it decided."""
    return tuple(
        (layer, decision)
        for layer, decision in verdict.layers
        if readable or layer == verdict.layer or layer not in _OF_RESOURCES
    )


def explained(explanation: Explanation, may: Reading, *, of_resource: bool = True) -> Explained:
    """The same by what may be read. `of_resource`: the resource's own policy, if it has one."""
    request, verdict = explanation.request, explanation.verdict
    decided = {id(match.statement) for match in verdict.matched}
    readable = [each for each in explanation.statements if each.policy in may.policies]
    hidden = [each for each in explanation.statements if each.policy not in may.policies]
    about = [_masked(each, may) for each in readable if each.about_action]
    compared = [each for report in about for each in report.comparisons if each.key]
    principal = request.principal
    layers = layers_told(verdict, readable=of_resource)
    told_of = {*(layer for layer, _ in layers), verdict.layer}
    return Explained(
        who=(principal.arn if principal else "") or "The caller",
        action=request.action,
        resource=request.resource,
        allowed=verdict.allowed,
        decision=verdict.decision,
        layer=verdict.layer,
        layers=layers,
        statements=tuple(_shown(each, id(each.statement) in decided) for each in about),
        others=len(readable) - len(about),
        unread=len({each.policy for each in hidden if each.layer in told_of}),
        unread_deciding=any(
            id(each.statement) in decided and each.layer in told_of for each in hidden
        ),
        keys_used=tuple(
            {
                each.key: (each.key, ", ".join(each.given)) for each in compared if each.given
            }.values()
        ),
        keys_missing=tuple(dict.fromkeys(each.key for each in compared if each.given is None)),
        denial="" if verdict.allowed else engine.denial(verdict, request),
    )


def _masked(report: StatementReport, may: Reading) -> StatementReport:
    """The report without the group and the values that the reader may not see."""
    policy = report.policy if may.groups else replace(report.policy, via=None)
    secret = (
        *(() if may.tags else TELLING),
        *(() if may.own_tags else (":principaltag/",)),
    )
    if not secret:
        return report._replace(policy=policy)
    comparisons = tuple(_veiled(each, secret) for each in report.comparisons)
    return report._replace(policy=policy, comparisons=comparisons)


def _veiled(comparison: Comparison, secret: tuple[str, ...]) -> Comparison:
    def tells(text: str) -> bool:
        return any(each in text.lower() for each in secret)

    if any(map(tells, comparison.wanted)):
        comparison = comparison._replace(filled=())
    if comparison.given and tells(comparison.key):
        comparison = comparison._replace(given=(HIDDEN,))
    return comparison


def _shown(report: StatementReport, decides: bool) -> Shown:
    statement, policy = report.statement, report.policy
    return Shown(
        layer=report.layer,
        effect=statement.effect,
        matched=report.matched,
        decides=decides,
        policy=policy.name,
        policy_arn=policy.arn or "",
        via=policy.via or "",
        sid=statement.sid or "",
        number=statement.index + 1,
        line=statement.start[0],
        sentence=report.sentence(),
    )
