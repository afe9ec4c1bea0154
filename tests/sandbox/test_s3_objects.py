"""S3's objects: what is put comes back, whole or in part, for whoever may."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pytest

from accounts.caller import Caller
from accounts.models import Event
from accounts.types import Tag
from iamconsole.sandbox import storage
from iamconsole.sandbox.actions import s3_object_tags, s3_objects
from iamconsole.sandbox.models import StoredObject
from iamconsole.sandbox.s3_errors import NotModified
from tests.cast import CallerWith, allow
from tests.sandbox.stored import (
    CLASSIFIED,
    REPORTS,
    code_of,
    content,
    new_bucket,
    put,
    refusal,
    sums_are_right,
)

OBJECTS = f"arn:aws:s3:::{REPORTS}/*"
BUCKET = f"arn:aws:s3:::{REPORTS}"


@pytest.fixture(autouse=True)
def reports(root: Caller) -> None:
    """The bucket in which nearly everything happens."""
    new_bucket(root)


class Body:
    """A body that comes in small pieces, may break off, and may have a trailer."""

    def __init__(
        self,
        content: bytes,
        error: Exception | None = None,
        checksums: dict[str, str] | None = None,
    ) -> None:
        self.file = io.BytesIO(content)
        self.error = error
        self.checksums = checksums or {}

    def read(self, size: int, /) -> bytes:
        piece = self.file.read(min(size, 7))
        if not piece and self.error is not None:
            raise self.error
        return piece


def digest(algorithm: str, content: bytes) -> str:
    found = storage.ALGORITHMS[algorithm]()
    found.update(content)
    return storage.base64_of(found.digest())


def stored_files() -> set[str]:
    return {path.name for path in storage.path_of("ab").parent.parent.glob("*/*")}


# --- What is put comes back ----------------------------------------------------------------------


def test_an_object_comes_back_with_all_that_was_said_of_it(root: Caller):
    made = put(
        root,
        "2026/january.csv",
        b"a,b\n1,2\n",
        content_type="text/csv",
        cache_control="no-store",
        content_disposition="attachment",
        metadata={"Author": "Steve"},
        tagging=[Tag("team", "red")],
    )
    assert made.etag == hashlib.md5(b"a,b\n1,2\n").hexdigest()  # noqa: S324
    found = s3_objects.head_object(root, bucket=REPORTS, key="2026/january.csv").object
    assert (found.size, found.content_type) == (8, "text/csv")
    assert found.headers == {"cache-control": "no-store", "content-disposition": "attachment"}
    assert (found.metadata, found.tags) == ({"author": "Steve"}, {"team": "red"})
    assert found.modified_at == root.now
    assert content(root, "2026/january.csv") == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    "key",
    [
        "a/../../../etc/passwd",
        "..",
        "/",
        "//",
        "/leading",
        "trailing/",
        " ",
        "<script>alert(1)</script>",
        "'; DROP TABLE sandbox_bucket; --",
        "new\nline\ttab\x01",
        "*?${aws:username}",
        "\U0001f600\u202e\ufffe",
        "x" * 1024,
        "\u00e9" * 512,
    ],
)
def test_a_key_is_kept_to_the_letter(root: Caller, key: str):
    put(root, key, b"one")
    put(root, key + "?" if len(key.encode()) < 1024 else "other", b"two")
    assert content(root, key) == b"one"
    assert StoredObject.objects.filter(key=key).count() == 1
    s3_objects.delete_object(root, bucket=REPORTS, key=key)
    assert code_of(content, root, key) == "NoSuchKey"
    assert StoredObject.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", "InvalidArgument"),
        ("x" * 1025, "KeyTooLongError"),
        ("\u00e9" * 513, "KeyTooLongError"),
        ("nul\x00", "InvalidURI"),
        ("half \ud800", "InvalidURI"),
        (b"bytes", "InvalidArgument"),
    ],
)
def test_keys_that_there_can_not_be(root: Caller, key: Any, code: str):
    assert code_of(put, root, key) == code
    assert code_of(content, root, key) == code


def test_what_is_put_again_takes_the_others_place_and_its_file(
    root: Caller, django_capture_on_commit_callbacks: Any
):
    old = put(root, "same", b"old", metadata={"a": "b"}, tagging=[Tag("c", "d")])
    with django_capture_on_commit_callbacks(execute=True):
        new = put(root, "same", b"new")
    assert content(root, "same") == b"new"
    assert (new.metadata, new.tags) == ({}, {})
    assert not storage.path_of(old.blob).exists()
    assert storage.path_of(new.blob).exists()
    assert sums_are_right()


def test_a_download_goes_on_while_the_object_is_replaced_and_deleted(
    root: Caller, django_capture_on_commit_callbacks: Any
):
    put(root, "same", b"x" * 1000)
    asked = s3_objects.get_object(root, bucket=REPORTS, key="same")
    with django_capture_on_commit_callbacks(execute=True):
        put(root, "same", b"new")
        s3_objects.delete_object(root, bucket=REPORTS, key="same")
    assert b"".join(asked.chunks()) == b"x" * 1000


def test_an_empty_object_is_an_object(root: Caller):
    s3_objects.put_object(root, bucket=REPORTS, key="folder/")
    assert content(root, "folder/") == b""
    assert content(root, "folder/", range="bytes=x") == b""
    assert code_of(content, root, "folder/", range="bytes=0-0") == "InvalidRange"


def test_an_event_says_what_was_done_and_never_what_was_in_it(root: Caller):
    put(root, "secret", b"sesame")
    event = Event.objects.latest("sequence")
    assert (event.action, event.outcome) == ("s3:PutObject", "success")
    assert event.resources == [f"{BUCKET}/secret"]
    assert event.parameters["key"] == "secret"
    assert "sesame" not in str(event.parameters)
    content(root, "secret")
    event = Event.objects.latest("sequence")
    assert (event.action, event.read_only) == ("s3:GetObject", True)


# --- What must be true of a body -----------------------------------------------------------------


@pytest.mark.parametrize(("length", "sent"), [(10, b"short"), (3, b"longer"), (1, b"")])
def test_a_body_of_another_length_than_announced_leaves_nothing(
    root: Caller, length: int, sent: bytes
):
    before = stored_files()
    assert code_of(put, root, "a", sent, content_length=length) == "IncompleteBody"
    assert stored_files() == before
    assert not StoredObject.objects.exists()
    assert sums_are_right()


def test_a_body_that_breaks_off_leaves_nothing(root: Caller):
    before = stored_files()
    broken = Body(b"begin", OSError("the connection broke"))
    given: dict[str, Any] = {"bucket": REPORTS, "key": "a", "content_length": 100}
    assert code_of(s3_objects.put_object, root, body=broken, **given) == "IncompleteBody"
    refused = Body(b"begin", NotModified(None))
    assert code_of(s3_objects.put_object, root, body=refused, **given) == "NotModified"
    assert stored_files() == before


def test_a_body_without_a_length_is_refused(root: Caller):
    assert code_of(put, root, "a", content_length=None) == "MissingContentLength"


def test_a_refused_caller_is_refused_before_the_body_is_read(alice: Caller):
    class Untouched:
        def read(self, size: int, /) -> bytes:
            raise AssertionError("the body was read")

    given = {"bucket": REPORTS, "key": "a", "content_length": 5, "body": Untouched()}
    assert code_of(s3_objects.put_object, alice, **given) == "AccessDenied"


@pytest.mark.parametrize("algorithm", storage.ALGORITHMS)
def test_a_checksum_is_compared_and_kept(root: Caller, algorithm: str):
    argument = {
        "CRC32": "checksum_crc32",
        "CRC32C": "checksum_crc32_c",
        "CRC64NVME": "checksum_crc64_nvme",
        "SHA1": "checksum_sha1",
        "SHA256": "checksum_sha256",
    }[algorithm]
    right, wrong = digest(algorithm, b"hello"), digest(algorithm, b"hullo")
    assert put(root, "a", b"hello", **{argument: right}).checksums == {algorithm: right}
    assert code_of(put, root, "b", **{argument: wrong}) == "BadDigest"
    assert code_of(put, root, "b", **{argument: "no checksum"}) == "InvalidRequest"
    trailing = Body(b"hello", None, {algorithm: right})
    given: dict[str, Any] = {
        "bucket": REPORTS,
        "content_length": 5,
        "checksum_algorithm": algorithm,
    }
    made = s3_objects.put_object(root, key="c", body=trailing, **given)
    assert made.checksums == {algorithm: right}
    trailing = Body(b"hello", None, {algorithm: wrong})
    assert code_of(s3_objects.put_object, root, key="d", body=trailing, **given) == "BadDigest"
    assert set(StoredObject.objects.values_list("key", flat=True)) == {"a", "c"}


def test_an_md5_is_compared(root: Caller):
    right = base64.b64encode(hashlib.md5(b"hello").digest()).decode()  # noqa: S324
    put(root, "a", content_md5=right)
    wrong = base64.b64encode(hashlib.md5(b"hullo").digest()).decode()  # noqa: S324
    assert code_of(put, root, "b", content_md5=wrong) == "BadDigest"
    assert code_of(put, root, "b", content_md5="1B2M2Y8AsgTpgAmY7PhCfg") == "InvalidDigest"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"metadata": {"a": "x" * 2048}}, "MetadataTooLarge"),
        ({"metadata": {"a\r\nSet-Cookie": "x"}}, "InvalidArgument"),
        ({"metadata": {"a": "x\r\nSet-Cookie: y"}}, "InvalidArgument"),
        ({"content_type": "text/html\r\nX: y"}, "InvalidArgument"),
        ({"cache_control": "\x00"}, "InvalidArgument"),
        ({"content_type": "x" * 257}, "InvalidArgument"),
        ({"expires": "x" * 1025}, "InvalidArgument"),
        ({"tagging": [Tag(f"k{n}", "") for n in range(11)]}, "InvalidTag"),
        ({"if_none_match": '"abc"'}, "InvalidArgument"),
        ({"checksum_algorithm": "MD4"}, "ValidationError"),
        ({"content_length": -1}, "ValidationError"),
    ],
)
def test_what_can_not_be_kept_is_refused(root: Caller, given: dict[str, Any], code: str):
    assert code_of(put, root, "a", **given) == code
    assert not StoredObject.objects.exists()


# --- Who may -------------------------------------------------------------------------------------


def test_reader_and_writer_are_told_apart(root: Caller, caller_with: CallerWith):
    """The story of the two buckets: list and download, and no upload."""
    put(root, "report.txt")
    newbie = caller_with(
        allow("s3:ListBucket", on=BUCKET), allow("s3:GetObject", on=OBJECTS), name="newbie"
    )
    assert content(newbie, "report.txt") == b"hello"
    refused = refusal(put, newbie, "upload.txt")
    assert (refused.code, refused.status) == ("AccessDenied", 403)
    assert refused.message == (
        f"User: {newbie.arn} is not authorized to perform: s3:PutObject on resource: "
        f'"{BUCKET}/upload.txt" because no identity-based policy allows the s3:PutObject action'
    )
    assert code_of(content, newbie, "x", bucket=new_bucket(root, CLASSIFIED).name) == (
        "AccessDenied"
    )


def test_that_a_key_is_missing_is_told_only_to_who_may_list(root: Caller, caller_with: CallerWith):
    put(root, "there")
    alice = caller_with(allow("s3:GetObject", "s3:PutObjectTagging", on=OBJECTS))
    for call in (
        lambda: content(alice, "missing"),
        lambda: s3_objects.head_object(alice, bucket=REPORTS, key="missing"),
        lambda: s3_object_tags.put_object_tagging(alice, bucket=REPORTS, key="missing", tagging=[]),
    ):
        refused = refusal(call)
        assert (refused.code, refused.status) == ("AccessDenied", 403)
        assert f's3:ListBucket on resource: "{BUCKET}" because' in refused.message
    alice = caller_with(allow("s3:GetObject", on=OBJECTS), allow("s3:ListBucket", on=BUCKET))
    refused = refusal(content, alice, "missing")
    assert (refused.code, refused.status) == ("NoSuchKey", 404)


def test_a_pattern_in_a_policy_means_keys_not_files(root: Caller, caller_with: CallerWith):
    put(root, "home/alice/a")
    put(root, "home/bob/b")
    put(root, "home/alice/../bob/b")
    alice = caller_with(allow("s3:GetObject", on=f"{BUCKET}/home/${{aws:username}}/*"))
    assert content(alice, "home/alice/a") == b"hello"
    assert content(alice, "home/alice/../bob/b") == b"hello", "dots in a key are dots"
    assert code_of(content, alice, "home/bob/b") == "AccessDenied"


def test_policies_may_ask_for_an_objects_tags(root: Caller, caller_with: CallerWith):
    put(root, "red", tagging=[Tag("team", "red")])
    put(root, "blue", tagging=[Tag("team", "blue")])
    red = {"StringEquals": {"s3:ExistingObjectTag/team": "red"}}
    alice = caller_with(allow("s3:GetObject", "s3:GetObjectTagging", Condition=red))
    assert content(alice, "red") == b"hello"
    assert s3_object_tags.get_object_tagging(alice, bucket=REPORTS, key="red") == {"team": "red"}
    assert code_of(content, alice, "blue") == "AccessDenied"


def test_who_reads_while_an_object_is_replaced_is_asked_for_again(
    root: Caller, caller_with: CallerWith, monkeypatch: pytest.MonkeyPatch
):
    red = {"StringEquals": {"s3:ExistingObjectTag/team": "red"}}
    alice = caller_with(allow("s3:GetObject", Condition=red))
    put(root, "a", b"open", tagging=[Tag("team", "red")])
    read = storage.open_blob

    def replaced_meanwhile(blob: str) -> Any:
        monkeypatch.setattr(storage, "open_blob", read)
        storage.path_of(blob).unlink()
        put(root, "a", b"closed", tagging=[Tag("team", "blue")])
        return read(blob)

    monkeypatch.setattr(storage, "open_blob", replaced_meanwhile)
    assert code_of(content, alice, "a") == "AccessDenied"


def test_policies_may_ask_for_the_tags_that_a_request_sets(caller_with: CallerWith, root: Caller):
    red = {
        "StringEquals": {"s3:RequestObjectTag/team": "red"},
        "ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": ["team"]},
    }
    alice = caller_with(allow("s3:PutObject", "s3:PutObjectTagging", Condition=red))
    put(alice, "a", tagging=[Tag("team", "red")])
    for tags in ([], [Tag("team", "blue")], [Tag("team", "red"), Tag("more", "")]):
        assert code_of(put, alice, "b", tagging=tags) == "AccessDenied"
    call: dict[str, Any] = {"bucket": REPORTS, "key": "a"}
    s3_object_tags.put_object_tagging(alice, **call, tagging=[Tag("team", "red")])
    set_blue = {**call, "tagging": [Tag("team", "blue")]}
    assert code_of(s3_object_tags.put_object_tagging, alice, **set_blue) == "AccessDenied"
    alice = caller_with(allow("s3:PutObject"))
    message = refusal(put, alice, "c", tagging=[Tag("team", "red")]).message
    assert "s3:PutObjectTagging" in message


def test_tags_are_taken_off_again(root: Caller):
    put(root, "a", tagging=[Tag("team", "red")])
    s3_object_tags.delete_object_tagging(root, bucket=REPORTS, key="a")
    assert s3_object_tags.get_object_tagging(root, bucket=REPORTS, key="a") == {}


# --- Deleting ------------------------------------------------------------------------------------


def test_deleting_what_is_not_there_is_as_good(root: Caller, django_capture_on_commit_callbacks):
    made = put(root, "a")
    with django_capture_on_commit_callbacks(execute=True):
        s3_objects.delete_object(root, bucket=REPORTS, key="a")
        s3_objects.delete_object(root, bucket=REPORTS, key="a")
    assert not storage.path_of(made.blob).exists()
    assert sums_are_right()


def test_of_many_keys_each_is_asked_for_and_answered(
    root: Caller, caller_with: CallerWith, eve: Caller
):
    for key in ("mine/1", "mine/2", "theirs/1"):
        put(root, key)
    alice = caller_with(allow("s3:DeleteObject", on=f"{BUCKET}/mine/*"))
    keys = ["mine/1", "theirs/1", "mine/none", "mine/2", "mine/1"]
    results = s3_objects.delete_objects(alice, bucket=REPORTS, delete=keys)
    assert [(each.key, each.error and each.error.code) for each in results] == [
        ("mine/1", None),
        ("theirs/1", "AccessDenied"),
        ("mine/none", None),
        ("mine/2", None),
        ("mine/1", None),
    ]
    assert [each.key for each in StoredObject.objects.all()] == ["theirs/1"]
    assert sums_are_right()
    results = s3_objects.delete_objects(eve, bucket=REPORTS, delete=["theirs/1"])
    assert results[0].error is not None
    assert results[0].error.message == "Access Denied"
    assert StoredObject.objects.count() == 1


@pytest.mark.parametrize("keys", [[], ["a"] * 1001])
def test_lists_of_keys_that_are_empty_or_too_long(root: Caller, keys: list[str]):
    assert code_of(s3_objects.delete_objects, root, bucket=REPORTS, delete=keys) == "MalformedXML"
