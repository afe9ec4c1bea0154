"""What each check takes, as JSON Schemas: the published form of a lab is made of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

#: Characters of a text, and members of a list: what is longer is no name, ARN or action.
LONGEST = 2048
MOST_LISTED = 50


def _text(description: str, **more: Any) -> Schema:
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST,
        "description": description,
        **more,
    }


def _one_or_list(description: str) -> Schema:
    one = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    listed = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_LISTED}
    return {"oneOf": [one, listed], "description": description}


def _truth(description: str) -> Schema:
    return {"type": "boolean", "description": description}


def _number(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "maximum": 100_000, "description": description}


def _choice(description: str, *words: str) -> Schema:
    return {"enum": list(words), "description": description}


def _takes(description: str, required: str, properties: Schema, **more: Any) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
        **more,
    }


_NAMES = "Names may hold * and ?; case does not matter."
_WHO = r"^(root|(user|role)/.+)$"
_ANYBODY = r"^(root|(user|role)/.+|arn:.+|[a-z0-9.-]+\.amazonaws\.com)$"
_PRINCIPAL = _text(f"root, user/NAME or role/NAME. {_NAMES}", pattern=_WHO)
_USER = _text(f"A user's name. {_NAMES}")
_TO = _text(f"user/NAME, group/NAME or role/NAME. {_NAMES}", pattern=r"^(user|group|role)/.+$")
_POLICY = _text(f"A managed policy: its name, or its whole ARN. {_NAMES}")
_ACTION = _one_or_list(
    "An action as policies name it, such as s3:GetObject, or a list of them. s3:Get* stands for "
    "every action of that kind."
)
_RESOURCE = _one_or_list(
    "An ARN, or a list of them; * unless said. In an ARN, * and ? stand for whatever may be there."
)
_CONTEXT: Schema = {
    "type": "object",
    "description": (
        "Condition keys of the request and their values, such as aws:RequestTag/team: red. They "
        "count instead of those that the request would have."
    ),
    "maxProperties": 30,
    "additionalProperties": {
        "oneOf": [
            {"type": ["string", "boolean", "integer"], "maxLength": LONGEST},
            {
                "type": "array",
                "items": {"type": "string", "maxLength": LONGEST},
                "maxItems": MOST_LISTED,
            },
        ]
    },
}
_MFA = _truth("true: asked as in a session with MFA; otherwise as in one without.")
_THROUGH = _choice("Through the console, or with an access key.", "console", "api")
_SINCE = _choice(
    "Since the learner began the lab (lab_start, unless said), since the step began (step_start), "
    "or at any time, the lab's own preparation included (ever).",
    "lab_start",
    "step_start",
    "ever",
)
_BY = _text(
    f"Who did it: root, user/NAME, role/NAME, or a service such as ec2.amazonaws.com. {_NAMES}",
    pattern=_ANYBODY,
)
_OUTCOME = _choice(
    "How it went: success unless said; denied by policies; or any, errors too.",
    "success",
    "denied",
    "any",
)
_COUNTS: Schema = {
    "count": _number("Exactly so many."),
    "at_least": _number("So many or more."),
    "at_most": _number("So many or fewer."),
}
_SOME_COUNT: Schema = {
    "anyOf": [{"required": ["count"]}, {"required": ["at_least"]}, {"required": ["at_most"]}]
}
_KINDS: Schema = {
    "user": _text("A user's name."),
    "group": _text("A user group's name."),
    "role": _text("A role's name."),
    "policy": _text("The name or ARN of a customer managed policy."),
    "policy_version": _text("A version of a customer managed policy, as NAME/v2."),
    "instance_profile": _text("An instance profile's name."),
    "access_key": _text("An access key's id."),
    "alias": _text("The account's alias."),
    "bucket": _text("A bucket's name."),
    "topic": _text("A topic's name."),
    "instance": _text("An instance, by its Name tag or its id; terminated ones do not count."),
    "identity_provider": _text("An identity provider, by its name or URL."),
}
_MAY: Schema = {
    "principal": _PRINCIPAL,
    "action": _ACTION,
    "resource": _RESOURCE,
    "mfa": _MFA,
    "through": _choice(
        "Asked as through the console (unless said), or with an access key (api): then there are "
        "no condition keys about MFA unless mfa is true.",
        "console",
        "api",
    ),
    "context": _CONTEXT,
}
_ATTACHED: Schema = {
    "to": _TO,
    "policy": _POLICY,
    "direct": _truth("true: groups are left out."),
}

ARGUMENTS: Mapping[str, Schema] = {
    "can": _takes(
        "The policies allow it: every action of the list on every resource.",
        "principal action",
        _MAY,
    ),
    "cannot": _takes(
        "The policies allow none of the actions on any of the resources. Of nobody at all this "
        "does not hold.",
        "principal action",
        _MAY,
    ),
    "exists": _takes(
        f"There is one. {_NAMES}", "", _KINDS, minProperties=1, maxProperties=1
    ),
    "absent": _takes(
        f"There is none. {_NAMES}", "", _KINDS, minProperties=1, maxProperties=1
    ),
    "attached": _takes(
        "A managed policy is attached, to a user also through a group.", "to policy", _ATTACHED
    ),
    "not_attached": _takes(
        "No such managed policy is attached, not even through a group.", "to policy", _ATTACHED
    ),
    "has_inline_policy": _takes(
        "There is an inline policy.",
        "to",
        {"to": _TO, "name": _text(f"Its name; any unless said. {_NAMES}")},
    ),
    "member_of": _takes(
        "The user is in such a user group.",
        "user group",
        {"user": _USER, "group": _text(f"A user group's name. {_NAMES}")},
    ),
    "tag": _takes(
        "The tag is there.",
        "on key",
        {
            "on": _text(
                f"user/NAME, role/NAME, policy/NAME, bucket/NAME or instance/NAME. {_NAMES}",
                pattern=r"^(user|role|policy|bucket|instance)/.+$",
            ),
            "key": _text("The tag's key."),
            "value": {
                "type": "string",
                "maxLength": LONGEST,
                "description": "Its value, in which * and ? may stand; any unless said.",
            },
        },
    ),
    "mfa_enabled": _takes(
        "There is an MFA device.",
        "principal",
        {"principal": _text(f"root or user/NAME. {_NAMES}", pattern=r"^(root|user/.+)$")},
    ),
    "login_profile": _takes(
        "The user has a password for the console.",
        "user",
        {
            "user": _USER,
            "reset_required": _truth("Whether a new one must be chosen at the next sign-in."),
        },
    ),
    "password_policy": _takes(
        "The account has a password policy of its own that is at least as strict.",
        "",
        {
            "minimum_length": _number("Characters, at least."),
            "symbols": _truth("Whether a symbol is required."),
            "numbers": _truth("Whether a number is required."),
            "uppercase": _truth("Whether an upper-case letter is required."),
            "lowercase": _truth("Whether a lower-case letter is required."),
            "users_may_change": _truth("Whether users may change their own passwords."),
            "max_age": _number("Days after which passwords expire, at most."),
            "reuse": _number("Earlier passwords that can't be used again, at least."),
            "hard_expiry": _truth("Whether only an administrator can renew an expired one."),
        },
    ),
    "trust_allows": _takes(
        "The role's trust policy lets the principal in. What the principal's own policies say is "
        "asked with can.",
        "role principal",
        {
            "role": _text(f"A role's name. {_NAMES}"),
            "principal": _text(
                "root, user/NAME, role/NAME, an ARN, or a service such as ec2.amazonaws.com.",
                pattern=_ANYBODY,
            ),
            "external_id": _text("The external ID that is given."),
            "mfa": _MFA,
            "context": _CONTEXT,
        },
    ),
    "boundary_is": _takes(
        "That policy is the permissions boundary.",
        "of policy",
        {
            "of": _text(f"user/NAME or role/NAME. {_NAMES}", pattern=r"^(user|role)/.+$"),
            "policy": _POLICY,
        },
    ),
    "version_count": _takes(
        "A customer managed policy has so many versions.",
        "policy",
        {"policy": _text("Its name or ARN."), **_COUNTS},
        **_SOME_COUNT,
    ),
    "key_count": _takes(
        "There are so many access keys.",
        "",
        {
            "user": _text("The user's name."),
            "root": _choice("true: those of the root user.") | {"enum": [True]},
            "status": _choice("Only those of this status count.", "Active", "Inactive"),
            **_COUNTS,
        },
        allOf=[_SOME_COUNT, {"oneOf": [{"required": ["user"]}, {"required": ["root"]}]}],
    ),
    "key_status": _takes(
        "The access key has this status.",
        "key status",
        {
            "key": _text("The access key's id."),
            "status": _choice(
                "Deleted: there is none of that id.", "Active", "Inactive", "Deleted"
            ),
        },
    ),
    "max_allowed_actions": _takes(
        "No more different actions are allowed, on whatever resources: those that Allow statements "
        "give, without those that are denied everywhere.",
        "principal count",
        {
            "principal": _PRINCIPAL,
            "count": _number("So many at most."),
            "services": {
                "type": "array",
                "items": _text("A service's prefix in actions, such as s3."),
                "minItems": 1,
                "maxItems": MOST_LISTED,
                "description": "Only actions of these services count.",
            },
        },
    ),
    "policy_equivalent": _takes(
        "The policies allow exactly what a document of the pack allows, however they are written.",
        "to",
        {
            "principal": _PRINCIPAL | {"description": "Whose policies, all together."},
            "policy": _text("A customer managed policy instead, by its name or ARN."),
            "to": _text("The document, such as solution/read.json.", pattern=r"\.json$"),
        },
        oneOf=[{"required": ["principal"]}, {"required": ["policy"]}],
    ),
    "event": _takes(
        "The record has such an event.",
        "name",
        {
            "name": _one_or_list(
                "An operation such as iam:PutUserPolicy, or a list of which one will do. * and ? "
                "may stand in it."
            ),
            "by": _BY,
            "outcome": _OUTCOME,
            "on": _text(
                "What it was about: an ARN, KIND/NAME as at the end of an ARN, or a name. * and ? "
                "may stand in it."
            ),
            "since": _SINCE,
        },
    ),
    "called": _takes(
        "The principal made that call.",
        "principal action",
        {
            "principal": _text(
                f"root, user/NAME, or role/NAME for the sessions of a role. {_NAMES}", pattern=_WHO
            ),
            "action": _one_or_list(
                "An operation or the permission that it takes, such as s3:ListBucket, or a list of "
                "which one will do. * and ? may stand in it."
            ),
            "resource": _one_or_list("An ARN, or a list of which one will do; any unless said."),
            "outcome": _OUTCOME,
            "through": _THROUGH,
            "key": _text("The access key that signed it."),
            "other_than_key": _text("Another access key than this one signed it."),
            "mfa": _truth("Whether the session was given an MFA code."),
            "since": _SINCE,
        },
    ),
    "signed_in": _takes(
        "The principal signed in to the console, to the end: password, MFA code and new password "
        "where they were asked for. Through api: made any call with an access key.",
        "principal",
        {
            "principal": _PRINCIPAL,
            "through": _THROUGH,
            "mfa": _truth("Whether an MFA code was given."),
            "since": _SINCE,
        },
    ),
    "assumed_role": _takes(
        "Somebody took on the role.",
        "role",
        {"role": _text(f"A role's name. {_NAMES}"), "by": _BY, "since": _SINCE},
    ),
    "instance_role": _takes(
        "The instance has the role, by the instance profile that it has.",
        "instance role",
        {
            "instance": _text(f"An instance's Name tag or id. {_NAMES}"),
            "role": _text(f"A role's name. {_NAMES}"),
        },
    ),
    "s3_object": _takes(
        "The object is there.",
        "bucket key",
        {
            "bucket": _text("A bucket's name."),
            "key": _text("The object's key, in which * and ? may stand."),
            "contains": _text("A part of its text."),
            "absent": _choice("true: there is no such object.") | {"enum": [True]},
        },
        **{"not": {"required": ["contains", "absent"]}},
    ),
    "published": _takes(
        "A message was published to the topic.",
        "topic",
        {
            "topic": _text("A topic's name."),
            "by": _BY,
            "contains": _text("A part of the message."),
            "since": _SINCE,
        },
    ),
}  # fmt: skip
