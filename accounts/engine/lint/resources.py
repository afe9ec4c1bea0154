"""Checks of resources: each field of every ARN, and whether AWS has such a resource."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..catalog import arn_owners, services
from ..grammar import PolicyKind
from .arns import FIELDS, Arn, Format, can_meet, formats_of_arn, resource_fits, split
from .entries import DocumentEntry, Entry
from .regions import PARTITIONS, REGIONS
from .report import Report, listed, shown
from .texts import has_wildcard, pattern

# Accounts that are words: AWS's own resources, and CloudFront's in bucket policies.
_WORD_ACCOUNTS = ("aws", "cloudfront", "offering")

# Services all of whose resources belong to an account. Others have public ones without, which
# the catalogue does not tell apart: arn:aws:ssm:*::parameter/aws/service/….
_OWNED = ("dynamodb", "iam", "kms", "lambda", "secretsmanager", "sns", "sqs", "sts")


def check(document: DocumentEntry, report: Report, attached_to: str | None) -> None:
    """Report resources that are no ARNs or that name nothing AWS has."""
    if report.kind is PolicyKind.TRUST:
        return
    for statement in document.statements:
        for entry in (*statement.resources, *statement.not_resources):
            if entry.text != "*":
                _check_arn(entry, pattern(entry.text, document), report)
        if attached_to is not None and report.kind is PolicyKind.RESOURCE:
            for entry in statement.resources:
                _check_attached(entry, pattern(entry.text, document), attached_to, report)


def _check_arn(entry: Entry, text: str, report: Report) -> None:
    fields = text.split(":", len(FIELDS) - 1)
    if fields[0] != "arn":
        message = f'{shown(entry.text)} is neither "*" nor an ARN: an ARN begins with arn:.'
        report.add("INVALID_ARN_PREFIX", message, entry.path)
        return
    arn = split(text)
    if arn is None:
        message = (
            f"{shown(entry.text)} has {len(fields)} of an ARN's six fields, "
            "arn:partition:service:region:account:resource."
        )
        report.add("MISSING_ARN_FIELD", message, entry.path)
        return
    if _check_partition(arn, entry, report) and _check_service(arn, entry, report):
        _check_resource(arn, entry, report)


def _check_partition(arn: Arn, entry: Entry, report: Report) -> bool:
    if arn.partition in PARTITIONS or has_wildcard(arn.partition):
        return True
    message = f"There is no partition {shown(arn.partition) or '(empty)'}; "
    report.add("INVALID_PARTITION", f"{message}there are {listed(PARTITIONS, 9)}.", entry.path)
    return False


def _check_service(arn: Arn, entry: Entry, report: Report) -> bool:
    if has_wildcard(arn.service):
        message = "A resource's service must be written out: no wildcards in it."
        report.add("INVALID_SERVICE", message, entry.path)
        return False
    if arn_owners(arn.service):
        return True
    if arn_owners(arn.service.lower()):
        message = f"Write the service {shown(arn.service)} in lower case."
        report.add("INVALID_ARN_SERVICE_CASE", message, entry.path)
    else:
        hint = report.suggestion(arn.service, (one.prefix for one in services()))
        message = f"No AWS service is called {shown(arn.service) or '(empty)'} in ARNs.{hint}"
        report.add("INVALID_SERVICE", message, entry.path)
    return False


def _check_resource(arn: Arn, entry: Entry, report: Report) -> None:
    if arn.region and not has_wildcard(arn.region) and arn.region not in REGIONS:
        hint = report.suggestion(arn.region, REGIONS)
        message = f"There is no Region {shown(arn.region)}.{hint}"
        report.add("INVALID_ARN_REGION", message, entry.path)
        return
    if not _is_account(arn.account):
        message = f"The account {shown(arn.account)} is not 12 digits."
        report.add("INVALID_ARN_ACCOUNT", message, entry.path)
        return
    known = formats_of_arn(arn.service)
    if not known or arn.resource == "*":
        return
    named = [each for each in known if resource_fits(arn, each)]
    if not named and not (arn.service == "iam" and arn.resource == "root"):
        hint = report.suggestion(_kind(arn.resource), {_kind(e): e for e in _resources(known)})
        message = f"{arn.service} has no resource like {shown(arn.resource) or '(empty)'}.{hint}"
        report.add("INVALID_ARN_RESOURCE", message, entry.path)
    elif named:
        _check_region_and_account(arn, entry, named, report)


def _check_region_and_account(arn: Arn, entry: Entry, named: list[Format], report: Report) -> None:
    has_region = {bool(each.arn.region) for each in named}
    has_account = {bool(each.arn.account) for each in named}
    if arn.region not in ("", "*") and has_region == {False}:
        message = f"ARNs of these {arn.service} resources have no Region: leave the field empty."
        report.add("ARN_REGION_NOT_ALLOWED", message, entry.path)
    elif arn.region == "" and has_region == {True}:
        message = f"ARNs of these {arn.service} resources have a Region: name one, or *."
        report.add("MISSING_ARN_REGION", message, entry.path)
    if arn.account not in ("", "*") and has_account == {False}:
        message = f"ARNs of these {arn.service} resources have no account: leave the field empty."
        report.add("ARN_ACCOUNT_NOT_ALLOWED", message, entry.path)
    elif arn.account == "" and has_account == {True} and arn.service in _OWNED:
        message = f"ARNs of these {arn.service} resources have an account: write its 12 digits."
        report.add("INVALID_ARN_ACCOUNT", message, entry.path)


def _resources(known: Iterable[Format]) -> list[str]:
    return sorted({each.arn.resource for each in known}, key=len, reverse=True)


def _kind(resource: str) -> str:
    """The word a resource begins with: `user` of `user/bob`."""
    return re.split("[:/]", resource.lstrip("/:"), maxsplit=1)[0]


def _is_account(text: str) -> bool:
    if not text or has_wildcard(text) or text in _WORD_ACCOUNTS:
        return True
    return len(text) == 12 and text.isascii() and text.isdigit()


def _check_attached(entry: Entry, text: str, attached_to: str, report: Report) -> None:
    """A resource's policy can speak of that resource and of what lies in it."""
    if text == "*":
        return
    arn, own = split(text), split(attached_to)
    if arn is None or own is None:
        return
    inside = any(can_meet(arn.resource, own.resource + end) for end in ("", "/*", ":*"))
    if arn.service != own.service or not inside:
        message = (
            f"This policy belongs to {shown(attached_to)} and cannot speak of other resources."
        )
        report.add("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", message, entry.path)
