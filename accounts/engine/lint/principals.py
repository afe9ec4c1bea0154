"""Checks of principals, in the policies of resources and in the trust policies of roles."""

from __future__ import annotations

import re
from typing import Any

from ..grammar import PolicyKind
from ..jsontext import Path
from .arns import split
from .entries import DocumentEntry, PrincipalEntry, StatementEntry, is_text, members
from .regions import PARTITIONS
from .report import Report, listed, shown
from .texts import has_wildcard

_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")
_UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_SERVICE = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|aws\.internal|amazon\.com|amazonaws\.eu)"
)

# What tells on whose behalf a service comes.
_SOURCE_KEYS = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
_OLD_SOURCE_KEYS = ("aws:sourceowner", "aws:referer")

# About IAM principals; a service calling by itself has none of them.
_NOT_OF_SERVICES = (
    "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths",
    "aws:principaltype", "aws:userid", "aws:username",
)  # fmt: skip


def check(document: DocumentEntry, report: Report) -> None:
    """Report principals that are missing, malformed, or more than was meant."""
    for statement in document.statements:
        if report.kind in (PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL):
            _check_absent(statement, report)
        else:
            _check_present(statement, report)


def _check_absent(statement: StatementEntry, report: Report) -> None:
    for name in ("Principal", "NotPrincipal"):
        if name not in statement.raw:
            continue
        if report.kind is PolicyKind.IDENTITY:
            message = f"The policy is about whoever it is attached to; remove {name}."
            report.add("UNSUPPORTED_PRINCIPAL", message, (*statement.path, name), name=True)
        else:
            message = f"A service control policy is about the whole account; remove {name}."
            report.add("SCP_SYNTAX_ERROR_PRINCIPAL", message, (*statement.path, name), name=True)


def _check_present(statement: StatementEntry, report: Report) -> None:
    path = statement.path
    if "Principal" not in statement.raw and "NotPrincipal" not in statement.raw:
        report.add("MISSING_PRINCIPAL", "Say with Principal whom the statement is about.", path)
    for name in ("Principal", "NotPrincipal"):
        if name in statement.raw:
            _check_form(statement.raw[name], (*path, name), report)
    if "NotPrincipal" in statement.raw:
        where = (*path, "NotPrincipal")
        if report.kind is PolicyKind.TRUST:
            message = "A trust policy cannot have NotPrincipal. Name the principals it trusts."
            report.add("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", message, where, name=True)
        elif statement.allows:
            message = (
                "This allows everybody in the world except those named. Name with Principal whom "
                "you mean to allow."
            )
            report.add("ALLOW_WITH_NOTPRINCIPAL", message, where, name=True)
    for principal in (*statement.principals, *statement.not_principals):
        _check_name(principal, statement, report)
    _check_services(statement, report)


def _check_form(value: Any, path: Path, report: Report) -> None:
    if value == "*":
        return
    if value in ({}, []):
        report.add("EMPTY_OBJECT_PRINCIPAL", "No principal is named.", path)
        if value == []:
            report.add("INVALID_PRINCIPAL_FORMAT", _form(), path)
        return
    if not isinstance(value, dict):
        report.add("INVALID_PRINCIPAL_FORMAT", _form(), path)
        return
    for kind, names in value.items():
        where = (*path, kind)
        if kind not in _TYPES:
            hint = report.suggestion(kind, _TYPES)
            message = f"{shown(kind) or 'An empty text'} is no kind of principal.{hint}"
            report.add("INVALID_PRINCIPAL_KEY", message, where, name=True)
        if names == []:
            report.add("EMPTY_ARRAY_PRINCIPAL", "No principal is named.", where)
        wrong = (
            [where]
            if names is None
            else [at for at, each in members(names, where) if not is_text(each)]
        )
        for at in wrong:
            report.add("DATA_TYPE_MISMATCH", "A principal must be text.", at)


def _form() -> str:
    return f'A principal is "*" or an object such as {{"AWS": "…"}}; its keys are {listed(_TYPES)}.'


def _check_name(principal: PrincipalEntry, statement: StatementEntry, report: Report) -> None:
    if principal.type == "AWS":
        _check_aws(principal, report)
    elif principal.type == "Service":
        _check_service_name(principal, report)
    elif principal.type == "Federated" and report.kind is PolicyKind.RESOURCE:
        message = "A resource's policy cannot name an identity provider. Name the role it leads to."
        report.add("FEDERATED_PRINCIPAL_NOT_SUPPORTED", message, principal.path)
    if (
        report.kind is PolicyKind.TRUST
        and statement.allows
        and principal.name == "*"
        and principal.type in ("*", "AWS")
        and not statement.conditions
    ):
        message = "Anybody in any AWS account could assume this role. Name whom it trusts."
        report.add("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, principal.path)


def _check_aws(principal: PrincipalEntry, report: Report) -> None:
    name, path = principal.name, principal.path
    if name == "*" or (len(name) == 12 and name.isascii() and name.isdigit()):
        return
    if _UNIQUE_ID.fullmatch(name):
        if name.startswith("AROA"):
            message = f"{name} is a role's unique id, left behind by a deleted role. Use its ARN."
            report.add("INVALID_ROLE_REFERENCE", message, path)
        elif name.startswith("AIDA"):
            message = f"{name} is a user's unique id, left behind by a deleted user. Use its ARN."
            report.add("INVALID_USER_REFERENCE", message, path)
        return
    if has_wildcard(name):
        message = "A principal is named whole: * stands alone or not at all."
        report.add("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, path)
        return
    arn = split(name)
    if arn is None or arn.service not in ("iam", "sts"):
        message = f"{shown(name) or 'An empty text'} is no account id and no ARN of a user or role."
        report.add("INVALID_PRINCIPAL_FORMAT", message, path)
    elif arn.partition not in PARTITIONS:
        message = f"There is no partition {shown(arn.partition) or '(empty)'}."
        report.add("INVALID_PARTITION", message, path)
    elif not (len(arn.account) == 12 and arn.account.isascii() and arn.account.isdigit()):
        message = f"The account {shown(arn.account) or '(empty)'} is not 12 digits."
        report.add("INVALID_ARN_ACCOUNT", message, path)


def _check_service_name(principal: PrincipalEntry, report: Report) -> None:
    name = principal.name
    if has_wildcard(name):
        message = "A service is named whole, like ec2.amazonaws.com: no wildcards."
        report.add("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", message, principal.path)
    elif not _SERVICE.fullmatch(name):
        message = f"{shown(name) or 'An empty text'} is not written like ec2.amazonaws.com."
        report.add("INVALID_SERVICE_PRINCIPAL_FORMAT", message, principal.path)


def _check_services(statement: StatementEntry, report: Report) -> None:
    services = [each for each in statement.principals if each.type == "Service"]
    if not services:
        return
    keys = {condition.lower for condition in statement.conditions}
    if len(services) == len(statement.principals):
        for condition in statement.conditions:
            if condition.lower in _NOT_OF_SERVICES and condition.needs_key:
                message = f"A service's own request never carries {shown(condition.key)}."
                report.add(
                    "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
                    message,
                    condition.path,
                    name=True,
                )
    if report.kind is not PolicyKind.RESOURCE or not statement.allows:
        return
    if keys & set(_SOURCE_KEYS):
        return
    for condition in statement.conditions:
        if condition.lower in _OLD_SOURCE_KEYS:
            message = (
                f"To tie {services[0].name} to your own resources, use aws:SourceArn or "
                f"aws:SourceAccount rather than {shown(condition.key)}."
            )
            report.add(
                "RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL",
                message,
                condition.path,
                name=True,
            )
            return
    message = (
        f"{shown(services[0].name)} may come here on behalf of any AWS account. Add a condition on "
        "aws:SourceArn or aws:SourceAccount."
    )
    report.add("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", message, services[0].path)
