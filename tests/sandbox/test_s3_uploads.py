"""S3's multipart uploads: parts come in any order, and the object is there all at once."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from accounts.caller import Caller
from accounts.types import Tag
from iamconsole.sandbox import s3_limits, storage
from iamconsole.sandbox.actions import bucket_policies, s3_objects, s3_uploads
from iamconsole.sandbox.models import Part, StoredObject, Upload
from iamconsole.sandbox.s3_limits import MIB, PART_BYTES
from iamconsole.sandbox.s3_types import CompletedPart
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

BIG = bytes(range(256)) * (PART_BYTES // 256)
PLACE: dict[str, Any] = {"bucket": REPORTS, "key": "big"}


@pytest.fixture(autouse=True)
def reports(root: Caller) -> None:
    """The bucket to which everything is uploaded."""
    new_bucket(root)


def begin(caller: Caller, **more: Any) -> str:
    return s3_uploads.create_multipart_upload(caller, **PLACE, **more).id


def send(caller: Caller, upload_id: str, number: int, content: bytes, **more: Any) -> Part:
    given: dict[str, Any] = {"content_length": len(content), "body": io.BytesIO(content)} | more
    return s3_uploads.upload_part(caller, **PLACE, upload_id=upload_id, part_number=number, **given)


def complete(caller: Caller, upload_id: str, *parts: Part, **more: Any) -> StoredObject:
    listed = [CompletedPart(part.number, f'"{part.etag}"') for part in parts]
    given: dict[str, Any] = {"multipart_upload": listed} | more
    return s3_uploads.complete_multipart_upload(caller, **PLACE, upload_id=upload_id, **given)


def md5(content: bytes) -> bytes:
    return hashlib.md5(content).digest()  # noqa: S324


# --- From begin to end ---------------------------------------------------------------------------


def test_an_object_is_made_of_its_parts_in_order(
    root: Caller, django_capture_on_commit_callbacks: Any
):
    upload = begin(root, content_type="text/plain", metadata={"A": "b"}, tagging=[Tag("t", "1")])
    last, first = send(root, upload, 7, b"the end"), send(root, upload, 2, BIG)
    assert code_of(content, root, "big") == "NoSuchKey"
    with django_capture_on_commit_callbacks(execute=True):
        made = complete(root, upload, first, last)
    assert made.etag == f"{hashlib.md5(md5(BIG) + md5(b'the end')).hexdigest()}-2"  # noqa: S324
    assert (made.content_type, made.metadata, made.tags) == ("text/plain", {"a": "b"}, {"t": "1"})
    assert content(root, "big") == BIG + b"the end"
    assert content(root, "big", part_number=2) == b"the end"
    assert code_of(content, root, "big", part_number=3) == "InvalidPartNumber"
    assert not Upload.objects.exists()
    assert not Part.objects.exists()
    for part in (first, last):
        assert not storage.path_of(part.blob).exists()
    assert sums_are_right()


def test_a_part_sent_again_takes_the_others_place(root: Caller):
    upload = begin(root)
    old = send(root, upload, 1, b"old")
    new = send(root, upload, 1, b"newer")
    assert code_of(complete, root, upload, old) == "InvalidPart"
    complete(root, upload, new)
    assert content(root, "big") == b"newer"
    assert sums_are_right()


def test_parts_that_are_not_listed_are_left_out(root: Caller):
    upload = begin(root)
    one = send(root, upload, 1, b"one")
    send(root, upload, 2, b"two")
    complete(root, upload, one)
    assert content(root, "big") == b"one"
    assert not Part.objects.exists()
    assert sums_are_right()


def test_an_aborted_upload_leaves_nothing(root: Caller, django_capture_on_commit_callbacks: Any):
    upload = begin(root)
    part = send(root, upload, 1, b"one")
    with django_capture_on_commit_callbacks(execute=True):
        s3_uploads.abort_multipart_upload(root, **PLACE, upload_id=upload)
    assert not Upload.objects.exists()
    assert not storage.path_of(part.blob).exists()
    assert sums_are_right()
    for call in (
        lambda: s3_uploads.abort_multipart_upload(root, **PLACE, upload_id=upload),
        lambda: s3_uploads.list_parts(root, **PLACE, upload_id=upload),
        lambda: send(root, upload, 1, b"one"),
        lambda: complete(root, upload, part),
    ):
        refused = refusal(call)
        assert (refused.code, refused.status) == ("NoSuchUpload", 404)


def test_an_upload_belongs_to_its_key(root: Caller):
    upload = begin(root)
    other = {"bucket": REPORTS, "key": "other", "upload_id": upload}
    assert code_of(s3_uploads.abort_multipart_upload, root, **other) == "NoSuchUpload"


def test_what_an_upload_replaces_is_asked_for_at_its_end(root: Caller):
    upload = begin(root)
    part = send(root, upload, 1, b"one")
    tag = put(root, "big").etag
    assert code_of(complete, root, upload, part, if_none_match="*") == "PreconditionFailed"
    complete(root, upload, part, if_match=tag)
    assert content(root, "big") == b"one"


# --- What is refused -----------------------------------------------------------------------------


def test_parts_out_of_order_missing_or_too_small(root: Caller):
    upload = begin(root)
    one, two = send(root, upload, 1, b"small"), send(root, upload, 2, b"small")
    refused = refusal(complete, root, upload, one, two)
    assert refused.code == "EntityTooSmall"
    assert code_of(complete, root, upload, two, one) == "InvalidPartOrder"
    assert code_of(complete, root, upload, one, one) == "InvalidPartOrder"
    assert code_of(complete, root, upload) == "MalformedXML"
    absent = [CompletedPart(3, one.etag)]
    assert code_of(complete, root, upload, multipart_upload=absent) == "InvalidPart"
    assert code_of(complete, root, upload, one, mpu_object_size=4) == "InvalidRequest"
    assert not StoredObject.objects.exists()
    assert Part.objects.count() == 2


def test_all_parts_together_have_sixteen_mebibytes_at_most(root: Caller):
    upload = begin(root)
    parts = [send(root, upload, number, b"x" * (6 * MIB)) for number in (1, 2, 3)]
    assert code_of(complete, root, upload, *parts) == "EntityTooLarge"
    complete(root, upload, *parts[:2])
    assert sums_are_right()


def test_an_account_begins_so_many_uploads_and_no_more(
    root: Caller, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(s3_limits, "UPLOADS_PER_ACCOUNT", 2)
    new_bucket(root, "second-bucket")
    upload = begin(root)
    s3_uploads.create_multipart_upload(root, bucket="second-bucket", key="big")
    assert code_of(begin, root) == "QuotaExceeded"
    s3_uploads.abort_multipart_upload(root, **PLACE, upload_id=upload)
    begin(root)


@pytest.mark.parametrize("number", [0, 10_001, -1, "1"])
def test_part_numbers_that_there_are_not(root: Caller, number: Any):
    assert code_of(send, root, begin(root), number, b"x") == "ValidationError"


# --- Checksums -----------------------------------------------------------------------------------


def digest(algorithm: str, content: bytes) -> bytes:
    found = storage.ALGORITHMS[algorithm]()
    found.update(content)
    return bytes(found.digest())


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "SHA1", "SHA256"])
def test_a_composite_checksum_is_one_of_the_parts_checksums(root: Caller, algorithm: str):
    upload = begin(root, checksum_algorithm=algorithm)
    parts = [send(root, upload, 1, BIG), send(root, upload, 2, b"end")]
    joined = b"".join(digest(algorithm, each) for each in (BIG, b"end"))
    made = complete(root, upload, *parts)
    assert made.checksums == {algorithm: storage.base64_of(digest(algorithm, joined)) + "-2"}
    assert made.checksum_type == "COMPOSITE"


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_a_checksum_of_the_whole_object_is_compared(root: Caller, algorithm: str):
    argument = {
        "CRC32": "checksum_crc32",
        "CRC32C": "checksum_crc32_c",
        "CRC64NVME": "checksum_crc64_nvme",
    }[algorithm]
    upload = begin(root, checksum_algorithm=algorithm, checksum_type="FULL_OBJECT")
    parts = [send(root, upload, 1, BIG), send(root, upload, 2, b"end")]
    right = storage.base64_of(digest(algorithm, BIG + b"end"))
    wrong = storage.base64_of(digest(algorithm, b"other"))
    assert code_of(complete, root, upload, *parts, **{argument: wrong}) == "BadDigest"
    made = complete(root, upload, *parts, **{argument: right}, checksum_type="FULL_OBJECT")
    assert made.checksums == {algorithm: right}


def test_a_part_with_another_checksum_than_its_uploads_is_refused(root: Caller):
    upload = begin(root, checksum_algorithm="SHA256")
    crc = storage.base64_of(digest("CRC32", b"x"))
    assert code_of(send, root, upload, 1, b"x", checksum_crc32=crc) == "InvalidRequest"
    for algorithm, kind in (("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE"), (None,) * 2):
        given = {"checksum_algorithm": algorithm, "checksum_type": kind or "COMPOSITE"}
        assert code_of(begin, root, **given) == "InvalidRequest"


# --- Parts that are copied -----------------------------------------------------------------------


def test_a_part_may_be_a_range_of_another_object(root: Caller, caller_with: CallerWith):
    put(root, "source", b"0123456789")
    upload = begin(root)
    given = {**PLACE, "upload_id": upload, "part_number": 1, "copy_source": f"{REPORTS}/source"}
    part = s3_uploads.upload_part_copy(root, **given, copy_source_range="bytes=2-4")
    for wrong in ("bytes=5-10", "bytes=4-2"):
        refused = code_of(s3_uploads.upload_part_copy, root, **given, copy_source_range=wrong)
        assert refused == "InvalidRange"
    refused = code_of(s3_uploads.upload_part_copy, root, **given, copy_source_range="2-4")
    assert refused == "InvalidArgument"
    alice = caller_with(allow("s3:PutObject"))
    assert "s3:GetObject " in refusal(s3_uploads.upload_part_copy, alice, **given).message
    complete(root, upload, part)
    assert content(root, "big") == b"234"


# --- Lists ---------------------------------------------------------------------------------------


def test_parts_are_listed_by_number(root: Caller):
    upload = begin(root)
    for number in (3, 1, 2):
        send(root, upload, number, b"x" * number)
    call = {**PLACE, "upload_id": upload}
    page = s3_uploads.list_parts(root, **call, max_parts=2)
    assert [part.number for part in page.parts] == [1, 2]
    assert (page.is_truncated, page.next_part_number_marker) == (True, 2)
    page = s3_uploads.list_parts(root, **call, part_number_marker=2)
    assert ([part.size for part in page.parts], page.is_truncated) == ([3], False)
    assert s3_uploads.list_parts(root, **call, max_parts=0).parts == []


def test_uploads_are_listed_by_key_page_by_page(root: Caller):
    for key in ("b", "a/1", "a/2", "c", "b"):
        s3_uploads.create_multipart_upload(root, bucket=REPORTS, key=key)
    page = s3_uploads.list_multipart_uploads(root, bucket=REPORTS, delimiter="/")
    assert (page.common_prefixes, [each.key for each in page.uploads]) == (["a/"], ["b", "b", "c"])
    page = s3_uploads.list_multipart_uploads(root, bucket=REPORTS, prefix="a/", max_uploads=1)
    assert ([each.key for each in page.uploads], page.is_truncated) == (["a/1"], True)
    seen: list[str] = []
    marker: dict[str, Any] = {}
    for _ in range(10):
        page = s3_uploads.list_multipart_uploads(
            root, bucket=REPORTS, delimiter="/", max_uploads=1, **marker
        )
        seen += [*page.common_prefixes, *(each.id for each in page.uploads)]
        if not page.is_truncated:
            break
        marker = {
            "key_marker": page.next_key_marker,
            "upload_id_marker": page.next_upload_id_marker or None,
        }
    assert len(seen) == len(set(seen)) == 4


# --- Who may -------------------------------------------------------------------------------------


def test_each_step_takes_its_own_permission(root: Caller, caller_with: CallerWith):
    writer = caller_with(allow("s3:PutObject"), name="writer")
    upload = begin(writer)
    part = send(writer, upload, 1, b"x")
    call = {**PLACE, "upload_id": upload}
    for operation, permission in (
        (s3_uploads.abort_multipart_upload, "s3:AbortMultipartUpload"),
        (s3_uploads.list_parts, "s3:ListMultipartUploadParts"),
    ):
        assert permission in refusal(operation, writer, **call).message
    message = refusal(s3_uploads.list_multipart_uploads, writer, bucket=REPORTS).message
    assert "s3:ListBucketMultipartUploads" in message
    bob = caller_with(allow("s3:AbortMultipartUpload"), name="bob")
    for refused in (lambda: begin(bob), lambda: complete(bob, upload, part)):
        assert code_of(refused) == "AccessDenied"
    complete(writer, upload, part)
    s3_uploads.abort_multipart_upload(bob, **{**call, "upload_id": begin(writer)})


def test_another_account_uploads_in_parts_where_the_bucket_allows(root: Caller, eve: Caller):
    assert code_of(begin, eve) == "AccessDenied"
    policy = granting({"AWS": eve.arn}, "s3:PutObject")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=policy)
    upload = begin(eve)
    complete(eve, upload, send(eve, upload, 1, b"from eve"))
    assert content(root, "big") == b"from eve"
    assert s3_objects.head_object(root, **PLACE).length == 8
