"""Every action of the sandbox, asked by those who must not get through, as IAM's are.

The arguments stand in one table. An argument that is not in it fails the test, so a new action is
attacked from its first day.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from accounts import caller as callers
from accounts import events
from accounts.caller import Caller, Face
from accounts.errors import ServiceError, ServiceFailure, ValidationError
from accounts.models import Account, Event
from iamconsole.sandbox.models import Bucket, ObjectStore
from tests.accounts.test_matrix import HOSTILE, undone, visible
from tests.cast import CallerWith, allow, deny
from tests.operations import OF_SANDBOX
from tests.sandbox.furnished import MARK, Home, furnish
from tests.sandbox.stored import REPORTS

#: Each thing that they act on is asked for, and has an answer of its own.
ASKED_FOR_EACH = frozenset({"s3:DeleteObjects"})
#: From a row to its account.
WAYS = {
    "Bucket": "account",
    "StoredObject": "bucket__account",
    "Upload": "bucket__account",
    "Part": "upload__bucket__account",
    "Topic": "account",
    "Message": "account",
    "Instance": "account",
}


@pytest.fixture
def home(root: Caller) -> Home:
    """The account that is attacked."""
    return furnish(root)


def contents(account: Account) -> dict[str, Any]:
    """Every row of an account in the sandbox, column by column."""
    found = {}
    for model in apps.get_app_config("sandbox").get_models():
        if model is ObjectStore:  # about the folder in which all accounts' objects lie
            continue
        rows: models.QuerySet[Any] = model._default_manager.filter(
            **{WAYS[model.__name__]: account}
        )
        found[model.__name__] = list(rows.order_by("pk").values())
    return found


def answer(action: str, caller: Caller, arguments: dict[str, Any]) -> tuple[Any, str, str]:
    """What a call returns, or the code and message of its error. A crash fails the test."""
    try:
        result = OF_SANDBOX[action].run(caller, **arguments)
    except ServiceFailure as failure:
        raise AssertionError(f"{action} broke") from failure
    except ServiceError as error:
        return None, error.code, error.message
    if action in ASKED_FOR_EACH:
        (only,) = {(each.error.code, each.error.message) if each.error else ("", "")
                   for each in result}  # fmt: skip
        return result, *only
    if hasattr(result, "chunks"):
        result = b"".join(result.chunks()).decode()
    return result, "", ""


@contextmanager
def acting(action: str, home: Home, *others: Caller) -> Iterator[dict[str, Any]]:
    """The arguments of an action; whatever it does in the block is undone."""
    with undone(home.root, *others):
        yield home.arguments_of(action)


# --- Somebody of another account -----------------------------------------------------------------


def test_a_stranger_reaches_nothing_by_its_name_or_arn(
    home: Home, eve: Caller, subtests: pytest.Subtests
):
    before = contents(home.root.home)
    for action in OF_SANDBOX:
        with subtests.test(action=action), acting(action, home, eve) as arguments:
            result, code, message = answer(action, eve, arguments)
            assert MARK not in visible(result) + message
            assert home.root.home.id not in visible(result)
            assert contents(home.root.home) == before
            if "bucket" in arguments and action != "s3:CreateBucket":
                assert (code, message) == ("AccessDenied", "Access Denied")


def test_who_did_not_sign_reaches_nothing(home: Home, subtests: pytest.Subtests):
    nobody = callers.anonymous(
        None, face=Face.API, now=home.root.now, request_id="r", temporary=False
    )
    before = contents(home.root.home)
    count = Event.objects.filter(account=None).count()
    for action in OF_SANDBOX:
        with subtests.test(action=action), acting(action, home) as arguments:
            result, code, message = answer(action, nobody, arguments)
            assert code
            assert MARK not in visible(result) + message
            assert contents(home.root.home) == before
            assert Event.objects.filter(account=None).count() == count + 1


def test_having_a_bucket_of_another_name_is_no_way_into_this_one(home: Home, eve: Caller):
    """A key that both have leads each to her own."""
    theirs = callers.root(eve.home, face=Face.API, now=eve.now, request_id="r")
    OF_SANDBOX["s3:CreateBucket"].run(theirs, bucket="of-eve")
    OF_SANDBOX["s3:PutObject"].run(
        theirs, bucket="of-eve", key="report.txt", body=io.BytesIO(b"hers"), content_length=4
    )
    found = OF_SANDBOX["s3:GetObject"].run(eve, bucket="of-eve", key="report.txt")
    assert b"".join(found.chunks()) == b"hers"
    copy = {"bucket": "of-eve", "key": "copy", "copy_source": f"{REPORTS}/report.txt"}
    assert answer("s3:CopyObject", eve, copy)[1:] == ("AccessDenied", "Access Denied")


# --- Somebody without permission -----------------------------------------------------------------


def test_without_permission_there_is_a_refusal_and_an_event_and_nothing_else(
    home: Home, alice: Caller, subtests: pytest.Subtests
):
    before = contents(home.root.home)
    count = Event.objects.count()
    for action, operation in OF_SANDBOX.items():
        with subtests.test(action=action), acting(action, home, alice) as arguments:
            _, code, message = answer(action, alice, arguments)
            assert code == "AccessDenied"
            asked = "s3:DeleteObject" if action in ASKED_FOR_EACH else operation.permission
            # SNS writes its own prefix in capitals.
            assert f"is not authorized to perform: {asked} ".lower() in message.lower()
            assert MARK not in message
            assert contents(home.root.home) == before
            assert Event.objects.count() == count + 1
            event = Event.objects.filter(account=home.root.home).latest("sequence")
            outcome = "success" if action in ASKED_FOR_EACH else "denied"
            assert (event.action, event.outcome) == (action, outcome)
            assert event.principal_arn == alice.arn
            assert event.resources


def test_an_explicit_deny_beats_everything_that_is_allowed(
    home: Home, caller_with: CallerWith, subtests: pytest.Subtests
):
    before = contents(home.root.home)
    for action, operation in OF_SANDBOX.items():
        with subtests.test(action=action), acting(action, home) as arguments:
            asked = "s3:DeleteObject" if action in ASKED_FOR_EACH else operation.permission
            almost = caller_with(allow("*"), deny(asked), name="bob")
            _, code, message = answer(action, almost, arguments)
            assert code == "AccessDenied"
            assert "with an explicit deny in an identity-based policy" in message
    assert contents(home.root.home) == before


def test_who_has_exactly_the_permission_is_not_denied(
    home: Home, caller_with: CallerWith, subtests: pytest.Subtests
):
    """But for what takes a second permission."""
    second = {
        "s3:DeleteObjects": ("s3:DeleteObject",),
        # These are called with tags here, or read what has some.
        "s3:PutObject": ("s3:PutObjectTagging",),
        "s3:CreateMultipartUpload": ("s3:PutObjectTagging",),
        "s3:CopyObject": ("s3:GetObject", "s3:GetObjectTagging", "s3:PutObjectTagging"),
        "s3:UploadPartCopy": ("s3:GetObject",),
        "s3:GetObjectAttributes": ("s3:GetObject",),
        "sns:CreateTopic": ("sns:TagResource",),
        "ec2:RunInstances": ("iam:PassRole",),
        "ec2:AssociateIamInstanceProfile": ("iam:PassRole",),
        "ec2:ReplaceIamInstanceProfileAssociation": ("iam:PassRole",),
    }
    for action, operation in OF_SANDBOX.items():
        with subtests.test(action=action), acting(action, home) as arguments:
            needed = (operation.permission, *second.get(action, ()))
            carol = caller_with(allow(*needed), name="carol")
            code, message = answer(action, carol, arguments)[1:]
            assert code != "AccessDenied", message
            for missing in needed:
                if missing == "s3:DeleteObjects":
                    continue
                less = [each for each in needed if each != missing] or ["x:Y"]
                lacking = caller_with(allow(*less), name="dave")
                again = home.arguments_of(action)
                assert answer(action, lacking, again)[1] == "AccessDenied", missing


# --- Somebody hostile ----------------------------------------------------------------------------


def test_whatever_is_handed_in_is_answered_and_nothing_breaks(
    home: Home, subtests: pytest.Subtests
):
    for action, operation in OF_SANDBOX.items():
        for name in operation.rules:
            journal: list[Any] = []
            root = replace(home.root, journal=journal)
            with subtests.test(action=action, argument=name), undone(home.root):
                for hostile in HOSTILE:
                    arguments = home.arguments_of(action) | {name: hostile}
                    message = answer(action, root, arguments)[2]
                    assert len(message) < 5_000, f"{hostile!r:.80}"
                events.write(journal)


def test_what_is_left_out_is_named(home: Home, subtests: pytest.Subtests):
    for action, operation in OF_SANDBOX.items():
        for name in operation.required:
            with subtests.test(action=action, argument=name):
                plausible = home.arguments_of(action)
                given = {other: value for other, value in plausible.items() if other != name}
                with pytest.raises(ValidationError) as refused:
                    operation.run(home.root, **given)
                assert refused.value.argument == name


def test_no_event_holds_what_was_in_an_object_or_a_message(home: Home):
    for event in Event.objects.filter(action__in=("s3:PutObject", "sns:Publish")):
        assert MARK not in str(event.parameters.get("body", ""))
        assert MARK not in str(event.parameters.get("message", ""))
    assert Bucket.objects.exists()
