"""The credential report: one line a user on passwords, keys and MFA, as CSV.

IAM User Guide, "Generate credential reports for your AWS account". AWS's clients get the same one
for four hours; the console's is made anew whenever it is asked for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from accounts import arns
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import ReportExpired, ReportNotPresent
from accounts.models import (
    AccessKey,
    Account,
    CredentialReport,
    Login,
    MFADevice,
    PasswordPolicy,
    SigningCertificate,
    User,
)
from accounts.types import Flag

LIFETIME = timedelta(hours=4)
COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_1_last_used_region",
    "access_key_1_last_used_service",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
    "access_key_2_last_used_region",
    "access_key_2_last_used_service",
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)
ROOT = "<root_account>"
_NONE = "N/A"
_NEVER = "no_information"
_NOT_SUPPORTED = "not_supported"


@dataclass(frozen=True, slots=True)
class Generation:
    """How far a report is. It is there as soon as it was begun, so nobody meets INPROGRESS."""

    state: str
    description: str = ""


@action("iam:GenerateCredentialReport", resource=arns.everything, raises_epoch=False)
def generate_credential_report(caller: Caller, /, *, anew: Flag = False) -> Generation:
    """Make the report where there is none of the last four hours, or `anew` in any case.

    The state is STARTED where one was made, which a client waits for by asking again, and COMPLETE
    where there is one.
    """
    before = CredentialReport.objects.filter(account=caller.home).first()
    if before is not None and not anew and _is_fresh(before, caller.now):
        return Generation("COMPLETE")
    content = "".join(_lines(caller.home))
    CredentialReport.objects.update_or_create(
        account=caller.home, defaults={"generated_at": caller.now, "content": content}
    )
    found = "The last report has expired" if before is not None else "No report exists"
    return Generation("STARTED", f"{found}. Starting a new report generation task")


@action("iam:GetCredentialReport", resource=arns.everything, read_only=True)
def get_credential_report(caller: Caller, /) -> CredentialReport:
    """The newest report. Raise ReportNotPresent where there is none, ReportExpired where old."""
    report = CredentialReport.objects.filter(account=caller.home).first()
    if report is None:
        raise ReportNotPresent("Report is not present. Generate it first.")
    if not _is_fresh(report, caller.now):
        raise ReportExpired("Report has expired. Generate a new one.")
    return report


def _is_fresh(report: CredentialReport, now: datetime) -> bool:
    return now - report.generated_at <= LIFETIME


def _lines(account: Account) -> Iterator[str]:
    """The file line by line. As many queries for thousands of users as for one."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow(_root(account))
    policy = PasswordPolicy.objects.filter(account=account).first()
    for user in _users(account):
        writer.writerow(_user(user, policy.max_password_age if policy else None))
    yield buffer.getvalue()


def _users(account: Account) -> Iterator[User]:
    rows = account.users.order_by("folded_name").select_related("login")
    keys = AccessKey.objects.order_by("slot")
    devices = MFADevice.objects.only("user_id")
    certificates = SigningCertificate.objects.defer("body")
    return iter(
        rows.prefetch_related(
            Prefetch("access_keys", keys, to_attr="keys"),
            Prefetch("mfa_devices", devices, to_attr="devices"),
            Prefetch("signing_certificates", certificates, to_attr="certificates"),
        )
    )


def _root(account: Account) -> list[str]:
    login = Login.objects.filter(account=account, kind=Login.Kind.ROOT).first()
    keys = list(account.access_keys.filter(user__isnull=True).order_by("slot"))
    certificates = list(account.signing_certificates.filter(user__isnull=True).defer("body"))
    return [
        ROOT,
        account.root_arn,
        _time(account.created_at),
        _truth(login is not None),
        _last_sign_in(login, login.last_login if login else None),
        _NOT_SUPPORTED,
        _NOT_SUPPORTED,
        _truth(account.mfa_devices.filter(is_root=True).exists()),
        *_keys(keys),
        *_certificates(certificates),
    ]


def _user(user: User, max_age: int | None) -> list[str]:
    login: Login | None = getattr(user, "login", None)
    return [
        user.name,
        user.arn,
        _time(user.created_at),
        _truth(login is not None),
        *_password(user, login, max_age),
        _truth(bool(user.devices)),  # type: ignore[attr-defined]
        *_keys(user.keys),  # type: ignore[attr-defined]
        *_certificates(user.certificates),  # type: ignore[attr-defined]
    ]


def _last_sign_in(login: Login | None, moment: datetime | None) -> str:
    if login is None:
        return _NONE
    return _time(moment) if moment else _NEVER


def _password(user: User, login: Login | None, max_age: int | None) -> tuple[str, str, str]:
    """Last used, last changed, next rotation."""
    if login is None:
        return (_NONE, _NONE, _NONE)
    changed = login.password_changed_at
    return (
        _last_sign_in(login, user.password_last_used),
        _time(changed),
        _time(changed + timedelta(days=max_age)) if max_age else _NONE,
    )


def _keys(keys: list[AccessKey]) -> list[str]:
    by_slot = {key.slot: key for key in keys}
    cells: list[str] = []
    for slot in (1, 2):
        cells += _key(by_slot.get(slot))
    return cells


def _certificates(rows: list[SigningCertificate]) -> list[str]:
    """Whether each of the two signing certificates is active, and if so since when it is there."""
    by_slot = {row.slot: row for row in rows}
    cells: list[str] = []
    for slot in (1, 2):
        row = by_slot.get(slot)
        active = row is not None and row.is_active
        cells += [_truth(active), _time(row.uploaded_at) if row and active else _NONE]
    return cells


def _key(key: AccessKey | None) -> list[str]:
    if key is None:
        return ["false", _NONE, _NONE, _NONE, _NONE]
    used = key.last_used_at
    return [
        _truth(key.is_active),
        # Of a key that opens nothing AWS does not tell the age.
        _time(key.created_at) if key.is_active else _NONE,
        _time(used) if used else _NONE,
        (key.last_used_region or _NONE) if used else _NONE,
        (key.last_used_service or _NONE) if used else _NONE,
    ]


def _time(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()


def _truth(value: bool) -> str:
    return "true" if value else "false"
