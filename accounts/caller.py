"""Who is calling: everything that policies and events know about a request, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from accounts.errors import AccessDenied
from accounts.models import Account, Role, User

Found = TypeVar("Found")


class CallerKind(StrEnum):
    """What sort of identity makes a call."""

    ROOT = "root"
    USER = "user"
    ROLE = "role"
    #: Whom a user vouched for with GetFederationToken.
    FEDERATED = "federated"
    ANONYMOUS = "anonymous"
    #: A service of AWS's that takes on a role for what it runs.
    SERVICE = "service"
    #: Whoever has a shell on the machine: management commands.
    OPERATOR = "operator"


class Face(StrEnum):
    """The way in through which a call came."""

    CONSOLE = "console"
    API = "api"
    SHELL = "shell"
    LAB = "lab"


@dataclass(frozen=True, slots=True)
class Session:
    """What temporary credentials bring along, beside the principal that they were given for."""

    name: str
    expires_at: datetime
    #: Session policies: documents, and ARNs of managed ones. None of either: no such limit.
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: Keys of the tags that go on to the next role of a chain.
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    #: The ARN of the identity provider through which a role was taken on, and the condition keys
    #: about whoever did, such as saml:sub.
    provider: str = ""
    claims: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict, hash=False)

    @property
    def is_limited(self) -> bool:
        """Whether session policies limit it."""
        return bool(self.policies or self.policy_arns)


@dataclass(frozen=True, slots=True)
class Caller:
    """One identity making one request. Built by a face, never changed, passed to every action."""

    kind: CallerKind
    account: Account | None
    face: Face
    now: datetime
    request_id: str
    user: User | None = None
    #: The role that the caller acts as, and what its session brings along.
    role: Role | None = None
    session: Session | None = None
    #: Who vouches for a federated user, and is not the caller; nothing where root does.
    vouching: User | None = None
    arn: str = ""
    unique_id: str = ""
    #: The ARN behind a temporary session.
    issuer: str = ""
    access_key_id: str = ""
    session_id: str = ""
    #: When the session was given MFA; nothing where it was not.
    mfa_at: datetime | None = None
    #: Whether the credentials are temporary: only then do policies see aws:MultiFactorAuth keys.
    temporary: bool = True
    #: When the session began.
    issued_at: datetime | None = None
    source_address: str = ""
    user_agent: str = ""
    secure: bool = False
    region: str = "us-east-1"
    #: How the request was signed, as the condition keys by which policies ask for that.
    signing: Mapping[str, str] = field(default_factory=dict, compare=False)
    #: Events of this request's reads, written together when it ends; nothing: written at once.
    journal: list[Any] | None = field(default=None, compare=False, repr=False)
    #: Raises ConcurrentModification where what the caller saw before deciding is no longer so. Run
    #: once the account is locked: nothing can change between this and the change.
    still: Callable[[], None] | None = field(default=None, compare=False, repr=False)
    #: Rows that this request has looked up; emptied by every change. Nothing: not remembered.
    seen: dict[Any, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def home(self) -> Account:
        """The caller's account. Raise AccessDenied where there is none: nobody has signed in."""
        if self.account is None:
            raise AccessDenied("No credentials were given, so there is no account to act on.")
        return self.account

    def once(self, key: tuple[str, str], find: Callable[[], Found]) -> Found:
        """What `find` finds; within one request it is looked up once, until something changes.

        A page is many actions, each of which names the same user.
        """
        if self.seen is None:
            return find()
        if key not in self.seen:
            self.seen[key] = find()
        found: Found = self.seen[key]
        return found

    def forget(self) -> None:
        """Look everything up anew from here on."""
        if self.seen is not None:
            self.seen.clear()

    @property
    def is_root(self) -> bool:
        """Whether this is the account's root user."""
        return self.kind is CallerKind.ROOT

    @property
    def display_name(self) -> str:
        """How the console names the caller: a user's name, the root user's e-mail, role/session."""
        if self.user is not None:
            return self.user.name
        if self.role is not None and self.session is not None:
            return f"{self.role.name}/{self.session.name}"
        if self.kind is CallerKind.FEDERATED and self.session is not None:
            return self.session.name
        return self.home.root_email if self.is_root else self.arn


def root(account: Account, **known: Any) -> Caller:
    """The root user of an account."""
    return Caller(
        kind=CallerKind.ROOT, account=account, arn=account.root_arn, unique_id=account.id, **known
    )


def user(user: User, **known: Any) -> Caller:
    """An IAM user."""
    return Caller(
        kind=CallerKind.USER,
        account=user.account,
        user=user,
        arn=user.arn,
        unique_id=user.unique_id,
        **known,
    )


def role(role: Role, session: Session, **known: Any) -> Caller:
    """A session of a role."""
    return Caller(
        kind=CallerKind.ROLE,
        account=role.account,
        role=role,
        session=session,
        arn=assumed_role_arn(role, session.name),
        unique_id=f"{role.unique_id}:{session.name}",
        issuer=role.arn,
        **known,
    )


def assumed_role_arn(role: Role, session_name: str) -> str:
    """The ARN of a role's session. The role's path is not in it."""
    return f"arn:aws:sts::{role.account_id}:assumed-role/{role.name}/{session_name}"


def federated(account: Account, vouching: User | None, session: Session, **known: Any) -> Caller:
    """A federated user, for whom a user or, where that is nobody, the root user vouches."""
    return Caller(
        kind=CallerKind.FEDERATED,
        account=account,
        vouching=vouching,
        session=session,
        arn=federated_user_arn(account, session.name),
        unique_id=f"{account.id}:{session.name}",
        issuer=vouching.arn if vouching is not None else account.root_arn,
        **known,
    )


def federated_user_arn(account: Account, name: str) -> str:
    """The ARN of a federated user."""
    return f"arn:aws:sts::{account.id}:federated-user/{name}"


def operator(account: Account | None, **known: Any) -> Caller:
    """Whoever runs a management command."""
    return Caller(kind=CallerKind.OPERATOR, account=account, face=Face.SHELL, **known)


def anonymous(account: Account | None, **known: Any) -> Caller:
    """Somebody who has not signed in."""
    return Caller(kind=CallerKind.ANONYMOUS, account=account, **known)


def service(name: str, account: Account, session: Session, **known: Any) -> Caller:
    """A service such as ec2.amazonaws.com; `session` is what the role's session shall hold."""
    return Caller(kind=CallerKind.SERVICE, account=account, arn=name, session=session, **known)


def stripped(caller: Caller) -> Caller:
    """The same request without whoever made it: for calls in which a token alone is the proof."""
    return Caller(
        kind=CallerKind.ANONYMOUS,
        account=None,
        face=caller.face,
        now=caller.now,
        request_id=caller.request_id,
        temporary=False,
        source_address=caller.source_address,
        user_agent=caller.user_agent,
        secure=caller.secure,
        region=caller.region,
    )


def in_region(caller: Caller, region: str) -> Caller:
    """The same caller, asking another Region: the console shows all of them."""
    return replace(caller, region=region)


def on_account(caller: Caller, account: Account) -> Caller:
    """The same caller, acting on an account that was made or found during the call."""
    return replace(caller, account=account)
