"""How the tests of the policy simulator ask it, and what they ask about."""

from __future__ import annotations

from accounts.actions import simulation
from accounts.engine import Decision
from accounts.simulation.kinds import ContextEntry
from tests.cast import allow, arn, document

ALLOWED, EXPLICIT, IMPLICIT = Decision.ALLOW, Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY
READ = document(allow("s3:GetObject"))
KEY, OTHER_KEY = "arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/other"
BOB = arn("user/bob")


def custom(caller, *documents, actions=("s3:GetObject",), **more):
    """The results of simulating documents, for s3:GetObject on anything if nothing else is said."""
    page = simulation.simulate_custom_policy(
        caller, policy_input_list=documents, action_names=actions, **more
    )
    return page.items


def one(caller, *documents, **more):
    """The only result."""
    (result,) = custom(caller, *documents, **more)
    return result


def principal(caller, source, actions=("s3:GetObject",), **more):
    """The only result of simulating what a user, group or role has."""
    page = simulation.simulate_principal_policy(
        caller, policy_source_arn=source, action_names=actions, **more
    )
    (result,) = page.items
    return result


def entry(name, *values, kind="string"):
    return ContextEntry(name, values, kind)


def sources(result):
    return [match.source_policy_id for match in result.matched_statements]


def places(result):
    """Line and column of start and end of the matched statements."""
    return [
        (
            (match.start_position.line, match.start_position.column),
            (match.end_position.line, match.end_position.column),
        )
        for match in result.matched_statements
    ]


def bucket_policy(user, effect="Allow"):
    return document(allow("s3:GetObject", Principal={"AWS": user}) | {"Effect": effect})


FROM_HOME = document(
    allow("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
    allow("iam:GetUser", on="arn:aws:iam::*:user/${aws:username}"),
)
