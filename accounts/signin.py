"""Signing in: a state machine that lets nobody through but by its own steps.

anonymous → password given → (MFA given) → must change password → signed in. A step that does not
apply is passed over by `state_after`, the only function that says what comes next. What may be
reached in each state is the face's table; here is what moves from one to the next. Every failure
before the right password gives the same answer after the same work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import identify_hasher
from django.db.models import Q
from django.http import HttpRequest

from accounts import arns, caller, ids, passwords, throttle
from accounts.actions import mfa
from accounts.actions.registry import ANYBODY, FROM_PREPARE, command, only
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind
from accounts.errors import InvalidAuthenticationCode, PasswordExpired, SignInRefused
from accounts.hashers import Argon2
from accounts.models import Account, Login, MFADevice
from accounts.types import SerialNumber

#: A session lasts twelve hours from the sign-in, whatever is done in it.
SESSION = timedelta(hours=12)
#: How long somebody may take between the password and the end of the sign-in.
HALF_WAY = timedelta(minutes=10)
#: Of several uses of a password within this time AWS writes down the first.
#: IAM User Guide, "Generate credential reports for your AWS account".
NOTED_EVERY = timedelta(minutes=5)
#: CloudTrail's word for a user name that is none: it may be a password, typed in the wrong field.
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"

_WHO_HAS_A_LOGIN = only(CallerKind.ROOT, CallerKind.USER)


class State(StrEnum):
    """How far somebody is."""

    ANONYMOUS = "anonymous"
    PASSWORD_GIVEN = "password given"
    MUST_CHANGE_PASSWORD = "must change password"
    SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody typed, and the login it names, if any."""

    account: Account | None
    login: Login | None
    counters: throttle.Counters
    password: str


class Sessions(BaseBackend):
    """Django's way from a session to its login. It signs nobody in: this module does."""

    def get_user(self, user_id: int) -> Login | None:
        """The login with its account and user, in one query."""
        return (
            Login.objects.select_related(
                "account__password_policy", "user__account", "user__boundary"
            )
            .filter(pk=user_id)
            .first()
        )

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody, ever."""


def find_account(reference: str) -> Account | None:
    """The account of an id or alias that somebody typed, hyphens and all."""
    plain = ids.plain_account_id(reference)
    column = "pk" if ids.ACCOUNT_ID.fullmatch(plain) else "alias"
    return Account.objects.filter(**{column: plain}).first()


def sign_in_user(stranger: Caller, account: str, user_name: str, password: str) -> Login:
    """Check an IAM user's password. Raises SignInRefused, or PasswordExpired for the right one."""
    found = find_account(account)
    # As it is looked up, so it is counted: another spelling is no other name.
    name = user_name.strip().lower()
    login = _user_login(found, name)
    typed = found.id if found else ids.plain_account_id(account)
    counters = throttle.password_counters(typed, name, stranger.source_address)
    return _sign_in(stranger, Wanted(found, login, counters, password))


def sign_in_root(stranger: Caller, email: str, password: str) -> Login:
    """Check a root user's password."""
    email = email.strip().lower()
    login = (
        Login.objects.select_related("account")
        .filter(account__root_email=email, kind=Login.Kind.ROOT)
        .first()
    )
    counters = throttle.password_counters("root", email, stranger.source_address)
    return _sign_in(stranger, Wanted(login.account if login else None, login, counters, password))


def _sign_in(stranger: Caller, wanted: Wanted) -> Login:
    signer = caller.on_account(stranger, wanted.account) if wanted.account else stranger
    login: Login = console_login(signer, wanted=wanted)
    return login


def _whose(who: Caller, *, wanted: Wanted) -> Resource:
    if wanted.login is not None:
        return Resource(arn_of(wanted.login), wanted.login.account_id)
    account = wanted.account.id if wanted.account else ""
    return Resource(arns.iam(account, f"user/{HIDDEN}"), account)


def _proved(who: Caller, *, wanted: Wanted) -> bool:
    """Whether the password is right: one hash, whatever else is wrong."""
    if len(wanted.password) > passwords.LONGEST:
        return False  # longer than any password can be: the same for every name
    admitted = throttle.admit(wanted.counters, who.now)
    encoded = wanted.login.password if wanted.login else _nobodys_password()
    right = identify_hasher(encoded).verify(wanted.password, encoded) and wanted.login is not None
    throttle.settle(wanted.counters, who.now, admitted=admitted, right=right)
    return admitted and right


@command(
    "signin:ConsoleLogin",
    may=only(CallerKind.ANONYMOUS),
    resource=_whose,
    secrets=("wanted",),
    prepare=_proved,
)
def console_login(who: Caller, /, *, wanted: Wanted, prepared: bool = FROM_PREPARE) -> Login:
    """The password step. Raises SignInRefused for every reason but the one that only the right
    password may learn: PasswordExpired, where the account's policy asks for an administrator.
    """
    if not prepared or wanted.login is None:
        raise SignInRefused
    policy = passwords.policy_of(wanted.login.account)
    if passwords.expiry(wanted.login, policy, who.now) is passwords.Expiry.HARD:
        raise PasswordExpired(
            "Your password has expired, and only an administrator can set a new one. Contact your "
            "administrator. Access keys go on working."
        )
    return wanted.login


def _own(who: Caller, **_: Any) -> Resource:
    return Resource(who.arn, who.home.id)


@contextmanager
def _slowed_down(who: Caller) -> Iterator[None]:
    """Check codes inside: it is counted how that goes, outside of the transaction that follows."""
    counters = throttle.code_counters(who.unique_id, who.source_address)
    if not throttle.admit(counters, who.now):
        raise InvalidAuthenticationCode(argument="authentication_code", reason="wrong")
    right = False
    try:
        yield
        right = True
    finally:
        throttle.settle(counters, who.now, admitted=True, right=right)


def _code_checked(who: Caller, *, serial_number: str, authentication_code: str) -> None:
    with _slowed_down(who):
        device = _own_device(who, serial_number)
        try:
            mfa.matching_step(device, authentication_code, who)
        except InvalidAuthenticationCode as error:
            raise InvalidAuthenticationCode(
                argument="authentication_code", reason=error.reason
            ) from None


@command(
    "signin:CheckMfa",
    may=_WHO_HAS_A_LOGIN,
    resource=_own,
    secrets=("authentication_code",),
    prepare=_code_checked,
)
def check_mfa(
    who: Caller,
    /,
    *,
    serial_number: SerialNumber,
    authentication_code: str,
    prepared: None = FROM_PREPARE,
) -> None:
    """The MFA step: one code of one of one's own devices, accepted once."""
    # Checked again: of two posts at the same moment only one may find the code unused.
    mfa.use_code(_own_device(who, serial_number), authentication_code, who)


def _codes_checked(
    who: Caller, *, serial_number: str, authentication_code1: str, authentication_code2: str
) -> None:
    with _slowed_down(who):
        device = _own_device(who, serial_number)
        mfa.learnt(device, authentication_code1, authentication_code2, who)


@command(
    "signin:ResyncMfa",
    may=_WHO_HAS_A_LOGIN,
    resource=_own,
    secrets=("authentication_code1", "authentication_code2"),
    prepare=_codes_checked,
)
def resync_mfa(
    who: Caller,
    /,
    *,
    serial_number: SerialNumber,
    authentication_code1: str,
    authentication_code2: str,
    prepared: None = FROM_PREPARE,
) -> None:
    """The MFA step with a clock that is off: two consecutive codes prove the device as well."""
    device = _own_device(who, serial_number)
    mfa.resync(device, authentication_code1, authentication_code2, who)


@command("signin:GetSigninToken", may=only(CallerKind.ROLE, CallerKind.FEDERATED), resource=_own)
def get_signin_token(who: Caller, /) -> None:
    """Temporary credentials are to become a session of the console. Raises AccessDenied for those
    of GetSessionToken, whose holder signs in with a password.
    """


@command("signin:EnterConsole", may=ANYBODY, resource=_own)
def enter_console(who: Caller, /) -> None:
    """The last step: the session is signed in from here on."""
    stale = who.now - NOTED_EVERY
    if who.user is not None:
        before = who.user.password_last_used
        if before is None or before <= stale:
            who.user.password_last_used = who.now
            who.user.save(update_fields=["password_last_used"])
    elif who.is_root:
        root = Login.objects.filter(account=who.home, kind=Login.Kind.ROOT)
        root.filter(Q(last_login__isnull=True) | Q(last_login__lte=stale)).update(
            last_login=who.now
        )


@command("signin:SignOut", may=ANYBODY, resource=_own)
def sign_out(who: Caller, /) -> None:
    """The end of a session, on record."""


@command("signin:SwitchIdentity", may=_WHO_HAS_A_LOGIN, resource=_own)
def switch_identity(who: Caller, /) -> None:
    """A session that was set aside is gone on with in its browser, on record."""


@command("signin:ExitRole", may=only(CallerKind.ROLE))
def exit_role(who: Caller, /) -> None:
    """The end of acting as a role, on record. CloudTrail calls the console's event so."""


def state_after(login: Login, now: datetime, *, mfa_given: bool) -> State:
    """Where somebody who gave the right password is now."""
    if not mfa_given and devices_of(login).exists():
        return State.PASSWORD_GIVEN
    policy = passwords.policy_of(login.account)
    expired = passwords.expiry(login, policy, now) in (
        passwords.Expiry.EXPIRED,
        passwords.Expiry.HARD,
    )
    if login.password_reset_required or expired:
        return State.MUST_CHANGE_PASSWORD
    return State.SIGNED_IN


def devices_of(login: Login) -> Any:
    """The MFA devices that a login must be confirmed with, if any."""
    if login.is_root:
        return MFADevice.objects.filter(account=login.account, is_root=True).order_by("slot")
    return MFADevice.objects.filter(user=login.user).order_by("slot")


def caller_of(login: Login, **known: Any) -> Caller:
    """The identity that a login belongs to."""
    if login.user is not None:
        return caller.user(login.user, **known)
    return caller.root(login.account, **known)


def proved(stranger: Caller, login: Login, *, mfa_at: datetime | None) -> Caller:
    """A stranger who turned out to be the owner of a login, in the same request."""
    who = caller_of(login, face=stranger.face, now=stranger.now, request_id=stranger.request_id)
    return replace(
        stranger,
        kind=who.kind,
        account=who.account,
        user=who.user,
        arn=who.arn,
        unique_id=who.unique_id,
        issued_at=stranger.now,
        mfa_at=mfa_at,
    )


def arn_of(login: Login) -> str:
    """The ARN of the identity that a login belongs to."""
    return login.user.arn if login.user is not None else login.account.root_arn


def _user_login(account: Account | None, folded_name: str) -> Login | None:
    # The query runs for an account that is not there too: it takes as long.
    account_id = account.id if account is not None else ""
    return (
        Login.objects.select_related("account", "user__account")
        .filter(user__account_id=account_id, user__folded_name=folded_name)
        .first()
    )


def _own_device(who: Caller, serial_number: str) -> MFADevice:
    owned = MFADevice.objects.filter(account=who.home, serial_number=serial_number)
    owned = owned.filter(user=who.user) if who.user is not None else owned.filter(is_root=True)
    device = owned.first()
    if device is None:
        raise InvalidAuthenticationCode(argument="authentication_code", reason="wrong")
    return device


def _nobodys_password() -> str:
    """A hash that no password has, as costly to compare with as anybody's."""
    cost = f"m={Argon2.memory_cost},t={Argon2.time_cost},p={Argon2.parallelism}"
    salt, digest = "bm9ib2R5bm9ib2R5bm9ib2R5", "A" * 43
    return f"argon2$argon2id$v=19${cost}${salt}${digest}"
