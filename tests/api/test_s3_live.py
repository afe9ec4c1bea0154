"""S3 by boto3 over a real connection: buckets, objects, lists, copies."""

from __future__ import annotations

import hashlib
import random

import pytest
from botocore.exceptions import ClientError

from accounts.models import Event
from iamconsole.sandbox.models import StoredObject
from tests.api.clients import key_of
from tests.api.refusals import refused
from tests.api.servers import s3_client
from tests.cast import ACCOUNT_ID, allow, document

BYTES = random.Random(1).randbytes(300_000)


# --- Buckets -------------------------------------------------------------------------------------


def test_a_bucket_is_made_listed_looked_at_and_deleted(s3, admin):
    made = s3.create_bucket(Bucket="reports")
    assert made["Location"] == "/reports"
    listed = s3.list_buckets()
    assert [row["Name"] for row in listed["Buckets"]] == ["reports"]
    assert len(listed["Owner"]["ID"]) == 64
    found = s3.head_bucket(Bucket="reports")
    assert found["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="reports")["LocationConstraint"] is None
    assert "Status" not in s3.get_bucket_versioning(Bucket="reports")
    s3.delete_bucket(Bucket="reports")
    assert s3.list_buckets()["Buckets"] == []
    with refused("404", status=404):
        s3.head_bucket(Bucket="reports")
    event = Event.objects.get(action="s3:CreateBucket")
    assert (event.principal_arn, event.face) == (admin.arn, "api")
    assert event.request_id == made["ResponseMetadata"]["RequestId"]


def test_a_bucket_lies_in_the_region_that_is_named(s3):
    s3.create_bucket(
        Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert s3.get_bucket_location(Bucket="reports")["LocationConstraint"] == "eu-west-1"


def test_names_are_taken_and_refused_in_s3_s_words(s3, endpoint, eve, bucket):
    other = s3_client(key_of(eve), endpoint)
    with refused("BucketAlreadyExists", status=409):
        other.create_bucket(Bucket=bucket)
    with refused("InvalidBucketName", "The specified bucket is not valid.", status=400):
        s3.create_bucket(Bucket="No_Bucket")
    with refused("NoSuchBucket", "The specified bucket does not exist", status=404):
        s3.list_objects_v2(Bucket="nowhere")
    with refused("AccessDenied", "Access Denied", status=403):
        other.list_objects_v2(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    with refused("BucketNotEmpty", "The bucket you tried to delete is not empty", status=409):
        s3.delete_bucket(Bucket=bucket)


def test_a_bucket_has_tags_a_policy_and_a_block(s3, bucket):
    with refused("NoSuchTagSet", status=404):
        s3.get_bucket_tagging(Bucket=bucket)
    tags = [{"Key": "Team", "Value": "Größe + 1"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    s3.delete_bucket_tagging(Bucket=bucket)
    with refused("NoSuchBucketPolicy", "The bucket policy does not exist", status=404):
        s3.get_bucket_policy(Bucket=bucket)
    statement = allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/*")
    text = document(statement | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}})
    s3.put_bucket_policy(Bucket=bucket, Policy=text)
    assert "s3:GetObject" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket_policy(Bucket=bucket)
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    open_ = dict.fromkeys(block, False)
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=open_)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == open_


def test_what_is_not_built_says_so_and_is_not_done(s3, bucket):
    with refused("NotImplemented", status=501):
        s3.get_bucket_acl(Bucket=bucket)
    with refused("AccessControlListNotSupported", "The bucket does not allow ACLs", status=400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"a", ACL="public-read")
    with refused("NotImplemented", status=501):
        s3.put_object(Bucket=bucket, Key="a", Body=b"a", ServerSideEncryption="aws:kms")
    with refused("NotImplemented", status=501):
        s3.put_object(Bucket=bucket, Key="a", Body=b"a", StorageClass="GLACIER")
    with refused("AccessDenied", status=403):
        s3.put_object(Bucket=bucket, Key="a", Body=b"a", ExpectedBucketOwner="999999999999")
    with refused("NoSuchVersion", status=404):
        s3.delete_object(Bucket=bucket, Key="a", VersionId="abc")
    assert not StoredObject.objects.exists()
    s3.put_object(
        Bucket=bucket, Key="a", Body=b"a", ACL="private", ServerSideEncryption="AES256",
        ExpectedBucketOwner=ACCOUNT_ID,
    )  # fmt: skip


# --- Objects -------------------------------------------------------------------------------------


def test_an_object_comes_back_as_it_was_put(s3, bucket):
    put = s3.put_object(
        Bucket=bucket,
        Key="2026/report.txt",
        Body=BYTES,
        ContentType="text/plain",
        CacheControl="max-age=60",
        ContentDisposition='attachment; filename="r.txt"',
        ContentLanguage="de",
        Metadata={"Author": "carol"},
        Tagging="Team=Red&Empty=",
    )
    etag = f'"{hashlib.md5(BYTES, usedforsecurity=False).hexdigest()}"'
    assert put["ETag"] == etag
    assert put["ChecksumCRC32"]
    got = s3.get_object(Bucket=bucket, Key="2026/report.txt")
    assert got["Body"].read() == BYTES
    assert (got["ETag"], got["ContentLength"], got["AcceptRanges"]) == (etag, len(BYTES), "bytes")
    assert (got["ContentType"], got["CacheControl"]) == ("text/plain", "max-age=60")
    assert (got["ContentLanguage"], got["Metadata"]) == ("de", {"author": "carol"})
    assert (got["TagCount"], got["ChecksumCRC32"]) == (2, put["ChecksumCRC32"])
    head = s3.head_object(Bucket=bucket, Key="2026/report.txt")
    assert {name: head[name] for name in ("ETag", "ContentLength", "ContentType")} == {
        name: got[name] for name in ("ETag", "ContentLength", "ContentType")
    }
    assert head["LastModified"] == got["LastModified"]
    s3.delete_object(Bucket=bucket, Key="2026/report.txt")
    with refused("NoSuchKey", "The specified key does not exist.", status=404):
        s3.get_object(Bucket=bucket, Key="2026/report.txt")
    s3.delete_object(Bucket=bucket, Key="2026/report.txt")


def test_ranges_and_conditions_are_those_of_http(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="a", Body=b"0123456789")["ETag"]
    part = s3.get_object(Bucket=bucket, Key="a", Range="bytes=2-4")
    assert part["Body"].read() == b"234"
    assert (part["ContentRange"], part["ContentLength"]) == ("bytes 2-4/10", 3)
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.get_object(Bucket=bucket, Key="a", Range="bytes=-3")["Body"].read() == b"789"
    with refused("InvalidRange", "The requested range is not satisfiable", status=416):
        s3.get_object(Bucket=bucket, Key="a", Range="bytes=10-")
    with refused("304", status=304):
        s3.get_object(Bucket=bucket, Key="a", IfNoneMatch=etag)
    with refused("PreconditionFailed", status=412):
        s3.get_object(Bucket=bucket, Key="a", IfMatch='"other"')
    with refused("PreconditionFailed", status=412):
        s3.put_object(Bucket=bucket, Key="a", Body=b"x", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"0123456789"


def test_an_empty_object_is_one(s3, bucket):
    s3.put_object(Bucket=bucket, Key="folder/")
    got = s3.get_object(Bucket=bucket, Key="folder/")
    assert (got["Body"].read(), got["ContentLength"]) == (b"", 0)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_are_checked_kept_and_given_back(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="a", Body=BYTES, ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    name = f"Checksum{algorithm}"
    assert head[name] == put[name]
    told = s3.get_object_attributes(
        Bucket=bucket, Key="a", ObjectAttributes=["ETag", "Checksum", "ObjectSize"]
    )
    assert told["Checksum"] == {name: put[name], "ChecksumType": "FULL_OBJECT"}
    assert (told["ObjectSize"], told["ETag"]) == (
        len(BYTES),
        hashlib.md5(BYTES, usedforsecurity=False).hexdigest(),
    )
    with refused("BadDigest", status=400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"other", **{name: put[name]})
    with refused("BadDigest", status=400):
        s3.put_object(Bucket=bucket, Key="a", Body=b"a", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == BYTES


def test_objects_have_tags(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    tags = [{"Key": "Team", "Value": "Red"}]
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == tags
    s3.delete_object_tagging(Bucket=bucket, Key="a")
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []


def test_objects_are_copied_with_or_without_what_hangs_on_them(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b/é+%.txt", Body=BYTES, Metadata={"a": "1"})
    source = {"Bucket": bucket, "Key": "a b/é+%.txt"}
    copied = s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]
    assert copied["ETag"] == f'"{hashlib.md5(BYTES, usedforsecurity=False).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert (got["Body"].read(), got["Metadata"]) == (BYTES, {"a": "1"})
    s3.copy_object(
        Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE",
        Metadata={"b": "2"}, ContentType="text/plain",
    )  # fmt: skip
    got = s3.head_object(Bucket=bucket, Key="copy")
    assert (got["ContentType"], got["Metadata"]) == ("text/plain", {"b": "2"})


# --- Lists ---------------------------------------------------------------------------------------

HOSTILE = [
    "..",
    "../../etc/passwd",
    "./a/./b",
    "/leading",
    "a//b",
    "a//b/",
    "a b",
    "a+b",
    "a%2Fb",
    "a%b",
    "a?b=c&d",
    "a#b",
    "<script>alert(1)</script>",
    "Größe/日本/🎉",
    "a\tb",
    "tab\x01\x1f",
    "\u202eevil",
    "~!@$^*()_-={}[]|\\:;\"',",
    "console/iam/",
    "k" * 1024,
    "é" * 512,
]


def test_a_key_may_be_any_text(s3, bucket):
    for name in HOSTILE:
        s3.put_object(Bucket=bucket, Key=name, Body=name.encode())
    for name in HOSTILE:
        assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == name.encode()
        assert s3.head_object(Bucket=bucket, Key=name)["ContentLength"] == len(name.encode())
        found = s3.list_objects_v2(Bucket=bucket, Prefix=name)
        assert (found["Prefix"], found["Contents"][0]["Key"]) == (name, name)
    by_bytes = sorted(HOSTILE, key=str.encode)
    assert [row["Key"] for row in s3.list_objects_v2(Bucket=bucket)["Contents"]] == by_bytes
    assert [row["Key"] for row in s3.list_objects(Bucket=bucket)["Contents"]] == by_bytes
    for name in HOSTILE:
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": name})
        assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == name.encode()
        s3.delete_object(Bucket=bucket, Key=name)
    assert [row["Key"] for row in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["copy"]


def test_a_key_that_no_key_is_is_refused(s3, bucket):
    with refused("KeyTooLongError", status=400):
        s3.put_object(Bucket=bucket, Key="k" * 1025, Body=b"")
    with refused("InvalidURI", status=400):
        s3.put_object(Bucket=bucket, Key="a\x00b", Body=b"")


def test_lists_come_in_pages_and_folders(s3, bucket):
    names = [f"{folder}/{number}" for folder in "abc" for number in range(3)] + ["top <&>"]
    for name in names:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 4}
    )
    assert [[row["Key"] for row in page["Contents"]] for page in pages] == [
        names[:4],
        names[4:8],
        names[8:],
    ]
    folders = s3.list_objects_v2(Bucket=bucket, Delimiter="/")
    assert [row["Prefix"] for row in folders["CommonPrefixes"]] == ["a/", "b/", "c/"]
    assert [row["Key"] for row in folders["Contents"]] == ["top <&>"]
    assert (folders["KeyCount"], folders["MaxKeys"], folders["IsTruncated"]) == (4, 1000, False)
    inside = s3.list_objects_v2(Bucket=bucket, Prefix="b/", StartAfter="b/0", FetchOwner=True)
    assert [row["Key"] for row in inside["Contents"]] == ["b/1", "b/2"]
    assert inside["Contents"][0]["Owner"]["ID"] == s3.list_buckets()["Owner"]["ID"]
    older = s3.get_paginator("list_objects").paginate(
        Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2}
    )
    assert [
        [row["Prefix"] for row in page.get("CommonPrefixes", [])]
        + [row["Key"] for row in page.get("Contents", [])]
        for page in older
    ] == [["a/", "b/"], ["c/", "top <&>"]]
    with refused("InvalidArgument", status=400):
        s3.list_objects_v2(Bucket=bucket, ContinuationToken="nonsense")


def test_many_are_deleted_at_once_and_each_is_told_of(s3, bucket, endpoint, caller_with):
    names = ["a", "a\rb", "<b>&", "é", "missing"]
    for name in names[:-1]:
        s3.put_object(Bucket=bucket, Key=name, Body=b"")
    on = f"arn:aws:s3:::{bucket}"
    limited = caller_with(allow("s3:DeleteObject", on=f"{on}/a*"))
    told = s3_client(key_of(limited), endpoint).delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names[:3]]}
    )
    assert [one["Key"] for one in told["Deleted"]] == names[:2]
    assert [(one["Key"], one["Code"]) for one in told["Errors"]] == [("<b>&", "AccessDenied")]
    told = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names[2:]], "Quiet": True}
    )
    assert "Deleted" not in told
    assert not StoredObject.objects.exists()


def test_policies_decide_and_say_so(endpoint, s3, bucket, caller_with, alice):
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    reader = s3_client(key_of(caller_with(allow("s3:GetObject"))), endpoint)
    assert reader.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"
    with pytest.raises(ClientError) as caught:
        reader.put_object(Bucket=bucket, Key="a", Body=b"b")
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"] == (
        f"User: {alice.arn} is not authorized to perform: s3:PutObject on resource: "
        f'"arn:aws:s3:::{bucket}/a" because no identity-based policy allows the s3:PutObject action'
    )
    event = Event.objects.get(action="s3:PutObject", outcome="denied")
    assert event.request_id == caught.value.response["ResponseMetadata"]["RequestId"]
