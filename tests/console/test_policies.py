"""The pages of managed policies."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts import managed_policies
from accounts.caller import Caller
from accounts.engine import catalog
from accounts.models import Account, Policy
from tests.cast import allow, deny
from tests.console.reading import markup_of, queries_of, tag_rows, text_of, url, value_of
from tests.console.things import BILLING, READ_ONLY, give, new_group, new_policy, write

SignIn = Callable[..., Client]

LIST = reverse("console:policies")
PAGES = ("policy", "policy-json", "policy-entities", "policy-tags", "policy-versions")


@pytest.fixture
def reports(account: Account) -> Policy:
    """A customer managed policy."""
    return new_policy(account, "Reports", path="/team/")


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def address(arn: str) -> str:
    return reverse("console:policy", args=[arn])


def text_address(arn: str) -> str:
    return reverse("console:policy-json", args=[arn])


# --- List ----------------------------------------------------------------------------------------


def test_the_list_holds_the_accounts_policies_and_all_of_awss(as_admin, reports):
    shown = text_of(as_admin.get(LIST))
    assert f"Policies ({len(managed_policies.all()) + 1})" in shown
    shown = text_of(as_admin.get(LIST, {"search": "reports", "type": "customer"}))
    assert "Reports Customer managed None -" in shown


@pytest.mark.parametrize(
    ("kind", "there", "absent"),
    [
        ("customer", "Reports", "Billing"),
        ("job-function", "Billing", "AccessAnalyzerServiceRolePolicy"),
    ],
)
def test_the_list_is_narrowed_by_type(as_admin, reports, kind, there, absent):
    shown = text_of(as_admin.get(LIST, {"type": kind}))
    assert there in shown
    assert absent not in shown


def test_the_list_says_what_each_policy_is_used_as(as_admin, account, reports, alice):
    reports.attachments.create(
        account=account, group=new_group(account, "Auditors"), created_at=account.created_at
    )
    account.users.filter(name="alice").update(boundary=reports)
    shown = text_of(as_admin.get(LIST, {"type": "customer"}))
    assert "Permissions policy (1), Permissions boundary (1)" in shown


@pytest.mark.parametrize(
    ("used", "there", "absent"),
    [
        ("policy", "Reports", "Fence"),
        ("boundary", "Fence", "Reports"),
        ("both", "Twice", "Fence"),
        ("not-used", "Idle", "Twice"),
    ],
)
def test_the_list_is_narrowed_by_use(as_admin, account, reports, alice, bob, used, there, absent):
    fence, twice = new_policy(account, "Fence"), new_policy(account, "Twice")
    new_policy(account, "Idle")
    give(alice.user, reports)
    give(alice.user, twice)
    account.users.filter(name="alice").update(boundary=fence)
    account.users.filter(name="bob").update(boundary=twice)
    shown = text_of(as_admin.get(LIST, {"type": "customer", "used": used}))
    assert f"{there} Customer managed" in shown
    assert f"{absent} Customer managed" not in shown


def test_a_description_with_markup_is_shown_as_text(as_admin, account, reports):
    account.policies.update(description="<b>=1+1</b> @SUM")
    page = as_admin.get(LIST, {"type": "customer", "search": "Reports"}).content.decode()
    assert "&lt;b&gt;=1+1&lt;/b&gt; @SUM" in page


def test_what_only_service_linked_roles_can_have_cant_be_selected_and_says_why(as_admin):
    page = as_admin.get(LIST, {"search": "AccessAnalyzerServiceRolePolicy"}).content.decode()
    assert "Can&#x27;t be selected: only service-linked roles" in page or (
        "Can't be selected: only service-linked roles" in page
    )
    assert 'name="policy"' not in page


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [("attach", "policy-attach"), ("bound", "policy-bound"), ("detach", "policy-entities")],
)
def test_the_menu_of_the_list_leads_to_the_page_of_the_policy_that_was_ticked(
    as_admin, reports, page, leads_to
):
    url = reverse(f"console:policies-{page}")
    assert as_admin.get(url, {"policy": reports.arn}).url == reverse(
        f"console:{leads_to}", args=[reports.arn]
    )
    assert as_admin.get(url).url == LIST


def test_the_list_of_another_accounts_policies_is_not_shown(sign_in, eve, reports):
    assert "No matches" in text_of(sign_in(eve).get(LIST, {"type": "customer"}))


def test_a_refused_list_says_what_was_asked_and_why_it_was_refused(sign_in, alice):
    shown = text_of(sign_in(alice).get(LIST))
    assert "You don't have permission to iam:ListPolicies" in shown
    assert "no identity-based policy allows the iam:ListPolicies action" in shown


def test_the_list_takes_as_many_queries_for_fifty_policies_as_for_five(as_admin, account):
    url = reverse("console:policies", query={"type": "customer"})
    for number in range(5):
        new_policy(account, f"policy-{number}")
    few = queries_of(as_admin, url)
    for number in range(5, 50):
        new_policy(account, f"policy-{number}")
    assert queries_of(as_admin, url) == few


# --- One policy ----------------------------------------------------------------------------------


def test_the_page_says_what_the_policy_is(as_admin, account, reports, alice):
    account.policies.update(description="For the <team>")
    give(alice.user, reports)
    shown = text_of(as_admin.get(address(reports.arn)))
    for words in (
        reports.arn, "Customer managed", "For the &lt;team&gt;", "Permissions policy (1)",
        "Creation time January 1", "Edited time January 1",
    ):  # fmt: skip
        assert words in shown


def test_what_is_done_seldom_stands_in_the_menu_of_actions(as_admin, sign_in, caller_with, reports):
    def menu_of(browser):
        page = markup_of(browser.get(address(reports.arn)))
        return page.partition('<summary class="button">Actions')[2].partition("</details>")[0]

    menu = menu_of(as_admin)
    for name in ("policy-attach", "policy-bound", "policy-simulate"):
        assert f'class="menu-item" href="{url(name, reports.arn)}"' in menu
    assert ">Copy policy</a>" in menu
    menu = menu_of(sign_in(caller_with(allow("iam:Get*"))))
    assert url("policy-attach", reports.arn) not in menu
    assert "Attach<span" in menu
    assert "you need iam:" in menu


def test_the_summary_shows_what_is_denied_first(as_admin, reports):
    write(reports, allow("s3:ListBucket"), deny("ec2:*"))
    shown = text_of(as_admin.get(address(reports.arn)))
    services = len(catalog.services())
    assert f"Explicit deny (1 of {services} services)" in shown
    assert f"Allow (1 of {services} services)" in shown
    assert shown.index("Explicit deny") < shown.index(f"Allow (1 of {services}")
    assert "EC2 Full access All resources None" in shown
    assert "S3 Limited: List All resources None" in shown


def test_a_service_of_the_summary_opens_to_its_actions_and_closes(as_admin, reports):
    write(reports, allow("s3:ListBucket", "s3:GetObject", on="arn:aws:s3:::a"))
    closed = as_admin.get(address(reports.arn))
    assert "?open=Allow%3As3" in closed.content.decode()
    shown = text_of(as_admin.get(address(reports.arn), {"open": "Allow:s3"}))
    assert "Action (2)" in shown
    assert "ListBucket List arn:aws:s3:::a None" in shown
    assert "GetObject Read arn:aws:s3:::a None" in shown
    assert "Action (2)" not in text_of(closed)


@pytest.mark.parametrize("opened", ["Allow:nowhere", "x", "Deny:s3", "<b>:<i>"])
def test_what_is_no_service_of_the_summary_opens_nothing(as_admin, reports, opened):
    response = as_admin.get(address(reports.arn), {"open": opened})
    assert response.status_code == 200
    assert "Action (" not in text_of(response)


def test_the_remaining_services_can_be_shown(as_admin, reports):
    rest = len(catalog.services()) - 1
    closed = text_of(as_admin.get(address(reports.arn)))
    assert f"Show remaining {rest} services" in closed
    assert "AWS Account Management None - -" not in closed
    assert "AWS Account Management None - -" in text_of(
        as_admin.get(address(reports.arn), {"all": "1"})
    )


def test_a_document_that_cant_be_understood_has_no_summary_but_is_shown(as_admin, reports):
    reports.versions.update(document='{"Statement": 5')
    assert "This document can't be summarized" in text_of(as_admin.get(address(reports.arn)))
    assert "{&quot;Statement&quot;: 5" in text_of(as_admin.get(text_address(reports.arn)))


def test_the_json_is_shown_line_by_line_as_it_was_written(as_admin, reports):
    text = '{\n  "Version" : "2012-10-17",\n\t"Statement": []\n}'
    reports.versions.update(document=text)
    page = as_admin.get(text_address(reports.arn)).content.decode()
    assert page.count('<span class="line">') == 4
    assert "  &quot;Version&quot; : &quot;2012-10-17&quot;,\n" in page


def test_json_in_one_line_is_laid_out_to_be_read_and_copied_as_it_was_written(as_admin, reports):
    page = as_admin.get(text_address(reports.arn)).content.decode()
    assert page.count('<span class="line">') > 5
    assert 'data-copy="{&quot;Version&quot;: &quot;2012-10-17&quot;, ' in page


def test_a_document_with_markup_is_shown_as_text(as_admin, reports):
    hostile = '{"Version": "2012-10-17", "Statement": [], "Id": "</code><script>x()</script>"}'
    reports.versions.update(document=hostile)
    page = as_admin.get(text_address(reports.arn)).content.decode()
    assert "<script>x()" not in page
    assert "&lt;script&gt;x()" in page


def test_findings_are_counted_and_listed_with_their_lines(as_admin, reports):
    write(reports, allow("iam:PassRole"))
    shown = text_of(as_admin.get(text_address(reports.arn)))
    assert "Security: 1 Errors: 0" in shown
    assert "Security Ln " in shown


@pytest.mark.parametrize("arn", [READ_ONLY, BILLING])
@pytest.mark.parametrize(
    "page", ["policy", "policy-json", "policy-entities", "policy-tags", "policy-versions"]
)
def test_awss_own_policies_have_the_same_pages_but_cant_be_changed(as_admin, arn, page):
    shown = text_of(as_admin.get(reverse(f"console:{page}", args=[arn])))
    assert arn in shown
    assert "AWS maintains this policy; it can&#x27;t be changed here." in shown


@pytest.mark.parametrize("page", PAGES)
def test_a_policy_of_another_account_is_as_absent_as_one_that_never_was(
    sign_in, eve, reports, page
):
    theirs = sign_in(eve)
    foreign = theirs.get(reverse(f"console:{page}", args=[reports.arn]))
    nobodys = reports.arn.replace("Reports", "Nobodys")
    missing = theirs.get(reverse(f"console:{page}", args=[nobodys]))
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign).replace("Reports", "") == text_of(missing).replace("Nobodys", "")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "arn", ["x", "arn:aws:iam::aws:user/alice-the-user", "arn:aws:s3:::a/b/cc"]
)
def test_what_is_no_arn_of_a_policy_is_refused(as_admin, page, arn):
    assert as_admin.get(reverse(f"console:{page}", args=[arn])).status_code in (400, 404)


@pytest.mark.parametrize(
    ("page", "action"),
    [
        ("policy", "GetPolicyVersion"),
        ("policy-json", "GetPolicyVersion"),
        ("policy-entities", "ListEntitiesForPolicy"),
        ("policy-tags", "ListPolicyTags"),
        ("policy-versions", "ListPolicyVersions"),
    ],
)
def test_each_part_of_the_page_is_refused_by_itself(sign_in, caller_with, reports, page, action):
    theirs = sign_in(caller_with(allow("iam:GetPolicy")))
    shown = text_of(theirs.get(reverse(f"console:{page}", args=[reports.arn])))
    assert "Customer managed" in shown
    assert f"You don't have permission to iam:{action}" in shown
    for lacking in ("DeletePolicy", "AttachUserPolicy or iam:AttachGroupPolicy"):
        assert f"you need iam:{lacking}".lower() in shown.lower()


@pytest.mark.parametrize("page", PAGES)
def test_whoever_may_read_nothing_sees_nothing_of_the_document(sign_in, alice, reports, page):
    shown = text_of(sign_in(alice).get(reverse(f"console:{page}", args=[reports.arn])))
    assert "not authorized to perform: iam:" in shown
    assert "s3:ListBucket" not in shown


# --- Tags ----------------------------------------------------------------------------------------


def test_tags_are_changed_all_at_once(as_admin, account, reports):
    account.policies.update(tags={"team": "red", "old": "1"})
    url = reverse("console:policy-edit-tags", args=[reports.arn])
    response = as_admin.post(url, tag_rows(("team", "blue"), ("new", "")))
    assert response.url == reverse("console:policy-tags", args=[reports.arn])
    reports.refresh_from_db()
    assert reports.tags == {"team": "blue", "new": ""}
    assert "team blue" in text_of(as_admin.get(response.url))


def test_tags_that_cant_be_are_refused_with_what_was_typed(as_admin, reports):
    url = reverse("console:policy-edit-tags", args=[reports.arn])
    refused = as_admin.post(url, tag_rows(("Team", "a"), ("team", "b")))
    assert refused.status_code == 422
    assert "Duplicate tag keys found. Please note that Tag keys are case insensitive." in text_of(
        refused
    )
    assert 'value="Team"' in refused.content.decode()


def test_tags_changed_meanwhile_are_not_overwritten_unseen(as_admin, account, reports):
    url = reverse("console:policy-edit-tags", args=[reports.arn])
    seen = as_admin.get(url).context["edited"].field
    account.policies.update(tags={"team": "red"})
    sent = tag_rows(("team", "blue")) | {"seen_version": value_of(seen)}
    refused = as_admin.post(url, sent)
    assert refused.status_code == 409
    assert "team: red" in text_of(refused)
    reports.refresh_from_db()
    assert reports.tags == {"team": "red"}


def test_awss_policies_take_no_tags(as_admin):
    url = reverse("console:policy-edit-tags", args=[READ_ONLY])
    assert as_admin.get(url).status_code == 403
    assert as_admin.post(url, tag_rows(("team", "blue"))).status_code == 403
