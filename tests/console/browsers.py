"""Browsers of the console's tests: signed out, or signed in without going through the pages."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import passwords
from accounts.caller import Caller
from accounts.models import Login
from iamconsole.console import session

#: Everybody's, who signs in; it satisfies IAM's default policy.
PASSWORD = "Correct-horse-7"
HOST = "localhost"


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
    browser.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
    return browser
