"""Browsers of the console's tests: signed out, or signed in without going through the pages."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pyotp
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import passwords, totp, vault
from accounts.caller import Caller
from accounts.models import Login, MFADevice
from iamconsole.console import session

#: Everybody's, who signs in; it satisfies IAM's default policy.
PASSWORD = "Correct-horse-7"
#: One to change it to.
NEW = "Battery-staple-8"
#: Every device's of these tests.
SEED = "JBSWY3DPEHPK3PXP" * 2
HOST = "localhost"
DASHBOARD = "/console/iam/"


def new_browser(**options: Any) -> Client:
    """A browser without cookies. Nothing but localhost is answered."""
    return Client(SERVER_NAME=HOST, **options)


def give_password(who: Caller, password: str = PASSWORD) -> Login:
    """Give somebody of the cast a password, whatever the rules; the user or root has none yet."""
    new = passwords.hashed(password, passwords.new_history_salt())
    login = passwords.new_login(who.home, who.user, new, timezone.now())
    # Fresh from the database, as a request finds it.
    return Login.objects.select_related("account", "user__account").get(pk=login.pk)


def login_of(who: Caller) -> Login:
    """The login of somebody of the cast, made where there is none."""
    logins = Login.objects.select_related("account", "user__account")
    found = logins.filter(account=who.home, user=who.user).first()
    return found or give_password(who)


def signed_in(who: Caller, *, mfa: bool = False) -> Client:
    """A browser with a complete session, made by the same functions as by signing in."""
    now, login = timezone.now(), login_of(who)
    request = RequestFactory(SERVER_NAME=HOST).get("/")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.begin(request, login, now, "")
    if mfa:
        session.mfa_given(request, now)
    session.complete(request, login, now)
    request.session.save()
    browser = new_browser()
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return browser


# --- Through the pages ----------------------------------------------------------------------------


def sign_in_by_page(browser: Client, who: Caller, password: str = PASSWORD, **more: str) -> Any:
    """Post the sign-in page of an IAM user and return the answer."""
    assert who.user is not None
    sent = {"account": who.home.id, "user_name": who.user.name, "password": password}
    return browser.post("/signin/", sent | more)


def change_password(
    browser: Client, old: str = PASSWORD, new: str = NEW, again: str | None = None
) -> Any:
    """Post the page of the forced change and return the answer."""
    sent = {"old_password": old, "new_password": new, "retyped": new if again is None else again}
    return browser.post("/session/change-password/", sent)


def must_change(who: Caller) -> Login:
    """Give somebody a password that must be changed at the next sign-in."""
    login = give_password(who)
    login.password_reset_required = True
    login.save()
    return login


def give_device(who: Caller, name: str = "phone", slot: int = 1) -> MFADevice:
    """Give somebody an MFA device with SEED."""
    serial = f"arn:aws:iam::{who.home.id}:mfa/{name}"
    return MFADevice.objects.create(
        account=who.home,
        name=name,
        serial_number=serial,
        sealed_seed=vault.seal(SEED, vault.seed_place(who.home.id, serial)),
        created_at=timezone.now(),
        user=who.user,
        is_root=who.user is None,
        slot=slot,
    )


def code(steps: int = 0) -> str:
    """The code of now, or of so many steps later."""
    return str(pyotp.TOTP(SEED).generate_otp(totp.step_at(timezone.now()) + steps))


def session_key(browser: Client) -> str:
    """The key of the browser's session, if it has one."""
    cookie = browser.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie.value if cookie else ""


def is_in(browser: Client) -> bool:
    """Whether the browser is signed in to the console."""
    return browser.get("/nothing/").wsgi_request.caller is not None  # type: ignore[attr-defined]


def field_errors(answer: Any) -> str:
    """The markup of the errors that stand beside the fields of a refused form."""
    return "".join(re.findall(r'<ul class="field-errors".*?</ul>', answer.content.decode(), re.S))
