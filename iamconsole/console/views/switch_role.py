"""Switching to a role and back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import ids, signin
from accounts.errors import AccessDenied
from iamconsole.console import session, switching
from iamconsole.console.forms.switch_role import SwitchRole, filled_in
from iamconsole.console.request import ConsoleRequest


@require_safe
def link(request: HttpRequest) -> HttpResponse:
    """The short address that roles give out leads to the page, with what it fills in."""
    return redirect(f"{reverse('console:switch-role')}?{urlencode(request.GET.dict())}")


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: ConsoleRequest) -> HttpResponse:
    """Become a role. Whoever acts as one already asks as the person they signed in as."""
    form = SwitchRole(request.POST or None, initial=filled_in(request.GET))
    refusal = ""
    if form.is_valid():
        try:
            _switch(request, form)
        except AccessDenied as error:
            refusal = str(error)
        else:
            return redirect("console:dashboard")
    status = 403 if refusal else 422 if form.errors else 200
    context = {"form": form, "refusal": refusal}
    return render(request, "console/switch_role/switch.html", context, status=status)


def _switch(request: ConsoleRequest, form: SwitchRole) -> None:
    """Begin to act as the role. Raises AccessDenied in words for the person."""
    person, wanted = request.person, form.cleaned_data
    account = signin.find_account(wanted["account"])
    # An account that is not there is no other answer than a role that is not.
    account_id = account.id if account is not None else _number(wanted["account"])
    try:
        assumed = switching.assume(person, account_id, wanted["role_name"])
    except AccessDenied as error:
        if person.is_root:
            raise
        raise AccessDenied(switching.why(error, person, account_id)) from None
    place = account.signin_name if account is not None else account_id
    name = wanted["display_name"] or f"{wanted['role_name'].rpartition('/')[2]} @ {place}"
    role = {**wanted, "account": account_id, "name": name}
    switching.remember(request, person, role)
    session.act(request, assumed.credentials, name=name, color=wanted["color"])
    messages.success(request, f"You act as {name} now. What you do here is done as the role.")


def _number(typed: str) -> str:
    """An account id for an account that is not there: the one that was typed, if it is one."""
    plain = ids.plain_account_id(typed)
    return plain if ids.is_account_id(plain) else "0" * 12


@require_POST
def back(request: ConsoleRequest) -> HttpResponse:
    """Be the person again who signed in."""
    if request.caller is not request.person:
        signin.exit_role(request.caller)
        session.stop_acting(request)
        messages.success(request, f"You are {request.person.display_name} again.")
    return redirect("console:dashboard")
