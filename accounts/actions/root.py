"""What the root user does to its own credentials: AWS has no operations for these."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from accounts import passwords
from accounts.actions import mfa
from accounts.actions.login_profiles import changed, verify_old
from accounts.actions.registry import FROM_PREPARE, command, only
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind
from accounts.errors import NoSuchEntity
from accounts.models import Account, Login, MFADevice, RecoveryLink
from accounts.types import Code, Password, SerialNumber

#: How long a recovery link works.
RECOVERY = timedelta(minutes=15)


def _root(caller: Caller, **_: Any) -> Resource:
    return Resource(caller.home.root_arn, caller.home.id)


def _own_change(
    caller: Caller, *, old_password: str, new_password: str, **_: Any
) -> passwords.NewPassword:
    login = login_of(caller.home)
    verify_old(login, old_password, caller)
    return changed(login, old_password, new_password)


@command(
    "root:ChangePassword",
    may=only(CallerKind.ROOT),
    resource=_root,
    secrets=("old_password", "new_password"),
    prepare=_own_change,
)
def change_password(
    caller: Caller,
    /,
    *,
    old_password: Password,
    new_password: Password,
    prepared: passwords.NewPassword = FROM_PREPARE,
) -> Login:
    """Change the root user's password. Its other sessions end at their next request."""
    login = login_of(caller.home)
    passwords.store(login, prepared, caller.now)
    return login


@command(
    "root:EnableMFADevice",
    may=only(CallerKind.ROOT),
    resource=_root,
    secrets=("authentication_code1", "authentication_code2"),
)
def enable_mfa_device(
    caller: Caller,
    /,
    *,
    serial_number: SerialNumber,
    authentication_code1: Code,
    authentication_code2: Code,
) -> None:
    """Give a device to the root user."""
    device = mfa.find_device(caller.home, serial_number)
    mfa.assign(device, None, authentication_code1, authentication_code2, caller)


@command("root:DeactivateMFADevice", may=only(CallerKind.ROOT), resource=_root)
def deactivate_mfa_device(caller: Caller, /, *, serial_number: SerialNumber) -> None:
    """Take a device from the root user."""
    mfa.release(_own_device(caller, serial_number))


@command(
    "root:ResyncMFADevice",
    may=only(CallerKind.ROOT),
    resource=_root,
    secrets=("authentication_code1", "authentication_code2"),
)
def resync_mfa_device(
    caller: Caller,
    /,
    *,
    serial_number: SerialNumber,
    authentication_code1: Code,
    authentication_code2: Code,
) -> None:
    """Learn the drift of one of the root user's devices anew."""
    device = _own_device(caller, serial_number)
    mfa.resync(device, authentication_code1, authentication_code2, caller)


@command("root:CreateRecoveryLink", may=only(CallerKind.OPERATOR), resource=_root)
def create_recovery_link(caller: Caller, /) -> str:
    """A token that sets a new root password once, within 15 minutes. Earlier ones die."""
    login = login_of(caller.home)
    login.recovery_links.all().delete()
    token = secrets.token_urlsafe(32)
    RecoveryLink.objects.create(
        login=login, digest=_digest(token), expires_at=caller.now + RECOVERY
    )
    return token


def _recovered(caller: Caller, *, token: str, new_password: str, **_: Any) -> passwords.NewPassword:
    # No work for a stranger without a link.
    if account_of_link(token, caller.now) != caller.home:
        raise link_is_dead()
    return passwords.prepare(
        caller.home, login_of(caller.home), new_password, argument="new_password"
    )


@command(
    "root:RecoverPassword",
    may=only(CallerKind.ANONYMOUS),
    resource=_root,
    secrets=("token", "new_password"),
    prepare=_recovered,
)
def recover_password(
    caller: Caller,
    /,
    *,
    token: str,
    new_password: Password,
    prepared: passwords.NewPassword = FROM_PREPARE,
) -> None:
    """Set the root password by a recovery link. MFA stays: signing in asks for it as before."""
    used, _ = RecoveryLink.objects.filter(
        digest=_digest(token), login__account=caller.home, expires_at__gt=caller.now
    ).delete()
    if not used:
        raise link_is_dead()
    login = login_of(caller.home)
    login.epoch += 1
    passwords.store(login, prepared, caller.now)


def account_of_link(token: str, now: datetime) -> Account:
    """The account whose root password a link sets; raise NoSuchEntity for a dead link."""
    link = (
        RecoveryLink.objects.select_related("login__account")
        .filter(digest=_digest(token), expires_at__gt=now)
        .first()
    )
    if link is None:
        raise link_is_dead()
    return link.login.account


def link_is_dead() -> NoSuchEntity:
    """What a used, expired or invented link gets."""
    return NoSuchEntity(
        "This recovery link was used already, is older than 15 minutes, or never existed. Ask the "
        "operator of this installation for a new one."
    )


def login_of(account: Account) -> Login:
    """The root user's login."""
    return Login.objects.select_related("account").get(account=account, kind=Login.Kind.ROOT)


def _own_device(caller: Caller, serial_number: str) -> MFADevice:
    device = caller.home.mfa_devices.filter(serial_number=serial_number, is_root=True).first()
    if device is None:
        raise NoSuchEntity(
            f"MFA device {serial_number} is not the root user's.", argument="serial_number"
        )
    return device


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
