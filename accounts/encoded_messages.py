"""The message that goes with a refusal and that only whoever may read it can decode.

Services outside of IAM give the reasons of a refusal in this form. AWS STS API reference,
DecodeAuthorizationMessage. Nothing is stored: the message is sealed for the account whose caller
was refused.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from accounts import vault
from accounts.authorize import Asked
from accounts.engine import Decision
from accounts.errors import InvalidAuthorizationMessage

#: AWS decodes no longer ones.
LONGEST = 10240
_MOST_STATEMENTS = 10


def encode(asked: Asked) -> str:
    """The reasons of a refusal, sealed for the caller's account; at most LONGEST characters."""
    account_id = asked.caller.home.id
    message = _sealed(_told(asked, with_context=True), account_id)
    if len(message) > LONGEST:
        message = _sealed(_told(asked, with_context=False), account_id)
    return message


def decode(encoded: str, account_id: str) -> str:
    """The reasons as JSON. Raise InvalidAuthorizationMessage where the account has no such one."""
    try:
        sealed = base64.urlsafe_b64decode(encoded).decode("ascii")
        packed = vault.unseal(sealed, vault.message_place(account_id))
        return zlib.decompress(base64.b64decode(packed)).decode()
    except (ValueError, vault.Unopened):
        raise InvalidAuthorizationMessage(
            "Message is not valid: it was changed, or belongs to another account.",
            argument="encoded_message",
        ) from None


def _sealed(told: dict[str, Any], account_id: str) -> str:
    packed = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 9)
    sealed = vault.seal(base64.b64encode(packed).decode(), vault.message_place(account_id))
    return base64.urlsafe_b64encode(sealed.encode()).decode()


def _told(asked: Asked, *, with_context: bool) -> dict[str, Any]:
    """The object whose members AWS's documentation of the operation lists."""
    verdict, request, caller = asked.verdict, asked.request, asked.caller
    context = request.context.entries if with_context else {}
    return {
        "allowed": verdict.allowed,
        "explicitDeny": verdict.decision is Decision.EXPLICIT_DENY,
        "matchedStatements": {
            "items": [
                {
                    "statementId": match.statement.sid or "",
                    "effect": match.statement.effect.upper(),
                    "policy": match.policy.arn or match.policy.name,
                    "policyType": match.layer,
                }
                for match in verdict.matched[:_MOST_STATEMENTS]
            ]
        },
        "failures": {"items": []},
        "context": {
            "principal": {
                "id": caller.unique_id,
                "name": caller.display_name,
                "arn": caller.arn,
            },
            "action": request.action,
            "resource": request.resource,
            "conditions": {
                "items": [
                    {"key": key, "values": {"items": [{"value": each} for each in _several(value)]}}
                    for key, value in context.items()
                ]
            },
        },
    }


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
