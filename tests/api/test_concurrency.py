"""Eight clients at the same moment: as many get through as may, and the others the right error."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from accounts import event_chain, quotas
from accounts.models import Account, Event
from tests.api.clients import client, key_of
from tests.cast import ACCOUNT_ID, allow, arn, document

CLIENTS = 8


@pytest.fixture
def iam(transactional_db, live_server, admin):
    return client(key_of(admin), endpoint=live_server.url)


def at_once(ask: Callable[[int], Any]) -> Counter[str]:
    """How often each outcome was had by so many clients that all began at the same moment."""
    barrier = threading.Barrier(CLIENTS)

    def run(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            ask(number)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(CLIENTS) as several:
        return Counter(several.map(run, range(CLIENTS)))


def recorded(action: str) -> Counter[str]:
    """How often each outcome of an action stands in the record, whose chain is whole."""
    assert event_chain.broken_link(Account.objects.get(pk=ACCOUNT_ID)) is None
    of_action = Event.objects.filter(action=action)
    return Counter(of_action.values_list("error_code", flat=True))


def test_of_eight_who_make_the_same_user_one_does(iam):
    outcomes = at_once(lambda _: iam.create_user(UserName="carol"))
    assert outcomes == {"made": 1, "EntityAlreadyExists": 7}
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["admin", "carol"]
    assert recorded("iam:CreateUser") == {"": 1, "EntityAlreadyExists": 7}


def test_names_that_differ_in_case_alone_are_one_name_to_eight_as_well(iam):
    names = ["carol", "Carol", "CAROL", "cArol", "caRol", "carOl", "caroL", "CarOl"]
    outcomes = at_once(lambda number: iam.create_user(UserName=names[number]))
    assert outcomes == {"made": 1, "EntityAlreadyExists": 7}


def test_eight_different_users_are_all_made_and_all_recorded(iam):
    assert at_once(lambda number: iam.create_user(UserName=f"user-{number}")) == {"made": 8}
    assert recorded("iam:CreateUser") == {"": 8}


def test_eight_keys_for_one_user_are_two(iam):
    iam.create_user(UserName="carol")
    outcomes = at_once(lambda _: iam.create_access_key(UserName="carol"))
    allowed = quotas.KEYS_PER_OWNER
    assert outcomes == {"made": allowed, "LimitExceeded": CLIENTS - allowed}
    assert len(iam.list_access_keys(UserName="carol")["AccessKeyMetadata"]) == allowed


def test_eight_versions_of_a_policy_fill_it_up_to_five(iam):
    policy = arn("policy/reading")
    iam.create_policy(PolicyName="reading", PolicyDocument=document(allow("s3:GetObject")))
    outcomes = at_once(
        lambda number: iam.create_policy_version(
            PolicyArn=policy,
            PolicyDocument=document(allow("s3:GetObject", on=f"arn:aws:s3:::bucket-{number}/*")),
            SetAsDefault=True,
        )
    )
    allowed = quotas.VERSIONS_PER_POLICY - 1
    assert outcomes == {"made": allowed, "LimitExceeded": CLIENTS - allowed}
    versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert sorted(each["VersionId"] for each in versions) == ["v1", "v2", "v3", "v4", "v5"]
    assert sum(each["IsDefaultVersion"] for each in versions) == 1


def test_eight_groups_at_once_fill_a_user_up_to_ten(iam):
    iam.create_user(UserName="carol")
    groups = [f"group-{number}" for number in range(quotas.GROUPS_PER_USER - 4 + CLIENTS)]
    for name in groups:
        iam.create_group(GroupName=name)
    for name in groups[CLIENTS:]:
        iam.add_user_to_group(GroupName=name, UserName="carol")
    outcomes = at_once(
        lambda number: iam.add_user_to_group(GroupName=groups[number], UserName="carol")
    )
    assert outcomes == {"made": 4, "LimitExceeded": CLIENTS - 4}
    joined = iam.list_groups_for_user(UserName="carol")["Groups"]
    assert len(joined) == quotas.GROUPS_PER_USER
