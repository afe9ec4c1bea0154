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

from accounts.caller import Caller
from iamconsole.sandbox import crc, retention, s3_limits, storage, sweeping
from iamconsole.sandbox.actions import s3_objects, s3_uploads
from iamconsole.sandbox.models import Bucket, ObjectStore, Part, StoredObject
from tests.cast import ACCOUNT_ID
from tests.sandbox.stored import (
    REPORTS,
    code_of,
    content,
    files,
    new_bucket,
    put,
    sums_are_right,
)
from tests.sandbox.together import closing, make_account, root_of, run_together


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """A folder that this test has for itself."""
    settings.OBJECTS = tmp_path / "objects"
    return Path(settings.OBJECTS)


@pytest.fixture
def bucket(root: Caller) -> Bucket:
    """The bucket that things are put into."""
    return new_bucket(root)


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

    monkeypatch.setattr(os, "fsync", full)
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
    with sweeping._my_turn() as first, sweeping._my_turn() as second:
        assert (first, second) == (True, False)
    with sweeping._my_turn() as soon:
        assert not soon
    os.utime(objects / "swept", (0, 0))
    with sweeping._my_turn() as later:
        assert later


def test_a_sweep_comes_by_itself(db: None, objects: Path, monkeypatch: pytest.MonkeyPatch):
    swept, stop = threading.Event(), threading.Event()
    monkeypatch.setattr(storage, "sweep", swept.set)
    monkeypatch.setattr(storage, "belongs_here", lambda: True)
    thread = sweeping.sweep_regularly(stop)
    assert swept.wait(10)
    stop.set()
    thread.join(10)
    assert thread.daemon
    assert sweeping.EVERY < 60


def test_a_folder_of_another_database_is_not_swept(
    db: None, objects: Path, monkeypatch: pytest.MonkeyPatch
):
    looked, stop = threading.Event(), threading.Event()
    monkeypatch.setattr(storage, "sweep", lambda: pytest.fail("swept"))
    monkeypatch.setattr(storage, "belongs_here", lambda: looked.set())
    monkeypatch.setattr(retention, "sweep", lambda now: stop.set())
    thread = sweeping.sweep_regularly(stop)
    assert looked.wait(10)
    assert stop.wait(10)
    thread.join(10)


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


@pytest.mark.django_db
def test_a_folder_belongs_to_the_database_that_used_it_first():
    assert storage.belongs_here()
    assert storage.belongs_here()
    ObjectStore.objects.update(mark="another database's")
    assert not storage.belongs_here()


@pytest.mark.django_db
def test_a_database_that_is_restored_knows_its_folder():
    assert storage.belongs_here()
    mark = ObjectStore.objects.get().mark
    ObjectStore.objects.all().delete()
    assert not storage.belongs_here()
    ObjectStore.objects.update(mark=mark)
    assert storage.belongs_here()
