"""How much S3 holds: quotas, whoever writes at once, and what a reset takes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from accounts import caller as callers
from accounts.actions import lifecycle
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.models import Account, Instance
from iamconsole.sandbox import s3_limits, storage
from iamconsole.sandbox.actions import bucket_policies, s3_copies, s3_objects, s3_uploads
from iamconsole.sandbox.models import Bucket, Upload
from iamconsole.sandbox.s3_limits import MIB, counted
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID
from tests.sandbox.stored import (
    REPORTS,
    files,
    granting,
    new_bucket,
    put,
    refusal,
    sums_are_right,
)
from tests.sandbox.together import make_account, root_of, run_together


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """A folder that this test has for itself."""
    settings.OBJECTS = tmp_path / "objects"
    return Path(settings.OBJECTS)


@pytest.fixture
def bucket(root: Caller) -> Bucket:
    """The bucket that things are put into."""
    return new_bucket(root)


# --- Quotas --------------------------------------------------------------------------------------


def test_an_object_has_sixteen_mebibytes_at_most(root: Caller, bucket: Bucket):
    refused = refusal(put, root, "a", content_length=16 * MIB + 1)
    assert (refused.code, refused.status) == ("EntityTooLarge", 400)
    made = put(root, "a", b"x" * (16 * MIB))
    assert made.size == bucket_size() == 16 * MIB


def test_an_account_has_sixty_four_mebibytes_at_most_unfinished_parts_included(
    root: Caller, eve: Caller, bucket: Bucket
):
    new_bucket(root, "second-bucket")
    Bucket.objects.filter(pk=bucket.pk).update(stored_bytes=48 * MIB)
    upload = s3_uploads.create_multipart_upload(root, bucket=REPORTS, key="big")
    place: dict[str, Any] = {"bucket": REPORTS, "key": "big", "upload_id": upload.id}
    part: dict[str, Any] = {"part_number": 1, "content_length": 16 * MIB - 1024}
    s3_uploads.upload_part(root, **place, **part, body=Zeros())
    put(root, "a", b"x" * 1024, bucket="second-bucket")
    refused = refusal(put, root, "b", b"", bucket="second-bucket")
    assert (refused.code, refused.status) == ("QuotaExceeded", 403)
    # What replaces something takes its room.
    put(root, "a", b"y", bucket="second-bucket")
    new_bucket(eve, "of-eve")
    put(eve, "a", bucket="of-eve")
    s3_uploads.abort_multipart_upload(root, **place)
    put(root, "b", b"", bucket="second-bucket")


def test_the_instance_has_a_limit_of_its_own(
    root: Caller, eve: Caller, bucket: Bucket, settings: Any
):
    settings.SANDBOX_BYTES = 10_000
    new_bucket(eve, "of-eve")
    put(eve, "a", b"x" * 6000, bucket="of-eve")
    refused = refusal(put, root, "a", b"x" * 6000)
    assert refused.code == "QuotaExceeded"
    assert "SANDBOX_MIB" in refused.message
    put(root, "a", b"x" * 4000)


class Zeros:
    """As many bytes as are asked for, up to what a part of the test has."""

    def __init__(self, left: int = 16 * MIB - 1024) -> None:
        self.left = left

    def read(self, size: int, /) -> bytes:
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


def bucket_size() -> int:
    return Bucket.objects.get(name=REPORTS).stored_bytes


def test_an_object_without_a_byte_counts_all_the_same(root: Caller, bucket: Bucket):
    put(root, "a", b"")
    assert bucket_size() == counted(0) == 1024


# --- At the same time ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_who_uploads_at_once_stays_within_the_quota(now: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(s3_limits, "ACCOUNT_BYTES", 10_000)
    make_account(ACCOUNT_ID, now)
    new_bucket(root_of(ACCOUNT_ID))
    new_bucket(root_of(ACCOUNT_ID), "second-bucket")
    outcomes: list[str] = []

    def upload(number: int) -> None:
        root = root_of(ACCOUNT_ID)
        bucket = (REPORTS, "second-bucket")[number % 2]
        try:
            put(root, f"{number}", b"x" * 3000, bucket=bucket)
            outcomes.append("")
        except ServiceError as error:
            outcomes.append(error.code)

    run_together(upload, 6)
    assert sorted(outcomes) == ["", "", "", *["QuotaExceeded"] * 3]
    assert sums_are_right()


@pytest.mark.django_db(transaction=True)
def test_accounts_that_write_into_each_others_buckets_don_t_block_each_other(now: Any):
    pairs = {ACCOUNT_ID: "bucket-one", OTHER_ACCOUNT_ID: "bucket-two"}
    for account_id in pairs:
        make_account(account_id, now)
    for account_id, name in pairs.items():
        root = root_of(account_id)
        new_bucket(root, name)
        policy = granting({"AWS": list(pairs)}, "s3:*", on=name)
        bucket_policies.put_bucket_policy(root, bucket=name, policy=policy)

    def write(number: int) -> None:
        account_id = list(pairs)[number % 2]
        root = root_of(account_id)
        theirs = next(name for owner, name in pairs.items() if owner != account_id)
        for turn in range(10):
            put(root, f"{turn % 3}", b"x" * turn, bucket=theirs)
            if turn % 4 == 3:
                s3_objects.delete_object(root, bucket=theirs, key="0")

    run_together(write, 4)
    assert sums_are_right()


@pytest.mark.django_db(transaction=True)
def test_a_reset_among_uploads_of_strangers_leaves_no_file_and_no_sum(now: Any, objects: Path):
    make_account(ACCOUNT_ID, now)
    make_account(OTHER_ACCOUNT_ID, now)
    root = root_of(ACCOUNT_ID)
    new_bucket(root)
    policy = granting({"AWS": OTHER_ACCOUNT_ID}, "s3:PutObject")
    bucket_policies.put_bucket_policy(root, bucket=REPORTS, policy=policy)
    together = threading.Barrier(3)

    def work(number: int) -> None:
        if number == 0:
            together.wait(30)
            time.sleep(0.05)
            operator = callers.operator(Account.objects.get(pk=ACCOUNT_ID), now=now, request_id="r")
            lifecycle.reset_account(operator)
            return
        theirs = root_of(OTHER_ACCOUNT_ID)
        together.wait(30)
        for turn in range(30):
            try:
                put(theirs, f"{turn}")
            except ServiceError as error:
                assert error.code == "NoSuchBucket"  # noqa: PT017
                return

    run_together(work, 3)
    assert not Bucket.objects.exists()
    storage.sweep()
    assert files(objects) == set()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_a_key_only_once_one_is_told(now: Any):
    make_account(ACCOUNT_ID, now)
    new_bucket(root_of(ACCOUNT_ID))
    outcomes: list[str] = []

    def make(number: int) -> None:
        try:
            put(root_of(ACCOUNT_ID), "lock", b"%d" % number, if_none_match="*")
            outcomes.append("")
        except ServiceError as error:
            outcomes.append(error.code)

    run_together(make, 4)
    assert sorted(outcomes) == ["", *["PreconditionFailed"] * 3]


# --- Reset ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_reset_empties_the_account_and_nobody_elses(now: Any, objects: Path):
    make_account(ACCOUNT_ID, now)
    make_account(OTHER_ACCOUNT_ID, now)
    root, other = root_of(ACCOUNT_ID), root_of(OTHER_ACCOUNT_ID)
    new_bucket(root)
    put(root, "a")
    upload = s3_uploads.create_multipart_upload(root, bucket=REPORTS, key="big")
    s3_uploads.upload_part(root, bucket=REPORTS, key="big", upload_id=upload.id, part_number=1)
    new_bucket(other, "kept-bucket")
    kept = put(other, "a", bucket="kept-bucket")
    operator = callers.operator(Account.objects.get(pk=ACCOUNT_ID), now=now, request_id="r")
    lifecycle.reset_account(operator)
    assert [bucket.name for bucket in Bucket.objects.all()] == ["kept-bucket"]
    assert not Upload.objects.exists()
    assert files(objects) == {kept.blob}
    new_bucket(root_of(OTHER_ACCOUNT_ID))


@pytest.mark.django_db(transaction=True)
def test_files_go_after_the_commit_and_not_before(now: Any, objects: Path):
    make_account(ACCOUNT_ID, now)
    root = root_of(ACCOUNT_ID)
    new_bucket(root)
    old = put(root, "a", b"old")
    new = put(root, "a", b"new")
    copy = s3_copies.copy_object(root, bucket=REPORTS, key="b", copy_source=f"{REPORTS}/a")
    assert files(objects) == {new.blob, copy.blob}
    assert old.blob != new.blob
    s3_objects.delete_objects(root, bucket=REPORTS, delete=["a", "b"])
    assert files(objects) == set()
    assert Instance.objects.count() == 1
