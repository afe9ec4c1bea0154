"""Findings about a policy document, as IAM Access Analyzer's policy checks give them, and more.

`lint` reads any text. docs/findings.md lists every check, and those left out with the reason.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .. import grammar
from ..document import Document
from ..grammar import PolicyKind
from ..jsontext import MAX_LENGTH, MalformedPolicy, Path, check_argument, decode
from . import (
    actions,
    conditions,
    grants,
    principals,
    reach,
    repeats,
    resources,
    shape,
    texts,
    trust,
)
from .checks import CHECKS, Check, FindingType
from .entries import read
from .report import MAX_FINDINGS, Finding, Report, ReportFull

__all__ = ["CHECKS", "MAX_FINDINGS", "Check", "Finding", "FindingType", "lint"]


def lint(
    policy: str | Document,
    kind: PolicyKind | None = None,
    *,
    quota: int | None = None,
    attached_to: str | None = None,
) -> tuple[Finding, ...]:
    """What can be said about a policy, in document order; nothing when all is well.

    `policy` is a text, right or wrong, or a Document. `kind` is identity unless given (a Document
    has its own). `quota` is the size limit in characters where it differs from the kind's usual
    one, as for inline policies. `attached_to` is the ARN of the resource that a resource-based
    policy belongs to. At most MAX_FINDINGS findings.
    """
    written = policy if isinstance(policy, str) else policy.text
    kind = PolicyKind(kind or (PolicyKind.IDENTITY if isinstance(policy, str) else policy.kind))
    try:
        if isinstance(policy, str):
            check_argument(written)
        decoded = decode(written)
    except MalformedPolicy as error:
        return (_syntax_error(written, kind, error),)
    report = Report(written, kind)
    if not isinstance(decoded, dict):
        report.add("DATA_TYPE_MISMATCH", "A policy must be a JSON object.", ())
        return report.findings()
    with suppress(ReportFull):
        _check_all(decoded, report, quota, attached_to)
    return report.findings()


def _check_all(
    decoded: dict[str, Any], report: Report, quota: int | None, attached_to: str | None
) -> None:
    document = read(decoded)
    shape.check(document, report, quota)
    texts.check(document, report)
    principals.check(document, report)
    actions.check(document, report, attached_to)
    resources.check(document, report, attached_to)
    conditions.check(document, report)
    reach.check(document, report)
    trust.check(document, report)
    grants.check(document, report)
    repeats.check(document, report)
    _check_saving(decoded, report)


# What saving refuses and no check above has reported, by the element where it happens.
_REFUSED = {
    "Action": "INVALID_ACTION",
    "NotAction": "INVALID_ACTION",
    "Resource": "INVALID_ARN_RESOURCE",
    "NotResource": "INVALID_ARN_RESOURCE",
    "Principal": "INVALID_PRINCIPAL_FORMAT",
    "NotPrincipal": "INVALID_PRINCIPAL_FORMAT",
    "Condition": "INVALID_CONDITION_OPERATOR",
}


def _check_saving(decoded: dict[str, Any], report: Report) -> None:
    """Make sure that a policy without errors can be saved: IAM's grammar has the last word."""
    reported = report.error_paths()
    within = {path[:length] for path in reported for length in range(len(path) + 1)}
    for problem in grammar.problems(decoded, report.kind):
        around = (problem.path[:length] for length in range(len(problem.path)))
        if not problem.message or problem.path in within or any(p in reported for p in around):
            continue
        element = next((part for part in problem.path if part in _REFUSED), "")
        code = _REFUSED.get(str(element), "DATA_TYPE_MISMATCH")
        message = f"IAM will not save this: {problem.reason}."
        report.add(code, message, _existing(problem.path, decoded))


def _existing(path: Path, decoded: Any) -> Path:
    """The part of the path that is in the document: what is missing has no place of its own."""
    found: list[str | int] = []
    for part in path:
        try:
            decoded = decoded[part]
        except (KeyError, IndexError, TypeError):
            break
        found.append(part)
    return tuple(found)


def _syntax_error(text: str, kind: PolicyKind, error: MalformedPolicy) -> Finding:
    line, column = place = error.position or (1, 1)
    if len(text) > MAX_LENGTH:
        message = (
            f"The policy has {len(text):,} characters; IAM reads none longer than {MAX_LENGTH:,}."
        )
        return Finding(CHECKS[shape.QUOTAS[kind][0]], message, "", place, place)
    message = (
        f"This is not JSON that a policy may hold: look at line {line}, column {column}, for a "
        "comma, quote or brace too many or too few, a name used twice, or a character IAM "
        "does not take."
    )
    return Finding(CHECKS["JSON_SYNTAX_ERROR"], message, "", place, place)
