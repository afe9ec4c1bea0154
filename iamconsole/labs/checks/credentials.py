"""Checks of passwords, MFA devices and access keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import AccessKey, Login, MFADevice, PasswordPolicy
from iamconsole.labs.checks import entities, principals
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place
from iamconsole.labs.checks.structure import is_count, wanted
from iamconsole.labs.checks.words import capital, counted, listed

Arguments = Mapping[str, Any]


def mfa_enabled(place: Place, arguments: Arguments) -> Finding:
    """Each principal that is meant has an MFA device."""
    named = arguments["principal"]
    asked = f"{capital(principals.described(named))} has an MFA device."
    expected = "There is one."
    found = principals.find(place, named)
    if not found:
        return Finding(False, asked, principals.missing(place, named), expected)
    owned = _devices(place)
    for each in found:
        names = owned.get(each.user.pk if each.user else None, [])
        if not names:
            told = f"{capital(each.name)} has no MFA device."
            return Finding(False, asked, told, expected)
        told = f"{capital(each.name)} has {counted(len(names), 'MFA device')}: {listed(names)}."
    return Finding(True, asked, told, expected)


def _devices(place: Place) -> Mapping[int | None, list[str]]:
    """The names of assigned devices by the users who have them; under None, the root user's."""

    def find() -> dict[int | None, list[str]]:
        owned: dict[int | None, list[str]] = {}
        rows = MFADevice.objects.filter(account=place.account, slot__isnull=False)
        for user, name in rows.order_by("slot").values_list("user_id", "name"):
            owned.setdefault(user, []).append(name)
        return owned

    return place.once(("devices",), find)


def login_profile(place: Place, arguments: Arguments) -> Finding:
    """Each user that is meant has a password, which must be changed or not."""
    named, reset = arguments["user"], arguments.get("reset_required")
    must: dict[bool | None, str] = {
        True: ", and must choose a new one",
        False: ", and need not choose a new one",
    }
    who = capital(principals.described(f"user/{named}"))
    asked = f"{who} has a password for the console{must.get(reset, '')}."
    expected = "There is a password." if reset is None else "It is so."
    found = entities.users(place, named)
    if not found:
        return Finding(False, asked, entities.missing(place, f"user/{named}"), expected)
    logins = place.once(
        ("logins",),
        lambda: dict(
            Login.objects.filter(account=place.account, user__isnull=False).values_list(
                "user_id", "password_reset_required"
            )
        ),
    )
    for each in found:
        if each.pk not in logins:
            return Finding(False, asked, f"{each.name} has no password.", expected)
        must_reset = logins[each.pk]
        told = f"{each.name} has a password{must[must_reset]}."
        if reset is not None and must_reset is not reset:
            return Finding(False, asked, told, expected)
    return Finding(True, asked, told, expected)


# --- The password policy -------------------------------------------------------------------------

#: Each argument that is a boolean: the column, and what sentences call it.
_REQUIRED = {
    "symbols": ("require_symbols", "a symbol is required"),
    "numbers": ("require_numbers", "a number is required"),
    "uppercase": ("require_uppercase_characters", "an upper-case letter is required"),
    "lowercase": ("require_lowercase_characters", "a lower-case letter is required"),
    "users_may_change": ("allow_users_to_change_password", "users may change their passwords"),
    "hard_expiry": ("hard_expiry", "only an administrator renews an expired password"),
}


def password_policy(place: Place, arguments: Arguments) -> Finding:
    """The account's own policy is at least as strict as that."""
    said = _wanted_policy(arguments)
    asked = f"The account{place.here} has a password policy of its own{said}."
    expected = "It is so."
    policy = place.once(
        ("password policy",), lambda: PasswordPolicy.objects.filter(account=place.account).first()
    )
    if policy is None:
        return Finding(False, asked, "The account has AWS's default password policy.", expected)
    short = _shortcomings(policy, arguments)
    if short:
        return Finding(False, asked, f"The password policy falls short: {listed(short)}.", expected)
    return Finding(True, asked, "The password policy is as strict as that.", expected)


def _wanted_policy(arguments: Arguments) -> str:
    parts = []
    if "minimum_length" in arguments:
        parts.append(f"at least {arguments['minimum_length']} characters")
    for name, (_, told) in _REQUIRED.items():
        if name in arguments:
            parts.append(told if arguments[name] else f"not that {told}")
    if "max_age" in arguments:
        parts.append(f"passwords expire after {counted(arguments['max_age'], 'day')} at most")
    if "reuse" in arguments:
        parts.append(f"the last {arguments['reuse']} can't be used again")
    return f": {', '.join(parts)}" if parts else ""


def _shortcomings(policy: PasswordPolicy, arguments: Arguments) -> list[str]:
    short = []
    length = policy.minimum_password_length
    if length < arguments.get("minimum_length", 0):
        short.append(f"{length} characters are enough")
    for name, (column, told) in _REQUIRED.items():
        if name in arguments and getattr(policy, column) is not arguments[name]:
            short.append(f"it is not so that {told}" if arguments[name] else told)
    age = policy.max_password_age
    if "max_age" in arguments and (age is None or age > arguments["max_age"]):
        short.append(f"passwords expire after {age} days" if age else "passwords never expire")
    kept = policy.password_reuse_prevention or 0
    if kept < arguments.get("reuse", 0):
        short.append(
            f"only the last {kept} can't be used again" if kept else "old ones can be used again"
        )
    return short


# --- Access keys ---------------------------------------------------------------------------------


def _keys(place: Place) -> list[AccessKey]:
    return place.once(
        ("access keys",),
        lambda: list(AccessKey.objects.filter(account=place.account).order_by("pk")),
    )


def key_count(place: Place, arguments: Arguments) -> Finding:
    """Each user that is meant, or the root user, has so many access keys."""
    status = arguments.get("status", "")
    noun = f"{status.lower()} access key".strip()
    named = "root" if arguments.get("root") else f"user/{arguments['user']}"
    asked = f"{capital(principals.described(named))} has {wanted(arguments, noun)}."
    expected = f"There is {wanted(arguments, noun)}."
    found = principals.find(place, named)
    if not found:
        return Finding(False, asked, principals.missing(place, named), expected)
    for each in found:
        owner = each.user.pk if each.user else None
        owned = [key for key in _keys(place) if key.user_id == owner and status in ("", key.status)]
        ids = f": {listed(key.access_key_id for key in owned)}" if owned else ""
        told = f"{capital(each.name)} has {counted(len(owned), noun)}{ids}."
        if not is_count(arguments, len(owned)):
            return Finding(False, asked, told, expected)
    return Finding(True, asked, told, expected)


def key_status(place: Place, arguments: Arguments) -> Finding:
    """The access key of that id is active, inactive or deleted."""
    key, status = arguments["key"], arguments["status"]
    asked = f"The access key {key} is {status.lower()}."
    rows = (each for each in _keys(place) if each.access_key_id == key)
    now = next((each.status for each in rows), "Deleted")
    expected = f"It is {status.lower()}."
    return Finding(now == status, asked, f"It is {now.lower()}.", expected)
