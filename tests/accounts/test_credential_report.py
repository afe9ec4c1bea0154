"""The credential report."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import passwords, signin
from accounts.actions import (
    access_keys,
    credential_report,
    login_profiles,
    password_policy,
    signing_certificates,
    users,
)
from accounts.actions.access_keys import update_access_key
from accounts.errors import ReportExpired, ReportNotPresent
from accounts.models import AccessKey
from tests.accounts import pems
from tests.cast import arn

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)


def report(caller):
    credential_report.generate_credential_report(caller, anew=True)
    content = credential_report.get_credential_report(caller).content
    assert content.splitlines()[0] == HEADER
    return {row["user"]: row for row in csv.DictReader(io.StringIO(content))}


def test_it_begins_with_the_root_user_whose_password_has_no_history(root):
    rows = report(root)
    assert next(iter(rows)) == "<root_account>"
    assert rows["<root_account>"]["arn"] == arn("root")
    assert rows["<root_account>"]["password_last_changed"] == "not_supported"
    assert rows["<root_account>"]["password_next_rotation"] == "not_supported"


def test_a_user_without_credentials_has_none_of_their_dates(root):
    users.create_user(root, user_name="plain")
    row = report(root)["plain"]
    assert row["password_enabled"] == "false"
    for column in ("password_last_used", "password_last_changed", "access_key_1_last_rotated"):
        assert row[column] == "N/A"
    assert (row["mfa_active"], row["cert_1_active"]) == ("false", "false")


def test_passwords_tell_when_they_are_to_be_changed(root):
    users.create_user(root, user_name="carol")
    login_profiles.create_login_profile(root, user_name="carol", password="Long-Enough-1!")
    row = report(root)["carol"]
    assert (row["password_enabled"], row["password_last_used"]) == ("true", "no_information")
    assert row["password_next_rotation"] == "N/A"
    password_policy.update_account_password_policy(root, max_password_age=90)
    row = report(root)["carol"]
    expected = (root.now + timedelta(days=90)).replace(microsecond=0).isoformat()
    assert row["password_next_rotation"] == expected


def test_both_keys_stand_in_their_slots_with_their_last_use(root):
    users.create_user(root, user_name="carol")
    first, second = (access_keys.create_access_key(root, user_name="carol").key for _ in range(2))
    update_access_key(root, user_name="carol", access_key_id=first.access_key_id, status="Inactive")
    AccessKey.objects.filter(pk=second.pk).update(
        last_used_at=root.now, last_used_region="us-east-1", last_used_service="sts"
    )
    row = report(root)["carol"]
    assert (row["access_key_1_active"], row["access_key_2_active"]) == ("false", "true")
    assert row["access_key_1_last_used_date"] == "N/A"
    assert row["access_key_2_last_used_service"] == "sts"
    access_keys.delete_access_key(root, user_name="carol", access_key_id=first.access_key_id)
    assert report(root)["carol"]["access_key_2_active"] == "true"


def test_a_report_must_be_made_first_and_expires_after_four_hours(root):
    with pytest.raises(ReportNotPresent) as refused:
        credential_report.get_credential_report(root)
    assert refused.value.status == 410
    credential_report.generate_credential_report(root)
    later = replace(root, now=root.now + timedelta(hours=4, seconds=1))
    with pytest.raises(ReportExpired):
        credential_report.get_credential_report(later)
    made = credential_report.generate_credential_report(later)
    assert (made.state, made.description.partition(".")[0]) == (
        "STARTED",
        "The last report has expired",
    )
    assert credential_report.get_credential_report(later).generated_at == later.now


def test_a_report_of_the_last_four_hours_is_the_answer_unless_it_is_asked_for_anew(root):
    assert credential_report.generate_credential_report(root).state == "STARTED"
    users.create_user(root, user_name="carol")
    soon = replace(root, now=root.now + timedelta(hours=4))
    assert credential_report.generate_credential_report(soon).state == "COMPLETE"
    kept = credential_report.get_credential_report(soon)
    assert (kept.generated_at, "carol" in kept.content) == (root.now, False)
    assert credential_report.generate_credential_report(soon, anew=True).state == "STARTED"
    made = credential_report.get_credential_report(soon)
    assert (made.generated_at, "carol" in made.content) == (soon.now, True)


def test_a_key_that_was_used_says_when_where_and_for_what_also_when_it_is_switched_off(root):
    users.create_user(root, user_name="carol")
    key = access_keys.create_access_key(root, user_name="carol").key
    moment = root.now.isoformat()
    before = report(root)["carol"]
    assert before["access_key_1_last_rotated"] == moment
    assert before["access_key_1_last_used_region"] == "N/A"
    AccessKey.objects.update(
        last_used_at=root.now, last_used_region="eu-west-1", last_used_service="s3"
    )
    update_access_key(root, user_name="carol", access_key_id=key.access_key_id, status="Inactive")
    row = report(root)["carol"]
    told = [row[f"access_key_1_{name}"] for name in (
        "active", "last_rotated", "last_used_date", "last_used_region", "last_used_service",
    )]  # fmt: skip
    assert told == ["false", "N/A", moment, "eu-west-1", "s3"]
    AccessKey.objects.update(last_used_region="")
    assert report(root)["carol"]["access_key_1_last_used_region"] == "N/A"


def test_signing_certificates_tell_since_when_they_are_active(root):
    users.create_user(root, user_name="carol")
    made = signing_certificates.upload_signing_certificate(
        root, user_name="carol", certificate_body=pems.shared().body
    )
    row = report(root)["carol"]
    assert (row["cert_1_active"], row["cert_1_last_rotated"]) == ("true", root.now.isoformat())
    assert (row["cert_2_active"], row["cert_2_last_rotated"]) == ("false", "N/A")
    signing_certificates.update_signing_certificate(
        root, user_name="carol", certificate_id=made.certificate_id, status="Inactive"
    )
    row = report(root)["carol"]
    assert (row["cert_1_active"], row["cert_1_last_rotated"]) == ("false", "N/A")


def test_roots_password_is_used_by_signing_in_and_of_five_minutes_the_first_use_counts(root):
    new = passwords.hashed("Correct-h0rse-1", passwords.new_history_salt())
    passwords.new_login(root.home, None, new, root.now)
    row = report(root)["<root_account>"]
    assert (row["password_enabled"], row["password_last_used"]) == ("true", "no_information")
    for minutes in (0, 4):
        signin.enter_console(replace(root, now=root.now + timedelta(minutes=minutes)))
    assert report(root)["<root_account>"]["password_last_used"] == root.now.isoformat()
    later = replace(root, now=root.now + timedelta(minutes=5))
    signin.enter_console(later)
    assert report(root)["<root_account>"]["password_last_used"] == later.now.isoformat()


def test_of_five_minutes_the_first_use_of_a_users_password_counts(root, alice):
    for minutes, counts in ((0, True), (4, False), (5, True)):
        moment = root.now + timedelta(minutes=minutes)
        signin.enter_console(replace(alice, now=moment))
        alice.user.refresh_from_db()
        assert (alice.user.password_last_used == moment) is counts


def test_it_takes_as_many_queries_for_sixty_users_as_for_five(root):
    counts = []
    for start, end in ((0, 5), (5, 60)):
        for number in range(start, end):
            users.create_user(root, user_name=f"user{number}")
        with CaptureQueriesContext(connection) as queries:
            credential_report.generate_credential_report(root, anew=True)
        counts.append(len(queries))
    assert counts[0] >= counts[1] - 1, "the first one inserts, the others update"


def test_a_formula_in_a_name_is_a_name(root):
    """User names can begin with = or @; the report keeps AWS's format, which escapes nothing."""
    users.create_user(root, user_name="=1+1")
    assert "=1+1" in report(root)
