"""Accounts made, reset and deleted by whoever runs this installation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Model

from accounts import events, ids, passwords
from accounts.actions.access_keys import NewAccessKey, new_key
from accounts.actions.registry import FROM_PREPARE, command, only
from accounts.actions.root import login_of
from accounts.arns import Resource
from accounts.caller import Caller, CallerKind
from accounts.errors import (
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.models import (
    AccessKey,
    Account,
    Attachment,
    CredentialReport,
    Group,
    InlinePolicy,
    InstanceProfile,
    LastAccessedReport,
    LastTried,
    MFADevice,
    OpenIDConnectProvider,
    PasswordPolicy,
    Policy,
    Preference,
    RecoveryLink,
    Role,
    SAMLPrivateKey,
    SAMLProvider,
    ServerCertificate,
    ServiceCredential,
    SigningCertificate,
    SSHPublicKey,
    User,
)
from accounts.types import AccountAlias, Password

#: What other apps add to a reset: each gets the account, inside its transaction.
ON_RESET: list[Callable[[Account], None]] = []

_SHORTEST_ROOT_PASSWORD = 8
_LONGEST_EMAIL = 254

#: In this order: users and roles before policies, which they hold as permissions boundaries.
_EMPTIED: tuple[type[Model], ...] = (
    Attachment,
    InlinePolicy,
    AccessKey,
    MFADevice,
    SigningCertificate,
    SSHPublicKey,
    ServiceCredential,
    ServerCertificate,
    InstanceProfile,
    User,
    Group,
    Role,
    Policy,
    PasswordPolicy,
    OpenIDConnectProvider,
    SAMLPrivateKey,
    SAMLProvider,
    CredentialReport,
    LastAccessedReport,
    LastTried,
    Preference,
)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that was just made, with the secrets that are shown once."""

    account: Account
    #: Nothing where it was given.
    root_password: str | None
    #: The root user's, where one was asked for.
    access_key: NewAccessKey | None


def _whole_account(caller: Caller, **_: Any) -> Resource:
    return Resource(caller.home.root_arn, caller.home.id)


def _root_password(
    caller: Caller, *, name: str, root_email: str, root_password: str | None = None, **_: Any
) -> tuple[str, passwords.NewPassword]:
    password = root_password or passwords.generate(None)
    if len(password) < _SHORTEST_ROOT_PASSWORD:
        raise ValidationError(
            "The root password is too short: it needs 8 characters or more.",
            argument="root_password",
        )
    return password, passwords.hashed(password, passwords.new_history_salt())


@command(
    "account:CreateAccount",
    may=only(CallerKind.OPERATOR),
    secrets=("root_password",),
    prepare=_root_password,
)
def create_account(
    caller: Caller,
    /,
    *,
    name: str,
    root_email: str,
    account_id: str | None = None,
    alias: AccountAlias | None = None,
    root_password: Password | None = None,
    access_key: bool = False,
    prepared: tuple[str, passwords.NewPassword] = FROM_PREPARE,
) -> NewAccount:
    """Make an account with its root user.

    Raises EntityAlreadyExists for an id, e-mail address or alias that is taken, and
    ValidationError for one that can't be.
    """
    password, new = prepared
    account = Account(
        id=_free_id(account_id),
        name=_checked_name(name),
        root_email=_free_email(root_email),
        alias=_free_alias(alias),
        created_at=caller.now,
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError:
        raise EntityAlreadyExists(
            "Another account was made with this id, e-mail address or alias at the same moment."
        ) from None
    passwords.new_login(account, None, new, caller.now)
    key = new_key(account, None, 1, caller.now) if access_key else None
    return NewAccount(account, None if root_password else password, key)


@command(
    "account:ResetAccount",
    may=only(CallerKind.OPERATOR),
    resource=_whole_account,
    raises_epoch=True,
)
def reset_account(caller: Caller, /, *, access_key: bool = False) -> NewAccessKey | None:
    """Bring an account back to how it was made, in one transaction; give root a key if asked to.

    Kept: id, name, root's e-mail address and password, events. Gone: everything else, and every
    session at its next request.
    """
    account = caller.home
    empty(account)
    Account.objects.filter(pk=account.pk).update(
        alias=None, global_endpoint_token_version=1, issues_tokens=False, token_issuer=""
    )
    account.alias, account.global_endpoint_token_version = None, 1
    login = login_of(account)
    login.epoch += 1
    login.save(update_fields=["epoch"])
    RecoveryLink.objects.filter(login=login).delete()
    return new_key(account, None, 1, caller.now) if access_key else None


@command("account:DeleteAccount", may=only(CallerKind.OPERATOR))
def delete_account(caller: Caller, /, *, account_id: str) -> None:
    """Delete an account with all that is in it, its events too."""
    account = find_account(account_id)
    # Locked first, so that no change of its own is half done when it goes.
    Account.objects.select_for_update().get(pk=account.pk)
    empty(account)
    account.delete()


def find_account(account_id: str) -> Account:
    """The account of that id; raise NoSuchEntity where there is none."""
    found = Account.objects.filter(pk=ids.plain_account_id(account_id)).first()
    if found is None:
        raise NoSuchEntity(f"There is no account {account_id}.", argument="account_id")
    return found


def empty(account: Account) -> None:
    """Delete everything in an account but the root user's login and the events."""
    for clear in ON_RESET:
        clear(account)
    for model in _EMPTIED:
        model._default_manager.filter(account=account).delete()


def contents(account: Account) -> dict[str, int]:
    """How many of each thing deleting an account would take."""
    counted = {
        "users": account.users.count(),
        "groups": account.groups.count(),
        "roles": account.roles.count(),
        "policies": account.policies.count(),
        "access keys": account.access_keys.count(),
        "MFA devices": account.mfa_devices.count(),
        "events": account.events.count(),
    }
    return {name: number for name, number in counted.items() if number}


def _free_id(wanted: str | None) -> str:
    if wanted is None:
        for _ in range(20):
            found = ids.account_id()
            if not Account.objects.filter(pk=found).exists():
                return found
        raise LimitExceeded("No free account id was found.")
    plain = ids.plain_account_id(wanted)
    if not ids.is_account_id(plain):
        raise ValidationError(f"{wanted} is no account id: give 12 digits.", argument="account_id")
    if Account.objects.filter(pk=plain).exists():
        raise EntityAlreadyExists(f"The account id {plain} is taken.", argument="account_id")
    return plain


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 50 or not name.isprintable():
        raise ValidationError("The name needs 1 to 50 printable characters.", argument="name")
    return name


def _free_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
        if len(email) > _LONGEST_EMAIL or not email.isprintable():
            raise DjangoValidationError("too long, or not text")
    except DjangoValidationError:
        raise ValidationError(
            f"{events.plain(email, 100)} is no e-mail address.", argument="root_email"
        ) from None
    if Account.objects.filter(root_email=email).exists():
        raise EntityAlreadyExists(
            f"The e-mail address {email} is another root user's.", argument="root_email"
        )
    return email


def _free_alias(alias: str | None) -> str | None:
    if alias is None:
        return None
    if ids.is_account_id(alias):
        raise InvalidInput("An alias can't be a 12-digit number.", argument="alias")
    if Account.objects.filter(alias=alias).exists():
        raise EntityAlreadyExists(f"The account alias {alias} is taken.", argument="alias")
    return alias
