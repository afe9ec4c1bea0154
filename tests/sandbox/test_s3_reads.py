"""Parts of S3's objects, and what is read or written only if it is still the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.caller import Caller
from iamconsole.sandbox.actions import s3_objects
from tests.sandbox.stored import REPORTS, code_of, content, new_bucket, put, refusal


@pytest.fixture(autouse=True)
def reports(root: Caller) -> None:
    """The bucket in which everything happens."""
    new_bucket(root)


# --- Parts of an object --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("range", "found", "shown"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-4", b"4", "bytes 4-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=7-99999999999999999", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
    ],
)
def test_a_range_of_an_object(root: Caller, range: str, found: bytes, shown: str):
    put(root, "digits", b"0123456789")
    assert content(root, "digits", range=range) == found
    head = s3_objects.head_object(root, bucket=REPORTS, key="digits", range=range)
    assert (head.is_partial, head.length, head.content_range) == (True, len(found), shown)


@pytest.mark.parametrize("range", ["bytes=5-3", "items=0-3", "bytes=0-1,3-4", "bytes=-", "x" * 999])
def test_a_range_that_is_none_is_passed_over(root: Caller, range: str):
    put(root, "digits", b"0123456789")
    asked = s3_objects.get_object(root, bucket=REPORTS, key="digits", range=range)
    assert (asked.is_partial, b"".join(asked.chunks())) == (False, b"0123456789")


@pytest.mark.parametrize("range", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_after_the_end_is_not_satisfiable(root: Caller, range: str):
    put(root, "digits", b"0123456789")
    refused = refusal(content, root, "digits", range=range)
    assert (refused.code, refused.status) == ("InvalidRange", 416)


# --- Conditions ----------------------------------------------------------------------------------


def test_conditions_of_a_read(root: Caller):
    tag = put(root, "a").etag
    before, after = root.now - timedelta(hours=1), root.now + timedelta(hours=1)
    for held in (
        {"if_match": f'"{tag}"'},
        {"if_match": f'"other", "{tag}"'},
        {"if_match": "*"},
        {"if_none_match": '"other"'},
        {"if_modified_since": before},
        {"if_unmodified_since": root.now},
        {"if_match": tag, "if_unmodified_since": before},
        {"if_none_match": "other", "if_modified_since": after},
    ):
        assert content(root, "a", **held) == b"hello"
    for missed, code in (
        ({"if_match": '"other"'}, "PreconditionFailed"),
        ({"if_unmodified_since": before}, "PreconditionFailed"),
        ({"if_none_match": f'"{tag}"'}, "NotModified"),
        ({"if_none_match": f'W/"{tag}"'}, "NotModified"),
        ({"if_modified_since": root.now}, "NotModified"),
    ):
        assert code_of(content, root, "a", **missed) == code
        assert code_of(s3_objects.head_object, root, bucket=REPORTS, key="a", **missed) == code


def test_conditions_of_a_write(root: Caller):
    tag = put(root, "a", if_none_match="*").etag
    assert code_of(put, root, "a", b"new", if_none_match="*") == "PreconditionFailed"
    assert code_of(put, root, "a", b"new", if_match="other") == "PreconditionFailed"
    assert code_of(put, root, "b", b"new", if_match=tag) == "NoSuchKey"
    assert content(root, "a") == b"hello"
    put(root, "a", b"new", if_match=f'"{tag}"')
    delete = {"bucket": REPORTS, "key": "a", "if_match": tag}
    assert code_of(s3_objects.delete_object, root, **delete) == "PreconditionFailed"
    assert content(root, "a") == b"new"
