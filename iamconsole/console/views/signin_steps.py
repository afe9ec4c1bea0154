"""What may come between the right password and the console: a code, a new password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import passwords, signin
from accounts.actions import login_profiles, root
from accounts.caller import Caller
from accounts.errors import AccessDenied, InvalidAuthenticationCode, ServiceError
from accounts.models import Login
from accounts.signin import State
from iamconsole.console import gate, session, switching
from iamconsole.console.forms.signin import ChangePassword, CodeForm, DeviceForm, ResyncForm
from iamconsole.console.request import HalfWayRequest

#: After so many refused codes, the clock of the device may be the reason.
OFFER_RESYNC = 3


def go_on(request: HttpRequest, login: Login, who: Caller) -> HttpResponse:
    """Lead to the next step of the sign-in; after the last one, into the console."""
    state = signin.state_after(login, who.now, mfa_given=who.mfa_at is not None)
    if state is not State.SIGNED_IN:
        return redirect(gate.NEXT[state])
    signin.enter_console(who)
    wanted = session.complete(request, login, who.now)
    switching.recall(request, who)
    return redirect(wanted or "console:dashboard")


@require_http_methods(["GET", "HEAD", "POST"])
def mfa(request: HalfWayRequest) -> HttpResponse:
    """One code of one of one's devices."""
    return _code_step(request, CodeForm, signin.check_mfa, "signin/mfa.html")


@require_http_methods(["GET", "HEAD", "POST"])
def resync(request: HalfWayRequest) -> HttpResponse:
    """Two consecutive codes, which also teach the device's drift."""
    return _code_step(request, ResyncForm, signin.resync_mfa, "signin/resync.html")


def _code_step(
    request: HalfWayRequest, kind: type[DeviceForm], step: Any, template: str
) -> HttpResponse:
    pending = request.pending
    who, failures = pending.caller, pending.failures
    form = kind(signin.devices_of(pending.login), request.POST or None)
    if form.is_valid():
        codes = {name: form.cleaned_data[name] for name in form.code_fields}
        try:
            step(who, serial_number=form.chosen, **codes)
        except InvalidAuthenticationCode as error:
            failures = session.mfa_failed(request)
            form.refuse_code(error, who.now)
        else:
            session.mfa_given(request, who.now)
            return go_on(request, pending.login, replace(who, mfa_at=who.now))
    context = {"form": form, "who": who, "offer_resync": failures >= OFFER_RESYNC}
    return render(request, template, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HalfWayRequest) -> HttpResponse:
    """A new password in place of a first one, or of one that ran out."""
    login, who = request.pending.login, request.pending.caller
    form, denied = ChangePassword(request.POST or None), None
    if form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("old_password", "new_password")}
        change = root.change_password if login.is_root else login_profiles.change_password
        try:
            changed = change(who, **typed)
        except AccessDenied as error:
            denied = error
        except ServiceError as error:
            form.refuse(error)
        else:
            session.password_changed(request, changed)
            messages.success(request, "Your password was changed.")
            return go_on(request, changed, who)
    return _change_page(request, form, denied)


def _change_page(
    request: HalfWayRequest, form: ChangePassword, denied: AccessDenied | None
) -> HttpResponse:
    login = request.pending.login
    policy = None if login.is_root else passwords.policy_of(login.account)
    rules = passwords.rules(policy, login.account)
    if form.errors:
        form.tell(rules)
    context = {
        "form": form,
        "denied": denied,
        "who": request.pending.caller,
        "expired": not login.password_reset_required,
        "rules": rules,
        "reuse": passwords.reuse_sentence(policy),
    }
    status = denied.status if denied else 422 if form.errors else 200
    return render(request, "signin/change_password.html", context, status=status)
