"""Bucket policies: how they are checked, kept, shown and evaluated, and which of them are public.

Amazon S3 User Guide, "Policies and permissions in Amazon S3" and "Blocking public access to your
Amazon S3 storage".
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from accounts import engine
from accounts.actions import trust_principals
from accounts.engine import Condition, PolicyKind, Statement
from accounts.errors import MalformedPolicyDocument
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.s3_errors import MalformedPolicy, PolicyTooLarge

#: In bytes.
LARGEST = 20 * 1024
#: Of whom the bucket knows nothing: its own account's policies alone decide.
NOBODY = engine.Policy(
    engine.load('{"Version": "2012-10-17", "Statement": []}', PolicyKind.RESOURCE),
    name="BucketPolicy",
    source="resource",
)
#: Stands for a policy that can't be read: there may have been a Deny in it.
_UNREADABLE = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", '
    '"Action": "*", "Resource": "*"}]}'
)
#: AWS's sentences for what the grammar refuses, where S3 has others than IAM.
_NO_JSON = "Policies must be valid JSON and the first byte must be '{'"
_SENTENCES = {
    "Syntax errors in policy.": _NO_JSON,
    "Missing required field Principal": "Missing required field Principal",
    "Policy statement must contain actions.": "Missing required field Action",
    "Policy statement must contain resources.": "Missing required field Resource",
}

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


def check(bucket: str, text: str) -> None:
    """Raise unless the text may be the policy of the bucket of that name.

    PolicyTooLarge above 20 KB, MalformedPolicy for what breaks the grammar, names another
    service's actions or another bucket's resources.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise PolicyTooLarge(argument="policy")
    try:
        found = engine.parse(text, PolicyKind.RESOURCE)
    except engine.MalformedPolicy as error:
        message = _SENTENCES.get(error.message, error.message)
        if "validation error" in message:
            message = _NO_JSON
        if message.startswith("Invalid principal in policy"):
            message = "Invalid principal in policy"
        raise MalformedPolicy(message, position=error.position) from None
    for statement in found.statements:
        _check_statement(bucket, statement)


def stored(account: str, text: str) -> str:
    """A sound policy as it is kept: unique ids in place of the ARNs of users and roles."""
    try:
        return trust_principals.stored(account, text, "policy")
    except MalformedPolicyDocument:
        raise MalformedPolicy("Invalid principal in policy") from None


def shown(bucket: Bucket) -> str:
    """The policy as clients see it, with ARNs."""
    return trust_principals.with_arns(bucket.policy)


def compiled(bucket: Bucket, account: str | None) -> engine.Policy:
    """The policy as it is evaluated for a caller of an account; nothing stands for nobody's."""
    if not bucket.policy:
        return NOBODY
    if bucket.restrict_public_buckets and account != bucket.account_id and is_public(bucket.policy):
        # Even what the policy says of known accounts does not count then.
        return NOBODY
    try:
        document = engine.load(bucket.policy, PolicyKind.RESOURCE)
    except engine.MalformedPolicy:
        document = engine.load(_UNREADABLE, PolicyKind.RESOURCE)
    return engine.Policy(document, name="BucketPolicy", source="resource")


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


def _check_statement(bucket: str, statement: Statement) -> None:
    for action in (*statement.actions, *statement.not_actions):
        if action != "*" and not action.lower().startswith("s3:"):
            raise MalformedPolicy("Policy has invalid action", position=statement.start)
    arn = f"arn:aws:s3:::{bucket}"
    for resource in (*statement.resources, *statement.not_resources):
        if not _is_of(arn, resource):
            raise MalformedPolicy("Policy has invalid resource", position=statement.start)


def _is_of(arn: str, resource: str) -> bool:
    """Whether a pattern can mean the bucket or its objects, and nothing that is certainly not."""
    return resource == "*" or resource == arn or resource.startswith(f"{arn}/")
