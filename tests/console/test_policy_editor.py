"""The policy editor, and creating a managed policy with it: check, review, import."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.policies import get_policy
from accounts.caller import Caller
from tests.cast import ADMINISTRATOR, CallerWith, allow, arn, document
from tests.console.reading import hidden
from tests.console.written_policies import CREATE, LISTING, READING, edit_url, made, stored

TAGGED = {
    "tags-TOTAL_FORMS": "1", "tags-INITIAL_FORMS": "0", "tags-0-key": "team", "tags-0-value": "a",
}  # fmt: skip


@pytest.fixture
def browser(sign_in: Callable[..., Client], admin: Caller) -> Client:
    """The administrator's."""
    return sign_in(admin)


# --- The editor -----------------------------------------------------------------------------------


def test_a_new_policy_begins_with_the_version_and_one_statement_to_fill_in(browser):
    page = browser.get(CREATE)
    assert page.status_code == 200
    begun = json.loads(page.context["editor"].document)
    assert begun["Version"] == "2012-10-17"
    assert [each["Sid"] for each in begun["Statement"]] == ["Statement1"]


def test_a_new_policy_begins_as_a_form_and_may_be_begun_as_json(browser):
    page = browser.get(CREATE)
    assert page.context["editor"].mode == "visual"
    assert page.context["editor"].visual.opened.number == 1
    page = browser.get(CREATE, {"mode": "json"})
    assert page.context["editor"].mode == "json"
    assert "data-policy-text" in page.content.decode()


def test_a_new_inline_policy_begins_as_a_form_too(browser, bob):
    page = browser.get(reverse("console:user-create-inline-policy", args=["bob"]))
    assert page.context["editor"].mode == "visual"


def test_a_policy_that_is_there_begins_as_json_unless_asked_otherwise(browser, admin):
    made(admin)
    assert browser.get(edit_url()).context["editor"].mode == "json"
    page = browser.get(edit_url(), {"mode": "visual"})
    assert page.context["editor"].mode == "visual"
    assert page.context["editor"].document == READING


@pytest.mark.parametrize("mode", ["visual", "json"])
def test_nothing_is_said_of_a_new_policy_before_something_was_written(browser, mode):
    page = browser.get(CREATE, {"mode": mode})
    assert [number for _, _, number in page.context["editor"].counts] == [0, 0, 0, 0]
    turned = browser.post(
        CREATE, hidden(page) | {"mode": [mode, "json"], "document": skeleton(page)}
    )
    assert [number for _, _, number in turned.context["editor"].counts] == [0, 0, 0, 0]


@pytest.mark.parametrize("pressed", [{"check": "1"}, {"go": "review"}])
def test_all_is_said_once_somebody_asks_or_goes_on(browser, pressed):
    page = browser.get(CREATE)
    shown = browser.post(CREATE, {"mode": "json", "document": skeleton(page), **pressed})
    counted = {label: number for _, label, number in shown.context["editor"].counts}
    assert counted["Errors"] == 2
    assert shown.status_code == (422 if "go" in pressed else 200)


def skeleton(page) -> str:
    """The text that the editor begins with."""
    return str(page.context["editor"].document)


def test_checking_says_what_is_wrong_where_and_saves_nothing(browser):
    text = (
        '{\n "Version": "2012-10-17",\n "Statement": [{"Effect": "allow", "Action": "s3:Foo"}]\n}'
    )
    page = browser.post(CREATE, {"document": text, "mode": "json", "check": "1"})
    assert page.status_code == 200
    shown = page.content.decode()
    assert "INVALID_EFFECT" in shown
    assert "INVALID_ACTION" in shown
    assert 'data-line="3"' in shown
    counted = {label: number for _, label, number in page.context["editor"].counts}
    assert list(counted) == ["Security", "Errors", "Warnings", "Suggestions"]
    assert counted["Errors"] >= 2


def test_errors_keep_one_from_going_on_and_the_text_stays(browser):
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]}'
    page = browser.post(CREATE, {"document": text, "mode": "json", "go": "review"})
    assert page.status_code == 422
    assert page.context["editor"].document == text
    assert "console/policies/edit.html" in [each.name for each in page.templates]


def test_warnings_and_suggestions_do_not(browser):
    text = document(allow("iam:PassRole"))
    page = browser.post(CREATE, {"document": text, "mode": "json", "go": "review"})
    assert page.status_code == 200
    assert ("warning", "Security", 1) in page.context["editor"].counts
    assert "console/policies/review.html" in [each.name for each in page.templates]


def test_white_space_does_not_count_towards_the_size(browser):
    text = READING.replace("{", "{\n" + " " * 7000, 1)
    page = browser.post(CREATE, {"document": text, "mode": "json", "check": "1"})
    size = len(re.sub(r"\s", "", READING))
    assert f"{6144 - size} of 6144 characters remaining" in page.content.decode()


def test_a_policy_that_is_too_long_is_refused_before_the_review(browser):
    text = document(allow("s3:GetObject", on="arn:aws:s3:::" + "a" * 6200))
    page = browser.post(CREATE, {"document": text, "mode": "json", "go": "review"})
    assert page.status_code == 422
    assert "Cannot exceed quota for PolicySize: 6144" in page.content.decode()


def test_a_managed_policy_of_2008_is_refused_before_the_review(browser):
    text = READING.replace("2012-10-17", "2008-10-17")
    page = browser.post(CREATE, {"document": text, "mode": "json", "go": "review"})
    assert page.status_code == 422
    assert "Policy document must be version 2012-10-17 or greater." in page.content.decode()


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", "{}" * 70_000, '{"a":' * 3000, "é\u2028"])
def test_no_text_breaks_the_page(browser, text):
    page = browser.post(CREATE, {"document": text, "mode": "json", "go": "review"})
    assert page.status_code == 422


def test_what_is_written_is_escaped(browser):
    text = READING.replace("photos", "</textarea><script>alert(1)</script>")
    page = browser.post(CREATE, {"document": text, "mode": "json", "check": "1"})
    assert "<script>alert" not in page.content.decode()


def test_turning_to_visual_and_back_saves_nothing_and_changes_nothing(browser, admin):
    text = '{"Version":"2012-10-17",\n "Statement": {"Effect":"Deny","Action":"*","Resource":"*"}}'
    sent = {"document": text, "mode": ["json", "visual"], "policy_name": "Photos"}
    page = browser.post(CREATE, sent)
    assert page.context["editor"].mode == "visual"
    back = hidden(page)
    page = browser.post(CREATE, back | {"mode": ["visual", "json"], "go": "save"})
    assert page.context["editor"].mode == "json"
    assert page.context["editor"].document == text
    assert not admin.home.policies.exists()


# --- Creating -------------------------------------------------------------------------------------


def test_a_policy_is_created_with_its_text_byte_for_byte(browser, admin):
    text = (
        '{ "Version" : "2012-10-17",\n\n\t"Statement":[ {"Effect":"Deny",'
        '"NotAction":"iam:*",\n"Resource":"*"} ] }\n'
    )
    page = browser.post(
        CREATE, {"document": text.replace("\n", "\r\n"), "mode": "json", "go": "review"}
    )
    assert page.status_code == 200
    sent = hidden(page) | {"go": "save", "policy_name": "Odd", "description": "Why <b>"}
    answer = browser.post(CREATE, sent, follow=True)
    assert stored(admin, "Odd") == text
    assert "Policy Odd created." in answer.content.decode()
    assert get_policy(admin, policy_arn=arn("policy/Odd")).description == "Why <b>"


def test_a_policy_is_created_with_its_tags(browser, admin):
    sent = {
        "document": READING, "mode": "json", "go": "save", "policy_name": "Photos",
        **TAGGED,
    }  # fmt: skip
    assert browser.post(CREATE, sent).status_code == 302
    assert admin.home.policies.get().tags == {"team": "a"}


def test_one_more_tag_row_without_scripts_stays_on_the_review(browser, admin):
    sent = {
        "document": READING, "mode": "json", "policy_name": "Photos", "add_tag": "1",
        **TAGGED,
    }  # fmt: skip
    page = browser.post(CREATE, sent)
    assert page.status_code == 200
    assert len(page.context["tags"].forms) == 2
    assert page.context["form"]["policy_name"].value() == "Photos"
    assert not admin.home.policies.exists()


def test_going_back_from_the_review_keeps_what_was_typed(browser):
    sent = {"document": READING, "mode": "json", "go": "edit", "policy_name": "Photos"}
    page = browser.post(CREATE, sent)
    assert ("policy_name", "Photos") in page.context["writing"].carried
    assert hidden(page)["policy_name"] == "Photos"


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "This field is required"), ("a b", "alphanumeric"), ("n" * 129, "at most 128"),
     ("..", "no browser")],
)  # fmt: skip
def test_a_bad_name_is_said_beside_the_field(browser, admin, name, said):
    sent = {"document": READING, "mode": "json", "go": "save", "policy_name": name}
    page = browser.post(CREATE, sent)
    assert page.status_code == 422
    assert said in page.content.decode()
    assert not admin.home.policies.exists()


def test_a_name_that_is_taken_is_said_beside_the_field(browser, admin):
    made(admin)
    sent = {"document": READING, "mode": "json", "go": "save", "policy_name": "photos"}
    page = browser.post(CREATE, sent)
    assert page.status_code == 422
    assert "Duplicate names are not allowed" in page.content.decode()


def test_a_description_of_1001_characters_is_refused(browser, admin):
    sent = {
        "document": READING, "mode": "json", "go": "save", "policy_name": "A",
        "description": "d" * 1001,
    }  # fmt: skip
    assert browser.post(CREATE, sent).status_code == 422


def test_the_review_sums_up_what_the_policy_does(browser):
    page = browser.post(CREATE, {"document": READING, "mode": "json", "go": "review"})
    shown = page.content.decode()
    assert re.search(r"Allow <span class=\"counter\">\(1 of \d+ services\)", shown)
    assert "Limited: Read" in shown
    assert "arn:aws:s3:::photos/*" in shown
    assert re.search(r"Show remaining \d+ services", shown)


def test_who_may_not_create_policies_sees_it_and_is_refused(sign_in, alice):
    browser = sign_in(alice)
    assert "You need iam:CreatePolicy." in browser.get(CREATE).content.decode()
    sent = {"document": READING, "mode": "json", "go": "save", "policy_name": "Photos"}
    assert browser.post(CREATE, sent).status_code == 403
    assert not alice.home.policies.exists()


# --- Importing ------------------------------------------------------------------------------------


def test_an_imported_policy_takes_the_place_of_the_text_as_its_author_wrote_it(browser, admin):
    text = (
        '{"Version":"2012-10-17",\r\n   "Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'
    )
    made(admin, text=text)
    sent = {"document": READING, "mode": "json", "go": "replace", "import": arn("policy/Photos")}
    page = browser.post(CREATE, sent)
    assert page.context["editor"].document == text
    sent = hidden(page) | {"go": "save", "policy_name": "Copy", "document": text}
    browser.post(CREATE, sent)
    assert stored(admin, "Copy") == text


def test_imported_statements_come_after_those_that_are_there(browser, admin):
    made(admin, text=LISTING)
    written = READING.replace(": ", " :  ")
    sent = {
        "document": written,
        "mode": "json",
        "go": "merge",
        "import": [arn("policy/Photos"), ADMINISTRATOR],
    }
    after = browser.post(CREATE, sent).context["editor"].document
    assert [each["Action"] for each in json.loads(after)["Statement"]] == [
        ["s3:GetObject"],
        ["s3:ListBucket"],
        "*",
    ]
    assert after.startswith(written[: written.rindex("}]")])


def test_importing_into_the_skeleton_leaves_nothing_of_it(browser):
    begun = browser.get(CREATE).context["editor"].document
    sent = {"document": begun, "mode": "json", "go": "merge", "import": ADMINISTRATOR}
    after = browser.post(CREATE, sent).context["editor"].document
    assert json.loads(after)["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]


def test_the_list_to_import_from_is_searched_and_keeps_the_text(browser):
    sent = {
        "document": READING,
        "mode": "json",
        "import-find": "1",
        "import-search": "AdministratorAccess",
    }
    page = browser.post(CREATE, sent)
    assert page.status_code == 200
    assert "AdministratorAccess" in page.content.decode()
    assert hidden(page)["document"] == READING


@pytest.mark.parametrize(
    ("chosen", "verb", "said"),
    [
        ([], "merge", "Choose a policy first"),
        (["arn:aws:iam::aws:policy/NoSuchPolicyAtAll"], "merge", "was not found"),
        (["nonsense" * 4], "replace", "is not valid"),
        ([arn("policy/Secret", "444455556666")], "replace", "was not found"),
        ([ADMINISTRATOR, ADMINISTRATOR.replace("Admin", "Read")], "replace", "Only one policy"),
    ],
)
def test_what_can_not_be_imported_is_said_and_the_text_stays(browser, chosen, verb, said):
    page = browser.post(CREATE, {"document": READING, "mode": "json", "go": verb, "import": chosen})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert page.context["editor"].document == READING


def test_nothing_is_merged_into_what_is_no_policy(browser):
    sent = {"document": "{", "mode": "json", "go": "merge", "import": ADMINISTRATOR}
    page = browser.post(CREATE, sent)
    assert page.status_code == 422
    assert page.context["editor"].document == "{"


def test_who_may_not_read_a_policy_can_not_import_it(sign_in, caller_with: CallerWith, admin):
    made(admin)
    browser = sign_in(caller_with(allow("iam:CreatePolicy", "iam:ListPolicies")))
    sent = {"document": LISTING, "mode": "json", "go": "replace", "import": arn("policy/Photos")}
    page = browser.post(CREATE, sent)
    assert page.context["editor"].document == LISTING
    assert "iam:GetPolicy" in page.content.decode()


def test_a_policy_of_aws_is_copied_and_not_edited(browser):
    page = browser.get(reverse("console:policy-edit", args=[ADMINISTRATOR]))
    assert page.status_code == 200
    assert f"?copy={ADMINISTRATOR.replace(':', '%3A').replace('/', '%2F')}" in page.content.decode()
    copied = browser.get(CREATE, {"copy": ADMINISTRATOR}).context["editor"].document
    assert json.loads(copied)["Statement"][0]["Action"] == "*"


def test_pages_take_as_many_queries_with_many_policies_as_with_few(
    browser, admin, django_assert_max_num_queries
):
    made(admin)
    for number in range(60):
        made(admin, f"Policy{number:02}")
    sent = {"document": LISTING, "mode": "json", "go": "review"}
    for url in (CREATE, edit_url()):
        with django_assert_max_num_queries(20):
            browser.get(url)
        with django_assert_max_num_queries(20):
            browser.post(url, sent)
        with django_assert_max_num_queries(20):
            browser.post(url, sent | {"go": "import"})
