"""Bucket policies: how they are checked, kept, shown and evaluated.

Amazon S3 User Guide, "Policies and permissions in Amazon S3".
"""

from __future__ import annotations

from accounts import engine
from accounts.actions import trust_principals
from accounts.engine import PolicyKind, Statement
from accounts.errors import MalformedPolicyDocument
from iamconsole.sandbox import resource_policies
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.resource_policies import is_public
from iamconsole.sandbox.s3_errors import MalformedPolicy, PolicyTooLarge

#: In bytes.
LARGEST = 20 * 1024
_NAME = "BucketPolicy"
#: Of whom the bucket knows nothing: its own account's policies alone decide.
NOBODY = resource_policies.without_statements(_NAME)
#: AWS's sentences for what the grammar refuses, where S3 has others than IAM.
_NO_JSON = "Policies must be valid JSON and the first byte must be '{'"
_SENTENCES = {
    "Syntax errors in policy.": _NO_JSON,
    "Missing required field Principal": "Missing required field Principal",
    "Policy statement must contain actions.": "Missing required field Action",
    "Policy statement must contain resources.": "Missing required field Resource",
}


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
    return resource_policies.compiled(bucket.policy, _NAME)


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
