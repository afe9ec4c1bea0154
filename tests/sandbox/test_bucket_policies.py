"""Bucket policies: what is kept of them, and whom they let in from this account and others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts import caller as callers
from accounts.actions import users
from accounts.caller import Caller, Face
from accounts.models import Event
from iamconsole.sandbox import resource_policies
from iamconsole.sandbox.actions import bucket_policies as actions
from iamconsole.sandbox.actions import s3_buckets, s3_listing, s3_objects
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.s3_types import PublicAccessBlockConfiguration
from tests.cast import (
    ACCOUNT_ID,
    OTHER_ACCOUNT_ID,
    CallerWith,
    allow,
    arn,
    caller_of,
    deny,
    new_user,
)
from tests.sandbox.stored import (
    CLASSIFIED,
    REPORTS,
    code_of,
    content,
    granting,
    new_bucket,
    put,
    refusal,
)


@pytest.fixture(autouse=True)
def reports(root: Caller) -> None:
    """A bucket with one object."""
    new_bucket(root)
    put(root, "report.txt")


@pytest.fixture
def nobody(db: None, root: Caller) -> Caller:
    """Somebody who did not sign."""
    return callers.anonymous(None, face=Face.API, now=root.now, request_id="r", temporary=False)


def give(root: Caller, policy: str) -> None:
    actions.put_bucket_policy(root, bucket=REPORTS, policy=policy)


def open_up(root: Caller, **kept: bool) -> None:
    actions.put_public_access_block(
        root,
        bucket=REPORTS,
        public_access_block_configuration=PublicAccessBlockConfiguration(**kept),
    )


# --- What is kept --------------------------------------------------------------------------------


def test_a_policy_comes_back_as_it_was_written_and_goes(root: Caller):
    assert code_of(actions.get_bucket_policy, root, bucket=REPORTS) == "NoSuchBucketPolicy"
    text = granting({"AWS": OTHER_ACCOUNT_ID}, "s3:GetObject")
    give(root, text)
    assert actions.get_bucket_policy(root, bucket=REPORTS) == text
    assert actions.get_bucket_policy_status(root, bucket=REPORTS) is False
    for _ in range(2):
        actions.delete_bucket_policy(root, bucket=REPORTS)
    assert code_of(actions.get_bucket_policy_status, root, bucket=REPORTS) == "NoSuchBucketPolicy"


def test_a_user_made_later_under_the_same_name_is_not_let_in(root: Caller, alice: Caller):
    text = granting({"AWS": alice.arn}, "s3:GetObject")
    give(root, text)
    assert alice.arn not in Bucket.objects.get().policy
    assert actions.get_bucket_policy(root, bucket=REPORTS) == text
    assert content(alice, "report.txt") == b"hello"
    users.delete_user(root, user_name="alice")
    again = caller_of(users.create_user(root, user_name="alice"))
    assert code_of(content, again, "report.txt") == "AccessDenied"
    assert alice.unique_id in actions.get_bucket_policy(root, bucket=REPORTS)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        ("no json", "Policies must be valid JSON and the first byte must be '{'"),
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("\x00", None),
        ('{"Statement": {"Effect": "Allow"}}', None),
        (json.dumps({"Statement": [allow("s3:GetObject")]}), "Missing required field Principal"),
        (granting("*", "iam:GetUser"), "Policy has invalid action"),
        (granting("*", "s3:GetObject", on=CLASSIFIED), "Policy has invalid resource"),
        (granting("*", "s3:GetObject", on=f"{REPORTS}-2"), "Policy has invalid resource"),
        (granting({"AWS": arn("user/nobody")}, "s3:*"), "Invalid principal in policy"),
        (granting({"AWS": "AIDAAAAAAAAAAAAAAAAAA"}, "s3:*"), "Invalid principal in policy"),
        (granting({"AWS": "alice"}, "s3:*"), "Invalid principal in policy"),
        ("{" * 5000, None),
    ],
)
def test_policies_that_s3_does_not_take(root: Caller, policy: str, message: str | None):
    open_up(root)
    refused = refusal(give, root, policy)
    assert refused.code in ("MalformedPolicy", "ValidationError")
    assert message in (None, refused.message)
    assert Bucket.objects.get().policy == ""


def test_a_policy_has_twenty_kilobytes_at_most(root: Caller):
    text = granting({"AWS": OTHER_ACCOUNT_ID}, "s3:GetObject")
    padded = text + " " * (20 * 1024 - len(text))
    give(root, padded)
    assert code_of(give, root, padded + " ") == "PolicyTooLarge"


def test_what_reading_and_changing_a_policy_takes(root: Caller, caller_with: CallerWith):
    text = granting({"AWS": OTHER_ACCOUNT_ID}, "s3:GetObject")
    call: dict[str, Any] = {"bucket": REPORTS}
    alice = caller_with(allow("s3:PutBucketPolicy"))
    actions.put_bucket_policy(alice, **call, policy=text)
    assert code_of(actions.get_bucket_policy, alice, **call) == "AccessDenied"
    assert code_of(actions.delete_bucket_policy, alice, **call) == "AccessDenied"
    alice = caller_with(allow("s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock"))
    actions.get_bucket_policy(alice, **call)
    actions.get_public_access_block(alice, **call)
    assert code_of(actions.put_bucket_policy, alice, **call, policy=text) == "AccessDenied"
    assert code_of(actions.delete_public_access_block, alice, **call) == "AccessDenied"


# --- Within the account --------------------------------------------------------------------------


def test_within_the_account_either_side_may_allow(root: Caller, caller_with: CallerWith):
    bob = caller_with(name="bob")
    assert code_of(content, bob, "report.txt") == "AccessDenied"
    give(root, granting({"AWS": bob.arn}, "s3:GetObject"))
    assert content(bob, "report.txt") == b"hello"
    alice = caller_with(allow("s3:GetObject"))
    assert content(alice, "report.txt") == b"hello"


def test_naming_the_account_leaves_it_to_its_own_policies(root: Caller, caller_with: CallerWith):
    give(root, granting({"AWS": ACCOUNT_ID}, "s3:GetObject"))
    assert code_of(content, caller_with(), "report.txt") == "AccessDenied"
    assert content(caller_with(allow("s3:GetObject")), "report.txt") == b"hello"


def test_a_deny_of_the_bucket_beats_administrator_access(root: Caller, admin: Caller):
    give(root, granting({"AWS": admin.arn}, "s3:GetObject", effect="Deny"))
    refused = refusal(content, admin, "report.txt")
    assert refused.message.endswith("with an explicit deny in a resource-based policy")


def test_a_deny_with_not_principal_spares_whom_it_names(root: Caller, admin: Caller):
    spared = [admin.arn, f"arn:aws:iam::{ACCOUNT_ID}:root"]
    statement = {
        "Effect": "Deny",
        "NotPrincipal": {"AWS": spared},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{REPORTS}/*",
    }
    give(root, json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    assert content(admin, "report.txt") == b"hello"
    other = caller_of(new_user(root.home, "bob"))
    other.user.inline_policies.create(  # type: ignore[union-attr]
        account=root.home,
        name="all",
        document=json.dumps({"Version": "2012-10-17", "Statement": [allow("*")]}),
    )
    assert code_of(content, other, "report.txt") == "AccessDenied"


def test_root_gets_back_in_whatever_the_policy_says(root: Caller, admin: Caller):
    give(root, granting("*", "s3:*", effect="Deny"))
    for caller in (root, admin):
        assert code_of(content, caller, "report.txt") == "AccessDenied"
    assert code_of(actions.delete_bucket_policy, admin, bucket=REPORTS) == "AccessDenied"
    assert "Deny" in actions.get_bucket_policy(root, bucket=REPORTS)
    actions.delete_bucket_policy(root, bucket=REPORTS)
    assert content(admin, "report.txt") == b"hello"


# --- From another account ------------------------------------------------------------------------


def test_across_accounts_both_sides_must_allow(root: Caller, eve: Caller):
    assert refusal(content, eve, "report.txt").message == "Access Denied"
    give(root, granting({"AWS": eve.arn}, "s3:GetObject", "s3:ListBucket", "s3:PutObject"))
    assert content(eve, "report.txt") == b"hello"
    assert len(s3_listing.list_objects_v2(eve, bucket=REPORTS).objects) == 1
    powerless = caller_of(new_user(eve.home, "mallory"))
    assert code_of(content, powerless, "report.txt") == "AccessDenied"
    give(root, granting({"AWS": powerless.arn}, "s3:GetObject"))
    assert code_of(content, powerless, "report.txt") == "AccessDenied"
    assert code_of(content, eve, "report.txt") == "AccessDenied"


def test_the_other_accounts_root_gets_in_where_its_account_is_named(root: Caller, eve: Caller):
    their_root = callers.root(eve.home, face=Face.API, now=eve.now, request_id="r")
    assert code_of(content, their_root, "report.txt") == "AccessDenied"
    give(root, granting({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT_ID}:root"}, "s3:*"))
    assert content(their_root, "report.txt") == b"hello"
    assert content(eve, "report.txt") == b"hello"
    # It is not her bucket: the policy is the owner's root user's alone to rescue.
    give(root, granting({"AWS": OTHER_ACCOUNT_ID}, "s3:*", effect="Deny"))
    assert code_of(actions.delete_bucket_policy, their_root, bucket=REPORTS) == "AccessDenied"


def test_a_policy_is_for_identities_of_the_buckets_account_alone(
    root: Caller, eve: Caller, nobody: Caller
):
    open_up(root)
    call = {"bucket": REPORTS}
    for policy, stranger in (
        (granting({"AWS": OTHER_ACCOUNT_ID}, "s3:*"), eve),
        (granting("*", "s3:*"), nobody),
    ):
        give(root, policy)
        for refused in (
            refusal(actions.put_bucket_policy, stranger, bucket=REPORTS, policy=policy),
            refusal(actions.get_bucket_policy, stranger, **call),
            refusal(actions.delete_bucket_policy, stranger, **call),
        ):
            assert (refused.code, refused.status) == ("MethodNotAllowed", 405)


def test_how_the_bucket_names_its_statements_is_not_told(root: Caller, eve: Caller, alice: Caller):
    both = [eve.arn, alice.arn]
    give(root, granting({"AWS": both}, "s3:GetObject", Sid="OurSecretProject"))
    for caller, told in ((eve, False), (alice, True)):
        content(caller, "report.txt")
        event = Event.objects.filter(account=caller.home).latest("sequence")
        assert (event.outcome, "OurSecretProject" in str(event.reasons)) == ("success", told)


def test_what_another_account_puts_belongs_to_the_bucket_and_counts_there(
    root: Caller, eve: Caller
):
    give(root, granting({"AWS": eve.arn}, "s3:PutObject", "s3:DeleteObject"))
    put(eve, "from-eve", b"x" * 5000)
    assert content(root, "from-eve") == b"x" * 5000
    assert Bucket.objects.get().stored_bytes == 5000 + 1024
    event = Event.objects.filter(account=eve.home).latest("sequence")
    assert (event.action, event.outcome) == ("s3:PutObject", "success")
    assert event.resources == [f"arn:aws:s3:::{REPORTS}/from-eve"]
    s3_objects.delete_object(eve, bucket=REPORTS, key="from-eve")
    assert code_of(content, root, "from-eve") == "NoSuchKey"


def test_conditions_hold_for_strangers_too(root: Caller, eve: Caller):
    full = {"StringEquals": {"s3:prefix": "public/"}}
    give(root, granting({"AWS": eve.arn}, "s3:ListBucket", Condition=full))
    assert s3_listing.list_objects_v2(eve, bucket=REPORTS, prefix="public/").objects == []
    for prefix in (None, "", "private/"):
        refused = code_of(s3_listing.list_objects_v2, eve, bucket=REPORTS, prefix=prefix)
        assert refused == "AccessDenied"


def test_a_refusal_across_accounts_is_recorded_with_whoever_was_refused(root: Caller, eve: Caller):
    before = Event.objects.filter(account=root.home).count()
    refusal(content, eve, "report.txt")
    assert Event.objects.filter(account=root.home).count() == before
    event = Event.objects.filter(account=eve.home).latest("sequence")
    assert (event.outcome, event.error_message) == ("denied", "Access Denied")
    assert event.reasons == {"decision": "denied", "rule": "another account"}


# --- The public ----------------------------------------------------------------------------------

PUBLIC = granting("*", "s3:GetObject", "s3:ListBucket")


def test_who_did_not_sign_gets_in_by_a_public_policy_alone(root: Caller, nobody: Caller):
    refused = refusal(content, nobody, "report.txt")
    assert (refused.code, refused.message) == ("AccessDenied", "Access Denied")
    open_up(root)
    give(root, PUBLIC)
    assert content(nobody, "report.txt") == b"hello"
    assert len(s3_listing.list_objects_v2(nobody, bucket=REPORTS).objects) == 1
    assert code_of(put, nobody, "upload") == "AccessDenied"
    assert code_of(s3_buckets.list_buckets, nobody) == "AccessDenied"
    assert code_of(new_bucket, nobody, "mine") == "AccessDenied"
    deleted = s3_objects.delete_objects(nobody, bucket=REPORTS, delete=["report.txt"])
    assert deleted[0].error is not None
    event = Event.objects.filter(account=None).latest("sequence")
    assert event.principal_kind == "anonymous"


def test_everybody_may_write_where_the_policy_says_so(root: Caller, nobody: Caller):
    open_up(root)
    give(root, granting("*", "s3:PutObject", "s3:DeleteObject"))
    put(nobody, "upload")
    assert content(root, "upload") == b"hello"
    s3_objects.delete_object(nobody, bucket=REPORTS, key="upload")
    assert code_of(content, root, "upload") == "NoSuchKey"


def test_a_known_principal_is_not_the_public(root: Caller, nobody: Caller):
    give(root, granting({"AWS": OTHER_ACCOUNT_ID}, "s3:GetObject"))
    assert code_of(content, nobody, "report.txt") == "AccessDenied"


def test_public_policies_are_refused_by_default(root: Caller):
    refused = refusal(give, root, PUBLIC)
    assert (refused.code, refused.status) == ("AccessDenied", 403)
    assert refused.message == (
        f"User: {root.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
        f'"arn:aws:s3:::{REPORTS}" because public policies are blocked by the BlockPublicPolicy '
        "block public access setting."
    )
    assert Bucket.objects.get().policy == ""


def test_restricting_public_buckets_shuts_out_everybody_else_at_once(
    root: Caller, nobody: Caller, eve: Caller, alice: Caller
):
    open_up(root)
    give(root, PUBLIC)
    for caller in (nobody, eve, alice):
        assert content(caller, "report.txt") == b"hello"
    open_up(root, restrict_public_buckets=True)
    for caller in (nobody, eve):
        assert code_of(content, caller, "report.txt") == "AccessDenied"
    # Of the owner's account everybody stays in.
    assert content(alice, "report.txt") == b"hello"
    assert actions.get_bucket_policy_status(root, bucket=REPORTS) is True
    actions.delete_public_access_block(root, bucket=REPORTS)
    assert content(nobody, "report.txt") == b"hello"


def test_a_new_bucket_blocks_all_that_is_public(root: Caller):
    found = actions.get_public_access_block(root, bucket=REPORTS)
    assert found.block_public_acls
    assert found.ignore_public_acls
    assert found.block_public_policy
    assert found.restrict_public_buckets


CONDITIONS: list[tuple[dict[str, Any] | None, bool]] = [
    (None, True),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, False),
    ({"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}, False),
    ({"StringLike": {"aws:SourceAccount": "1*"}}, True),
    ({"StringNotEquals": {"aws:SourceAccount": ACCOUNT_ID}}, True),
    ({"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT_ID}}, True),
    ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
    ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/0"]}}, True),
    ({"IpAddress": {"aws:SourceIp": "::/0"}}, True),
    ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
    ({"StringEquals": {"aws:UserAgent": "mine"}}, True),
    ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT_ID}:*"}}, False),
    ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, True),
    ({"StringLike": {"aws:userid": "*"}}, True),
    ({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}, False),
    ({"StringEquals": {"aws:userid": "AIDAEXAMPLE"}}, False),
    ({"StringEquals": {"aws:userid": "anonymous"}}, True),
    ({"StringEqualsIgnoreCase": {"aws:userid": "ANONYMOUS"}}, True),
]


@pytest.mark.parametrize(("condition", "public"), CONDITIONS)
def test_what_counts_as_public(condition: dict[str, Any] | None, public: bool):
    more: dict[str, Any] = {"Condition": condition} if condition else {}
    for principal in ("*", {"AWS": "*"}, {"AWS": ["123456789012", "*"]}):
        policy = granting(principal, "s3:GetObject", **more)
        assert resource_policies.is_public(policy) is public
    for policy in (
        granting({"AWS": "123456789012"}, "s3:GetObject", **more),
        granting("*", "s3:GetObject", effect="Deny", **more),
        "",
        "no policy",
    ):
        assert resource_policies.is_public(policy) is False


def test_a_policy_that_something_else_broke_denies_everybody(root: Caller, admin: Caller):
    Bucket.objects.update(policy="broken")
    assert code_of(content, admin, "report.txt") == "AccessDenied"
    actions.delete_bucket_policy(root, bucket=REPORTS)
    assert content(admin, "report.txt") == b"hello"


def test_a_deny_of_ones_own_beats_what_the_bucket_allows(root: Caller, caller_with: CallerWith):
    alice = caller_with(allow("s3:*"), deny("s3:GetObject"))
    give(root, granting({"AWS": alice.arn}, "s3:GetObject"))
    assert code_of(content, alice, "report.txt") == "AccessDenied"
