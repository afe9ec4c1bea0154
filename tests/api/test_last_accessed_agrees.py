"""What was last accessed: the pages and AWS's clients are told the same, also of other services."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.urls import reverse
from django.utils import timezone

from accounts import caller as callers
from accounts import events
from accounts.actions import attachments, groups, inline_policies, policies, roles, users
from accounts.actions.attempts import sum_up
from accounts.caller import Caller
from accounts.models import AccessKey, Role, User
from tests.cast import allow, arn, document, trust
from tests.console.browsers import signed_in

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ACTIONS = ("s3:GetObject", "sns:Publish", "ec2:DescribeInstances", "cloudtrail:LookupEvents")


@dataclass(frozen=True)
class World:
    """The administrator's client and browser, and whatever has services to be asked about."""

    iam: Any
    browser: Any

    def page(self, subject: str, **query: str) -> Any:
        kind, _, name = subject.rpartition(":")[2].partition("/")
        named = subject if kind == "policy" else name
        return self.get(reverse(f"console:{kind}-last-accessed", args=[named]), **query)

    def get(self, address: str, **query: str) -> Any:
        answer = self.browser.get(address, query)
        # Django's client lets connections be closed again, which the next call of AWS's would do.
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        return answer

    def services_of_page(self, subject: str) -> dict[str, tuple[datetime | None, str]]:
        """By namespace, as the pages list them: when, and by whom."""
        found: dict[str, tuple[datetime | None, str]] = {}
        number, pages = 1, 1
        while number <= pages:
            table = self.page(subject, page=str(number)).context["table"]
            pages = table.page.pages
            for row in table.rows:
                known = row.service.last_authenticated, row.service.entity
                found[row.service.namespace] = known
            number += 1
        return found

    def report(self, subject: str) -> str:
        made = self.iam.generate_service_last_accessed_details(
            Arn=subject, Granularity="ACTION_LEVEL"
        )
        return str(made["JobId"])

    def services_of_wire(self, job: str) -> list[dict[str, Any]]:
        """All pages of a report."""
        found: list[dict[str, Any]] = []
        marker: dict[str, str] = {}
        while True:
            answer = self.iam.get_service_last_accessed_details(JobId=job, **marker)
            found += answer["ServicesLastAccessed"]
            if not answer["IsTruncated"]:
                return found
            marker = {"Marker": answer["Marker"]}


@pytest.fixture
def world(root: Caller, admin: Caller, iam: Any) -> World:
    """carol in a group, a role, and the policies of both; what they tried, days and minutes ago."""
    users.create_user(root, user_name="carol")
    groups.create_group(root, group_name="Readers")
    groups.add_user_to_group(root, group_name="Readers", user_name="carol")
    text = document(allow(*ACTIONS, "s3:PutObject", "iam:ListUsers"))
    policies.create_policy(root, policy_name="Own", policy_document=text)
    roles.create_role(
        root, role_name="Web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    attachments.attach_group_policy(root, group_name="Readers", policy_arn=arn("policy/Own"))
    attachments.attach_role_policy(root, role_name="Web", policy_arn=arn("policy/Own"))
    attachments.attach_role_policy(root, role_name="Web", policy_arn=ADMINISTRATOR)
    inline_policies.put_user_policy(
        root, user_name="carol", policy_name="more", policy_document=document(allow("sqs:*"))
    )
    carol = callers.user(User.objects.get(name="carol"), face=root.face, now=timezone.now(),
                         request_id="r")  # fmt: skip
    role = Role.objects.get(name="Web")
    web = replace(
        carol, kind=callers.CallerKind.ROLE, user=None, unique_id=f"{role.unique_id}:i-1",
        arn=f"arn:aws:sts::{root.home.id}:assumed-role/Web/i-1",
    )  # fmt: skip
    for days, (who, name) in enumerate((who, name) for name in ACTIONS for who in (carol, web)):
        tried(who, name, days)
    return World(iam, signed_in(admin))


def tried(who: Caller, name: str, days_ago: float) -> None:
    then = replace(who, now=who.now - timedelta(days=days_ago))
    event = events.describe(then, name, outcome="success", read_only=True, parameters={})
    events.write([event])


SUBJECTS = [
    arn("user/carol"), arn("group/Readers"), arn("role/Web"), arn("policy/Own"), ADMINISTRATOR,
]  # fmt: skip


@pytest.mark.parametrize("summed_up", [False, True])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_services_are_told_alike(world, account, subject, summed_up):
    if summed_up:
        sum_up(account)
    page = world.services_of_page(subject)
    wire = {
        each["ServiceNamespace"]: (
            each.get("LastAuthenticated"),
            each.get("LastAuthenticatedEntity", ""),
        )
        for each in world.services_of_wire(world.report(subject))
    }
    # With the administrator's policy, whoever asks uses IAM by asking.
    page.pop("iam")
    wire.pop("iam")
    assert {name: (seconds(time), who) for name, (time, who) in page.items()} == wire
    for name in ACTIONS:
        assert wire[name.partition(":")[0]][0] is not None


def seconds(moment: datetime | None) -> datetime | None:
    return moment.replace(microsecond=0) if moment else None


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("namespace", ["s3", "sns", "ec2", "cloudtrail"])
def test_the_actions_of_a_service_are_told_alike(world, subject, namespace):
    page = world.page(subject, service=namespace, tried="yes").context["table"].rows
    (wire,) = (
        each
        for each in world.services_of_wire(world.report(subject))
        if each["ServiceNamespace"] == namespace
    )
    actions = wire["TrackedActionsLastAccessed"]
    assert [(each.name, seconds(each.time), each.entity, each.region) for each in page] == [
        (each["ActionName"], each["LastAccessedTime"], each["LastAccessedEntity"],
         each["LastAccessedRegion"])
        for each in actions if "LastAccessedTime" in each
    ]  # fmt: skip
    table = world.page(subject, service=namespace).context["table"]
    assert table.total == len(actions), "those that nobody tried are told, too"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_who_tried_is_told_alike(world, subject):
    page = world.page(subject, service="sns").context["entities"]
    answer = world.iam.get_service_last_accessed_details_with_entities(
        JobId=world.report(subject), ServiceNamespace="sns"
    )
    wire = {
        each["EntityInfo"]["Arn"]: each.get("LastAuthenticated")
        for each in answer["EntityDetailsList"]
    }
    assert {each.arn: seconds(each.last_authenticated) for each in page} == wire
    assert any(wire.values())


@pytest.mark.parametrize("subject", SUBJECTS[:3])
def test_the_policies_that_give_a_service_are_told_alike(world, subject):
    for namespace in ("s3", "sqs"):
        (wire,) = world.iam.list_policies_granting_service_access(
            Arn=subject, ServiceNamespaces=[namespace]
        )["PoliciesGrantingServiceAccess"]
        answer = world.page(subject, service=namespace)
        page = answer.context["grants"] if answer.status_code == 200 else ()
        assert sorted(each.policy_name for each in page) == sorted(
            each["PolicyName"] for each in wire["Policies"]
        )


def test_the_last_use_of_a_key_is_told_alike_wherever_it_is_told(world, root, aws):
    carol = callers.user(User.objects.get(name="carol"), face=root.face, now=root.now,
                         request_id="r")  # fmt: skip
    aws(carol, "sts").get_caller_identity()
    key = AccessKey.objects.get(user__name="carol")
    told = world.iam.get_access_key_last_used(AccessKeyId=key.access_key_id)
    used = told["AccessKeyLastUsed"]
    assert (told["UserName"], used["ServiceName"], used["Region"]) == ("carol", "sts", "us-east-1")
    assert used["LastUsedDate"] == seconds(key.last_used_at)
    world.iam.generate_credential_report()
    report = world.iam.get_credential_report()["Content"].decode()
    (row,) = (row for row in csv.DictReader(report.splitlines()) if row["user"] == "carol")
    assert key.last_used_at is not None
    noted = key.last_used_at.replace(microsecond=0).isoformat()
    assert row["access_key_1_last_used_date"] == noted
    assert row["access_key_1_last_used_service"] == "sts"
    page = world.get(reverse("console:user-security-credentials", args=["carol"]))
    assert key.last_used_at.isoformat() in page.content.decode()
