"""Addresses of S3 that are signed, requests that nobody signed, and what a browser may do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from django.utils import timezone

from accounts.actions import sts_tokens
from accounts.models import Event
from iamconsole.sandbox.models import StoredObject
from tests.api.clients import Key
from tests.api.refusals import refused
from tests.api.servers import Found, fetched, s3_client
from tests.cast import allow, deny, document

VERSIONS = pytest.mark.parametrize("version", [None, "s3v4"], ids=["version 2", "version 4"])
PAGE = b"<script>document.title = document.cookie</script>"


@VERSIONS
def test_whoever_has_a_signed_address_may_do_what_it_says_and_nothing_else(
    endpoint, s3_key, bucket, version
):
    s3 = s3_client(s3_key, endpoint, signature_version=version)
    asked = {"Bucket": bucket, "Key": "a b/é+%&.txt"}
    put = s3.generate_presigned_url("put_object", Params=asked | {"Metadata": {"a": "1"}})
    assert fetched(put, "PUT", b"by address").status == (200 if version is None else 403)
    assert fetched(put, "PUT", b"by address", x_amz_meta_a="1").status == 200
    assert StoredObject.objects.get().metadata == {"a": "1"}
    get = s3.generate_presigned_url("get_object", Params=asked)
    assert fetched(get).body == "by address"
    others = [
        fetched(get.replace("a%20b", "a%20c")),
        fetched(get, "DELETE"),
        fetched(get, "PUT", b"other"),
        fetched(f"{get}&response-content-type=text/html"),
        fetched(f"{get}&attributes"),
        fetched(f"{get}&tagging"),
    ]
    assert {(one.status, "by address" in one.body) for one in others} == {(403, False)}
    assert fetched(get).body == "by address"


@VERSIONS
def test_an_address_is_good_until_its_time_is_over(
    endpoint, s3_key, s3, bucket, version, monkeypatch
):
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    client = s3_client(s3_key, endpoint, signature_version=version)
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=60
    )
    assert fetched(url).status == 200
    later = timezone.now() + timedelta(seconds=70)
    monkeypatch.setattr(timezone, "now", lambda: later)
    late = fetched(url)
    assert late.status == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in late.body


def test_an_address_is_good_for_a_week_at_most(endpoint, s3_key, bucket):
    client = s3_client(s3_key, endpoint, signature_version="s3v4")
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=604801
    )
    long = fetched(url)
    assert long.status == 400
    assert "<Code>AuthorizationQueryParametersError</Code>" in long.body


@pytest.mark.parametrize(
    ("condition", "kept_out"),
    [
        ({"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, {None, "s3v4"}),
        ({"StringEquals": {"s3:authType": "REST-HEADER"}}, {"header"}),
        ({"StringEquals": {"s3:signatureversion": "AWS"}}, {None}),
        ({"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}, {None}),
        ({"NumericLessThan": {"s3:signatureAge": "600000"}}, {"s3v4", "header"}),
        ({"NumericGreaterThan": {"s3:signatureAge": "600000"}}, set()),
        ({"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}, {"s3v4"}),
    ],
    ids=range(7),
)
def test_policies_can_tell_how_a_request_was_signed(
    endpoint, s3_key, s3, bucket, condition, kept_out
):
    s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    on = f"arn:aws:s3:::{bucket}/*"
    kept = deny("s3:GetObject", on=on, Condition=condition) | {"Principal": "*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=document(kept))
    refusals = set()
    for version in (None, "s3v4"):
        given = {} if version is None else {"signature_version": version}
        url = s3_client(s3_key, endpoint, **given).generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": "a"}
        )
        if fetched(url).status == 403:
            refusals.add(version)
    try:
        s3.get_object(Bucket=bucket, Key="a")
    except ClientError:
        refusals.add("header")
    assert refusals == kept_out


@VERSIONS
def test_an_address_may_be_signed_with_temporary_credentials(endpoint, s3, bucket, admin, version):
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    given = sts_credentials(admin)
    client = s3_client(given, endpoint, signature_version=version)
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    assert fetched(url).body == "a"
    assert "<Code>InvalidToken</Code>" in fetched(url.replace("oken=", "oken=x")).body


def sts_credentials(caller) -> Key:
    """Temporary credentials of a user."""
    given = sts_tokens.get_session_token(replace(caller, now=timezone.now()))
    return Key(given.access_key_id, given.secret_access_key, given.session_token)


def test_what_a_signed_address_says_of_headers_is_what_comes_back(endpoint, s3_key, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    wanted = {
        "ResponseContentType": "text/csv",
        "ResponseContentDisposition": 'attachment; filename="é.csv"',
        "ResponseCacheControl": "no-store",
    }
    client = s3_client(s3_key, endpoint, signature_version="s3v4")
    asked = {"Bucket": bucket, "Key": "a", **wanted}
    got = fetched(client.generate_presigned_url("get_object", Params=asked))
    assert (got.headers["Content-Type"], got.headers["Cache-Control"]) == ("text/csv", "no-store")
    split = asked | {"ResponseContentType": "text/html\r\nSet-Cookie: a=b"}
    got = fetched(client.generate_presigned_url("get_object", Params=split))
    assert (got.status, got.headers.get("Set-Cookie")) == (400, None)


def test_nobody_gets_in_unsigned_unless_a_public_policy_lets_them(endpoint, s3, bucket):
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
    with refused("InvalidRequest", status=400):
        anybody.get_object(Bucket=bucket, Key="a", ResponseContentType="text/html")


def test_who_did_not_sign_is_slowed_down_whichever_way_the_refusal_is_told(endpoint, s3, bucket):
    """DeleteObjects is a success that says of each key that it was refused."""
    anybody = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1",
        config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
    )  # fmt: skip
    asked = {"Bucket": bucket, "Delete": {"Objects": [{"Key": "a"}]}}
    for _ in range(20):
        assert anybody.delete_objects(**asked)["Errors"][0]["Code"] == "AccessDenied"
    recorded = Event.objects.count()
    with refused("SlowDown", status=503):
        anybody.delete_objects(**asked)
    assert Event.objects.count() == recorded


@pytest.mark.parametrize("name", ["metadata", "console", "issuers", "static"])
def test_a_bucket_may_be_called_as_what_else_stands_at_the_address(endpoint, s3_key, s3, name):
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="latest/a", Body=b"hello")
    for version in ("s3", "s3v4"):
        client = s3_client(s3_key, endpoint, signature_version=version)
        url = client.generate_presigned_url(
            "get_object", Params={"Bucket": name, "Key": "latest/a"}
        )
        assert fetched(url).body == "hello"


def test_a_browser_without_a_signature_finds_pages_and_no_buckets(endpoint, s3):
    s3.create_bucket(Bucket="console")
    s3.put_object(Bucket="console", Key="iam/", Body=PAGE, ContentType="text/html")
    assert s3.get_object(Bucket="console", Key="iam/")["Body"].read() == PAGE
    page = fetched(f"{endpoint.replace('127.0.0.1', 'localhost')}/console/iam/")
    assert "x-amz-request-id" not in page.headers
    assert PAGE.decode() not in page.body


def test_what_is_stored_here_acts_on_nothing_in_a_browser(endpoint, s3_key, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a.html", Body=PAGE, ContentType="text/html")
    client = s3_client(s3_key, endpoint, signature_version="s3v4")
    asked = {"Bucket": bucket, "Key": "a.html"}
    for url in (
        client.generate_presigned_url("get_object", Params=asked),
        client.generate_presigned_url("get_object", Params=asked | {"Range": "bytes=0-9"}),
        client.generate_presigned_url("get_object", Params=asked | {"Key": "<script>"}),
        client.generate_presigned_url("list_objects_v2", Params={"Bucket": bucket}),
    ):
        headers = fetched(url).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert {"sandbox", "default-src 'none'", "frame-ancestors 'none'"} <= set(policy)
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers


def test_no_page_of_the_console_runs_what_is_in_a_bucket(endpoint, s3_key, s3):
    s3.create_bucket(Bucket="console")
    s3.put_object(Bucket="console", Key="a.js", Body=b"alert(1)", ContentType="text/javascript")
    client = s3_client(s3_key, endpoint, signature_version="s3v4")
    url = client.generate_presigned_url("get_object", Params={"Bucket": "console", "Key": "a.js"})

    def own(asked: str) -> Found:
        return fetched(url, sec_fetch_site="same-origin", sec_fetch_dest=asked)

    assert own("document").status == 200
    for asked in ("script", "style", "worker", "serviceworker"):
        answer = own(asked)
        assert (answer.status, "alert" in answer.body) == (403, False)
    assert fetched(url, service_worker="script").status == 403
