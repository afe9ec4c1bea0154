"""Checks of policy variables, and texts as patterns in which a variable stands for anything."""

from __future__ import annotations

import re

from .entries import DocumentEntry, Entry
from .report import Report, shown

_VARIABLE = re.compile(r"\$\{([^}]*)(\}?)")
_ESCAPES = ("*", "?", "$")
_DEFAULTED = re.compile(r"([^,]*),(.*)", re.DOTALL)


def pattern(text: str, document: DocumentEntry) -> str:
    """`text` with `*` in place of every variable."""
    if "${" not in text or not document.has_variables:
        return text
    return _VARIABLE.sub("*", text)


def has_wildcard(text: str) -> bool:
    return "*" in text or "?" in text


def check(document: DocumentEntry, report: Report) -> None:
    """Report variables that are misspelt or stand where none may."""
    for statement in document.statements:
        for entry in (*statement.resources, *statement.not_resources):
            _check_text(entry, document, report)
        for condition in statement.conditions:
            for entry in condition.values:
                if "${" not in entry.text:
                    continue
                if document.has_variables and not condition.operator.takes_variables:
                    message = (
                        f"{condition.written} does not fill in variables; only the String and "
                        "ARN operators do."
                    )
                    report.add("INVALID_VARIABLE_FOR_OPERATOR", message, entry.path)
                else:
                    _check_text(entry, document, report)
            if "${" in condition.key:
                message = "Variables are not filled in in a condition key's name."
                report.add("VARIABLE_UNSUPPORTED_IN_ELEMENT", message, condition.path, name=True)
        for entry in (*statement.actions, *statement.not_actions):
            if "${" in entry.text:
                message = (
                    "Variables are not filled in in actions, only in resources and conditions."
                )
                report.add("VARIABLE_UNSUPPORTED_IN_ELEMENT", message, entry.path)
        for principal in (*statement.principals, *statement.not_principals):
            if "${" in principal.name:
                message = (
                    "Variables are not filled in in principals, only in resources and conditions."
                )
                report.add("VARIABLE_UNSUPPORTED_IN_ELEMENT", message, principal.path)


def _check_text(entry: Entry, document: DocumentEntry, report: Report) -> None:
    for found in _VARIABLE.finditer(entry.text):
        if not document.has_variables:
            message = (
                f"{shown(found[0])} is plain text here. To make it a variable, give the policy "
                '"Version": "2012-10-17".'
            )
            report.add("VARIABLE_UNSUPPORTED_IN_VERSION", message, entry.path)
            return
        inside, closed = found[1], found[2]
        if not closed:
            message = (
                f"The variable {shown(found[0])} is not closed: add a brace }} after its name."
            )
            report.add("MISSING_BRACE_IN_VARIABLE", message, entry.path)
        elif not inside.strip():
            message = "${} names no variable. Put a context key between the braces."
            report.add("EMPTY_VARIABLE", message, entry.path)
        elif inside not in _ESCAPES:
            _check_name(inside, entry, report)


def _check_name(inside: str, entry: Entry, report: Report) -> None:
    name = inside
    if defaulted := _DEFAULTED.fullmatch(inside):
        name, default = defaulted[1], defaulted[2].strip(" ")
        if len(default) < 2 or default[0] != "'" or default[-1] != "'":
            message = f"Write the default in ${{{shown(inside)}}} between single quotes."
            report.add("MISSING_QUOTE_IN_VARIABLE", message, entry.path)
    elif "'" in inside:
        message = f"A default value in ${{{shown(inside)}}} needs a comma and two single quotes."
        report.add("MISSING_QUOTE_IN_VARIABLE", message, entry.path)
    if re.search(r"\s", name):
        message = f"The variable ${{{shown(inside)}}} has a space in its name. Remove it."
        report.add("UNSUPPORTED_SPACE_IN_VARIABLE", message, entry.path)
