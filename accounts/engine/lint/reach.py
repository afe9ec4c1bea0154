"""Checks of conditions against what the statement is about: actions, principals, other keys."""

from __future__ import annotations

from collections.abc import Iterable

from .. import catalog
from ..catalog import Action, ConditionKey
from ..grammar import PolicyKind
from .actions import matched
from .entries import ConditionEntry, DocumentEntry, StatementEntry
from .report import Report, listed, shown
from .texts import has_wildcard

# A private address says little until one knows in which VPC it stands.
_PAIRED = {
    "aws:vpcsourceip": ("aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn", "aws:VpceAccount")
}

# In a resource's own policy the resource is given.
_IRRELEVANT = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")

# A key that only another action's call sets in a role's trust policy.
_SET_BY = {
    "sts:sourceidentity": "sts:SetSourceIdentity",
    "aws:requesttag/": "sts:TagSession",
    "aws:tagkeys": "sts:TagSession",
    "sts:transitivetagkeys": "sts:TagSession",
}


def check(document: DocumentEntry, report: Report) -> None:
    """Report conditions that the statement's actions do not know, and keys without their pair."""
    for statement in document.statements:
        keys = {condition.lower for condition in statement.conditions}
        for condition in statement.conditions:
            _check_pair(condition, keys, report)
            _check_kind(condition, statement, report)
            key = catalog.condition_key(condition.key)
            if key is not None and condition.needs_key and condition.values:
                if key.name.lower().startswith(("aws:resourcetag/", "aws:requesttag/")):
                    _check_tag_key(condition, key, statement, report)
                elif not key.name.lower().startswith("aws:"):
                    _check_service_key(condition, key, statement, report)


def _check_pair(condition: ConditionEntry, keys: set[str], report: Report) -> None:
    partners = _PAIRED.get(condition.lower)
    if partners and not keys & {each.lower() for each in partners}:
        message = (
            f"Private addresses repeat in every network. Use {shown(condition.key)} together with "
            f"{listed(partners[:2])}."
        )
        report.add("MISSING_PAIRED_CONDITION_KEYS", message, condition.path, name=True)


def _check_kind(condition: ConditionEntry, statement: StatementEntry, report: Report) -> None:
    if report.kind in (PolicyKind.RESOURCE, PolicyKind.TRUST) and condition.lower in _IRRELEVANT:
        message = (
            f"The policy belongs to one resource, so {shown(condition.key)} is always the same. "
            "The key is for identity-based policies."
        )
        report.add("IRRELEVANT_CONDITION_KEY_IN_POLICY", message, condition.path, name=True)
    if report.kind is PolicyKind.TRUST and statement.allows and condition.needs_key:
        for beginning, setter in _SET_BY.items():
            if not condition.lower.startswith(beginning):
                continue
            if not any(setter in matched(entry.text) for entry in statement.actions):
                message = (
                    f"Nobody may set {shown(condition.key)} until {setter} is among the actions."
                )
                report.add("MISSING_ACTION_FOR_CONDITION_KEY", message, condition.path, name=True)


def _named_actions(statement: StatementEntry) -> Iterable[Action]:
    """The actions written out in full: a wildcard is rarely meant for all it reaches."""
    for entry in statement.actions:
        if not has_wildcard(entry.text):
            action = catalog.action(entry.text)
            if action is not None:
                yield action


def _carries(action: Action, key: ConditionKey) -> bool:
    service = catalog.service(action.service)
    return service is not None and key.name.lower() in service.keys_of(action)


def _check_service_key(
    condition: ConditionEntry, key: ConditionKey, statement: StatementEntry, report: Report
) -> None:
    prefix = key.name.partition(":")[0].lower()
    if catalog.service(prefix) is None or key.name.lower() in catalog.global_condition_keys():
        return
    without = [each.full_name for each in _named_actions(statement) if not _carries(each, key)]
    if without:
        message = (
            f"Requests for {listed(without)} never carry {key.name}, so the condition keeps the "
            "statement from applying to them. Move them to a statement of their own."
        )
        report.add("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", message, condition.path, name=True)


def _check_tag_key(
    condition: ConditionEntry, key: ConditionKey, statement: StatementEntry, report: Report
) -> None:
    allows = statement.allows
    if statement.not_actions:
        verb = "ALLOW" if allows else "DENY"
        message = (
            f"Many actions never carry {shown(condition.key)}; with NotAction it is hard to see "
            f"which are {'allowed' if allows else 'denied'}. Name the actions with Action."
        )
        code = f"{verb}_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
        report.add(code, message, condition.path, name=True)
        return
    by_service: dict[str, bool] = {}
    for entry in statement.actions:
        names = matched(entry.text) if entry.text != "*" else ()
        prefix = entry.text.partition(":")[0].lower()
        if names:
            by_service[prefix] = by_service.get(prefix, False) or _some(names, key)
    unaware = sorted(prefix for prefix, aware in by_service.items() if not aware)
    if unaware:
        verb = "ALLOW" if allows else "DENY"
        code = f"{verb}_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
        message = (
            f"The actions given of {listed(unaware)} never carry {shown(condition.key)}, so the "
            f"statement does not {verb.lower()} them. Move them to a statement without it."
        )
        report.add(code, message, condition.path, name=True)


def _some(names: Iterable[str], key: ConditionKey) -> bool:
    for name in names:
        action = catalog.action(name)
        if action is not None and _carries(action, key):
            return True
    return False
