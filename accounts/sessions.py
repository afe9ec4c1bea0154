"""Temporary credentials: what a session token holds, and whom it makes of whoever brings it.

Nothing of them is in the database. A token is a sealed record of the holder's unique id, the
secret key and what the session was given; it is bound to its access key id, so that it opens with
no other. The holder is a role, a user or, for the root user, the account. Whether it is still there
is looked up at every use: what was deleted, and made again under its name, has another id. What a
user's credentials may is read from the user's policies, so they outlive the access key with which
they were asked for, and end with the user.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import caller, ids, vault
from accounts.caller import Caller, Session
from accounts.errors import ExpiredToken, InvalidClientTokenId
from accounts.models import Account, Login, Role, User

#: How exact a role's last use is: it is written down at most so often.
NOTED_EVERY = timedelta(minutes=5)
#: What fills a token up that its taker wants longer. It is in no sealed text.
_FILL = "."


class Kind(StrEnum):
    """Whom a token makes of its bearer."""

    #: A session of the holder, a role.
    ROLE = "role"
    #: The holder itself, a user or the root user.
    USER = "user"
    #: Somebody for whom the holder, a user or the root user, vouches.
    FEDERATED = "federated"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Temporary credentials as they are handed out, once."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime


@dataclass(frozen=True, slots=True)
class Token:
    """What a session token says, once it was opened."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account_id: str
    kind: Kind
    #: The holder's: of a role or a user; of the root user, the account id.
    unique_id: str
    issued_at: datetime
    #: When whoever began the session gave an MFA code; nothing where nobody did.
    mfa_at: datetime | None
    session: Session
    #: Of the root user: which login it had then. A reset ends what it was given before.
    login: str = ""


def issue(
    holder: Role | User | Account,
    session: Session,
    *,
    now: datetime,
    mfa_at: datetime | None,
    at_least: int = 0,
    federated: bool = False,
) -> Credentials:
    """New credentials: for a session of a role, for a user or the root user of an account, or,
    `federated`, for somebody of whom one of these vouches. The token has `at_least` so many
    characters.
    """
    account_id = holder.id if isinstance(holder, Account) else holder.account_id
    kind = Kind.ROLE if isinstance(holder, Role) else Kind.USER
    token = Token(
        access_key_id=ids.access_key_id(account_id, ids.TEMPORARY_KEY),
        secret_access_key=ids.secret_access_key(),
        account_id=account_id,
        kind=Kind.FEDERATED if federated else kind,
        unique_id=account_id if isinstance(holder, Account) else holder.unique_id,
        issued_at=now,
        mfa_at=mfa_at,
        session=session,
        login=_root_login(account_id) if isinstance(holder, Account) else "",
    )
    return Credentials(
        token.access_key_id,
        token.secret_access_key,
        _sealed(token).ljust(at_least, _FILL),
        session.expires_at,
    )


def open_token(access_key_id: str, session_token: str, now: datetime) -> Token:
    """What the token says. Raise InvalidClientTokenId where it was changed or belongs to another
    key, ExpiredToken where its time is over.
    """
    try:
        sealed = base64.b64decode(session_token.rstrip(_FILL), validate=True).decode("ascii")
        packed = vault.unseal(sealed, vault.token_place(access_key_id))
        record = json.loads(zlib.decompress(base64.b64decode(packed)))
    except (ValueError, vault.Unopened):
        raise InvalidClientTokenId from None
    token = _read(access_key_id, record)
    if now >= token.session.expires_at:
        raise ExpiredToken
    return token


def caller_of(token: Token, **known: Any) -> Caller:
    """The caller that an opened token makes; `known` is what the face knows of the request.

    Raise InvalidClientTokenId where the holder is gone.
    """
    known |= {
        "access_key_id": token.access_key_id,
        "issued_at": token.issued_at,
        "mfa_at": token.mfa_at,
    }
    if token.kind is Kind.ROLE:
        role = (
            Role.objects.select_related("account", "boundary")
            .filter(account=token.account_id, unique_id=token.unique_id)
            .first()
        )
        if role is None:
            raise InvalidClientTokenId
        return caller.role(role, token.session, **known)
    account, user = _person(token)
    if token.kind is Kind.FEDERATED:
        return caller.federated(account, user, token.session, **known)
    if user is None:
        return caller.root(account, session=token.session, **known)
    return caller.user(user, session=token.session, **known)


def _person(token: Token) -> tuple[Account, User | None]:
    """The user behind a token, or nobody where it is the root user, and the account."""
    if token.unique_id == token.account_id:
        account = Account.objects.filter(pk=token.account_id).first()
        if account is None or token.login != _root_login(account.id):
            raise InvalidClientTokenId
        return account, None
    user = (
        User.objects.select_related("account", "boundary")
        .filter(account=token.account_id, unique_id=token.unique_id)
        .first()
    )
    if user is None:
        raise InvalidClientTokenId
    return user.account, user


def _root_login(account_id: str) -> str:
    """The root user's login and its epoch, which a reset raises and a new password does not."""
    logins = Login.objects.filter(account=account_id, kind=Login.Kind.ROOT)
    found = logins.values_list("pk", "epoch").first()
    return ".".join(map(str, found)) if found else ""


def note_use(used: Caller) -> None:
    """Remember that a role was used, and where, unless that was written down just now."""
    role = used.role
    if role is None:
        return
    stale = used.now - NOTED_EVERY
    if role.last_used_at is not None and role.last_used_at > stale:
        return
    with transaction.atomic():
        Role.objects.filter(
            Q(last_used_at__isnull=True) | Q(last_used_at__lte=stale), pk=role.pk
        ).update(last_used_at=used.now, last_used_region=used.region)


def packed_size(
    policies: tuple[str, ...], policy_arns: tuple[str, ...], tags: Mapping[str, str]
) -> int:
    """The bytes that session policies and tags take in a token."""
    return len(_packed([policies, policy_arns, dict(tags)]))


def _packed(record: Any) -> bytes:
    text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
    return zlib.compress(text.encode(), 9)


def _sealed(token: Token) -> str:
    session = token.session
    record = {
        "kind": token.kind,
        "account": token.account_id,
        "id": token.unique_id,
        "secret": token.secret_access_key,
        "issued": token.issued_at.timestamp(),
        "expires": session.expires_at.timestamp(),
        "mfa": token.mfa_at.timestamp() if token.mfa_at else None,
        "name": session.name,
        "policies": session.policies,
        "arns": session.policy_arns,
        "tags": dict(session.tags),
        "transitive": session.transitive,
        "source": session.source_identity,
        "provider": session.provider,
        "claims": dict(session.claims),
        "login": token.login,
    }
    packed = base64.b64encode(_packed(record)).decode()
    sealed = vault.seal(packed, vault.token_place(token.access_key_id))
    # Clients send it in a header: one alphabet, without the seal's colons.
    return base64.b64encode(sealed.encode()).decode()


def _read(access_key_id: str, record: Mapping[str, Any]) -> Token:
    return Token(
        access_key_id=access_key_id,
        secret_access_key=record["secret"],
        account_id=record["account"],
        kind=Kind(record["kind"]),
        unique_id=record["id"],
        issued_at=_moment(record["issued"]),
        mfa_at=_moment(record["mfa"]) if record["mfa"] is not None else None,
        session=Session(
            name=record["name"],
            expires_at=_moment(record["expires"]),
            policies=tuple(record["policies"]),
            policy_arns=tuple(record["arns"]),
            tags=record["tags"],
            transitive=tuple(record["transitive"]),
            source_identity=record["source"],
            provider=record.get("provider", ""),
            claims={
                key: value if isinstance(value, str) else tuple(value)
                for key, value in record.get("claims", {}).items()
            },
        ),
        login=record.get("login", ""),
    )


def _moment(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, tz=UTC)
