"""S3's lists of objects, against a model that reads everything and thinks in plain Python."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.caller import Caller
from iamconsole.sandbox.actions import s3_listing
from iamconsole.sandbox.models import Bucket, StoredObject
from tests.cast import CallerWith, allow
from tests.sandbox.stored import REPORTS, code_of, new_bucket


@pytest.fixture
def bucket(root: Caller) -> Bucket:
    """A bucket in which rows are made without files."""
    return new_bucket(root)


def fill(bucket: Bucket, keys: Any) -> None:
    StoredObject.objects.bulk_create(
        StoredObject(
            bucket=bucket,
            key=key,
            size=1,
            etag="0" * 32,
            modified_at=bucket.created_at,
            blob=secrets.token_hex(16),
        )
        for key in keys
    )


def shown(listing: s3_listing.Listing) -> list[str]:
    """Keys and common prefixes of a page in one order."""
    return sorted([*(row.key for row in listing.objects), *listing.common_prefixes], key=str.encode)


def model(keys: set[str], prefix: str, delimiter: str, after: str) -> list[str]:
    """Everything that is to be listed."""
    found = set()
    for key in keys:
        if key.startswith(prefix):
            place = key.find(delimiter, len(prefix)) if delimiter else -1
            found.add(key if place < 0 else key[: place + len(delimiter)])
    return sorted((each for each in found if each.encode() > after.encode()), key=str.encode)


# Few letters, so that prefixes, delimiters and keys meet often; and the odd ends of Unicode.
LETTERS = st.sampled_from(["a", "b", "/", "//", "A", "-", "\ud7ff", "\ue000", "\U0010ffff", "é"])
TEXT = st.lists(LETTERS, max_size=5).map("".join)
KEY = st.lists(LETTERS, min_size=1, max_size=6).map("".join)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    keys=st.sets(KEY, max_size=25),
    prefix=TEXT,
    delimiter=st.one_of(st.just(""), st.just("/"), TEXT),
    after=TEXT,
    size=st.integers(1, 5),
)
def test_every_page_is_what_the_model_says(
    root: Caller,
    bucket: Bucket,
    keys: set[str],
    prefix: str,
    delimiter: str,
    after: str,
    size: int,
):
    asked: dict[str, Any] = {"bucket": REPORTS, "prefix": prefix, "delimiter": delimiter}
    expected = model(keys, prefix, delimiter, after)
    with transaction.atomic():
        fill(bucket, keys)
        seen: list[str] = []
        token: str | None = None
        marker: str | None = after
        for _ in range(len(expected) + 1):
            new = s3_listing.list_objects_v2(
                root, **asked, start_after=after, continuation_token=token, max_keys=size
            )
            old = s3_listing.list_objects(root, **asked, marker=marker, max_keys=size)
            assert shown(new) == shown(old)
            seen += shown(new)
            assert new.is_truncated == old.is_truncated == (len(seen) < len(expected))
            token, marker = new.next_continuation_token, old.next_marker
            if token is None:
                break
        assert seen == expected
        transaction.set_rollback(True)


def test_no_page_has_more_than_a_thousand(root: Caller, bucket: Bucket):
    fill(bucket, [f"{number:04}" for number in range(1001)])
    page = s3_listing.list_objects_v2(root, bucket=REPORTS, max_keys=5000)
    assert (len(page.objects), page.is_truncated, page.max_keys) == (1000, True, 5000)
    page = s3_listing.list_objects_v2(
        root, bucket=REPORTS, continuation_token=page.next_continuation_token
    )
    assert ([row.key for row in page.objects], page.is_truncated) == (["1000"], False)
    page = s3_listing.list_objects_v2(root, bucket=REPORTS, max_keys=0)
    assert (page.objects, page.is_truncated) == ([], False)


def test_a_page_costs_the_same_however_much_is_in_the_folders(root: Caller, bucket: Bucket):
    def queries(**asked: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            s3_listing.list_objects_v2(root, bucket=REPORTS, **asked)
        return len(seen)

    fill(bucket, [f"folder-{n}/{m}" for n in range(5) for m in range(10)])
    few = queries(delimiter="/")
    fill(bucket, [f"folder-{n}/more-{m}" for n in range(5) for m in range(300)])
    assert queries(delimiter="/") == few
    assert queries() == queries(max_keys=1)


def test_a_page_takes_as_many_queries_for_many_folders_as_for_few(root: Caller, bucket: Bucket):
    def queries(prefix: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            found = s3_listing.list_objects_v2(root, bucket=REPORTS, delimiter="/", prefix=prefix)
        assert len(shown(found)) == min(2 * len(keys), 1000)
        return len(seen)

    keys = [f"few/{n}" for n in range(3)]
    fill(bucket, [*keys, *(f"{key}-folder/{n}" for key in keys for n in range(3))])
    few = queries("few/")
    keys = [f"many/{n}" for n in range(700)]
    fill(bucket, [*keys, *(f"{key}-folder/{n}" for key in keys for n in range(3))])
    assert queries("many/") == few <= 10


@pytest.mark.parametrize("token", ["", "x", "*" * 10, "MQ", "AAAA", "MQ==\n", "x" * 5000, "MQA="])
def test_tokens_that_are_none(root: Caller, bucket: Bucket, token: str):
    refused = code_of(s3_listing.list_objects_v2, root, bucket=REPORTS, continuation_token=token)
    assert refused in {"InvalidArgument", "ValidationError"}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"prefix": "nul\x00"}, "InvalidURI"),
        ({"delimiter": "\ud800"}, "InvalidURI"),
        ({"start_after": "x" * 1025}, "KeyTooLongError"),
        ({"max_keys": -1}, "ValidationError"),
        ({"max_keys": 2**31}, "ValidationError"),
    ],
)
def test_what_can_not_be_listed_by(root: Caller, bucket: Bucket, asked: dict[str, Any], code: str):
    assert code_of(s3_listing.list_objects_v2, root, bucket=REPORTS, **asked) == code


def test_policies_may_ask_for_prefix_delimiter_and_number(
    root: Caller, bucket: Bucket, caller_with: CallerWith
):
    def may(condition: dict[str, Any], **asked: Any) -> bool:
        alice = caller_with(allow("s3:ListBucket", Condition=condition))
        try:
            s3_listing.list_objects_v2(alice, bucket=REPORTS, **asked)
        except Exception as error:
            assert getattr(error, "code", "") == "AccessDenied"  # noqa: PT017
            return False
        return True

    root_or_home = {"StringEquals": {"s3:prefix": ["", "home/"], "s3:delimiter": "/"}}
    assert may(root_or_home, prefix="", delimiter="/")
    assert may(root_or_home, prefix="home/", delimiter="/")
    assert not may(root_or_home, delimiter="/"), "a prefix that was not sent is no empty one"
    assert not may(root_or_home, prefix="home/")
    assert not may(root_or_home, prefix="other/", delimiter="/")
    few = {"NumericLessThanEquals": {"s3:max-keys": "10"}}
    assert may(few, max_keys=10)
    assert not may(few, max_keys=11)
    assert not may(few)
