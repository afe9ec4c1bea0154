"""Checks of actions: the service, the name, and whether they fit the statement's resources."""

from __future__ import annotations

from functools import lru_cache

from .. import catalog
from ..grammar import PolicyKind
from .arns import Arn, fits, formats, split
from .entries import DocumentEntry, Entry, StatementEntry
from .report import Report, listed, shown
from .texts import has_wildcard, pattern

TRUST_ACTIONS = (
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoot",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
)
"""What a role's trust policy may speak of."""


def check(document: DocumentEntry, report: Report, attached_to: str | None) -> None:
    """Report actions that AWS does not have, or not for these resources or this policy."""
    for statement in document.statements:
        for entry in (*statement.actions, *statement.not_actions):
            _check_action(entry, report)
            _check_for_kind(entry, report, attached_to)
        _check_resources(statement, document, report)


def matched(text: str) -> tuple[str, ...]:
    """The actions that an action pattern matches; none for one that is not understood."""
    return catalog.expand(text) if text == "*" or text.count(":") == 1 else ()


def _check_action(entry: Entry, report: Report) -> None:
    if entry.text == "*":
        return
    prefix, _, name = entry.text.partition(":")
    if not prefix or not name or ":" in name:
        message = f"Write an action as service:action; {shown(entry.text) or 'nothing'} is not."
        report.add("INVALID_ACTION", message, entry.path)
        return
    if has_wildcard(prefix):
        message = (
            f"{shown(prefix)}: would reach every service with such a name, today's and later ones."
        )
        report.add("WILDCARD_IN_SERVICE_NAME", message, entry.path)
        message = f"IAM does not take the wildcard in {shown(prefix)}: write the service out."
        report.add("INVALID_SERVICE_IN_ACTION", message, entry.path)
        return
    service = catalog.service(prefix)
    if service is None:
        hint = report.suggestion(prefix, (one.prefix for one in catalog.services()))
        message = f"No AWS service has the prefix {shown(prefix)}.{hint}"
        report.add("INVALID_SERVICE_IN_ACTION", message, entry.path)
    elif not has_wildcard(name):
        if name.lower() not in service.actions:
            known = {one.name: one.full_name for one in service.actions.values()}
            message = f"{service.name} has no action {shown(name)}.{report.suggestion(name, known)}"
            report.add("INVALID_ACTION", message, entry.path)
    elif not matched(entry.text):
        message = f"No action of {service.name} matches {shown(entry.text)}, so it does nothing."
        report.add("ACTION_MATCHES_NOTHING", message, entry.path)


def _check_for_kind(entry: Entry, report: Report, attached_to: str | None) -> None:
    if report.kind is PolicyKind.TRUST:
        reached = {name.lower() for name in matched(entry.text)} if ":" in entry.text else set()
        if not reached & {name.lower() for name in TRUST_ACTIONS}:
            message = f"A trust policy speaks only of {listed(TRUST_ACTIONS, 9)}."
            report.add("UNSUPPORTED_ACTION_IN_POLICY", message, entry.path)
    elif report.kind is PolicyKind.RESOURCE and attached_to is not None:
        own = split(attached_to)
        prefix = entry.text.partition(":")[0].lower()
        if own is not None and ":" in entry.text and prefix != own.service:
            message = (
                f"The policy of a resource of {own.service} can't speak of {shown(entry.text)}."
            )
            report.add("UNSUPPORTED_ACTION_IN_POLICY", message, entry.path)


def _check_resources(statement: StatementEntry, document: DocumentEntry, report: Report) -> None:
    """Report actions that none of the statement's resources can be meant for."""
    if not statement.resources or not statement.actions:
        return
    patterns = [pattern(entry.text, document) for entry in statement.resources]
    arns = [split(each) for each in patterns if each != "*"]
    if "*" in patterns or None in arns:
        return
    open_ended = any(arn is not None and arn.resource == "*" for arn in arns)
    fitting: dict[str, frozenset[str]] = {}
    useless = []
    for entry in statement.actions:
        names = matched(entry.text)
        if not names:
            continue
        prefix = names[0].partition(":")[0]
        if entry.text == "*" or has_wildcard(entry.text.partition(":")[0]):
            return
        if prefix not in fitting:
            fitting[prefix] = _fitting_types(prefix, tuple(arns))
        if not any(_can_apply(name, fitting[prefix], open_ended) for name in names):
            useless.append((entry, names))
    if not useless:
        return
    if len(useless) == len([entry for entry in statement.actions if matched(entry.text)]):
        message = (
            "By AWS's reference none of the statement's actions is for its resources, so it never "
            f"applies: {_reason(useless[0][1])}"
        )
        report.add("STATEMENT_NEVER_APPLIES", message, statement.path)
        return
    for entry, names in useless:
        more = f" ({shown(entry.text)})" if has_wildcard(entry.text) else ""
        report.add("RESOURCE_NOT_FOR_ACTION", f"{_reason(names)}{more}", entry.path)


@lru_cache(maxsize=64)
def _fitting_types(prefix: str, arns: tuple[Arn, ...]) -> frozenset[str]:
    return frozenset(each.name for each in formats(prefix) if any(fits(arn, each) for arn in arns))


def _can_apply(name: str, fitting: frozenset[str], open_ended: bool) -> bool:
    action = catalog.action(name)
    if action is None:
        return True
    if not action.resource_types:
        # IAM evaluates its own lists on an ARN, and S3 its list of buckets on arn:aws:s3:::*.
        return open_ended or action.service == "iam"
    return any(kind.name.lower() in fitting for kind in action.resource_types)


def _reason(names: tuple[str, ...]) -> str:
    action = catalog.action(names[0])
    service = catalog.service(action.service) if action else None
    if action is None or service is None:
        return "the resources are of another kind."
    if not action.resource_types:
        return f'{action.full_name} is about no single resource and needs "Resource": "*".'
    wanted = [service.resource_types.get(kind.name.lower()) for kind in action.resource_types]
    looks = [kind.arn for kind in wanted if kind is not None]
    return f"{action.full_name} needs a resource like {listed(looks, 3, 'or')}."
