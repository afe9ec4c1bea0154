"""A user's permissions: what each policy says, what is added and copied, who may, suspension."""

from __future__ import annotations

from urllib.parse import urlencode

from accounts.models import Event, InlinePolicy
from iamconsole.console.users import suspension
from tests.cast import allow, caller_of, deny, document, new_administrator, new_user
from tests.console.reading import markup_of, queries_of, seen_version, tag_rows, url
from tests.console.things import attach, new_group

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


def shown(browser, user: str, place: str) -> str:
    """The tab with one policy opened."""
    return markup_of(browser.get(f"{url('user', user)}?{urlencode({'show': place})}"))


# --- What a policy says --------------------------------------------------------------------------


def test_a_row_opens_to_summary_and_json(sign_in, admin, bob, account):
    group = new_group(account, "Developers", bob.user)
    attach(bob.user, READ_ONLY)
    mine, ours = (document(allow(f"s3:{name}Object")) for name in ("Get", "Put"))
    InlinePolicy.objects.create(account=account, user=bob.user, name="mine", document=mine)
    InlinePolicy.objects.create(account=account, group=group, name="mine", document=ours)
    browser = sign_in(admin)
    page = shown(browser, "bob", "/inline:mine")
    assert "s3:GetObject" in page
    assert "s3:PutObject" not in page
    assert page.count('aria-expanded="true">Hide') == 1
    # A group may have an inline policy of the same name.
    assert "s3:PutObject" in shown(browser, "bob", "Developers/inline:mine")
    assert "Document of ReadOnlyAccess" in shown(browser, "bob", f"/{READ_ONLY}")
    for nonsense in ("", "/", "/inline:other", "Nobody/inline:mine", "<b>", "a\0b"):
        page = shown(browser, "bob", nonsense)
        assert 'aria-expanded="true">Hide' not in page
        assert "<b>" not in page


def test_a_policy_that_may_not_be_read_says_so_in_its_row(sign_in, caller_with, bob, account):
    text = document(allow("s3:GetObject"))
    InlinePolicy.objects.create(account=account, user=bob.user, name="mine", document=text)
    who = caller_with(allow("iam:*"), deny("iam:GetUserPolicy"))
    page = shown(sign_in(who), "bob", "/inline:mine")
    assert "You don't have permission to iam:GetUserPolicy." in page
    assert "s3:GetObject" not in page


def test_a_hostile_document_stays_text(sign_in, admin, bob, account):
    text = '{"Version": "2012-10-17", "Statement": [], "Id": "</pre><script>alert(1)</script>"}'
    InlinePolicy.objects.create(account=account, user=bob.user, name="mine", document=text)
    page = shown(sign_in(admin), "bob", "/inline:mine")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_nine_groups_take_as_many_queries_as_one(sign_in, admin, bob, account):
    browser = sign_in(admin)
    for number in range(9):
        group = new_group(account, f"group-{number}", bob.user)
        attach(group)
        InlinePolicy.objects.create(
            account=account, group=group, name="mine", document=document(allow("s3:*"))
        )
        if number == 0:
            one = queries_of(browser, url("user", "bob"))
    assert queries_of(browser, url("user", "bob")) == one <= 20
    assert "Permissions policies" in markup_of(browser.get(url("user", "bob")))


# --- Adding --------------------------------------------------------------------------------------


def test_what_is_added_is_reviewed_first(sign_in, admin, bob, account):
    new_group(account, "Developers")
    browser = sign_in(admin)
    address = url("user-add-permissions", "bob")
    sent = {"option": "groups", "groups": ["Developers"]}
    page = markup_of(browser.post(address, sent | {"go": "review"}))
    assert "Add to group Developers" in page
    assert not bob.user.groups.exists()
    assert "Permissions options" in markup_of(browser.post(address, sent | {"go": "choose"}))
    browser.post(address, sent | {"go": "add"})
    assert [group.name for group in bob.user.groups.all()] == ["Developers"]


def test_permissions_are_copied_but_for_what_the_user_has(sign_in, admin, bob, account):
    alice = new_user(account, "alice")
    new_group(account, "Developers", alice)
    attach(alice, READ_ONLY)
    attach(alice, POWER)
    attach(bob.user, POWER)
    text = document(allow("s3:*"))
    for user, name in ((alice, "theirs"), (alice, "both"), (bob.user, "both")):
        InlinePolicy.objects.create(account=account, user=user, name=name, document=text)
    alice.boundary_managed_arn = VIEW_ONLY
    alice.save()
    browser = sign_in(admin)
    address = url("user-add-permissions", "bob")
    sent = {"option": "copy", "copy_from": "alice"}
    page = markup_of(browser.post(address, sent | {"go": "review"}))
    for words in (
        "Add to group Developers",
        "Attach policy ReadOnlyAccess",
        "policy theirs",
        VIEW_ONLY,
    ):
        assert words in page, words
    for words in ("Attach policy PowerUserAccess", "policy both"):
        assert words not in page, words
    browser.post(address, sent | {"go": "add"})
    bob.user.refresh_from_db()
    assert {row.managed_arn for row in bob.user.attachments.all()} == {READ_ONLY, POWER}
    assert {row.name for row in bob.user.inline_policies.all()} == {"theirs", "both"}
    assert bob.user.boundary_arn == VIEW_ONLY
    response = browser.post(address, sent | {"go": "add"})
    assert response.status_code in (302, 422)


def test_adding_nothing_is_told(sign_in, admin, bob):
    response = sign_in(admin).post(url("user-add-permissions", "bob"), {"go": "review"})
    assert response.status_code == 422
    assert "Choose something first" in markup_of(response)


# --- Numbers, and who may ------------------------------------------------------------------------


def test_tabs_are_numbered_without_asking_what_would_be_refused(sign_in, caller_with, bob, account):
    new_group(account, "Developers", bob.user)
    bob.user.tags = {"team": "red", "floor": "2"}
    bob.user.save()
    page = markup_of(sign_in(caller_with(allow("iam:*"))).get(url("user", "bob")))
    assert "Groups (1)" in page
    assert "Tags (2)" in page
    who = caller_with(allow("iam:*"), deny("iam:ListGroupsForUser", "iam:GetUser"))
    Event.objects.all().delete()
    page = markup_of(sign_in(who).get(url("user-security-credentials", "bob")))
    assert "Groups (" not in page
    assert "Tags (" not in page
    refused = Event.objects.filter(outcome="denied").values_list("action", flat=True)
    assert "iam:ListGroupsForUser" not in refused


def test_buttons_say_what_is_lacking(sign_in, caller_with, bob, account):
    new_group(account, "Developers", bob.user)
    attach(bob.user)
    browser = sign_in(caller_with(allow("iam:Get*", "iam:List*")))
    lacking = {
        "user": ("iam:AttachUserPolicy", "iam:DetachUserPolicy", "iam:PutUserPolicy"),
        "user-groups": ("iam:AddUserToGroup", "iam:RemoveUserFromGroup"),
        "user-tags": ("iam:TagUser",),
        "user-security-credentials": ("iam:CreateAccessKey",),
    }
    for tab, actions in lacking.items():
        page = markup_of(browser.get(url(tab, "bob")))
        for action in actions:
            assert f"You need {action}." in page, (tab, action)


def test_whoever_may_only_put_people_into_groups_may_add_permissions(sign_in, caller_with, bob):
    browser = sign_in(caller_with(allow("iam:Get*", "iam:List*", "iam:AddUserToGroup")))
    page = markup_of(browser.get(url("user", "bob")))
    assert f'href="{url("user-add-permissions", "bob")}"' in page


# --- What somebody else changed ------------------------------------------------------------------


def test_an_inline_policy_changed_meanwhile_is_not_deleted_unseen(sign_in, admin, bob, account):
    row = InlinePolicy.objects.create(
        account=account, user=bob.user, name="mine", document=document(allow("s3:*"))
    )
    browser = sign_in(admin)
    address, named = url("user-remove-policy", "bob"), {"policy": "inline:mine"}
    seen = seen_version(markup_of(browser.get(address, named)))
    row.document = document(allow("sqs:*"))
    row.save()
    response = browser.post(address, named | {"seen_version": seen})
    assert response.status_code == 409
    assert "sqs:*" in markup_of(response)
    assert bob.user.inline_policies.exists()
    again = seen_version(markup_of(response))
    assert browser.post(address, named | {"seen_version": again}).status_code == 302
    assert not bob.user.inline_policies.exists()


def test_tags_changed_meanwhile_are_not_overwritten(sign_in, admin, bob):
    browser = sign_in(admin)
    address = url("user-edit-tags", "bob")
    seen = seen_version(markup_of(browser.get(address)))
    bob.user.tags = {"team": "theirs"}
    bob.user.save()
    sent = tag_rows(("team", "mine")) | {"seen_version": seen}
    response = browser.post(address, sent)
    assert response.status_code == 409
    assert "team: theirs" in markup_of(response)
    assert "team: mine" in markup_of(response)
    bob.user.refresh_from_db()
    assert bob.user.tags == {"team": "theirs"}


def test_groups_changed_meanwhile_are_not_left_unseen(sign_in, admin, bob, account):
    new_group(account, "Developers", bob.user)
    browser = sign_in(admin)
    address, named = url("user-remove-from-groups", "bob"), {"group": "Developers"}
    seen = seen_version(markup_of(browser.get(address, named)))
    new_group(account, "Testers", bob.user)
    assert browser.post(address, named | {"seen_version": seen}).status_code == 409
    assert bob.user.groups.count() == 2


# --- Suspension ----------------------------------------------------------------------------------


def test_a_suspended_user_is_refused_everything_until_it_ends(sign_in, admin, account):
    browser, theirs = sign_in(admin), sign_in(new_administrator(account, "carol"))
    carol = account.users.get(name="carol")
    dialog = markup_of(browser.get(url("user-suspend", "carol")))
    assert "SuspendedUser" in dialog
    assert "&quot;Effect&quot;: &quot;Deny&quot;" in dialog
    page = markup_of(browser.post(url("user-suspend", "carol"), follow=True))
    assert "User carol is suspended." in page
    assert "This user is suspended" in page
    assert carol.inline_policies.get().document == suspension.DOCUMENT
    assert "Access denied" in markup_of(theirs.get(url("users")))
    page = markup_of(browser.post(url("user-resume", "carol"), follow=True))
    assert "User carol is no longer suspended." in page
    assert not carol.inline_policies.exists()
    assert "Access denied" not in markup_of(theirs.get(url("users")))


def test_whoever_would_suspend_himself_is_warned(sign_in, admin, bob):
    browser = sign_in(admin)
    assert "This is you" in markup_of(browser.get(url("user-suspend", "admin")))
    assert "This is you" not in markup_of(browser.get(url("user-suspend", "bob")))


def test_the_suspension_of_whoever_is_not_suspended_cant_be_ended(sign_in, admin, bob):
    browser = sign_in(admin)
    response = browser.get(url("user-resume", "bob"), follow=True)
    assert response.redirect_chain == [(url("user", "bob"), 302)]
    page = markup_of(response)
    assert "User bob is not suspended." in page
    assert "End suspension" not in page
    assert browser.get(url("user-resume", "nobody")).status_code == 404


def test_nobody_suspends_without_permission_or_in_another_account(sign_in, alice, eve, bob):
    for who, status in ((alice, 403), (eve, 404)):
        for verb in ("user-suspend", "user-resume"):
            assert sign_in(who).post(url(verb, "bob")).status_code == status
    assert not bob.user.inline_policies.exists()
    assert caller_of(bob.user).user == bob.user
