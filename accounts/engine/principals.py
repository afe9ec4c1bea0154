"""Who asks, and whether a Principal or NotPrincipal element means them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

PrincipalKind = Literal["root", "user", "role", "federated", "service", "anonymous"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. `arn` is what AWS would print: for a role the ARN of its session.

    For a service, `arn` is its name (`ec2.amazonaws.com`); for a caller of an identity provider
    that holds no session yet, the provider's. `account` is empty for services and anonymous
    callers. `role_arn` is the role behind a session; `unique_id` a user's AIDA id, or a role's
    AROA id with or without `:session`.
    """

    arn: str
    account: str
    kind: PrincipalKind
    unique_id: str | None = None
    role_arn: str | None = None

    @property
    def has_identity_policies(self) -> bool:
        """Whether identity-based policies speak for this principal at all."""
        return self.kind in ("user", "role") or ":federated-user/" in self.arn


class Grant(IntEnum):
    """How closely a resource-based policy names the principal: the closer, the more it excuses."""

    NONE = 0
    ACCOUNT = 1
    """The account: its own policies must still allow."""
    ROLE = 2
    """The role behind a session: boundary and session policies still limit it."""
    DIRECT = 3
    """The user, the session, or everyone: nothing else need allow."""


_ROOT_ARN = re.compile(r"arn:[^:]+:iam::([0-9]{12}):root")


class Principals:
    """The names in a Principal or NotPrincipal element, ready to be asked."""

    __slots__ = ("_aws", "_everyone", "_others")

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        names = list(names)
        aws = [name for kind, name in names if kind == "AWS"]
        self._everyone = any(kind in ("*", "AWS") and name == "*" for kind, name in names)
        # An account's number and its root ARN are two spellings of one principal.
        self._aws = frozenset(_ROOT_ARN.sub(r"\1", name) for name in aws)
        self._others = frozenset(name for kind, name in names if kind in ("Service", "Federated"))

    def grant(self, principal: Principal | None) -> Grant:
        """How closely the element names `principal`; no principal is known only to `*`."""
        if self._everyone:
            return Grant.DIRECT
        if principal is None:
            return Grant.NONE
        if principal.kind in ("service", "federated") and principal.arn in self._others:
            return Grant.DIRECT
        if principal.arn in self._aws or principal.unique_id in self._aws:
            is_role_id = principal.kind == "role" and principal.arn not in self._aws
            is_session_id = ":" in (principal.unique_id or "")
            return Grant.ROLE if is_role_id and not is_session_id else Grant.DIRECT
        if _role_names(principal) & self._aws:
            return Grant.ROLE
        return Grant.ACCOUNT if principal.account in self._aws else Grant.NONE

    def name_all_of(self, principal: Principal | None) -> bool:
        """Whether every identity of the principal is listed: user and account, or session, role
        and account. Only then does a NotPrincipal in a Deny spare it.
        """
        if self._everyone:
            return True
        if principal is None:
            return False
        if principal.kind in ("service", "anonymous"):
            return principal.arn in self._others
        own = {principal.arn} if principal.kind != "root" else set()
        if principal.kind == "role" and principal.role_arn:
            own.add(principal.role_arn)
        return principal.account in self._aws and own <= self._aws | self._others


def _role_names(principal: Principal) -> set[str]:
    """What the role behind a session is called: its ARN and its unique id."""
    if principal.kind != "role":
        return set()
    role_id = (principal.unique_id or "").partition(":")[0]
    return {name for name in (principal.role_arn, role_id) if name}
