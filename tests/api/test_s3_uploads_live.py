"""S3's uploads in parts, by boto3 over a real connection."""

from __future__ import annotations

import io
import random

from boto3.s3.transfer import TransferConfig

from iamconsole.sandbox.models import Upload
from tests.api.refusals import refused

MIB = 1024 * 1024


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
    for most, told in ((0, 0), (1, 1), (2000, 1000)):
        page = s3.list_parts(**asked, MaxParts=most)
        assert (page["MaxParts"], len(page.get("Parts", []))) == (told, min(most, 2))
        uploads = s3.list_multipart_uploads(Bucket=bucket, MaxUploads=most)
        assert (uploads["MaxUploads"], len(uploads.get("Uploads", []))) == (told, min(most, 1))
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
