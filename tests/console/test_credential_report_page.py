"""The page of the credential report."""

from __future__ import annotations

import csv
import io

from django.urls import reverse

from accounts.actions.credential_report import COLUMNS
from accounts.models import CredentialReport
from tests.cast import allow, new_user
from tests.console.reading import text_of

PAGE = reverse("console:credential-report")


def test_the_file_has_the_documented_columns_and_a_row_for_root_and_every_user(
    admin, sign_in, account
):
    new_user(account, "bob")
    answer = sign_in(admin).post(PAGE)
    assert answer["Content-Type"].startswith("text/csv")
    assert "status_reports_" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert tuple(rows[0]) == COLUMNS
    assert [row[0] for row in rows[1:]] == ["<root_account>", "admin", "bob"]


def test_a_name_that_is_a_formula_is_made_harmless_in_the_file(admin, sign_in, account):
    new_user(account, "=1+1")
    assert "\n'=1+1," in sign_in(admin).post(PAGE).content.decode().replace("\r\n", "\n")


def test_the_consoles_file_is_as_of_now_whatever_report_there_is(admin, sign_in, account):
    browser = sign_in(admin)
    browser.post(PAGE)
    new_user(account, "bob")
    assert "\nbob," in browser.post(PAGE).content.decode().replace("\r\n", "\n")


def test_without_permission_the_button_says_what_is_missing_and_the_file_is_refused(
    caller_with, sign_in
):
    browser = sign_in(caller_with(allow("iam:GetCredentialReport")))
    assert "iam:GenerateCredentialReport" in text_of(browser.get(PAGE))
    assert browser.post(PAGE).status_code == 403
    assert not CredentialReport.objects.exists()
