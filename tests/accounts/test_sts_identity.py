"""Who one is, whose key that is, and the reasons of a refusal."""

from __future__ import annotations

import json

import pytest

from accounts import encoded_messages, vault
from accounts.actions import access_keys, sts_identity, users
from accounts.authorize import Asked
from accounts.caller import Caller
from accounts.errors import AccessDenied, InvalidAuthorizationMessage, ValidationError
from tests.accounts.assuming import as_role, assume, new_role, trusting
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, CallerWith, allow, deny

# --- Who one is ----------------------------------------------------------------------------------


def test_everybody_is_told_who_they_are_even_against_a_deny(
    root: Caller, alice: Caller, caller_with: CallerWith
):
    told = sts_identity.get_caller_identity(root)
    assert (told.user_id, told.account, told.arn) == (ACCOUNT_ID, ACCOUNT_ID, root.arn)
    denied = caller_with(deny("*"))
    told = sts_identity.get_caller_identity(denied)
    assert (told.user_id, told.arn) == (alice.unique_id, alice.arn)
    new_role(root, trusting(root.arn))
    allowed = caller_with(allow("sts:*"), name="bob")
    assumed = assume(allowed)
    told = sts_identity.get_caller_identity(as_role(assumed, allowed))
    assert told.user_id == assumed.assumed_role_user.assumed_role_id
    assert told.arn == assumed.assumed_role_user.arn


# --- Whose key -----------------------------------------------------------------------------------


def test_a_key_id_tells_its_account_also_of_keys_that_are_gone(
    root: Caller, eve: Caller, caller_with: CallerWith
):
    asking = caller_with(allow("sts:GetAccessKeyInfo"))
    key = access_keys.create_access_key(root, user_name="alice").key.access_key_id
    hers = access_keys.create_access_key(eve, user_name="eve").key.access_key_id
    assert sts_identity.get_access_key_info(asking, access_key_id=key) == ACCOUNT_ID
    assert sts_identity.get_access_key_info(asking, access_key_id=hers) == OTHER_ACCOUNT_ID
    access_keys.delete_access_key(root, user_name="alice", access_key_id=key)
    assert sts_identity.get_access_key_info(asking, access_key_id=key) == ACCOUNT_ID
    new_role(root, trusting(asking.arn))
    temporary = assume(asking).credentials.access_key_id
    assert sts_identity.get_access_key_info(asking, access_key_id=temporary) == ACCOUNT_ID


@pytest.mark.parametrize(
    "bad", ["AKIA" + "a" * 16, "AKIA" + "1" * 16, "AIDA" + "A" * 17, "AKIA" + "A" * 15, "A" * 16]
)
def test_what_is_no_key_id_is_said_to_be_none(root: Caller, bad: str):
    with pytest.raises(ValidationError) as refused:
        sts_identity.get_access_key_info(root, access_key_id=bad)
    assert refused.value.argument == "access_key_id"


# --- Why one was refused -------------------------------------------------------------------------


def refused(caller: Caller) -> Asked:
    """What was asked when the caller was refused a list of users."""
    with pytest.raises(AccessDenied) as refusal:
        users.list_users(caller)
    asked = refusal.value.asked
    assert isinstance(asked, Asked)
    return asked


def test_who_may_decode_a_message_reads_the_reasons_of_the_refusal(
    root: Caller, caller_with: CallerWith
):
    alice = caller_with(deny("iam:ListUsers", Sid="NotThose"), allow("*"))
    message = encoded_messages.encode(refused(alice))
    told = json.loads(sts_identity.decode_authorization_message(root, encoded_message=message))
    assert (told["allowed"], told["explicitDeny"]) == (False, True)
    assert [each["statementId"] for each in told["matchedStatements"]["items"]] == ["NotThose"]
    context = told["context"]
    assert context["principal"] == {
        "id": alice.unique_id,
        "name": "alice",
        "arn": alice.arn,
    }
    assert (context["action"], context["resource"]) == (
        "iam:ListUsers",
        f"arn:aws:iam::{ACCOUNT_ID}:user/",
    )
    keys = {
        each["key"]: [value["value"] for value in each["values"]["items"]]
        for each in context["conditions"]["items"]
    }
    assert keys["aws:username"] == ["alice"]
    plain = caller_with(name="bob")
    with pytest.raises(AccessDenied, match="sts:DecodeAuthorizationMessage"):
        sts_identity.decode_authorization_message(plain, encoded_message=message)


def test_a_message_says_nothing_to_who_has_it_and_opens_in_its_account_only(
    root: Caller, alice: Caller, eve: Caller
):
    message = encoded_messages.encode(refused(alice))
    assert "alice" not in message
    forged = [message[:-8] + "AAAAAAA=", message[4:], "x", "\u00e9", "A" * 10240]
    elsewhere = vault.seal("{}", vault.token_place("ASIA"))
    for caller, text in [(eve, message), *((root, text) for text in [*forged, elsewhere])]:
        with pytest.raises(InvalidAuthorizationMessage):
            sts_identity.decode_authorization_message(caller, encoded_message=text)


def test_a_message_is_never_too_long_to_be_decoded(root: Caller, alice: Caller):
    assert alice.user is not None
    # What is random can't be packed.
    alice.user.tags = {
        f"key{n}": "".join(vault.chain_hmac(str(n), str(part)) for part in range(4))
        for n in range(50)
    }
    message = encoded_messages.encode(refused(alice))
    assert len(message) <= encoded_messages.LONGEST
    told = json.loads(sts_identity.decode_authorization_message(root, encoded_message=message))
    assert told["context"]["action"] == "iam:ListUsers"
    assert told["context"]["conditions"]["items"] == []
