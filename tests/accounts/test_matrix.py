"""Every action, asked by those who must not get through: strangers, the powerless, the hostile.

The arguments stand in one table. An argument that is not in it fails the test, so a new action is
attacked from its first day.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction

from accounts import caller as callers
from accounts import events, policy_sets
from accounts.actions.registry import CONSOLE_ONLY
from accounts.authorize import ALWAYS_ALLOWED, WITHOUT_CREDENTIALS
from accounts.caller import Caller
from accounts.errors import ServiceError, ServiceFailure, ValidationError
from accounts.models import Account, Event
from accounts.types import Tag
from tests.accounts.furnished import FOREIGN, MARK, PASSWORD, SEED, Home, furnish
from tests.cast import CallerWith, allow, arn, deny
from tests.operations import OF_ACCOUNTS

#: What no policy of the caller's decides.
WITHOUT_POLICIES = ALWAYS_ALLOWED | WITHOUT_CREDENTIALS
#: An access key's id says itself whose it is: AWS tells it to everybody who may ask.
OF_ANY_ACCOUNT = frozenset({"sts:GetAccessKeyInfo"})


@pytest.fixture
def home(root: Caller) -> Home:
    """The account that is attacked."""
    return furnish(root)


def contents(account: Account, *, without: tuple[type[models.Model], ...] = ()) -> dict[str, Any]:
    """Every row of an account, column by column."""
    found: dict[str, Any] = {"Account": Account.objects.filter(pk=account.pk).values().get()}
    for model in apps.get_app_config("accounts").get_models():
        ways = {
            field.name
            for field in model._meta.get_fields()
            if field.is_relation and field.related_model is Account and field.concrete
        }
        if "account" in ways and model not in without:
            rows = model._default_manager.filter(account=account).order_by("pk")
            found[model.__name__] = list(rows.values())
    assert len(found) > 10
    return found


def unchanged(before: dict[str, Any], account: Account) -> None:
    """Nothing of the account is other than it was, but for its record."""
    after = contents(account, without=(Event,))
    for found in (before, after):
        for column in ("event_count", "event_head"):
            found["Account"].pop(column, None)
        found.pop("Event", None)
    assert after == before


def visible(thing: Any, depth: int = 6) -> str:
    """Everything that a result shows, as one text."""
    if depth == 0 or thing is None:
        return ""
    if isinstance(thing, models.Model):
        known = [value for name, value in vars(thing).items() if name != "_state"]
        return visible(known, depth - 1)
    if is_dataclass(thing) and not isinstance(thing, type):
        shown = [getattr(thing, field.name) for field in fields(thing) if field.repr]
        return visible(shown, depth - 1)
    if isinstance(thing, dict):
        return visible([*thing.keys(), *thing.values()], depth - 1)
    if isinstance(thing, list | tuple | set):
        return " ".join(visible(one, depth - 1) for one in thing)
    return str(thing)


@contextmanager
def undone(*callers: Caller) -> Iterator[None]:
    """What happens in the block never happened; so one account serves for all actions."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)
    # Numbers of epochs that were undone come again, with other policies.
    policy_sets._kept.clear()
    for caller in callers:
        caller.home.refresh_from_db()


def answer(action: str, caller: Caller, arguments: dict[str, Any]) -> tuple[Any, str, str]:
    """What a call returns, or the code and message of its error. A crash fails the test."""
    try:
        return OF_ACCOUNTS[action].run(caller, **arguments), "", ""
    except ServiceFailure as failure:
        raise AssertionError(f"{action} broke") from failure
    except ServiceError as error:
        return None, error.code, error.message


# --- Somebody of another account -----------------------------------------------------------------


def test_a_stranger_reaches_nothing_by_its_name_arn_serial_number_or_key(
    home: Home, eve: Caller, subtests: pytest.Subtests
):
    before = contents(home.root.home)
    for action in OF_ACCOUNTS:
        with subtests.test(action=action), undone(home.root, eve):
            arguments = home.arguments_of(action)
            result, code, message = answer(action, eve, arguments)
            # EntityAlreadyExists: an alias is unique among all accounts.
            assert code in {
                "",
                "AccessDenied",
                "EntityAlreadyExists",
                "FeatureDisabled",
                "InvalidAuthorizationMessageException",
                "InvalidIdentityToken",
                "InvalidInput",
                "NoSuchEntity",
                "OrganizationNotFoundException",
                "OutboundWebIdentityFederationDisabledException",
                "ReportNotPresent",
                "ValidationError",
            }
            if action not in OF_ANY_ACCOUNT:
                assert code or not FOREIGN & set(arguments), "what is named is not there for her"
            assert MARK not in visible(result) + message
            assert contents(home.root.home) == before


def test_having_things_of_the_same_names_is_no_way_in(
    home: Home, eve: Caller, subtests: pytest.Subtests
):
    """Names lead to her own things; what only the attacked account has is not there for her."""
    twin = furnish(callers.root(eve.home, face=eve.face, now=eve.now, request_id="r"))
    before, hers = contents(home.root.home), contents(twin.root.home)
    for action in OF_ACCOUNTS.keys() - OF_ANY_ACCOUNT:
        with subtests.test(action=action), undone(home.root, eve, twin.root):
            arguments = home.arguments_of(action)
            result, code, _message = answer(action, eve, arguments)
            if FOREIGN & set(arguments):
                assert code in {"AccessDenied", "InvalidInput", "NoSuchEntity", "ValidationError"}
                unchanged(hers, twin.root.home)
            assert home.root.home.id not in visible(result)
            assert contents(home.root.home) == before


# --- Somebody without permission -----------------------------------------------------------------


def test_without_permission_there_is_a_refusal_and_an_event_and_nothing_else(
    home: Home, alice: Caller, subtests: pytest.Subtests
):
    before = contents(home.root.home)
    count = Event.objects.count()
    for action in OF_ACCOUNTS.keys() - WITHOUT_POLICIES:
        with subtests.test(action=action), undone(home.root, alice):
            _, code, message = answer(action, alice, home.arguments_of(action))
            assert code == "AccessDenied"
            assert MARK not in message
            unchanged(before, home.root.home)
            assert Event.objects.count() == count + 1
            event = Event.objects.filter(account=home.root.home).latest("sequence")
            assert (event.action, event.outcome) == (action, "denied")
            assert (event.error_code, event.principal_arn) == ("AccessDenied", alice.arn)
            assert event.resources
            for secret in (PASSWORD, SEED):
                assert secret not in str(event.parameters)


def test_whether_a_thing_is_there_is_not_given_away_to_who_may_not_see_it(
    home: Home, alice: Caller, subtests: pytest.Subtests
):
    """What is there and what is not get the same sentence, but for the name in it."""
    names = ("user_name", "group_name", "role_name", "instance_profile_name", "serial_number")
    for action in OF_ACCOUNTS.keys() - WITHOUT_POLICIES:
        with subtests.test(action=action), undone(home.root, alice):
            there = home.arguments_of(action)
            absent = there | {name: there[name][:-1] + "zzz" for name in names if name in there}
            said = []
            for given in (there, absent):
                _, code, message = answer(action, alice, given)
                assert code == "AccessDenied"
                for name in names:
                    message = message.replace(given.get(name, name), name)
                said.append(message)
            assert said[0] == said[1]


def test_an_explicit_deny_beats_everything_that_is_allowed(
    home: Home, caller_with: CallerWith, subtests: pytest.Subtests
):
    before = contents(home.root.home)
    for action in OF_ACCOUNTS.keys() - WITHOUT_POLICIES:
        with subtests.test(action=action), undone(home.root):
            almost = caller_with(allow("*"), deny(action), name="bob")
            _, code, message = answer(action, almost, home.arguments_of(action))
            assert code == "AccessDenied"
            assert "with an explicit deny in an identity-based policy" in message
    assert contents(home.root.home) == before


def test_who_has_exactly_the_permission_is_not_denied(
    home: Home, caller_with: CallerWith, subtests: pytest.Subtests
):
    """But for what takes a second permission, or is AWS's own."""
    second = {
        "iam:AddRoleToInstanceProfile": ("iam:PassRole",),
        # These are called with tags here.
        "iam:CreateUser": ("iam:TagUser",),
        "iam:CreateRole": ("iam:TagRole",),
        "iam:CreatePolicy": ("iam:TagPolicy",),
        "iam:CreateInstanceProfile": ("iam:TagInstanceProfile",),
        "iam:CreateVirtualMFADevice": ("iam:TagMFADevice",),
        "iam:CreateOpenIDConnectProvider": ("iam:TagOpenIDConnectProvider",),
        "iam:CreateSAMLProvider": ("iam:TagSAMLProvider",),
        "iam:UploadServerCertificate": ("iam:TagServerCertificate",),
        "sts:AssumeRole": ("sts:TagSession",),
        "sts:GetFederationToken": ("sts:TagSession",),
        "sts:GetWebIdentityToken": ("sts:TagGetWebIdentityToken",),
    }
    for action in OF_ACCOUNTS:
        with subtests.test(action=action), undone(home.root):
            carol = caller_with(allow(action, *second.get(action, ())), name="carol")
            assert answer(action, carol, home.arguments_of(action))[1] != "AccessDenied"


# --- Somebody hostile ----------------------------------------------------------------------------

HOSTILE: tuple[Any, ...] = (
    "",
    " ",
    "\x00",
    "\ud800",
    "x" * 200_000,
    "<script>alert(1)</script>",
    "'; DROP TABLE accounts_user; --",
    "../../etc/passwd",
    "=1+1",
    "%00%0a\r\n",
    "\u0430\uff11\u202e",
    "arn:aws:iam::111122223333:policy/",
    "arn:aws:iam::aws:policy/NoSuchPolicyAnywhere",
    arn("user/carol"),
    "{" * 5_000,
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow"}]}',
    -1,
    0,
    10**30,
    1.5,
    True,
    b"bytes",
    [],
    [None],
    ["x"] * 1_000,
    {"a": "b"},
    [Tag("x", "y")] * 51,
    [Tag("aws:x", "y")],
    object(),
)


def test_whatever_is_handed_in_is_answered_and_nothing_breaks(
    home: Home, subtests: pytest.Subtests
):
    for action, operation in OF_ACCOUNTS.items():
        plausible = home.arguments_of(action)
        for name in operation.rules:
            journal: list[Any] = []
            root = replace(home.root, journal=journal)
            with subtests.test(action=action, argument=name), undone(home.root):
                for hostile in HOSTILE:
                    message = answer(action, root, plausible | {name: hostile})[2]
                    assert len(message) < 5_000, f"{hostile!r:.80}"
                events.write(journal)


def test_what_is_left_out_is_named(home: Home, subtests: pytest.Subtests):
    for action, operation in OF_ACCOUNTS.items():
        plausible = home.arguments_of(action)
        for name in operation.required:
            with subtests.test(action=action, argument=name):
                given = {other: value for other, value in plausible.items() if other != name}
                with pytest.raises(ValidationError) as refused:
                    operation.run(home.root, **given)
                assert refused.value.argument == name


def test_every_argument_but_the_consoles_own_has_a_rule():
    for action, operation in OF_ACCOUNTS.items():
        named = set(operation.signature.parameters) - {"caller", "who", "prepared"}
        assert named - set(operation.rules) <= CONSOLE_ONLY.get(action, frozenset()), action
