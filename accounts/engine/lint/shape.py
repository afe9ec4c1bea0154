"""Checks of the document's shape: its elements, their JSON types, what is missing or too much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..document import size
from ..grammar import VERSIONS, PolicyKind, statements
from ..jsontext import Path
from .entries import DocumentEntry, is_text, members
from .report import Report, shown

_STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_SID = re.compile(r"[0-9A-Za-z]*")

# IAM quotas: a managed policy, a role's trust policy. SCPs: Organizations quotas. Resource
# policies differ by service; a bucket's may have 20 kB.
QUOTAS = {
    PolicyKind.IDENTITY: ("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", 6_144),
    PolicyKind.TRUST: ("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", 2_048),
    PolicyKind.RESOURCE: ("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", 20_480),
    PolicyKind.SERVICE_CONTROL: ("POLICY_SIZE_EXCEEDS_SCP_QUOTA", 5_120),
}
"""By kind: the code for a policy too long, and how many characters it may have."""


def check(document: DocumentEntry, report: Report, quota: int | None) -> None:
    """Report what is wrong with the document's shape and size."""
    _check_size(report, quota)
    _check_top(document.raw, report)
    sids: set[str] = set()
    for path, statement in statements(document.raw):
        if not isinstance(statement, dict):
            report.add("DATA_TYPE_MISMATCH", "A statement must be a JSON object.", path)
            continue
        _check_elements(statement, path, report)
        _check_effect(statement, path, report)
        _check_sid(statement, path, report, sids)
        _check_lists(statement, path, report)
        _check_condition(statement, path, report)


def _check_size(report: Report, quota: int | None) -> None:
    code, usual = QUOTAS[report.kind]
    limit = usual if quota is None else quota
    # Organizations counts white space, IAM doesn't.
    counts_all = report.kind is PolicyKind.SERVICE_CONTROL
    used = len(report.text) if counts_all else size(report.text)
    if used > limit:
        report.add(
            code,
            f"The policy has {used:,} characters{'' if counts_all else ' without white space'}; "
            f"the limit is {limit:,}. Split it into several policies.",
            (),
        )


def _check_top(policy: dict[str, Any], report: Report) -> None:
    for name in policy:
        if name not in ("Version", "Id", "Statement"):
            hint = report.suggestion(name, ("Version", "Id", "Statement"))
            message = f"{shown(name)} is not an element of a policy.{hint}"
            report.add("INVALID_POLICY_ELEMENT", message, (name,), name=True)
    version: Any = policy.get("Version")
    if "Version" not in policy:
        report.add(
            "MISSING_VERSION",
            'Without "Version": "2012-10-17" the policy is read as of 2008, and policy variables '
            "are plain text.",
            (),
        )
    elif not is_text(version):
        report.add("DATA_TYPE_MISMATCH", "Version must be text.", ("Version",))
    elif version not in VERSIONS:
        message = f"There is no version {shown(version)}. Use {VERSIONS[0]} or {VERSIONS[1]}."
        report.add("INVALID_VERSION", message, ("Version",))
    if "Id" in policy and not is_text(policy["Id"]):
        report.add("DATA_TYPE_MISMATCH", "Id must be text.", ("Id",))
    found = policy.get("Statement")
    if "Statement" not in policy or found in ([], {}):
        path: Path = ("Statement",) if "Statement" in policy else ()
        report.add("MISSING_STATEMENT", "The policy has no statement, so it says nothing.", path)
    elif not isinstance(found, dict | list):
        message = "Statement must be an object or a list of objects."
        report.add("DATA_TYPE_MISMATCH", message, ("Statement",))


def _check_elements(statement: dict[str, Any], path: Path, report: Report) -> None:
    for name in statement:
        if name not in _STATEMENT_ELEMENTS:
            hint = report.suggestion(name, _STATEMENT_ELEMENTS)
            message = f"{shown(name)} is not an element of a statement.{hint}"
            report.add("INVALID_POLICY_ELEMENT", message, (*path, name), name=True)
    for name in ("Action", "Resource", "Principal"):
        if name in statement and f"Not{name}" in statement:
            message = f"A statement can have {name} or Not{name}, not both."
            report.add("UNSUPPORTED_ELEMENT_COMBINATION", message, (*path, f"Not{name}"), name=True)
    if "Action" not in statement and "NotAction" not in statement:
        message = "The statement names no action: add Action or NotAction."
        report.add("MISSING_ACTION", message, path)
    if report.kind is PolicyKind.TRUST:
        for name in ("Resource", "NotResource"):
            if name in statement:
                message = f"A trust policy is about the role it belongs to; remove {name}."
                report.add(
                    "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", message, (*path, name), name=True
                )
    elif "Resource" not in statement and "NotResource" not in statement:
        message = "The statement names no resource: add Resource or NotResource."
        report.add("MISSING_RESOURCE", message, path)


def _check_effect(statement: dict[str, Any], path: Path, report: Report) -> None:
    effect: Any = statement.get("Effect")
    if "Effect" not in statement:
        message = 'Say with "Effect" whether the statement is to Allow or to Deny.'
        report.add("MISSING_EFFECT", message, path)
    elif not is_text(effect):
        report.add("DATA_TYPE_MISMATCH", "Effect must be text.", (*path, "Effect"))
    elif effect not in ("Allow", "Deny"):
        message = f"Effect is {shown(effect)}; it can be Allow or Deny, spelt just so."
        report.add("INVALID_EFFECT", message, (*path, "Effect"))


def _check_sid(statement: dict[str, Any], path: Path, report: Report, sids: set[str]) -> None:
    if "Sid" not in statement:
        return
    sid, where = statement["Sid"], (*path, "Sid")
    if not is_text(sid):
        report.add("DATA_TYPE_MISMATCH", "Sid must be text.", where)
        return
    if not sid:
        report.add("EMPTY_SID_VALUE", "The Sid is empty. Give it a name or remove it.", where)
    if report.kind is not PolicyKind.RESOURCE and not _SID.fullmatch(sid):
        message = f"The Sid {shown(sid)} may hold only letters A-Z, a-z and digits."
        report.add("UNSUPPORTED_SID", message, where)
    if sid and sid in sids:
        required = report.kind is not PolicyKind.RESOURCE
        code = "UNIQUE_SIDS_REQUIRED" if required else "UNIQUE_SIDS_RECOMMENDED"
        message = f"Another statement above has the Sid {shown(sid)}. Each needs its own."
        report.add(code, message, where)
    sids.add(sid)


def _check_lists(statement: dict[str, Any], path: Path, report: Report) -> None:
    """Action and Resource: text or a list of texts, and not an empty one."""
    for name in ("Action", "NotAction", "Resource", "NotResource"):
        if name not in statement:
            continue
        value, where = statement[name], (*path, name)
        wrong = [at for at, each in _all(value, where) if not is_text(each)]
        for at in wrong:
            message = f"{name} must be text or a list of texts."
            report.add("DATA_TYPE_MISMATCH", message, at)
        kind = "action" if name.endswith("Action") else "resource"
        # A trust policy can have no resource at all: that is said already.
        if value == [] and not (report.kind is PolicyKind.TRUST and kind == "resource"):
            message = f"{name} is an empty list: name at least one {kind}."
            report.add(f"MISSING_{kind.upper()}", message, where)


def _check_condition(statement: dict[str, Any], path: Path, report: Report) -> None:
    if "Condition" not in statement:
        return
    block, where = statement["Condition"], (*path, "Condition")
    if not isinstance(block, dict):
        message = "Condition must be an object of operators."
        report.add("DATA_TYPE_MISMATCH", message, where)
        return
    if not block:
        report.add("EMPTY_OBJECT_CONDITION", "Condition is empty and does nothing.", where)
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            message = f"{shown(operator)} must be followed by an object of keys and values."
            report.add("DATA_TYPE_MISMATCH", message, (*where, operator))
            continue
        if not keys:
            message = f"{shown(operator)} has no keys and does nothing."
            report.add("EMPTY_OBJECT_CONDITION", message, (*where, operator))
        for key, given in keys.items():
            for at, each in _all(given, (*where, operator, key)):
                if not isinstance(each, str | bool):
                    message = f"A value of {shown(key)} must be text, a number, true or false."
                    report.add("DATA_TYPE_MISMATCH", message, at)


def _all(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Like `members`, but null is a value too: a wrong one."""
    return iter([(path, None)]) if value is None else members(value, path)
