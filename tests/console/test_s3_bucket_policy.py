"""Who may get at a bucket: its policy in the editor, and what keeps the public out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.caller import Caller
from iamconsole.sandbox.actions.bucket_policies import put_bucket_policy
from iamconsole.sandbox.models import Bucket
from tests.cast import CallerWith, allow, document
from tests.console.buckets import REPORTS, address, bucket, on_reports
from tests.console.reading import seen_version, text_of

SignIn = Callable[..., Client]
ARN = f"arn:aws:s3:::{REPORTS}"
BLOCKS = ("block_public_acls", "ignore_public_acls", "block_public_policy",
          "restrict_public_buckets")  # fmt: skip


def policy(principal: object, *actions: str) -> str:
    """A bucket policy that lets a principal do something with the objects."""
    return document(allow(*actions, on=f"{ARN}/*", Principal=principal))


def of_account(caller: Caller) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{caller.home.id}:root"}


def save(browser: Client, text: str, **more: str) -> Any:
    sent = {"document": text, "go": "save"} | more
    return browser.post(address("s3-bucket-edit-policy"), sent)


# --- The tab --------------------------------------------------------------------------------------


def test_a_new_bucket_is_not_public_and_has_no_policy(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    said = text_of(sign_in(admin).get(address("s3-bucket-permissions")))
    assert "Bucket and objects not public" in said
    assert "No policy to display" in said
    assert "Not blocked" not in said
    assert said.count("Blocked") == 4


def test_the_tab_shows_policy_findings_and_whether_it_is_public(
    sign_in: SignIn, admin: Caller
) -> None:
    made = bucket(admin)
    Bucket.objects.filter(pk=made.pk).update(**dict.fromkeys(BLOCKS, False))
    put_bucket_policy(admin, bucket=REPORTS, policy=policy("*", "s3:GetObject", "s3:GetObjekt"))
    page = sign_in(admin).get(address("s3-bucket-permissions"))
    said = text_of(page)
    assert "Public" in said
    assert "Not blocked" in said
    assert "s3:GetObjekt" in said
    assert 'class="alert alert-error"' in page.content.decode()


def test_the_panels_are_refused_one_by_one_in_s3s_words(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    browser = sign_in(caller_with(on_reports("s3:GetBucketPublicAccessBlock")))
    said = text_of(browser.get(address("s3-bucket-permissions")))
    assert "You don't have permission to get bucket policy" in said
    assert "You don't have permission to get bucket policy status" in said
    assert "You don't have permission to view the Block public access settings" not in said
    for action in ("PutBucketPolicy", "PutBucketPublicAccessBlock"):
        assert f"You need s3:{action}." in said


# --- The policy -----------------------------------------------------------------------------------


def test_a_policy_is_written_shown_and_deleted(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    page = browser.get(address("s3-bucket-edit-policy"))
    assert ARN in text_of(page)
    assert "Errors : 0" in text_of(page)
    text = policy(of_account(admin), "s3:GetObject")
    answer = save(browser, text)
    assert answer.headers["Location"] == address("s3-bucket-permissions")
    page = browser.get(address("s3-bucket-permissions"))
    assert "Successfully edited bucket policy." in text_of(page)
    assert "s3:GetObject" in text_of(page)
    url = address("s3-bucket-delete-policy")
    assert browser.post(url, {"confirmation": "x"}).status_code == 422
    assert Bucket.objects.get().policy
    browser.post(url, {"confirmation": "delete"})
    assert not Bucket.objects.get().policy


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        document(allow("s3:GetObject", on=f"{ARN}/*")),
        policy({"AWS": "arn:aws:iam::111122223333:user/nobody"}, "s3:GetObject"),
        policy("*", "iam:GetUser"),
        document(allow("s3:GetObject", on="arn:aws:s3:::another/*", Principal="*")),
        policy("*", "s3:GetObject") + " " * 21_000,
    ],
)
def test_what_is_no_policy_of_this_bucket_is_refused_with_the_text_kept(
    sign_in: SignIn, admin: Caller, text: str
) -> None:
    bucket(admin)
    answer = save(sign_in(admin), text)
    assert answer.status_code == 422
    assert not Bucket.objects.get().policy


def test_a_public_policy_is_refused_while_it_is_blocked(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    answer = save(sign_in(admin), policy("*", "s3:GetObject"))
    assert answer.status_code == 403
    assert "BlockPublicPolicy" in text_of(answer)
    assert not Bucket.objects.get().policy


def test_a_policy_that_changed_meanwhile_is_not_overwritten_unseen(
    sign_in: SignIn, admin: Caller
) -> None:
    bucket(admin)
    browser = sign_in(admin)
    seen = seen_version(browser.get(address("s3-bucket-edit-policy")).content.decode())
    other = policy(of_account(admin), "s3:PutObject")
    put_bucket_policy(admin, bucket=REPORTS, policy=other)
    answer = save(browser, policy(of_account(admin), "s3:GetObject"), seen_version=seen)
    assert answer.status_code == 409
    assert "s3:PutObject" in Bucket.objects.get().policy


def test_who_may_not_change_the_policy_is_told_and_refused(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    put_bucket_policy(root, bucket=REPORTS, policy=policy(of_account(root), "s3:GetObject"))
    browser = sign_in(caller_with(on_reports("s3:GetBucketPolicy")))
    assert "You need s3:PutBucketPolicy" in text_of(browser.get(address("s3-bucket-edit-policy")))
    assert save(browser, policy(of_account(root), "s3:*")).status_code == 403
    url = address("s3-bucket-delete-policy")
    assert browser.post(url, {"confirmation": "delete"}).status_code == 403
    assert "s3:GetObject" in Bucket.objects.get().policy


# --- Block public access --------------------------------------------------------------------------


def blocks() -> list[bool]:
    made = Bucket.objects.get()
    return [getattr(made, name) for name in BLOCKS]


def test_the_public_is_let_in_only_after_a_word_was_typed(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    url = address("s3-bucket-block")
    page = browser.get(url).content.decode()
    assert page.count(" checked") == 4
    answer = browser.post(url, {"block_public_acls": "on"})
    assert answer.status_code == 422
    assert blocks() == [True] * 4
    answer = browser.post(url, {"block_public_acls": "on", "confirmation": "confirm"})
    assert answer.headers["Location"] == address("s3-bucket-permissions")
    assert blocks() == [True, False, False, False]


def test_who_may_not_open_it_to_the_public_is_refused(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    browser = sign_in(caller_with(on_reports("s3:GetBucketPublicAccessBlock")))
    answer = browser.post(address("s3-bucket-block"), {"confirmation": "confirm"})
    assert answer.status_code == 403
    assert blocks() == [True] * 4
