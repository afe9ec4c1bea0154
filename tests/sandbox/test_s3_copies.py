"""Copies of S3's objects: what they have of their source, and who may make them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.caller import Caller
from accounts.types import Tag
from iamconsole.sandbox.actions import bucket_policies, s3_copies, s3_objects
from iamconsole.sandbox.models import StoredObject
from tests.cast import CallerWith, allow
from tests.sandbox.stored import (
    REPORTS,
    code_of,
    content,
    granting,
    new_bucket,
    put,
    refusal,
    sums_are_right,
)

OBJECTS = f"arn:aws:s3:::{REPORTS}/*"


@pytest.fixture(autouse=True)
def reports(root: Caller) -> None:
    """The bucket in which nearly everything happens."""
    new_bucket(root)


def copy(caller: Caller, source: str, key: str, **more: Any) -> StoredObject:
    given = {"bucket": REPORTS, "copy_source": f"{REPORTS}/{source}"} | more
    return s3_copies.copy_object(caller, key=key, **given)


def test_a_copy_has_all_that_its_source_has(root: Caller):
    source = put(
        root,
        "a",
        content_type="text/csv",
        metadata={"m": "1"},
        tagging=[Tag("t", "1")],
        cache_control="no-store",
        checksum_algorithm="SHA256",
    )
    made = copy(root, "a", "b")
    for column in ("etag", "content_type", "metadata", "tags", "headers", "checksums"):
        assert getattr(made, column) == getattr(source, column)
    assert made.blob != source.blob
    s3_objects.delete_object(root, bucket=REPORTS, key="a")
    assert content(root, "b") == b"hello"
    assert sums_are_right()


def test_a_copy_may_get_headers_and_tags_of_its_own(root: Caller):
    put(root, "a", content_type="text/csv", metadata={"m": "1"}, tagging=[Tag("t", "1")])
    made = copy(root, "a", "b", metadata_directive="REPLACE", metadata={"n": "2"})
    assert (made.metadata, made.content_type) == ({"n": "2"}, "binary/octet-stream")
    assert made.tags == {"t": "1"}
    made = copy(root, "a", "b", tagging_directive="REPLACE", tagging=[Tag("u", "2")])
    assert (made.metadata, made.tags) == ({"m": "1"}, {"u": "2"})


def test_a_copy_onto_itself_must_change_something(root: Caller):
    put(root, "a")
    assert code_of(copy, root, "a", "a") == "InvalidRequest"
    made = copy(root, "a", "a", metadata_directive="REPLACE", metadata={"n": "2"})
    assert (made.metadata, content(root, "a")) == ({"n": "2"}, b"hello")


def test_conditions_on_the_source(root: Caller):
    tag = put(root, "a").etag
    copy(root, "a", "b", copy_source_if_match=tag)
    for missed in (
        {"copy_source_if_match": "other"},
        {"copy_source_if_none_match": tag},
        {"copy_source_if_modified_since": root.now},
    ):
        assert code_of(copy, root, "a", "c", **missed) == "PreconditionFailed"


@pytest.mark.parametrize("source", ["", "x", "Bad_Name/key", "reports/", f"{REPORTS}/\x00"])
def test_sources_that_there_can_not_be(root: Caller, source: str):
    refused = code_of(copy, root, "", "b", copy_source=source)
    assert refused in {"InvalidArgument", "InvalidBucketName", "ValidationError", "InvalidURI"}


def test_a_copy_takes_reading_here_and_writing_there(root: Caller, caller_with: CallerWith):
    put(root, "a")
    put(root, "tagged", tagging=[Tag("t", "1")])
    read, write = allow("s3:GetObject", on=OBJECTS), allow("s3:PutObject", on=OBJECTS)
    alice = caller_with(read)
    assert "s3:PutObject " in refusal(copy, alice, "a", "b").message
    alice = caller_with(write)
    assert "s3:GetObject " in refusal(copy, alice, "a", "b").message
    alice = caller_with(read, write)
    copy(alice, "a", "b")
    assert "s3:GetObjectTagging " in refusal(copy, alice, "tagged", "b").message
    copy(alice, "tagged", "b", tagging_directive="REPLACE")
    both = allow("s3:GetObjectTagging", "s3:PutObjectTagging")
    assert copy(caller_with(read, write, both), "tagged", "b").tags == {"t": "1"}


def test_policies_may_ask_for_the_source(root: Caller, caller_with: CallerWith):
    put(root, "public/a")
    put(root, "private/a")
    only = {"StringLike": {"s3:x-amz-copy-source": f"{REPORTS}/public/*"}}
    alice = caller_with(allow("s3:PutObject", Condition=only), allow("s3:GetObject"))
    copy(alice, "public/a", "b")
    assert code_of(copy, alice, "private/a", "b") == "AccessDenied"


def test_a_copy_between_accounts_takes_leave_of_both(root: Caller, eve: Caller):
    put(root, "a")
    new_bucket(eve, "of-eve")
    call = {"bucket": "of-eve", "copy_source": f"{REPORTS}/a"}
    assert refusal(copy, eve, "a", "b", **call).message == "Access Denied"
    policy = granting({"AWS": eve.arn}, "s3:GetObject")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=policy)
    copy(eve, "a", "b", **call)
    assert content(eve, "b", bucket="of-eve") == b"hello"
    assert code_of(copy, root, "a", "c", **call) == "AccessDenied"
