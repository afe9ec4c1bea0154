"""Checks that only the trust policies of roles have: identity providers and their actions."""

from __future__ import annotations

import re

from ..grammar import PolicyKind
from .actions import matched
from .arns import split
from .entries import DocumentEntry, PrincipalEntry, StatementEntry
from .report import Report, listed, shown
from .texts import has_wildcard

_SAML, _WEB, _PLAIN = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRole"
_GITHUB = "token.actions.githubusercontent.com"
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ANYWHERE = "rolesanywhere.amazonaws.com"
_ANYWHERE_ACTIONS = ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession")


def check(document: DocumentEntry, report: Report) -> None:
    """Report trust that does not work or reaches too far."""
    if report.kind is not PolicyKind.TRUST:
        return
    for statement in document.statements:
        if not statement.allows:
            continue
        reached = {name for entry in statement.actions for name in matched(entry.text)}
        for principal in statement.principals:
            if principal.type == "Federated":
                _check_provider(principal, statement, reached, report)
            elif principal.type == "Service" and principal.name == _ANYWHERE:
                _check_anywhere(principal, reached, report)
        _check_principals_for_actions(statement, reached, report)
        _check_sessions(statement, report)
        _check_audience(statement, report)


def _host(name: str) -> str:
    """The provider's host and path, which begins its condition keys."""
    return name.partition("oidc-provider/")[2] or name


def _is_saml(name: str) -> bool:
    return ":saml-provider/" in name


def _check_provider(
    principal: PrincipalEntry, statement: StatementEntry, reached: set[str], report: Report
) -> None:
    name = principal.name
    arn = split(name)
    in_iam = arn is not None and arn.service == "iam"
    known = in_iam and re.match(r"(saml|oidc)-provider/.", arn.resource if arn else "")
    if not known and not _HOST.fullmatch(name):
        message = (
            f"{shown(name) or 'An empty text'} is neither the ARN of an identity provider nor a "
            "host such as accounts.google.com."
        )
        report.add(
            "INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", message, principal.path
        )
        return
    if _is_saml(name) or _WEB not in reached:
        return
    host = _host(name).lower()
    keys = [each for each in statement.conditions if each.lower.startswith(f"{host}:")]
    if not keys:
        message = (
            f"Anybody who can sign in at {shown(host)} could assume this role. Add conditions on "
            f"{shown(host)}:aud and :sub."
        )
        report.add("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", message, principal.path)
    if host == _GITHUB:
        _check_github(principal, statement, report)


def _check_github(principal: PrincipalEntry, statement: StatementEntry, report: Report) -> None:
    subjects = [each for each in statement.conditions if each.lower == f"{_GITHUB}:sub"]
    if not subjects:
        message = (
            f"Any repository on GitHub could assume this role. Add a condition on {_GITHUB}:sub."
        )
        report.add("MISSING_GITHUB_REPO_CONDITION_KEY", message, principal.path)
    for subject in subjects:
        for value in subject.values:
            # repo:owner/name:ref:refs/heads/branch
            if has_wildcard(value.text):
                message = (
                    f"{shown(value.text)} lets in more than one repository or branch. Write one "
                    "like repo:owner/name:ref:refs/heads/main."
                )
                report.add("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", message, value.path)


def _check_anywhere(principal: PrincipalEntry, reached: set[str], report: Report) -> None:
    missing = [name for name in _ANYWHERE_ACTIONS if name not in reached]
    if missing:
        message = f"IAM Roles Anywhere also needs {listed(missing)} among the actions."
        report.add("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", message, principal.path)


def _check_principals_for_actions(
    statement: StatementEntry, reached: set[str], report: Report
) -> None:
    federated = [each for each in statement.principals if each.type == "Federated"]
    others = [each for each in statement.principals if each.type != "Federated"]
    saml = [each for each in federated if _is_saml(each.name)]
    web = [each for each in federated if not _is_saml(each.name)]
    fitting = {_SAML: saml, _WEB: web, _PLAIN: others}
    for entry in statement.actions:
        names = [name for name in matched(entry.text) if name in fitting]
        # A wildcard may well reach further than the principals.
        if len(names) != 1 or fitting[names[0]] or not statement.principals:
            continue
        whom = listed(shown(each.name, 60) for each in statement.principals)
        message = (
            f"{names[0]} cannot be used by {whom}. "
            f"{_SAML} is for SAML providers, {_WEB} for OIDC providers, {_PLAIN} for the rest."
        )
        report.add("MISMATCHED_ACTION_FOR_PRINCIPAL", message, entry.path)


def _check_sessions(statement: StatementEntry, report: Report) -> None:
    roles = {
        (arn.account, arn.resource.rpartition("/")[2])
        for each in statement.principals
        if (arn := split(each.name)) and arn.service == "iam" and arn.resource.startswith("role/")
    }
    for each in statement.principals:
        arn = split(each.name)
        if arn is None or arn.service != "sts" or not arn.resource.startswith("assumed-role/"):
            continue
        role = arn.resource.split("/")[1]
        if (arn.account, role) in roles:
            message = f"The whole role {shown(role)} is trusted already; remove its session."
            report.add("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", message, each.path)


def _check_audience(statement: StatementEntry, report: Report) -> None:
    hosts = {
        _host(each.name).lower()
        for each in statement.principals
        if each.type == "Federated" and not _is_saml(each.name)
    }
    for condition in statement.conditions:
        host, _, claim = condition.lower.rpartition(":")
        if claim == "aud" and host in hosts and condition.qualifier is not None:
            message = (
                f"{condition.qualifier} is right only if tokens of {shown(host)} name several "
                "audiences. If they name one, remove it."
            )
            report.add("CONFIRM_AUDIENCE_CLAIM_TYPE", message, condition.path, name=True)
