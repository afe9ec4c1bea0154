"""Who is asked about: the root user, users and roles of a place, as callers of the product."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from accounts import caller as callers
from accounts import ids
from accounts.caller import Caller, Face, Session
from accounts.models import Account, Role, User
from iamconsole.labs.checks import entities
from iamconsole.labs.checks.place import Place, Unanswerable

_SESSION = "session"
_LASTING = timedelta(hours=1)
#: Where calls come from, as far as policies ask: from the machine itself, as labs are done.
_ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Who:
    """A principal. Neither a user nor a role: the root user."""

    account: Account
    #: How sentences name it: "ana", "the role Deploy", "the root user".
    name: str
    user: User | None = None
    role: Role | None = None

    @property
    def attached_to(self) -> str:
        """How sentences name what a policy is attached to directly."""
        return entities.called(self.user or self.role) if self.user or self.role else self.name  # type: ignore[arg-type]


def find(place: Place, named: str) -> list[Who]:
    """Whom `root`, `user/NAME` or `role/NAME` means; nobody where there is no such thing."""
    account = place.account
    if named == "root":
        of = f" of {place.name}" if place.name else ""
        return [Who(account, f"the root user{of}")]
    kind, _, name = named.partition("/")
    if kind == "user":
        return [Who(account, each.name, user=each) for each in entities.users(place, name)]
    return [
        Who(account, f"the role {each.name}", role=each) for each in entities.roles(place, name)
    ]


def of_arn(place: Place, arn: str) -> Who | None:
    """The principal of that ARN where it is one of the run's accounts'; else nothing."""
    parts = arn.split(":", 5)
    account = place.run_accounts.get(parts[4]) if len(parts) == 6 else None
    if account is None or parts[:4] != ["arn", "aws", "iam", ""]:
        return None
    there = place.in_account(account)
    if parts[5] == "root":
        return find(there, "root")[0]
    kind, name = parts[5].partition("/")[0], parts[5].rpartition("/")[2]
    if kind not in ("user", "role") or "*" in name or "?" in name:
        return None
    found = find(there, f"{kind}/{name}")
    return next((each for each in found if (each.user or each.role).arn == arn), None)  # type: ignore[union-attr]


def described(named: str) -> str:
    """How sentences name whoever is asked about, whether there is such a principal or not."""
    if named == "root":
        return "the root user"
    kind, _, name = named.partition("/")
    if "*" in name or "?" in name:
        return f"every {kind}" if name == "*" else f"every {kind} named {name}"
    return name if kind == "user" else f"the role {name}"


def missing(place: Place, named: str) -> str:
    """The sentence that nobody is called so."""
    return entities.missing(place, named)


def caller_of(place: Place, who: Who, *, mfa: bool = False, through: str = "console") -> Caller:
    """The principal as it would call: in a session of the console, or with an access key.

    With a key and MFA it is temporary credentials that were given for a code.
    """
    now = place.world.now
    face = Face.API if through == "api" else Face.CONSOLE
    caller = _bare(who, face, now, place)
    if face is Face.API and who.role is None:
        key = ids.TEMPORARY_KEY if mfa else ids.ACCESS_KEY
        caller = replace(caller, temporary=mfa, access_key_id=f"{key}{'0' * 16}")
    return replace(
        caller,
        mfa_at=now if mfa else None,
        issued_at=now if caller.temporary else None,
        source_address=_ADDRESS,
        secure=True,
        seen=place.looking(who.account),
    )


def _bare(who: Who, face: Face, now, place: Place) -> Caller:  # type: ignore[no-untyped-def]
    if who.user is not None:
        return callers.user(who.user, face=face, now=now, request_id="")
    if who.role is not None:
        session = Session(_SESSION, now + _LASTING)
        return callers.role(who.role, session, face=face, now=now, request_id="")
    if who.account.pk not in place.run_accounts:
        raise Unanswerable("Only accounts of this lab can be asked about.")
    return callers.root(who.account, face=face, now=now, request_id="")
