"""Who makes a pack's call: the root user, a user, a role's session or an instance, as a caller."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from accounts import caller as callers
from accounts import ids, sessions
from accounts.caller import Caller, Face, Session
from accounts.errors import InvalidInput
from accounts.models import Account, Role, User
from iamconsole.api import credentials
from iamconsole.sandbox import metadata
from iamconsole.sandbox.models import Instance

_CLIENT = "aws-cli/2.17.40 md/awscrt#0.21.2 ua/2.0 os/linux#6.1 lang/python#3.11.9"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_SDK = "Boto3/1.34.162 md/Botocore#1.34.162 ua/2.0 os/linux#6.1 lang/python#3.11.9"
#: How long ago whoever calls with MFA gave the code.
_GIVEN = timedelta(minutes=2)
_LASTING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Whom:
    """What an operation says about who calls."""

    #: root, user/NAME, role/NAME or instance/ID, with values filled in.
    name: str
    mfa: bool = False
    key: str = ""
    console: bool = False
    #: Which device it is, where somebody has several.
    device: str = ""


def caller(account: Account, whom: Whom, now: datetime, service: str) -> Caller:
    """The caller. Raises InvalidInput where there is nobody of that name.

    The account is looked up anew: what policies say depends on its newest state.
    """
    account = Account.objects.get(pk=account.pk)
    known = facts(whom, now)
    kind, _, name = whom.name.partition("/")
    if whom.key and not whom.mfa:
        return _with_key(account, whom, known, service)
    match kind:
        case "root" if not name:
            return callers.root(account, **known, **_session(whom, account.id, now))
        case "user":
            return callers.user(_user(account, name), **known, **_session(whom, account.id, now))
        case "role":
            return _role(account, name, known, whom)
        case "instance":
            return _instance(account, name, known)
    raise InvalidInput(f"{whom.name} is nobody: use root, user/NAME, role/NAME or instance/ID.")


def stranger(whom: Whom, now: datetime) -> Caller:
    """Whoever is about to sign in to the console."""
    return callers.anonymous(None, **facts(replace(whom, console=True), now))


def facts(whom: Whom, now: datetime) -> dict[str, Any]:
    """What a face knows of a request, whoever makes it."""
    is_instance = whom.name.startswith("instance/")
    return {
        "face": Face.CONSOLE if whom.console else Face.API,
        "now": now,
        "request_id": ids.request_id(),
        "source_address": _address(whom),
        "user_agent": _BROWSER if whom.console else _SDK if is_instance else _CLIENT,
        "secure": True,
        "seen": {},
    }


def _address(whom: Whom) -> str:
    """Everybody has an address of his own, of RFC 5737's: in the office, or where a key is."""
    number = zlib.crc32(f"{whom.name}|{whom.device}".encode()) % 250 + 2
    return f"{'198.51.100' if whom.console else '203.0.113'}.{number}"


def _session(whom: Whom, account_id: str, now: datetime) -> dict[str, Any]:
    """A session of the console, one with MFA, or long-term credentials."""
    given = now - _GIVEN if whom.mfa else None
    if whom.console:
        return {"issued_at": now - _GIVEN, "mfa_at": given, "temporary": True}
    if not whom.mfa:
        return {"temporary": False}
    key = whom.key or ids.access_key_id(account_id, ids.TEMPORARY_KEY)
    return {"issued_at": given, "mfa_at": given, "temporary": True, "access_key_id": key}


def _with_key(account: Account, whom: Whom, known: dict[str, Any], service: str) -> Caller:
    """Whoever has the key, which is noted as used; raises what the front door raises."""
    found = credentials.find(whom.key, None, known["now"]).caller(service=service, **known)
    owner = f"user/{found.user.name}" if found.user is not None else "root"
    if found.home.pk != account.pk or whom.name.lower() != owner.lower():
        raise InvalidInput(f"The key {whom.key} is {owner}'s, not {whom.name}'s.")
    return found


def _user(account: Account, name: str) -> User:
    rows = User.objects.select_related("account", "boundary")
    user = rows.filter(account=account, folded_name=name.lower()).first()
    if user is None:
        raise InvalidInput(f"There is no user {name}.")
    return user


def _role(account: Account, name: str, known: dict[str, Any], whom: Whom) -> Caller:
    rows = Role.objects.select_related("account", "boundary")
    role = rows.filter(account=account, folded_name=name.lower()).first()
    if role is None:
        raise InvalidInput(f"There is no role {name}.")
    now = known["now"]
    session = Session(name="session", expires_at=now + _LASTING)
    made = callers.role(
        role,
        session,
        access_key_id=ids.access_key_id(account.id, ids.TEMPORARY_KEY),
        issued_at=now - _GIVEN,
        mfa_at=now - _GIVEN if whom.mfa else None,
        **known,
    )
    sessions.note_use(made)
    return made


def _instance(account: Account, name: str, known: dict[str, Any]) -> Caller:
    """The role of an instance, with the credentials of its metadata service."""
    rows = Instance.objects.select_related("account", "profile__role__account")
    instance = rows.filter(account=account, id=name).first()
    if instance is None:
        named = [each for each in rows.filter(account=account) if each.tags.get("Name") == name]
        instance = named[0] if named else None
    if instance is None:
        raise InvalidInput(f"There is no instance {name}.")
    role = instance.profile.role if instance.profile is not None else None
    if role is None:
        raise InvalidInput(f"The instance {name} has no role.")
    now = known["now"]
    found = metadata.credentials(
        instance, role, now=now, request_id=known["request_id"], delivery="2.0"
    )
    if isinstance(found, metadata.Refused):
        raise InvalidInput(f"The instance {name} can't take on its role {found.role_name}.")
    made = found[0]
    token = sessions.open_token(made.access_key_id, made.session_token, now)
    caller = sessions.caller_of(token, **known)
    sessions.note_use(caller)
    return caller
