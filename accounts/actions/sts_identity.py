"""Who one is, whose key that is, and why one was refused."""

from __future__ import annotations

import re
from dataclasses import dataclass

from accounts import arns, encoded_messages, ids
from accounts.actions.registry import action
from accounts.actions.sts_terms import EncodedMessage, KeyId
from accounts.caller import Caller
from accounts.errors import ValidationError

_KEY_ID = re.compile(f"(?:{ids.ACCESS_KEY}|{ids.TEMPORARY_KEY})[A-Z2-7]{{16}}")


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Whose credentials a request was signed with."""

    user_id: str
    account: str
    arn: str


@action("sts:GetCallerIdentity", resource=arns.everything, read_only=True)
def get_caller_identity(caller: Caller, /) -> CallerIdentity:
    """The caller's unique id, account and ARN. No policy can forbid it."""
    return CallerIdentity(caller.unique_id, caller.home.id, caller.arn)


@action("sts:GetAccessKeyInfo", resource=arns.everything, read_only=True)
def get_access_key_info(caller: Caller, /, *, access_key_id: KeyId) -> str:
    """The id of the account that an access key belongs to, of any account.

    It is read from the id itself, which carries it: the answer says neither that there is such a
    key nor that it works. Raises ValidationError for what is no id of an access key.
    """
    if _KEY_ID.fullmatch(access_key_id) is None:
        raise ValidationError(f"Invalid Access Key ID: {access_key_id}", argument="access_key_id")
    return ids.account_of_key(access_key_id)


@action("sts:DecodeAuthorizationMessage", resource=arns.everything, read_only=True)
def decode_authorization_message(caller: Caller, /, *, encoded_message: EncodedMessage) -> str:
    """The reasons of a refusal as JSON, of a message that a caller of this account got.

    Raises InvalidAuthorizationMessage for any other.
    """
    return encoded_messages.decode(encoded_message, caller.home.id)
