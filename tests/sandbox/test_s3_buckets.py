"""S3's buckets: names, regions, tags, and who may."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.models import Event
from accounts.types import Tag
from iamconsole.sandbox import s3_limits
from iamconsole.sandbox.actions import s3_buckets, s3_uploads
from iamconsole.sandbox.models import Bucket, Upload
from iamconsole.sandbox.s3_types import CreateBucketConfiguration
from tests.cast import CallerWith, allow, deny
from tests.sandbox.stored import CLASSIFIED, REPORTS, code_of, new_bucket, put, refusal


def in_region(name: str, *tags: Tag) -> CreateBucketConfiguration:
    return CreateBucketConfiguration(name, tags)


# --- Names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["abc", "a" * 63, "my.bucket-1", "0-0", "1.2.3.4.5", "a--b", "final-friday-reports"],
)
def test_names_that_s3_takes(root: Caller, name: str):
    assert new_bucket(root, name).arn == f"arn:aws:s3:::{name}"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 64,
        "Upper",
        "under_score",
        "-begins",
        "ends-",
        ".begins",
        "two..dots",
        "192.168.5.4",
        "xn--bucket",
        "sthree-bucket",
        "amzn-s3-demo-bucket",
        "bucket-s3alias",
        "bucket--ol-s3",
        "bucket.mrap",
        "bucket--x-s3",
        "bucket--table-s3",
        "b\u00fccher",
        "nul\x00here",
        "<script>",
        "../../etc",
        "line\nend",
        "bucket\n",
    ],
)
def test_names_that_s3_does_not_take(root: Caller, name: str):
    for call in (s3_buckets.create_bucket, s3_buckets.head_bucket):
        refused = refusal(call, root, bucket=name)
        assert (refused.code, refused.status) == ("InvalidBucketName", 400)
    assert not Bucket.objects.exists()


def test_a_name_is_taken_for_all_accounts(root: Caller, eve: Caller):
    new_bucket(root)
    assert code_of(new_bucket, eve) == "BucketAlreadyExists"
    assert Bucket.objects.get().account == root.home


def test_ones_own_name_is_returned_in_us_east_1_and_refused_elsewhere(root: Caller):
    made = new_bucket(root)
    put(root, "kept")
    assert new_bucket(root) == made
    paris = replace(root, region="eu-west-3")
    chosen = in_region("eu-west-3")
    s3_buckets.create_bucket(paris, bucket="in-paris", create_bucket_configuration=chosen)
    again = code_of(
        s3_buckets.create_bucket, paris, bucket="in-paris", create_bucket_configuration=chosen
    )
    assert again == "BucketAlreadyOwnedByYou"


def test_the_hundred_and_first_bucket_is_refused(root: Caller):
    Bucket.objects.bulk_create(
        Bucket(account=root.home, name=f"bucket-{n}", region="us-east-1", created_at=root.now)
        for n in range(s3_limits.BUCKETS_PER_ACCOUNT)
    )
    assert code_of(new_bucket, root) == "TooManyBuckets"


# --- Regions -------------------------------------------------------------------------------------


def test_a_bucket_lies_where_it_was_asked_for(root: Caller):
    assert new_bucket(root).region == "us-east-1"
    for name, constraint, region in (
        ("one", "eu-central-1", "eu-central-1"),
        ("two", "EU", "eu-west-1"),
    ):
        made = s3_buckets.create_bucket(
            root, bucket=name, create_bucket_configuration=in_region(constraint)
        )
        assert s3_buckets.get_bucket_location(root, bucket=name) == made
        assert made.region == region


@pytest.mark.parametrize(
    ("region", "constraint", "code"),
    [
        ("eu-west-3", None, "IllegalLocationConstraintException"),
        ("eu-west-3", "eu-west-1", "IllegalLocationConstraintException"),
        ("us-east-1", "us-east-1", "InvalidLocationConstraint"),
        ("us-east-1", "<script>", "InvalidLocationConstraint"),
        ("us-east-1", "mars", "InvalidLocationConstraint"),
    ],
)
def test_regions_that_are_refused(root: Caller, region: str, constraint: str | None, code: str):
    chosen = in_region(constraint) if constraint else None
    caller = replace(root, region=region)
    assert code == code_of(
        s3_buckets.create_bucket, caller, bucket=REPORTS, create_bucket_configuration=chosen
    )


def test_policies_may_ask_for_the_region(caller_with: CallerWith):
    only = {"StringEquals": {"s3:LocationConstraint": "eu-west-1"}}
    alice = caller_with(allow("s3:CreateBucket", Condition=only))
    assert code_of(new_bucket, alice) == "AccessDenied"
    chosen = in_region("eu-west-1")
    s3_buckets.create_bucket(alice, bucket=REPORTS, create_bucket_configuration=chosen)


# --- Lists ---------------------------------------------------------------------------------------


def test_an_account_lists_its_own_buckets_by_name(root: Caller, eve: Caller):
    for name in ("b.b", "bbb", "b-b", "a-1"):
        new_bucket(root, name)
    new_bucket(eve, "of-eve")
    names = [bucket.name for bucket in s3_buckets.list_buckets(root).items]
    assert names == ["a-1", "b-b", "b.b", "bbb"]
    first = s3_buckets.list_buckets(root, max_buckets=1, prefix="b")
    rest = s3_buckets.list_buckets(root, continuation_token=first.marker, prefix="b")
    assert [b.name for b in (*first.items, *rest.items)] == ["b-b", "b.b", "bbb"]
    assert rest.marker is None


def test_listing_takes_list_all_my_buckets_and_is_refused_in_s3s_words(caller_with: CallerWith):
    """The first failure of the story of the two buckets."""
    newbie = caller_with(allow("s3:ListBucket", "s3:GetObject"), name="newbie")
    refused = refusal(s3_buckets.list_buckets, newbie)
    assert refused.message == (
        f"User: {newbie.arn} is not authorized to perform: s3:ListAllMyBuckets because no "
        "identity-based policy allows the s3:ListAllMyBuckets action"
    )
    event = Event.objects.latest("time", "sequence")
    assert (event.action, event.outcome) == ("s3:ListBuckets", "denied")
    newbie = caller_with(allow("s3:ListAllMyBuckets"), name="newbie")
    assert s3_buckets.list_buckets(newbie).items == []


# --- What a stranger learns ----------------------------------------------------------------------


def test_that_there_is_no_such_bucket_is_told_to_everybody(alice: Caller, eve: Caller):
    for caller in (alice, eve):
        refused = refusal(s3_buckets.head_bucket, caller, bucket=REPORTS)
        assert (refused.code, refused.status) == ("NoSuchBucket", 404)


def test_another_accounts_bucket_is_denied_without_reasons(root: Caller, eve: Caller):
    s3_buckets.create_bucket(root, bucket=REPORTS)
    for call in (
        s3_buckets.head_bucket,
        s3_buckets.get_bucket_location,
        s3_buckets.get_bucket_tagging,
        s3_buckets.delete_bucket,
    ):
        with pytest.raises(AccessDenied) as refused:
            call(eve, bucket=REPORTS)
        assert refused.value.message == "Access Denied"
        assert root.home.id not in str(refused.value.reasons)
    assert Bucket.objects.exists()


def test_head_takes_the_permission_to_list(root: Caller, caller_with: CallerWith):
    new_bucket(root)
    alice = caller_with(allow("s3:ListBucket", on=f"arn:aws:s3:::{REPORTS}"))
    assert s3_buckets.head_bucket(alice, bucket=REPORTS).region == "us-east-1"
    new_bucket(root, CLASSIFIED)
    refused = refusal(s3_buckets.head_bucket, alice, bucket=CLASSIFIED)
    assert refused.message == (
        f"User: {alice.arn} is not authorized to perform: s3:ListBucket on resource: "
        f'"arn:aws:s3:::{CLASSIFIED}" because no identity-based policy allows the s3:ListBucket '
        "action"
    )


# --- Tags ----------------------------------------------------------------------------------------


def test_a_buckets_tags_are_set_all_at_once(root: Caller):
    new_bucket(root)
    assert code_of(s3_buckets.get_bucket_tagging, root, bucket=REPORTS) == "NoSuchTagSet"
    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[Tag("a", "1"), Tag("A", "2")])
    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[Tag("team", "red")])
    assert s3_buckets.get_bucket_tagging(root, bucket=REPORTS) == {"team": "red"}
    s3_buckets.delete_bucket_tagging(root, bucket=REPORTS)
    assert code_of(s3_buckets.get_bucket_tagging, root, bucket=REPORTS) == "NoSuchTagSet"


@pytest.mark.parametrize(
    "tags",
    [
        [Tag("a", "1"), Tag("a", "2")],
        [Tag("aws:mine", "1")],
        [Tag("", "1")],
        [Tag("a", "<b>")],
        [Tag("a" * 129, "1")],
        [Tag(f"k{n}", "") for n in range(51)],
    ],
)
def test_tags_that_s3_does_not_take(root: Caller, tags: list[Tag]):
    new_bucket(root)
    assert code_of(s3_buckets.put_bucket_tagging, root, bucket=REPORTS, tagging=tags) == (
        "InvalidTag"
    )


def test_policies_may_ask_for_a_buckets_tags(root: Caller, caller_with: CallerWith):
    new_bucket(root)
    s3_buckets.put_bucket_tagging(root, bucket=REPORTS, tagging=[Tag("team", "red")])
    for key in ("aws:ResourceTag/team", "s3:BucketTag/team"):
        red = {"StringEquals": {key: "red"}}
        alice = caller_with(allow("s3:ListBucket", Condition=red))
        s3_buckets.head_bucket(alice, bucket=REPORTS)
        blue = {"StringEquals": {key: "blue"}}
        alice = caller_with(allow("s3:ListBucket", Condition=blue))
        assert code_of(s3_buckets.head_bucket, alice, bucket=REPORTS) == "AccessDenied"


def test_a_bucket_made_with_tags_takes_the_permission_to_tag(caller_with: CallerWith):
    alice = caller_with(allow("s3:CreateBucket"))
    chosen = in_region("eu-west-1", Tag("team", "red"))
    make: dict[str, Any] = {"bucket": REPORTS, "create_bucket_configuration": chosen}
    assert "s3:TagResource" in refusal(s3_buckets.create_bucket, alice, **make).message
    only = {"StringEquals": {"aws:RequestTag/team": "red"}}
    alice = caller_with(allow("s3:CreateBucket", "s3:TagResource", Condition=only))
    assert s3_buckets.create_bucket(alice, **make).tags == {"team": "red"}


# --- Deleting ------------------------------------------------------------------------------------


def test_a_bucket_with_objects_stays(root: Caller):
    new_bucket(root)
    put(root, "one")
    refused = refusal(s3_buckets.delete_bucket, root, bucket=REPORTS)
    assert (refused.code, refused.status) == ("BucketNotEmpty", 409)
    assert Bucket.objects.exists()


def test_an_empty_bucket_goes_with_the_uploads_begun_in_it(root: Caller):
    new_bucket(root)
    s3_uploads.create_multipart_upload(root, bucket=REPORTS, key="begun")
    s3_buckets.delete_bucket(root, bucket=REPORTS)
    assert not Bucket.objects.exists()
    assert not Upload.objects.exists()
    assert code_of(s3_buckets.delete_bucket, root, bucket=REPORTS) == "NoSuchBucket"


def test_an_explicit_deny_beats_administrator_access(root: Caller, caller_with: CallerWith):
    new_bucket(root)
    alice = caller_with(allow("*"), deny("s3:DeleteBucket"))
    message = refusal(s3_buckets.delete_bucket, alice, bucket=REPORTS).message
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_versioning_was_never_turned_on(root: Caller):
    new_bucket(root)
    assert s3_buckets.get_bucket_versioning(root, bucket=REPORTS) is None
