"""Checks of condition values: can the operator read them, and will they do what they seem to."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence

from .. import values as read
from .arns import FIELDS, split
from .entries import ConditionEntry, DocumentEntry, Entry
from .regions import REGIONS
from .report import Report, shown
from .texts import has_wildcard, pattern

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?", re.DOTALL)
_VPC = re.compile(r"vpc-(?:[0-9a-z]{8}|[0-9a-z]{17})")
_ENDPOINT = re.compile(r"vpce-(?:[0-9a-z]{8}|[0-9a-z]{17})")

# Larger or smaller: which of several numbers decides, since any one of them may match.
_DECIDING: dict[str, tuple[str, Callable[[Sequence[float]], float]]] = {
    "NumericLessThan": ("largest", max),
    "NumericLessThanEquals": ("largest", max),
    "NumericGreaterThan": ("smallest", min),
    "NumericGreaterThanEquals": ("smallest", min),
}


def check(condition: ConditionEntry, document: DocumentEntry, report: Report) -> None:
    """Report values of the wrong type and values that don't do what they seem to do."""
    operator = condition.operator.name
    if operator in ("Bool", "Null"):
        _check_booleans(condition, report)
    elif operator.startswith("Date"):
        _check_dates(condition, report)
    elif operator.startswith("Numeric"):
        _check_numbers(condition, report)
    elif operator.endswith("IpAddress"):
        _check_addresses(condition, report)
    elif operator == "BinaryEquals":
        for value in condition.values:
            if read.binary(value.text) is None and "${" not in value.text:
                message = f"{shown(value.text) or 'An empty text'} is not base64."
                report.add("TYPE_MISMATCH_STRING", message, value.path)
    elif operator.startswith("Arn"):
        _check_arns(condition, document, report)
    else:
        _check_wildcards(condition, report)
        _check_known_values(condition, report)


def _check_booleans(condition: ConditionEntry, report: Report) -> None:
    for value in condition.values:
        if read.boolean(value.text) is None and "${" not in value.text:
            message = (
                f"{condition.written} takes true or false, not {shown(value.text) or 'nothing'}."
            )
            report.add("TYPE_MISMATCH_BOOLEAN", message, value.path)
    if len(condition.values) > 1 and condition.qualifier is None:
        message = f"{shown(condition.key)} is true or false: give one of them, not a list."
        report.add("INVALID_CONDITION_MULTIPLE_BOOLEAN", message, condition.path)


def _check_dates(condition: ConditionEntry, report: Report) -> None:
    for value in condition.values:
        if "${" in value.text:
            continue
        if read.instant(value.text) is None:
            message = f"{shown(value.text) or 'An empty text'} is no date. Write it as 2030-12-31."
            report.add("TYPE_MISMATCH_DATE", message, value.path)
        elif not _DAY.fullmatch(value.text):
            message = f"{shown(value.text)} can be misread. Write the date as 2030-12-31."
            report.add("INVALID_DATE_VALUE", message, value.path)


def _check_numbers(condition: ConditionEntry, report: Report) -> None:
    numbers = []
    for value in condition.values:
        number = read.number(value.text)
        if number is not None:
            numbers.append(number)
        elif "${" not in value.text:
            message = f"{shown(value.text) or 'An empty text'} is not a number."
            report.add("TYPE_MISMATCH_NUMBER", message, value.path)
    if condition.operator.name in _DECIDING and len(numbers) > 1:
        word, choose = _DECIDING[condition.operator.name]
        message = f"Only the {word} of these numbers counts: write {choose(numbers)} alone."
        report.add("REDUNDANT_CONDITION_VALUE_NUM", message, condition.path)


def _check_addresses(condition: ConditionEntry, report: Report) -> None:
    private: list[Entry] = []
    networks = 0
    for value in condition.values:
        if "${" in value.text:
            continue
        if read.network(value.text) is None:
            given = shown(value.text) or "An empty text"
            message = f"{given} is no address and no range like 203.0.113.0/24."
            report.add("TYPE_MISMATCH_IP_RANGE", message, value.path)
            continue
        networks += 1
        network = ipaddress.ip_network(value.text, strict=False)
        if "/" in value.text and ipaddress.ip_address(value.text.split("/")[0]) != network[0]:
            message = f"The bits after /{network.prefixlen} are ignored: write {network}."
            report.add("IMPROVE_IP_RANGE", message, value.path)
        if network.is_private:
            private.append(value)
    if private and condition.lower == "aws:sourceip":
        _report_private(condition, private, networks, report)


def _report_private(
    condition: ConditionEntry, private: list[Entry], networks: int, report: Report
) -> None:
    negated = condition.operator.negated
    if len(private) == networks:
        code = "PRIVATE_NOTIPADDRESS" if negated else "PRIVATE_IP_ADDRESS"
        effect = "every" if negated else "no"
        message = (
            "AWS sees only public addresses in aws:SourceIp; these are private, so "
            f"{effect} request there passes. Use aws:VpcSourceIp for private ones."
        )
        report.add(code, message, condition.path)
        return
    code = "PRIVATE_NOTIPADDRESS_SUBSET" if negated else "PRIVATE_IP_ADDRESS_SUBSET"
    for value in private:
        message = (
            f"AWS sees only public addresses in aws:SourceIp; {shown(value.text)} is private and "
            "has no effect there. Use aws:VpcSourceIp for it."
        )
        report.add(code, message, value.path)


def _check_arns(condition: ConditionEntry, document: DocumentEntry, report: Report) -> None:
    for value in condition.values:
        text = pattern(value.text, document)
        fields = text.split(":", len(FIELDS) - 1)
        short_but_open = text.endswith("*") and fields[0] in ("arn", "*")
        if split(text) is not None or len(fields) == len(FIELDS) or short_but_open:
            continue
        if fields[0] != "arn":
            message = f"{shown(value.text) or 'An empty text'} is not an ARN."
            report.add("INVALID_ARN_PREFIX", message, value.path)
        else:
            message = f"{shown(value.text)} has {len(fields)} of an ARN's six fields."
            report.add("MISSING_ARN_FIELD", message, value.path)


def _check_wildcards(condition: ConditionEntry, report: Report) -> None:
    if condition.operator.name.endswith("Like"):
        return
    for value in condition.values:
        plain = value.text.replace("${*}", "").replace("${?}", "")
        if has_wildcard(plain):
            like = "StringNotLike" if condition.operator.negated else "StringLike"
            message = (
                f"{condition.written} compares * and ? as plain characters. "
                f"If they are meant as wildcards, use {like}."
            )
            report.add("WILDCARD_WITHOUT_LIKE_OPERATOR", message, value.path)


def _check_known_values(condition: ConditionEntry, report: Report) -> None:
    for value in condition.values:
        if has_wildcard(value.text) or "${" in value.text:
            continue
        if condition.lower == "aws:requestedregion" and value.text.lower() not in REGIONS:
            hint = report.suggestion(value.text, REGIONS)
            message = f"There is no Region {shown(value.text) or '(empty)'}.{hint}"
            report.add("INVALID_REGION", message, value.path)
        elif condition.lower == "aws:sourcevpc" and not _VPC.fullmatch(value.text):
            message = f"{shown(value.text) or 'Nothing'} is no VPC id: vpc- and 8 or 17 characters."
            report.add("INVALID_VPC_FORMAT", message, value.path)
        elif condition.lower == "aws:sourcevpce" and not _ENDPOINT.fullmatch(value.text):
            message = (
                f"{shown(value.text) or 'Nothing'} is no endpoint id: vpce- and 8 or 17 characters."
            )
            report.add("INVALID_VPCE_FORMAT", message, value.path)
