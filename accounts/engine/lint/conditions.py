"""Checks of conditions one by one: operators, keys, and whether operator, key and values agree."""

from __future__ import annotations

import re
from typing import Any

from .. import catalog
from ..catalog import ConditionKey
from ..conditions import OPERATORS, BadCondition, split_operator
from .entries import ConditionEntry, DocumentEntry, StatementEntry
from .report import Report, shown
from .values import check as check_values

_TAG_KEYS = ("aws:requesttag", "aws:resourcetag", "aws:principaltag")

# Keys whose facts call them text but whose values are ARNs.
_ALSO_ARN = re.compile(r"arns?$")

_OPERATOR_NAMES = [
    f"{qualifier}{name}"
    for qualifier in ("", "ForAllValues:", "ForAnyValue:")
    for name in OPERATORS
]

_FAMILIES = {
    "String": ("String",),
    "ARN": ("Arn", "String"),
    "Bool": ("Bool",),
    "Numeric": ("Numeric",),
    "Date": ("Date", "Numeric"),
    "IPAddress": ("Ip", "NotIp"),
}
_ADVICE = {
    "String": "a String operator",
    "ARN": "an ARN operator",
    "Bool": "Bool",
    "Numeric": "a Numeric operator",
    "Date": "a Date operator",
    "IPAddress": "IpAddress or NotIpAddress",
}


def check(document: DocumentEntry, report: Report) -> None:
    """Report what is wrong with each condition, whatever the statement's actions are."""
    for statement in document.statements:
        _check_operators(statement, report)
        for condition in statement.conditions:
            _check_empty(condition, report)
            key = _check_key(condition, report)
            _check_types(condition, report)
            if key is not None:
                _check_operator_for_key(condition, key, statement, report)
            _check_qualifier(condition, key, statement, report)
            check_values(condition, document, report)


def _check_operators(statement: StatementEntry, report: Report) -> None:
    block: Any = statement.raw.get("Condition")
    if not isinstance(block, dict):
        return
    seen: dict[tuple[str, str], str] = {}
    for written, keys in block.items():
        path = (*statement.path, "Condition", written)
        try:
            split_operator(written)
        except BadCondition:
            if written.removeprefix("ForAllValues:").removeprefix("ForAnyValue:") == "NullIfExists":
                message = "Null asks whether the key is there; IfExists makes no sense with it."
                report.add("NULL_WITH_IF_EXISTS", message, path, name=True)
                continue
            hint = report.suggestion(written, _OPERATOR_NAMES)
            message = f"There is no condition operator {shown(written) or '(empty)'}.{hint}"
            report.add("INVALID_CONDITION_OPERATOR", message, path, name=True)
            continue
        for key in keys if isinstance(keys, dict) else ():
            first = seen.setdefault((written, key.lower()), key)
            if first != key:
                message = f"{shown(key)} and {shown(first)} are the same key: case doesn't count."
                report.add("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", message, (*path, key), name=True)


def _check_empty(condition: ConditionEntry, report: Report) -> None:
    if condition.raw != []:
        return
    key = shown(condition.key)
    if condition.if_exists:
        code = "EMPTY_ARRAY_CONDITION_IFEXISTS"
        message = f"Without values this holds only where {key} is absent. Use Null: true instead."
    elif condition.qualifier == "ForAllValues":
        code = "EMPTY_ARRAY_CONDITION_FORALLVALUES"
        message = f"Without values this holds only where {key} is absent. Use Null: true instead."
    elif condition.qualifier == "ForAnyValue":
        code = "EMPTY_ARRAY_CONDITION_FORANYVALUE"
        message = f"Without values this never holds, whatever {key} is. Name the values."
    else:
        code = "EMPTY_ARRAY_CONDITION"
        message = f"No values are given for {key}. Name them or remove the key."
    report.add(code, message, condition.path)


def _check_key(condition: ConditionEntry, report: Report) -> ConditionKey | None:
    name, lower = condition.key, condition.lower
    prefix, colon, rest = lower.partition(":")
    path = condition.path
    if not colon or not prefix or not rest:
        message = f"Write a condition key as service:name; {shown(name) or 'nothing'} is not."
        report.add("INVALID_CONDITION_KEY_FORMAT", message, path, name=True)
        return None
    if lower.removesuffix("/") in _TAG_KEYS:
        message = f"Say which tag is meant: {shown(name.removesuffix('/'))}/tag-key."
        report.add("MISSING_TAG_KEY_IN_CONDITION", message, path, name=True)
        return None
    if lower == "aws:arn":
        message = "aws:ARN is an old key. Use aws:PrincipalArn."
        report.add("DEPRECATED_GLOBAL_CONDITION_KEY", message, path, name=True)
        return None
    key = catalog.condition_key(name)
    # Identity providers' keys are named after their host: any prefix with a dot may be one.
    if key is not None or "." in prefix or "${" in name:
        return key
    if prefix == "aws":
        names = [one.name for one in catalog.global_condition_keys().values()]
        message = f"There is no global condition key {shown(name)}.{report.suggestion(name, names)}"
        report.add("INVALID_GLOBAL_CONDITION_KEY", message, path, name=True)
        return None
    service = catalog.service(prefix)
    if service is None:
        hint = report.suggestion(prefix, (one.prefix for one in catalog.services()))
        message = f"{shown(name)}: no service has condition keys beginning with {prefix}:.{hint}"
        report.add("INVALID_SERVICE", message, path, name=True)
        return None
    hint = report.suggestion(name, (one.name for one in service.condition_keys.values()))
    message = f"{service.name} has no condition key {shown(name)}.{hint}"
    report.add("INVALID_SERVICE_CONDITION_KEY", message, path, name=True)
    return None


def _check_types(condition: ConditionEntry, report: Report) -> None:
    if not isinstance(condition.raw, list):
        return
    types = {type(value) for value in condition.raw if isinstance(value, str | bool)}
    if len(types) > 1:
        message = f"The values of {shown(condition.key)} are of several JSON types. Quote them all."
        report.add("INVALID_CONDITION_DATA_TYPE", message, condition.path)


def _check_operator_for_key(
    condition: ConditionEntry, key: ConditionKey, statement: StatementEntry, report: Report
) -> None:
    operator = condition.operator.name
    families = _FAMILIES.get(key.type)
    if operator == "Null" or families is None or operator.startswith(families):
        return
    if operator.startswith("Arn") and _ALSO_ARN.search(condition.lower):
        return
    message = (
        f"{key.name} holds {_holds(key)}; compare it with {_ADVICE[key.type]}, not {operator}."
    )
    report.add("TYPE_MISMATCH", message, condition.path, name=True)


def _holds(key: ConditionKey) -> str:
    return {
        "String": "text",
        "ARN": "an ARN",
        "Bool": "true or false",
        "Numeric": "a number",
        "Date": "a date",
        "IPAddress": "an IP address",
    }[key.type]


def _check_qualifier(
    condition: ConditionEntry,
    key: ConditionKey | None,
    statement: StatementEntry,
    report: Report,
) -> None:
    name = shown(condition.key)
    if condition.operator.name == "Null":
        if condition.qualifier is not None:
            outcome = "true" if condition.qualifier == "ForAllValues" else "false"
            message = f"Null with {condition.qualifier} is always {outcome}. Use Null alone."
            report.add("NULL_WITH_QUALIFIER", message, condition.path)
        return
    if key is None:
        return
    if key.multivalued and condition.qualifier is None:
        message = f"{name} can hold several values: say ForAllValues or ForAnyValue."
        report.add("MISSING_QUALIFIER", message, condition.path, name=True)
    if not key.multivalued and condition.qualifier == "ForAllValues" and statement.allows:
        message = (
            f"{name} holds one value, and ForAllValues is also true where it is absent: "
            "a request without it would be allowed. Remove ForAllValues."
        )
        report.add("FORALLVALUES_WITH_SINGLE_VALUED_KEY", message, condition.path, name=True)
