"""The simulator inside users, groups, roles and policies."""

from __future__ import annotations

import pytest

from accounts.models import Event, InlinePolicy
from tests.cast import allow, deny, document
from tests.console.reading import markup_of, queries_of, url
from tests.console.things import READ_ONLY, attach, new_group, new_role

SIMULATE = "iam:SimulatePrincipalPolicy"
S3 = "arn:aws:s3:::home/a.txt"
RUN = {"run": "1", "ticked": "1"}


@pytest.fixture
def bobs(account, bob):
    """bob with an inline policy and one through a group."""
    InlinePolicy.objects.create(
        account=account, user=bob.user, name="own-policy",
        document=document(
            allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
        ),
    )  # fmt: skip
    attach(new_group(account, "Readers", bob.user))
    return bob


ALL = ["inline:user:bob:own-policy", READ_ONLY, "boundary"]


def test_the_form_offers_policies_actions_and_the_keys_that_policies_mention(sign_in, admin, bobs):
    page = markup_of(sign_in(admin).get(url("user-simulate", "bob"), {"service": "sqs"}))
    assert 'value="inline:user:bob:own-policy" checked' in page
    assert f'value="{READ_ONLY}" checked' in page
    assert 'name="key" value="aws:SourceIp"' in page
    assert 'value="sqs:ListQueues"' in page


@pytest.mark.parametrize(
    ("more", "decision"),
    [
        ({"policy": ALL}, "allowed"),
        ({"policy": ALL[:1]}, "denied (implicit)"),
        ({"policy": ALL[:1], "key": "aws:SourceIp", "value": "203.0.113.9"}, "allowed"),
        ({"policy": ALL, "document": document(deny("s3:GetObject"))}, "denied (explicit)"),
        ({"policy": [], "document": document(allow("s3:*"))}, "allowed"),
        ({"policy": []}, "denied (implicit)"),
    ],
)
def test_a_run_shows_the_decision(sign_in, admin, bobs, more, decision):
    sent = {**RUN, "action": ["s3:GetObject"], "resources": S3, **more}
    response = sign_in(admin).post(url("user-simulate", "bob"), sent)
    assert response.status_code == 200
    results = markup_of(response).partition('id="results"')[2].partition("<form")[0]
    assert f"<span>{decision}</span>" in results
    assert S3 in results


def test_every_statement_is_shown_with_match_or_no_match_and_why(sign_in, admin, bobs):
    sent = {**RUN, "policy": ALL, "actions": "s3:GetObject"}
    page = markup_of(sign_in(admin).post(url("user-simulate", "bob"), sent))
    assert "No match" in page
    assert "IpAddress does not hold: the request has no aws:SourceIp" in page
    assert "Match: allows" in page
    assert "through the group Readers" in page


def test_wildcards_stand_for_the_actions_they_match(sign_in, admin, bobs):
    sent = {**RUN, "policy": ALL, "actions": "sqs:List*"}
    page = markup_of(sign_in(admin).post(url("user-simulate", "bob"), sent))
    assert "sqs:ListQueues" in page.partition('id="results"')[2]


def test_a_run_is_an_action_with_an_event(sign_in, admin, bobs):
    sign_in(admin).post(url("user-simulate", "bob"), {**RUN, "actions": "s3:GetObject"})
    assert Event.objects.filter(action=SIMULATE, outcome="success").exists()


def test_whoever_may_not_simulate_is_refused_and_told_before(sign_in, caller_with, bobs):
    who = caller_with(allow("iam:Get*", "iam:List*"))
    browser, address = sign_in(who), url("user-simulate", "bob")
    assert f"You need {SIMULATE}" in markup_of(browser.get(address))
    assert browser.post(address, {**RUN, "actions": "s3:GetObject"}).status_code == 403


def test_policies_that_may_not_be_read_are_not_named(sign_in, caller_with, bobs):
    who = caller_with(allow(SIMULATE))
    sent = {**RUN, "actions": "s3:GetObject", "key": "aws:SourceIp", "value": "203.0.113.9"}
    page = markup_of(sign_in(who).post(url("user-simulate", "bob"), sent))
    assert "<span>denied (implicit)</span>" in page or "<span>allowed</span>" in page
    for secret in ("own-policy", "ReadOnlyAccess", "Readers", "203.0.113.0/24"):
        assert secret not in page
    assert "you may not read" in page


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose an action first."),
        ({"actions": "*"}, "name the service"),
        ({"actions": "ec2:*"}, "too many actions"),
        ({"actions": "nothing:*"}, "stands for no action"),
        ({"actions": "s3"}, "3"),
        ({"actions": "s3:<b>"}, "is not a service and an operation"),
        ({"actions": "s3:GetObject", "resources": "home"}, "valid ARN format"),
        ({"actions": "s3:GetObject", "resources": " ".join(f"arn:aws:s3:::{n}" for n in range(30))},
         "too many resources"),
        ({"actions": "s3:*", "resources": " ".join(f"arn:aws:s3:::{n}" for n in range(20))},
         "too many actions and resources"),
        ({"actions": "s3:GetObject", "document": "{"}, "Syntax error"),
        ({"actions": "s3:GetObject", "document": '{"Version": "2012-10-17"}'}, "Syntax error"),
        ({"actions": "s3:GetObject", "key": "aws:SourceIp", "value": "x"}, "not of the type ip"),
        ({"actions": "s3:GetObject", "key": ["aws:x"] * 99, "value": ["1"] * 99}, "too many"),
        ({"actions": "s3:GetObject", "key": "a:b" * 999, "value": "1"}, "256"),
        ({"actions": "s3:GetObject", "resource_policy": "[]"}, "yntax error"),
        ({"actions": "s3:GetObject", "service": "<nonsense>"}, "valid choice"),
        ({"actions": "s3:GetObject\0"}, "ull characters"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_and_what_was_typed_is_kept(sign_in, admin, bobs, sent, said):
    response = sign_in(admin).post(url("user-simulate", "bob"), {**RUN, **sent})
    assert response.status_code == 422
    assert said in markup_of(response)
    assert "<b>" not in response.content.decode()
    if "actions" in sent and "<" not in sent["actions"] and "\0" not in sent["actions"]:
        assert sent["actions"] in response.content.decode()


def test_groups_and_roles_have_a_simulator(account, sign_in, admin, bobs, root):
    sent = {**RUN, "policy": [READ_ONLY], "actions": "s3:GetObject"}
    response = sign_in(admin).post(url("group-simulate", "Readers"), sent)
    assert "<span>allowed</span>" in markup_of(response)
    assert sign_in(admin).get(url("role-simulate", "nobody")).status_code == 404


def by_team(account, **owner):
    """A user or role of the team red with a policy that asks for who they are and their tags."""
    condition = {
        "aws:PrincipalTag/team": "red",
        "aws:PrincipalArn": "*" + next(iter(owner.values())).name,
        "aws:userid": f"{next(iter(owner.values())).unique_id}*",
    }
    statement = allow("s3:GetObject", Condition={"StringLike": condition})
    InlinePolicy.objects.create(
        account=account, name="by-team", document=document(statement), **owner
    )
    for each in owner.values():
        each.tags = {"Team": "red"}
        each.save()


@pytest.mark.parametrize("kind", ["user", "role"])
def test_who_is_simulated_is_filled_in_and_can_be_changed(account, sign_in, admin, bob, kind):
    owner = bob.user if kind == "user" else new_role(account, "Web")
    by_team(account, **{kind: owner})
    browser, address = sign_in(admin), url(f"{kind}-simulate", owner.name)
    rows = {row.key: row.value for row in browser.get(address).context["rows"]}
    assert rows["aws:PrincipalTag/team"] == "red"
    assert rows["aws:PrincipalArn"] == owner.arn
    assert rows["aws:userid"].startswith(owner.unique_id)
    for sent, decision in (
        ({}, "allowed"),
        ({"key": "aws:PrincipalTag/team", "value": "blue"}, "denied (implicit)"),
        ({"key": "aws:PrincipalTag/team", "value": ""}, "denied (implicit)"),
    ):
        page = browser.post(address, {"run": "1", "actions": "s3:GetObject", **sent})
        assert f"<span>{decision}</span>" in markup_of(page)


def test_tags_that_may_not_be_read_are_not_filled_in(account, sign_in, caller_with, bob):
    by_team(account, user=bob.user)
    browser = sign_in(caller_with(allow("iam:Simulate*", "iam:GetContextKeys*")))
    rows = {row.key: row.value for row in browser.get(url("user-simulate", "bob")).context["rows"]}
    assert rows["aws:PrincipalTag/team"] == rows["aws:userid"] == ""
    page = browser.post(url("user-simulate", "bob"), {"run": "1", "actions": "s3:GetObject"})
    assert "<span>denied (implicit)</span>" in markup_of(page)


def test_every_simulator_says_alike_where_a_policy_comes_from(account, sign_in, admin, bobs):
    readers = account.groups.get(name="Readers")
    InlinePolicy.objects.create(
        account=account, group=readers, name="own", document=document(allow("s3:*"))
    )
    browser = sign_in(admin)

    def through(address):
        found = browser.get(address).context["policies"]
        return [each.through for each in found if each.value != "boundary"]

    assert through(url("group-simulate", "Readers")) == ["Directly", "Inline"]
    of_bob = ["Inline", "Group Readers", "Group Readers, inline"]
    assert through(url("user-simulate", "bob")) == of_bob


def test_a_managed_policy_is_simulated_in_its_version_in_force(sign_in, admin):
    address = url("policy-simulate", READ_ONLY)
    page = sign_in(admin).get(address)
    assert page.status_code == 200
    document = page.context["form"].initial["document"]
    sent = {"run": "1", "document": document, "actions": "s3:GetObject s3:PutObject"}
    results = markup_of(sign_in(admin).post(address, sent)).partition('id="results"')[2]
    assert "<span>allowed</span>" in results
    assert "<span>denied (implicit)</span>" in results


def test_a_policy_that_is_being_edited_is_simulated_before_it_is_saved(sign_in, admin):
    browser = sign_in(admin)
    text = document(allow("s3:GetObject", Sid="NotSavedYet"))
    for address in (url("policies-simulate"), url("policy-simulate", READ_ONLY)):
        page = browser.post(address, {"document": text})
        assert page.status_code == 200
        assert "NotSavedYet" in page.content.decode()
        sent = {"run": "1", "document": text, "actions": "s3:GetObject"}
        assert "NotSavedYet (line 1)" in markup_of(browser.post(address, sent))


def test_a_policy_that_may_not_be_read_is_not_simulated(sign_in, caller_with):
    who = caller_with(allow("iam:Simulate*"))
    assert sign_in(who).get(url("policy-simulate", READ_ONLY)).status_code == 403


def test_the_page_takes_as_many_queries_with_many_policies_as_with_few(account, sign_in, admin):
    browser = sign_in(admin)
    group = new_group(account, "Many")
    few = queries_of(browser, url("group-simulate", "Many"))
    for number in range(9):
        InlinePolicy.objects.create(
            account=account, group=group, name=f"p{number}", document=document(allow("s3:*"))
        )
    assert queries_of(browser, url("group-simulate", "Many")) <= few <= 20
