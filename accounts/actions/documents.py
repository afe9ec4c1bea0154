"""Policy documents as they are handed in: their size and their grammar, before anything is kept."""

from __future__ import annotations

from accounts import engine, quotas
from accounts.engine import PolicyKind
from accounts.errors import LimitExceeded, MalformedPolicyDocument


def check_managed(text: str) -> None:
    """Raise unless the text may be a version of a managed policy.

    LimitExceeded above 6,144 characters without white space, MalformedPolicyDocument for what
    breaks the grammar or is not of Version 2012-10-17.
    """
    # The size goes first, so that no time is spent on reading what is too long anyway.
    if engine.size(text) > quotas.MANAGED_POLICY_SIZE:
        raise _too_long("PolicySize", quotas.MANAGED_POLICY_SIZE, "policy_document")
    _check_grammar(text, PolicyKind.IDENTITY, "policy_document", managed=True)


def check_inline(text: str) -> None:
    """Raise MalformedPolicyDocument unless the text may be an inline policy of any size."""
    _check_grammar(text, PolicyKind.IDENTITY, "policy_document")


def check_session(text: str) -> None:
    """Raise MalformedPolicyDocument unless the text may limit a session."""
    _check_grammar(text, PolicyKind.IDENTITY, "policy")


def check_trust(text: str, argument: str) -> None:
    """Raise unless the text may be a role's trust policy.

    LimitExceeded above 2,048 characters without white space, MalformedPolicyDocument for what
    breaks the grammar, has a resource or an action that is not about assuming roles.
    """
    if engine.size(text) > quotas.TRUST_POLICY_SIZE:
        raise _too_long("ACLSizePerRole", quotas.TRUST_POLICY_SIZE, argument)
    _check_grammar(text, PolicyKind.TRUST, argument)


def _too_long(name: str, limit: int, argument: str) -> LimitExceeded:
    error = quotas.exceeded(name, limit)
    error.argument = argument
    return error


def _check_grammar(text: str, kind: PolicyKind, argument: str, *, managed: bool = False) -> None:
    try:
        engine.parse(text, kind, managed=managed)
    except engine.MalformedPolicy as error:
        raise MalformedPolicyDocument(
            error.message, argument=argument, position=error.position
        ) from None
