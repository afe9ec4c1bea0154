"""A trust policy in words: who is let in or kept out, and under which conditions."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import engine, ids
from accounts.actions.trust_principals import is_unique_id
from accounts.engine import Condition, PolicyKind, Statement
from iamconsole.console.roles.trust import KNOWN_ISSUERS


@dataclass(frozen=True, slots=True)
class Entity:
    """One principal: what it is, its name, and what there is to know of it."""

    kind: str
    name: str
    note: str = ""
    #: Whether nothing and nobody is behind it any more.
    gone: bool = False


@dataclass(frozen=True, slots=True)
class TrustStatement:
    """One statement. `conditions` must all be true."""

    allows: bool
    entities: tuple[Entity, ...]
    actions: tuple[str, ...]
    conditions: tuple[str, ...]


def statements(document: str) -> list[TrustStatement]:
    """The statements in their order; nothing where the text is no policy."""
    try:
        found = engine.load(document, PolicyKind.TRUST).statements
    except engine.MalformedPolicy:
        return []
    return [_statement(each) for each in found]


def _statement(statement: Statement) -> TrustStatement:
    return TrustStatement(
        allows=statement.effect == "Allow",
        entities=tuple(_entity(kind, name) for kind, name in statement.principals),
        actions=statement.actions or statement.not_actions,
        conditions=tuple(_condition(each) for each in statement.conditions),
    )


def _entity(kind: str, name: str) -> Entity:
    if name == "*":
        return Entity("Everybody", name, "Anybody in any AWS account who meets the conditions.")
    if kind == "Service":
        return Entity("AWS service", name)
    if kind == "Federated":
        known = KNOWN_ISSUERS.get(name)
        return Entity("Identity provider", name, known[0] if known else "")
    if kind == "AWS":
        return _of_aws(name)
    return Entity(kind, name)


def _of_aws(name: str) -> Entity:
    if is_unique_id(name):
        kind = "user" if name.startswith(ids.USER) else "role"
        note = (
            f"This {kind} was deleted. A new one of the same name is not trusted: put its ARN into "
            "the trust policy to trust it."
        )
        return Entity(f"Deleted {kind}", name, note, gone=True)
    account, _, rest = name.removeprefix("arn:aws:iam::").partition(":")
    if rest in ("", "root"):
        note = "Every user and role there whose own policies allow it to assume this role."
        return Entity("Account", account, note)
    if ":assumed-role/" in name:
        return Entity("Role session", name)
    return Entity("User" if rest.startswith("user/") else "Role", name)


_KNOWN = {
    ("StringEquals", "sts:externalid"): "Whoever asks must give the external ID {}.",
    ("StringEquals", "aws:principalorgid"): "Whoever asks must belong to the organization {}.",
}
_OPERATORS = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is, in any case,",
    "StringNotEqualsIgnoreCase": "is not, in any case,",
    "StringLike": "matches",
    "StringNotLike": "does not match",
    "NumericEquals": "is",
    "NumericNotEquals": "is not",
    "NumericLessThan": "is less than",
    "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is greater than",
    "NumericGreaterThanEquals": "is at least",
    "DateEquals": "is",
    "DateNotEquals": "is not",
    "DateLessThan": "is before",
    "DateLessThanEquals": "is not after",
    "DateGreaterThan": "is after",
    "DateGreaterThanEquals": "is not before",
    "Bool": "is",
    "BinaryEquals": "is",
    "IpAddress": "lies within",
    "NotIpAddress": "does not lie within",
    "ArnEquals": "matches",
    "ArnLike": "matches",
    "ArnNotEquals": "does not match",
    "ArnNotLike": "does not match",
}


def _condition(condition: Condition) -> str:
    key, values = condition.key, " or ".join(condition.values)
    if known := _KNOWN.get((condition.operator, key.lower())):
        return known.format(values)
    if (condition.operator, key.lower()) == ("Bool", "aws:multifactorauthpresent"):
        return (
            "Whoever asks must have signed in with MFA."
            if values.lower() == "true"
            else f"aws:MultiFactorAuthPresent is {values}."
        )
    prefix, _, rest = condition.operator.rpartition(":")
    operator = rest.removesuffix("IfExists")
    if operator == "Null":
        return f"{key} is {'absent' if values.lower() == 'true' else 'there'}."
    each = {"ForAllValues": "Each value of ", "ForAnyValue": "Some value of "}.get(prefix, "")
    where = ", where it is there" if rest != operator else ""
    return f"{each}{key} {_OPERATORS.get(operator, operator)} {values}{where}."
