"""What lies in a bucket, as checks find it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.caller import Caller
from accounts.models import Account
from iamconsole.labs.checks.world import World
from iamconsole.sandbox.actions import s3_buckets, s3_objects
from tests.labs.asked import ask, world_of
from tests.sandbox.stored import REPORTS, new_bucket, put


@pytest.fixture
def world(account: Account, root: Caller) -> World:
    """Two objects, one of them in Polish and one in a folder."""
    new_bucket(root)
    put(root, "q1.csv", "a,zażółć\n".encode())
    put(root, "2026/q2.csv", b"\xff\xfe not text")
    return world_of(account)


JUDGED: list[tuple[dict[str, Any], bool, str]] = [
    ({"key": "q1.csv"}, True, "There is 1 object: q1.csv."),
    ({"key": "Q1.csv"}, False, "There is no such object."),
    ({"key": "*/q?.csv"}, True, "2026/q2.csv"),
    ({"key": "*"}, True, "There are 2 objects: 2026/q2.csv and q1.csv."),
    ({"key": "q1.csv", "contains": "zażółć"}, True, "Its text contains that."),
    ({"key": "q1.csv", "contains": "b,"}, False, "Its text does not contain that."),
    ({"key": "*", "contains": "not text"}, True, ""),
    ({"key": "q3.csv", "absent": True}, True, "There is no such object."),
    ({"key": "q1.csv", "absent": True}, False, "There is 1 object"),
    ({"key": "\0"}, False, ""),
    ({"key": "*a" * 900}, False, ""),
]


def test_objects_are_found_by_key_and_text(world: World):
    for arguments, holds, part in JUDGED:
        found = ask(world, "s3_object", bucket=REPORTS, **arguments)
        assert (found.holds, part in found.found) == (holds, True), (arguments, found)


def test_without_the_bucket_neither_presence_nor_absence_holds(world: World, eve: Caller):
    s3_buckets.create_bucket(eve, bucket="bucket-of-eve")
    put(eve, "q1.csv", bucket="bucket-of-eve")
    for bucket in ("bucket-of-eve", "nowhere"):
        for more in ({}, {"absent": True}):
            found = ask(world, "s3_object", bucket=bucket, key="q1.csv", **more)
            assert not found.holds
            assert found.found.startswith("There is no bucket")
    partner = world_of(world.accounts["main"], eve.home)
    asked = {"bucket": "bucket-of-eve", "key": "q1.csv"}
    assert ask(partner, "s3_object", **asked, in_account="partner").holds


def test_a_deleted_object_is_absent(world: World, root: Caller):
    s3_objects.delete_object(root, bucket=REPORTS, key="q1.csv")
    assert ask(world, "s3_object", bucket=REPORTS, key="q1.csv", absent=True).holds
