"""S3 by boto3 over a real connection: buckets, objects, lists, copies, uploads in parts."""

from __future__ import annotations

import hashlib
import io
import random
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from accounts.models import Event
from iamconsole.sandbox.models import Bucket, StoredObject, Upload
from tests.api.clients import Key, key_of
from tests.api.refusals import refused
from tests.api.servers import serving
from tests.cast import ACCOUNT_ID, allow, document

MIB = 1024 * 1024
BYTES = random.Random(1).randbytes(300_000)


def s3_of(key: Key, endpoint: str, **config: Any) -> Any:
    """A client of S3 as boto3 makes it when it is told nothing but the endpoint and a key."""
    return boto3.Session(key.access_key_id, key.secret, key.token, "us-east-1").client(
        "s3", endpoint_url=endpoint, config=Config(retries={"max_attempts": 0}, **config)
    )


@pytest.fixture
def endpoint(transactional_db, settings, tmp_path):
    settings.OBJECTS = tmp_path / "objects"
    with serving() as url:
        yield url


@pytest.fixture
def key(endpoint, admin) -> Key:
    return key_of(admin)


@pytest.fixture
def s3(endpoint, key):
    return s3_of(key, endpoint)


@pytest.fixture
def bucket(s3) -> str:
    s3.create_bucket(Bucket="reports")
    return "reports"


def fetched(url: str, **more: Any) -> Any:
    """What an address gives to somebody who has nothing but the address."""
    return urllib.request.urlopen(urllib.request.Request(url, **more), timeout=10)


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
    other = s3_of(key_of(eve), endpoint)
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
    etag = f'"{hashlib.md5(BYTES).hexdigest()}"'
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
    assert (told["ObjectSize"], told["ETag"]) == (len(BYTES), hashlib.md5(BYTES).hexdigest())
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
    assert copied["ETag"] == f'"{hashlib.md5(BYTES).hexdigest()}"'
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
    told = s3_of(key_of(limited), endpoint).delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names[:3]]}
    )
    assert [one["Key"] for one in told["Deleted"]] == names[:2]
    assert [(one["Key"], one["Code"]) for one in told["Errors"]] == [("<b>&", "AccessDenied")]
    told = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": name} for name in names[2:]], "Quiet": True}
    )
    assert "Deleted" not in told
    assert not StoredObject.objects.exists()


# --- Uploads in parts ----------------------------------------------------------------------------


def test_a_large_file_goes_up_in_parts_and_comes_back_in_ranges(s3, bucket):
    whole = random.Random(2).randbytes(11 * MIB)
    config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
    s3.upload_fileobj(io.BytesIO(whole), bucket, "large", Config=config)
    head = s3.head_object(Bucket=bucket, Key="large", PartNumber=1)
    assert (head["PartsCount"], head["ContentLength"]) == (3, 5 * MIB)
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back, Config=config)
    assert back.getvalue() == whole
    assert head["ETag"].endswith('-3"')
    assert not Upload.objects.exists()


def test_an_upload_in_parts_is_listed_completed_or_aborted(s3, bucket):
    begun = s3.create_multipart_upload(Bucket=bucket, Key="a b", ContentType="text/plain")
    asked = {"Bucket": bucket, "Key": "a b", "UploadId": begun["UploadId"]}
    first = s3.upload_part(**asked, PartNumber=1, Body=b"1" * 5 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    second = s3.upload_part_copy(
        **asked, PartNumber=2, CopySource=f"{bucket}/source", CopySourceRange="bytes=2-4"
    )["CopyPartResult"]
    assert [row["Key"] for row in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["a b"]
    parts = s3.list_parts(**asked)["Parts"]
    assert [(row["PartNumber"], row["Size"]) for row in parts] == [(1, 5 * MIB), (2, 3)]
    wanted = [{"PartNumber": n, "ETag": p["ETag"]} for n, p in enumerate((first, second), 1)]
    with refused("InvalidPartOrder", status=400):
        s3.complete_multipart_upload(**asked, MultipartUpload={"Parts": wanted[::-1]})
    with refused("InvalidPart", status=400):
        wrong = [{"PartNumber": 7, "ETag": first["ETag"]}]
        s3.complete_multipart_upload(**asked, MultipartUpload={"Parts": wrong})
    done = s3.complete_multipart_upload(**asked, MultipartUpload={"Parts": wanted})
    assert done["Location"].endswith(f"/{bucket}/a%20b")
    got = s3.get_object(Bucket=bucket, Key="a b", Range=f"bytes={5 * MIB}-")
    assert (got["Body"].read(), got["ContentType"]) == (b"234", "text/plain")
    begun = s3.create_multipart_upload(Bucket=bucket, Key="other")["UploadId"]
    s3.abort_multipart_upload(Bucket=bucket, Key="other", UploadId=begun)
    with refused("NoSuchUpload", status=404):
        s3.list_parts(Bucket=bucket, Key="other", UploadId=begun)


# --- Addresses that are signed -------------------------------------------------------------------


@pytest.mark.parametrize("version", [None, "s3v4"])
def test_whoever_has_a_signed_address_may_get_or_put_one_object(endpoint, key, bucket, version):
    s3 = s3_of(key, endpoint, signature_version=version)
    asked = {"Bucket": bucket, "Key": "a b/é+%&.txt"}
    put = s3.generate_presigned_url("put_object", Params=asked, ExpiresIn=60)
    # urllib would send a Content-Type of its own, which Version 2 signs.
    assert fetched(put, method="PUT", data=b"by address", headers={"Content-Type": ""}).status
    get = s3.generate_presigned_url(
        "get_object",
        Params=asked | {"ResponseContentDisposition": 'attachment; filename="a.txt"'},
        ExpiresIn=60,
    )
    with fetched(get) as got:
        assert got.read() == b"by address"
        assert got.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetched(get.replace("a%20b", "a%20c"))
    assert caught.value.code == 403
    assert b"<Code>SignatureDoesNotMatch</Code>" in caught.value.read()
    with pytest.raises(urllib.error.HTTPError) as caught:
        fetched(get, method="DELETE")
    assert caught.value.code == 403
    late = s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=-10 if version is None else 0)
    if version is None:
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetched(late)
        assert b"<Message>Request has expired</Message>" in caught.value.read()


def test_nobody_gets_in_unsigned_unless_a_public_policy_lets_them(endpoint, s3, bucket):
    from botocore import UNSIGNED

    anybody = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
    )  # fmt: skip
    s3.put_object(Bucket=bucket, Key="a", Body=b"public")
    with refused("AccessDenied", status=403):
        anybody.get_object(Bucket=bucket, Key="a")
    with refused("AccessDenied", status=403):
        anybody.list_buckets()
    s3.delete_public_access_block(Bucket=bucket)
    everybody = allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/*") | {"Principal": "*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=document(everybody))
    assert anybody.get_object(Bucket=bucket, Key="a")["Body"].read() == b"public"
    with refused("AccessDenied", status=403):
        anybody.put_object(Bucket=bucket, Key="a", Body=b"")
    assert Bucket.objects.get().name == bucket


def test_policies_decide_and_say_so(endpoint, s3, bucket, caller_with, alice):
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    reader = s3_of(key_of(caller_with(allow("s3:GetObject"))), endpoint)
    assert reader.get_object(Bucket=bucket, Key="a")["Body"].read() == b"a"
    with pytest.raises(ClientError) as caught:
        reader.put_object(Bucket=bucket, Key="a", Body=b"b")
    error = caught.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert error["Message"] == (
        f'User: {alice.arn} is not authorized to perform: s3:PutObject on resource: '
        f'"arn:aws:s3:::{bucket}/a" because no identity-based policy allows the s3:PutObject action'
    )
    event = Event.objects.get(action="s3:PutObject", outcome="denied")
    assert event.request_id == caught.value.response["ResponseMetadata"]["RequestId"]
