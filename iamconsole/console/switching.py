"""Switching to a role: how the console asks for it, remembers it, and says why it was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from accounts import arns, signin
from accounts.actions import sts
from accounts.actions.preferences import preferences_of, set_preference
from accounts.actions.sts_roles import AssumedRole
from accounts.caller import Caller
from accounts.errors import AccessDenied

#: What a name in the bar may be coloured with, each with the color of AWS's links to it.
COLORS = {
    "red": "F2B0A9",
    "orange": "FBBF93",
    "yellow": "FAD791",
    "green": "B7CA9D",
    "blue": "99BCE3",
}
#: How many roles the menu offers again.
MOST_RECENT = 5
#: The least that AssumeRole gives; the session of the person ends it earlier.
_SHORTEST = timedelta(minutes=15)
_LONGEST = timedelta(hours=1)
_PREFERENCE = "recent-roles"
_IN_SESSION = "recent_roles"

#: One text for every reason that lies in another account.
GENERIC = (
    "Check the account, the role's name with its path, and its case. If they are right, you may "
    "not switch to this role: its trust policy must let you in, and a policy of your own must "
    "allow sts:AssumeRole on it. Ask the administrators of both accounts."
)


def role_arn(account_id: str, role_name: str) -> str:
    """The ARN of a role by its path and name."""
    return arns.iam(account_id, f"role/{role_name}")


def assume(person: Caller, account_id: str, role_name: str) -> AssumedRole:
    """Credentials of the role, for an hour or for what is left of the person's session."""
    left = signin.SESSION - (person.now - (person.issued_at or person.now))
    lasting = max(_SHORTEST, min(_LONGEST, left))
    return sts.assume_role(
        person,
        role_arn=role_arn(account_id, role_name),
        role_session_name=_session_name(person),
        duration_seconds=int(lasting.total_seconds()),
    )


def _session_name(person: Caller) -> str:
    # A user's name may have one character, a session's must have two.
    if person.session is not None:
        name = person.session.name
    else:
        name = person.user.name if person.user is not None else "root"
    return name if len(name) > 1 else f"{name}-"


def why(error: AccessDenied, person: Caller, account_id: str) -> str:
    """What the person may know of a refusal: the reason in the own account, else all of them."""
    reasons = error.reasons
    if account_id != person.home.id or "layer" not in reasons:
        return GENERIC
    layer, explicit = reasons["layer"], reasons["decision"] == "explicitDeny"
    if layer == "trust":
        if explicit:
            return "A statement of the role's trust policy denies it to you."
        return (
            "There is no such role, or its trust policy does not let you in as you are: it may "
            "name somebody else, ask for a sign-in with MFA, or ask for an external ID, with which "
            "nobody can switch in the console."
        )
    of = {"boundary": "your permissions boundary", "session": "your session's policy"}
    where = of.get(layer, "a policy of yours or of your groups")
    if explicit:
        return f"A statement of {where} denies {error.action} on {error.resource}."
    if layer == "identity":
        return (
            "The role lets you in, but none of your policies allows "
            f"{error.action} on {error.resource}. Ask an administrator for it."
        )
    return f"The role lets you in, but {where} does not allow {error.action} on {error.resource}."


def recent_roles(request: HttpRequest) -> Sequence[Mapping[str, str]]:
    """The roles that the person switched to lately, without a query."""
    found: Sequence[Mapping[str, str]] = request.session.get(_IN_SESSION, ())
    return found


def recall(request: HttpRequest, person: Caller) -> None:
    """Take the recent roles along into a session that begins."""
    if known := preferences_of(person).get(_PREFERENCE):
        request.session[_IN_SESSION] = known["roles"]


def remember(request: HttpRequest, person: Caller, role: Mapping[str, Any]) -> None:
    """Put a role first among the recent ones."""
    kept = [each for each in recent_roles(request) if _which(each) != _which(role)]
    roles = [dict(role), *kept][:MOST_RECENT]
    request.session[_IN_SESSION] = roles
    set_preference(person, name=_PREFERENCE, value={"roles": roles})


def _which(role: Mapping[str, Any]) -> tuple[Any, ...]:
    return role["account"], role["role_name"]
