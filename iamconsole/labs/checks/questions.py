"""One question to the policy engine, asked as the product asks it before a call, and its reasons.

What belongs to an account outside of the run is as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts import arns, authorize, engine, policy_sets
from accounts.actions import resources, sts_roles
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.engine import Decision
from accounts.errors import ServiceError
from iamconsole.labs.checks.place import Place
from iamconsole.labs.checks.principals import Who
from iamconsole.labs.checks.words import capital, listed

_S3 = "arn:aws:s3:::"
Keys = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Question:
    """Whether somebody may do something. The condition keys are those that a check gives."""

    place: Place
    who: Who
    caller: Caller
    action: str
    arn: str
    keys: Keys

    def allowed(self) -> bool:
        """The answer of the very function that decides about calls."""
        self.place.budget.spend()
        return self._answer().allowed

    def _answer(self) -> authorize.Answer:
        return authorize.decide(self._acting, self.action, self._resource(), {})

    @property
    def _acting(self) -> Caller:
        return resources.there(self.caller, self.arn)

    def _resource(self) -> Resource:
        found = resource(self.place, self.caller, self.action, self.arn)
        return replace(found, context={**found.context, **self.keys}) if self.keys else found

    def why(self, it: str) -> Reasons:
        """The same with its reasons, in a sentence about `it`."""
        on = self._resource()
        answer = authorize.decide(self._acting, self.action, on, {})
        rule = str(answer.reasons.get("rule", ""))
        request = authorize.request_of(self._acting, self.action, on, {})
        explanation = engine.explain(request, policy_sets.of_caller(self.caller), on.policy)
        if answer.allowed:
            return self._allowed(explanation.verdict, rule, it)
        if rule and rule != "another account":
            return Reasons(False, f"{capital(it)} is refused: {_ended(answer.message)}")
        return self._refused(explanation, on, it)

    def _allowed(self, verdict: engine.Verdict, rule: str, it: str) -> Reasons:
        if rule == "users may change their own password":
            return Reasons(True, "The account lets its users change their own passwords.")
        if rule:
            return Reasons(True, f"Everybody may call {self.action}.")
        if self.caller.is_root:
            return Reasons(True, f"{capital(self.who.name)} may do everything in its account.")
        through = tuple(
            dict.fromkeys(
                self.path(match.policy, match.layer)
                for match in verdict.matched
                if match.layer not in ("boundary", "session")
            )
        )
        return Reasons(True, f"{capital(it)} is allowed by {listed(through)}.", through)

    def _refused(self, explanation: engine.Explanation, on: Resource, it: str) -> Reasons:
        verdict = explanation.verdict
        if verdict.decision is Decision.EXPLICIT_DENY:
            through = tuple(
                dict.fromkeys(self.path(match.policy, match.layer) for match in verdict.matched)
            )
            return Reasons(
                False, f"{capital(it)} is refused by a Deny in {listed(through)}.", through
            )
        if verdict.layer == "boundary":
            boundary = policy_sets.of_caller(self.caller).boundary
            path = self.path(boundary, "boundary") if boundary else "the permissions boundary"
            told = f"{capital(it)} is refused: {path} does not allow it."
            return Reasons(False, told + self._near_miss(explanation), (path,))
        if verdict.layer in ("resource", "trust"):
            if on.policy is None:
                return Reasons(False, f"{capital(it)} is refused: it belongs to another account.")
            path = self.path(on.policy, verdict.layer)
            told = f"{capital(it)} is refused: {path} does not let {self.who.name} in."
            return Reasons(False, told + self._near_miss(explanation), (path,))
        return Reasons(False, f"Nothing allows {it}.{self._near_miss(explanation)}")

    def _near_miss(self, explanation: engine.Explanation) -> str:
        """What of the layer that refused speaks about the action, and why it does not count."""
        layer = explanation.verdict.layer
        for report in explanation.statements:
            if report.layer != layer or report.statement.effect != "Allow" or report.matched:
                continue
            failed = [each for each in report.comparisons if not each.matched]
            if not report.about_action or not failed:
                continue
            path = self.path(report.policy, layer)
            return f" {capital(path)} {_missed(failed[0])}."
        return ""

    def path(self, policy: engine.Policy, layer: str) -> str:
        """How people name a policy and the way in which it reaches whoever is asked about."""
        if layer == "boundary":
            return f"the permissions boundary {policy.name}"
        if layer == "trust":
            return f"the trust policy of role {arns.last_part(self.arn)}"
        if layer == "resource":
            return _of_resource(self.arn)
        if policy.source in ("user", "role", "none"):
            return f"inline policy {policy.name}"
        if policy.source == "group":
            return f"inline policy {policy.name} of group {policy.via}"
        to = f"group {policy.via}" if policy.via else self.who.attached_to
        return f"{policy.name} attached to {to}"


@dataclass(frozen=True)
class Reasons:
    """Why something is allowed or refused: a sentence, and the policies that decided."""

    allowed: bool
    sentence: str
    through: tuple[str, ...] = ()


def _of_resource(arn: str) -> str:
    if arn.startswith(_S3):
        return f"the bucket policy of {arn.removeprefix(_S3).partition('/')[0]}"
    if arn.startswith("arn:aws:sns:"):
        return f"the topic policy of {arn.rpartition(':')[2]}"
    return "the resource's policy"


def _missed(comparison: engine.Comparison) -> str:
    wanted = listed(comparison.filled or comparison.wanted, "or")
    if comparison.key:
        return f"asks for {comparison.key} with {comparison.operator} {wanted}, which is not so"
    if comparison.element.startswith("Not"):
        return f"leaves it out by {comparison.element} {wanted}"
    named = "principals" if comparison.element == "Principal" else "resources"
    return f"names other {named}: {wanted}"


def _ended(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


# --- The resource --------------------------------------------------------------------------------


def resource(place: Place, caller: Caller, action: str, arn: str) -> Resource:
    """What an ARN names, as the product finds it for this action."""
    if arn == "*":
        return _of_list(caller, action)
    parts = arn.split(":", 5)
    owner = parts[4] if len(parts) == 6 else ""
    if owner.isdigit() and owner not in place.run_accounts:
        return Resource(arn, owner)
    if action.lower() == "sts:assumerole" and owner:
        return _role(caller, arn, owner)
    found = resources.named(caller, action, arn, oneself=True)
    # Of a bucket its ARN does not tell whose it is.
    return found if found.account in place.run_accounts else Resource(arn, caller.home.id)


def _of_list(caller: Caller, action: str) -> Resource:
    """What an operation without a resource of its own is evaluated on."""
    folded = {name.lower(): name for name in (*arns.LISTS, *arns.ODD_LISTS)}
    listing = folded.get(action.lower())
    return arns.of_list(listing)(caller) if listing else Resource("*", caller.home.id)


def _role(caller: Caller, arn: str, owner: str) -> Resource:
    """A role to be assumed, with its trust policy, in whichever account of the run it is."""
    try:
        row = sts_roles.find(caller, arn)
    except ServiceError:
        return resources.named(caller, "sts:AssumeRole", arn)
    keys: dict[str, Any] = {"sts:RoleSessionName": "session", **sts_roles.tag_keys(row)}
    tags = row.tags if row is not None else {}
    return Resource(arn, owner, tags, sts_roles.trust_of(row), context=keys)
