"""The wizard that makes users, beyond one user with a password: several, keys, three options."""

from __future__ import annotations

import csv
import html
import io
from typing import Any

import pytest

from accounts import vault
from accounts.models import AccessKey, InlinePolicy, Login, PasswordPolicy
from tests.cast import allow, arn, deny, document, new_user
from tests.console.reading import markup_of, queries_of
from tests.console.things import attach, new_group

WIZARD = "/console/iam/create-user/"
TOKEN = "0123456789abcdef"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
CREATED = "/console/iam/created-users/0123456789abcdef/"


def sent(*names: str, **more: Any) -> dict[str, Any]:
    """What the last page sends of all pages."""
    fields = {"user_name": names[0], "password_kind": "auto", "go": "4", "wizard": TOKEN}
    fields |= {f"user_name_{number}": name for number, name in enumerate(names[1:], start=2)}
    return fields | {"tags-TOTAL_FORMS": 0, "tags-INITIAL_FORMS": 0} | more


def console(**more: Any) -> dict[str, Any]:
    return {"console_access": "on", "password_reset_required": "on"} | more


def secrets_of(page: str) -> list[str]:
    pieces = page.split('class="secret-value"')[1:]
    return [html.unescape(piece.partition(">")[2].partition("<")[0]) for piece in pieces]


# --- Several users -------------------------------------------------------------------------------


def test_three_users_get_each_a_password_and_a_key_of_their_own(sign_in, admin, account):
    browser = sign_in(admin)
    response = browser.post(
        WIZARD, sent("anna", "ben", "", "cora", programmatic_access="on", **console()), follow=True
    )
    assert response.redirect_chain == [(CREATED, 302)]
    page = markup_of(response)
    assert "3 users created successfully." in page
    shown = secrets_of(page)
    assert len(set(shown)) == 6
    for number, name in enumerate(("anna", "ben", "cora")):
        user = account.users.get(name=name)
        assert Login.objects.get(user=user).check_password(shown[2 * number])
        key = user.access_keys.get()
        place = vault.key_place(account.id, key.access_key_id)
        assert vault.unseal(key.sealed_secret, place) == shown[2 * number + 1]
        draft = page[page.index("mailto:") :].partition('"')[0]
        assert not any(secret in draft for secret in shown)


def test_one_more_field_comes_with_each_press_up_to_ten(sign_in, admin):
    browser = sign_in(admin)
    fields = {"user_name": "anna", "console_access": "on", "add_user": "1"}
    page = markup_of(browser.post(WIZARD, fields))
    assert 'name="user_name_2"' in page
    assert 'value="anna"' in page
    assert "This field is required" not in page
    fields |= {f"user_name_{number}": f"u{number}" for number in range(2, 10)}
    page = markup_of(browser.post(WIZARD, fields))
    assert 'name="user_name_10"' in page
    assert "Ten users can be created in one go." in page
    page = markup_of(browser.post(WIZARD, fields | {"user_name_10": "x", "user_name_11": "y"}))
    assert 'name="user_name_11"' not in page


def test_a_password_that_was_typed_outlives_another_name(sign_in, admin, account):
    browser = sign_in(admin)
    typed = {"password_kind": "custom", "password": "Custom-horse-9", "wizard": TOKEN}
    page = markup_of(
        browser.post(WIZARD, console(**typed) | {"user_name": "anna", "add_user": "1"})
    )
    assert "Custom-horse-9" not in page
    assert "The password you typed is kept." in page
    browser.post(WIZARD, sent("anna", "ben", **console(password_kind="custom")))
    assert account.users.get(name="ben").login.check_password("Custom-horse-9")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("anna", "ANNA"), "ANNA is here twice."),
        (("anna", "a b"), "must contain only alphanumeric characters"),
        (("anna", "alice"), "User with name alice already exists."),
        (("anna", "x" * 65), "at most 64 characters"),
        (("anna", ".."), "no browser could open"),
    ],
)
def test_what_is_wrong_with_a_name_stands_beside_it(sign_in, admin, alice, account, names, said):
    response = sign_in(admin).post(WIZARD, sent(*names, go="2"))
    assert response.status_code == 422
    assert said in markup_of(response)
    assert 'id="id_user_name_2_error"' in markup_of(response)
    assert not account.users.filter(name="anna").exists()


def test_one_that_fails_keeps_nobody_else_from_being_made(sign_in, caller_with, account):
    who = caller_with(allow("iam:CreateUser", "iam:CreateLoginProfile"))
    PasswordPolicy.objects.create(account=account, allow_users_to_change_password=True)
    new_user(account, "ben")
    browser = sign_in(who)
    response = browser.post(WIZARD, sent("anna", "ben", **console()))
    assert response.status_code == 409
    page = markup_of(response)
    assert "User with name ben already exists." in page
    assert page.count("<span>Done</span>") == 2
    assert page.count("<span>Not tried</span>") == 1
    assert CREATED in page
    # The one that was made is shown, and only that one.
    shown = markup_of(browser.get(CREATED))
    assert "anna" in shown
    assert len(secrets_of(shown)) == 1
    assert not Login.objects.filter(user__name="ben").exists()


def test_nobody_is_made_where_one_of_them_may_not_be(sign_in, caller_with, account):
    who = caller_with(
        allow("iam:CreateUser", "iam:CreateAccessKey"),
        deny("iam:CreateAccessKey", on=arn("user/ben")),
    )
    browser = sign_in(who)
    response = browser.post(WIZARD, sent("anna", "ben", programmatic_access="on"))
    assert response.status_code == 422
    assert "Nothing was done: you also need iam:CreateAccessKey" in markup_of(response)
    assert not account.users.filter(name="anna").exists()


# --- Keys and files ------------------------------------------------------------------------------


def test_a_user_for_programs_gets_a_key_and_no_password(sign_in, admin, account):
    page = markup_of(
        sign_in(admin).post(WIZARD, sent("robot", programmatic_access="on"), follow=True)
    )
    robot = account.users.get(name="robot")
    assert not Login.objects.filter(user=robot).exists()
    assert robot.access_keys.get().access_key_id in page
    assert "Download classic .csv file" in page
    assert "Download .csv file" not in page


def test_the_classic_file_has_the_keys_and_the_other_one_not(sign_in, admin, account):
    browser = sign_in(admin)
    for button, width in (("today", 3), ("classic", 5)):
        names = (f"anna-{button}", f"=1+1{button}")
        page = browser.post(
            WIZARD, sent(*names, programmatic_access="on", **console()), follow=True
        )
        passwords = secrets_of(markup_of(page))
        response = browser.post(f"{CREATED}file/", {button: "1"})
        assert response["Content-Disposition"] == 'attachment; filename="credentials.csv"'
        rows = list(csv.reader(io.StringIO(response.content.decode(), newline="")))
        assert all(len(row) == width for row in rows)
        url_ = f"http://localhost:8000/signin/{account.id}/"
        if button == "today":
            assert rows[0] == ["User name", "Password", "Console sign-in URL"]
            assert rows[1] == [names[0], passwords[0], url_]
        else:
            header = "User name,Password,Access key ID,Secret access key,Console login link"
            assert rows[0] == header.split(",")
            key = AccessKey.objects.get(user__name=names[0]).access_key_id
            assert rows[1] == [names[0], passwords[0], key, passwords[1], url_]
        assert rows[2][0] == f"'=1+1{button}"
        # The secret keys that today's file has no place for must not go with it.
        assert browser.get(CREATED).status_code == (200 if button == "today" else 410)


def test_what_was_made_is_shown_to_nobody_else(sign_in, admin, root):
    browser = sign_in(admin)
    made = browser.post(WIZARD, sent("robot", programmatic_access="on"), follow=True)
    secret = secrets_of(markup_of(made))[0]
    assert secret not in str(dict(browser.session.items()))
    assert sign_in(root).get(CREATED).status_code == 410


# --- Three options -------------------------------------------------------------------------------


def test_policies_are_attached_directly(sign_in, admin, account):
    new_group(account, "Developers")
    fields = {"option": "attach", "policies": [READ_ONLY, POWER], "groups": ["Developers"]}
    sign_in(admin).post(WIZARD, sent("anna", **fields))
    anna = account.users.get(name="anna")
    assert {row.managed_arn for row in anna.attachments.all()} == {READ_ONLY, POWER}
    # What was ticked under an option that is not chosen counts for nothing.
    assert not anna.groups.exists()


def test_permissions_are_copied_with_boundary_and_inline_policies(sign_in, admin, bob, account):
    new_group(account, "Developers", bob.user)
    attach(bob.user, READ_ONLY)
    text = document(allow("s3:*"))
    InlinePolicy.objects.create(account=account, user=bob.user, name="mine", document=text)
    bob.user.boundary_managed_arn = POWER
    bob.user.save()
    browser = sign_in(admin)
    fields = {"option": "copy", "copy_from": "bob"}
    review = markup_of(browser.post(WIZARD, sent("anna", **fields, go="3")))
    for words in (
        "Copied from user bob.",
        "Developers",
        "ReadOnlyAccess",
        "mine",
        "Customer inline",
        "Permissions boundary",
    ):
        assert words in review, words
    browser.post(WIZARD, sent("anna", **fields))
    anna = account.users.get(name="anna")
    assert [group.name for group in anna.groups.all()] == ["Developers"]
    assert [row.managed_arn for row in anna.attachments.all()] == [READ_ONLY]
    assert anna.inline_policies.get().document == text
    assert anna.boundary_arn == POWER


@pytest.mark.parametrize("chosen", ["", "nobody", "eve", "<b>"])
def test_only_a_user_that_there_is_can_be_copied(sign_in, admin, eve, account, chosen):
    fields = {"option": "copy", "copy_from": chosen} if chosen else {"option": "copy"}
    for go in ("3", "4"):
        response = sign_in(admin).post(WIZARD, sent("anna", **fields, go=go))
        assert response.status_code in (400, 422)
        assert "<b>" not in markup_of(response)
    assert not account.users.filter(name="anna").exists()


def test_what_may_not_be_read_is_not_copied(sign_in, caller_with, bob, account):
    who = caller_with(allow("iam:*"), deny("iam:ListUserPolicies"))
    response = sign_in(who).post(WIZARD, sent("anna", option="copy", copy_from="bob"))
    assert response.status_code == 422
    assert "For bob you need iam:ListUserPolicies." in markup_of(response)
    assert not account.users.filter(name="anna").exists()


def test_a_group_is_made_on_the_way_and_ticked(sign_in, admin, account):
    browser = sign_in(admin)
    fields = sent("anna", **console())
    page = markup_of(browser.post(WIZARD, fields | {"go": "group"}))
    assert "The group is made at once" in page
    assert 'name="user_name" value="anna"' in page
    made = {"go": "make-group", "group_name": "Testers", "group_policies": [READ_ONLY]}
    page = markup_of(browser.post(WIZARD, fields | made))
    assert "User group Testers created." in page
    assert "checked" in page[page.index('value="Testers"') :].partition(">")[0]
    group = account.groups.get(name="Testers")
    assert [row.managed_arn for row in group.attachments.all()] == [READ_ONLY]
    for name, said in (
        ("Testers", "already exists"),
        ("", "required"),
        ("a b", "must contain only alphanumeric"),
    ):
        response = browser.post(WIZARD, fields | {"go": "make-group", "group_name": name})
        assert response.status_code == 422
        assert said in html.unescape(markup_of(response))


def test_a_group_that_may_not_be_made_is_refused(sign_in, caller_with, account):
    who = caller_with(allow("iam:*"), deny("iam:AttachGroupPolicy"))
    made = {"go": "make-group", "group_name": "Testers", "group_policies": [READ_ONLY]}
    response = sign_in(who).post(WIZARD, sent("anna") | made)
    assert response.status_code == 422
    assert "you also need iam:AttachGroupPolicy" in markup_of(response)
    assert not account.groups.exists()


def test_a_boundary_is_chosen_shown_dropped_and_set(sign_in, admin, account):
    browser = sign_in(admin)
    page = markup_of(browser.post(WIZARD, sent("anna", go="boundary")))
    assert 'name="boundary"' in page
    assert 'type="radio"' in page
    page = markup_of(browser.post(WIZARD, sent("anna", go="2", boundary=POWER)))
    assert f"<code>{POWER}</code>" in page
    assert f'name="boundary" value="{POWER}"' in page
    page = markup_of(browser.post(WIZARD, sent("anna", go="no-boundary", boundary=POWER)))
    assert "Not set" in page
    assert 'name="boundary"' not in page
    browser.post(WIZARD, sent("anna", boundary=POWER))
    assert account.users.get(name="anna").boundary_arn == POWER


def test_the_permissions_ask_as_much_for_many_as_for_few(sign_in, admin, account):
    browser, post = sign_in(admin), sent("anna", go="2")
    new_group(account, "group")
    few = queries_of(browser, WIZARD, post)
    for number in range(30):
        new_group(account, f"group-{number}", new_user(account, f"user-{number}"))
    assert queries_of(browser, WIZARD, post) == few <= 20
