"""The files of S3's objects: whatever crashes, none lacks its row for long, and no row its file."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts import caller as callers
from accounts.actions import lifecycle
from accounts.caller import Caller, Face
from accounts.models import Account, Instance
from iamconsole.sandbox import crc, s3_limits, storage
from iamconsole.sandbox.actions import bucket_policies, s3_copies, s3_objects, s3_uploads
from iamconsole.sandbox.models import Bucket, Part, StoredObject, Upload
from iamconsole.sandbox.s3_limits import MIB, counted
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID
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


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """A folder that this test has for itself."""
    settings.OBJECTS = tmp_path / "objects"
    return Path(settings.OBJECTS)


@pytest.fixture
def bucket(root: Caller) -> Bucket:
    """The bucket that things are put into."""
    return new_bucket(root)


def files(objects: Path) -> set[str]:
    """The names of all files that hold something of an object."""
    return {path.name for path in objects.glob("*/*")}


# --- Crashes -------------------------------------------------------------------------------------


def killed_while(work: Callable[[int], None]) -> Iterator[None]:
    """Do it in a process of its own; it says when it is ready, and is killed after the block."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(writing)
        finally:
            os._exit(1)
    os.close(writing)
    assert os.read(reading, 1) == b"!"
    os.close(reading)
    yield
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    yield


def test_an_upload_cut_off_by_kill_9_is_gone_with_the_next_sweep(bucket: Bucket, objects: Path):
    def upload(ready: int) -> None:
        def pieces() -> Iterator[bytes]:
            yield b"half"
            os.write(ready, b"!")
            time.sleep(60)

        storage.write(pieces())

    crash = killed_while(upload)
    next(crash)
    assert len(files(objects)) == 1
    assert storage.sweep() == 0, "a file that somebody writes is left alone"
    next(crash)
    assert storage.sweep() == 1
    assert files(objects) == set()


def test_a_crash_between_file_and_row_leaves_neither(bucket: Bucket, objects: Path):
    def write(ready: int) -> None:
        _kept = storage.write([b"whole"])
        os.write(ready, b"!")
        time.sleep(60)

    crash = killed_while(write)
    next(crash)
    assert storage.sweep() == 0
    next(crash)
    assert (storage.sweep(), files(objects)) == (1, set())


def test_a_crash_between_the_end_of_a_row_and_of_its_file_leaves_neither(
    root: Caller, bucket: Bucket, objects: Path, django_capture_on_commit_callbacks: Any
):
    with django_capture_on_commit_callbacks(execute=True):
        kept, gone = put(root, "kept"), put(root, "gone")
        upload = s3_uploads.create_multipart_upload(root, bucket=REPORTS, key="big")
        s3_uploads.upload_part(root, bucket=REPORTS, key="big", upload_id=upload.id, part_number=1)
    part = Part.objects.get()
    # What was to be removed after this commit is not.
    s3_objects.delete_object(root, bucket=REPORTS, key="gone")
    assert {kept.blob, gone.blob, part.blob} == files(objects)
    assert storage.sweep() == 1
    assert {kept.blob, part.blob} == files(objects)
    assert content(root, "kept") == b"hello"


def test_a_change_that_fails_leaves_its_file_to_the_sweep(
    root: Caller, bucket: Bucket, objects: Path, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(s3_limits, "take", broken)
    assert code_of(put, root, "a") == "ServiceFailure"
    storage.sweep()
    assert files(objects) == set()
    assert not StoredObject.objects.exists()


def test_a_body_that_can_not_be_written_leaves_nothing(
    root: Caller, bucket: Bucket, objects: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(_descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    assert code_of(put, root, "a") == "ServiceFailure"
    assert files(objects) == set()


@pytest.mark.django_db(transaction=True)
def test_uploads_and_sweeps_at_once_never_lose_a_file(now: Any, objects: Path):
    make_account(ACCOUNT_ID, now)
    new_bucket(root_of(ACCOUNT_ID))
    stop = threading.Event()

    def sweeping() -> None:
        while not stop.is_set():
            storage.sweep()

    def writing(number: int) -> None:
        root = root_of(ACCOUNT_ID)
        for turn in range(12):
            put(root, f"{number}", bytes([turn]) * 5000)

    sweeper = threading.Thread(target=closing(sweeping))
    sweeper.start()
    run_together(writing, 3)
    stop.set()
    sweeper.join()
    root = root_of(ACCOUNT_ID)
    assert [content(root, str(number)) for number in range(3)] == [b"\x0b" * 5000] * 3
    assert files(objects) == set(StoredObject.objects.values_list("blob", flat=True))
    assert sums_are_right()


def test_siblings_take_turns(objects: Path):
    with storage._my_turn() as first, storage._my_turn() as second:
        assert (first, second) == (True, False)
    with storage._my_turn() as soon:
        assert not soon
    os.utime(objects / "swept", (0, 0))
    with storage._my_turn() as later:
        assert later


def test_a_sweep_comes_by_itself(db: None, objects: Path, monkeypatch: pytest.MonkeyPatch):
    swept, stop = threading.Event(), threading.Event()
    monkeypatch.setattr(storage, "sweep", swept.set)
    thread = storage.sweep_regularly(stop)
    assert swept.wait(10)
    stop.set()
    thread.join(10)
    assert thread.daemon
    assert storage.SWEEP_EVERY < 60


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
    place = {"bucket": REPORTS, "key": "big", "upload_id": upload.id}
    part = {"part_number": 1, "content_length": 16 * MIB - 1024}
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


def make_account(account_id: str, now: Any) -> Account:
    given = {"name": "Example", "root_email": f"root@{account_id}.example.com"}
    operator = callers.operator(None, now=now, request_id="r")
    return lifecycle.create_account(operator, account_id=account_id, **given).account


def root_of(account_id: str) -> Caller:
    account = Account.objects.get(pk=account_id)
    return callers.root(account, face=Face.API, now=account.created_at, request_id="r")


def closing(work: Callable[..., None]) -> Callable[..., None]:
    def run(*given: Any) -> None:
        try:
            work(*given)
        finally:
            connection.close()

    return run


def run_together(work: Callable[[int], None], number: int) -> None:
    """Do it as often in as many threads; raise what any of them raises."""
    raised: list[BaseException] = []

    def guarded(one: int) -> None:
        try:
            work(one)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=closing(guarded), args=(one,)) for one in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if raised:
        raise raised[0]


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
        except s3_limits.QuotaExceeded as error:
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
            except s3_limits.QuotaExceeded.__base__ as error:  # type: ignore[misc]
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
        except s3_limits.QuotaExceeded.__base__ as error:  # type: ignore[misc]
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


# --- Checksums -----------------------------------------------------------------------------------


def bit_by_bit(kind: crc.Kind, content: bytes) -> bytes:
    rest = ones = (1 << 8 * kind.width) - 1
    for byte in content:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ (kind.polynomial if rest & 1 else 0)
    return (rest ^ ones).to_bytes(kind.width, "big")


@pytest.mark.parametrize(
    ("algorithm", "check"), [(crc.Crc32c, "e3069283"), (crc.Crc64Nvme, "ae8b14860a799888")]
)
def test_a_crc_is_the_catalogues_and_the_same_in_any_pieces(algorithm: Any, check: str):
    found = algorithm()
    found.update(b"123456789")
    assert found.digest().hex() == check
    content = bytes(range(256)) * 9
    for length in (*range(34), 63, 64, 65, 1000, 2304):
        for cut in {0, min(1, length), length // 3, max(length - 1, 0)}:
            found = algorithm()
            found.update(content[:cut])
            found.update(content[cut:length])
            assert found.digest() == bit_by_bit(algorithm.kind, content[:length])
