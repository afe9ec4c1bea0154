"""Bucket and topic policies: how one that was kept is evaluated, and which of them are public.

Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", which says what AWS means
by public.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from accounts import engine
from accounts.engine import Condition, PolicyKind, Statement

#: Stands for a policy that can't be read: there may have been a Deny in it.
_UNREADABLE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
    '"Action": "*", "Resource": "*"}]}'
)
#: Keys that tie a grant to somebody known, where their values have no wildcards.
_TIES = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
_USER_ID = re.compile(r"A(?!NONYMOUS)[A-Z0-9]{6,}(:\*|:[^*?$]+)?|[0-9]{12}(:[^*?$]+)?")
_EQUALS = frozenset(
    {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}
)
#: Networks that are as good as everybody: larger than these.
_LARGEST_NETWORK = {4: 8, 6: 32}


def compiled(text: str, name: str) -> engine.Policy:
    """A policy that was kept, as it is evaluated; one that can't be read any more denies."""
    try:
        document = engine.load(text, PolicyKind.RESOURCE)
    except engine.MalformedPolicy:
        document = engine.load(_UNREADABLE, PolicyKind.RESOURCE)
    return engine.Policy(document, name=name, source="resource")


def without_statements(name: str) -> engine.Policy:
    """The policy that says nothing of anybody."""
    return compiled('{"Version": "2012-10-17", "Statement": []}', name)


@lru_cache(maxsize=1024)
def is_public(text: str) -> bool:
    """Whether the policy lets in whoever comes, in AWS's meaning of "public"."""
    if not text:
        return False
    try:
        document = engine.load(text, PolicyKind.RESOURCE)
    except engine.MalformedPolicy:
        return False
    return any(map(_lets_everybody_in, document.statements))


def _lets_everybody_in(statement: Statement) -> bool:
    if statement.effect != "Allow" or statement.problems:
        return False
    everybody = bool(statement.not_principals) or any(
        name == "*" for _kind, name in statement.principals
    )
    return everybody and not any(map(_ties, statement.conditions))


def _ties(condition: Condition) -> bool:
    """Whether only somebody known can meet the condition."""
    operator = condition.operator.lower()
    # "…IfExists" is met by whoever does not have the key at all.
    operator = operator.removeprefix("foranyvalue:")
    key = condition.key.lower()
    if key == "aws:sourceip":
        return operator == "ipaddress" and all(map(_is_narrow, condition.values))
    if key not in _TIES or operator not in _EQUALS:
        return False
    return all(_is_fixed(key, value) for value in condition.values)


def _is_fixed(key: str, value: str) -> bool:
    if key == "aws:userid":
        # Of who did not sign it is "anonymous", which ties a grant to nobody.
        return _USER_ID.fullmatch(value) is not None
    if key in ("aws:sourcearn", "aws:principalarn"):
        # The account is what ties it; a name may have wildcards.
        parts = value.split(":")
        return len(parts) > 4 and re.fullmatch("[0-9]{12}", parts[4]) is not None
    return not set(value) & set("*?$")


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= _LARGEST_NETWORK[network.version]
