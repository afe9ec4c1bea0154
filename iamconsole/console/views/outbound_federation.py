"""Whether the account's identities get tokens for services outside: switched on and off."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import arns
from accounts.actions.outbound_federation import (
    disable_outbound_web_identity_federation,
    enable_outbound_web_identity_federation,
    get_outbound_web_identity_federation_info,
)
from accounts.caller import Caller
from accounts.errors import FeatureDisabled
from iamconsole.console.components.panels import Panel, missing, panel
from iamconsole.console.forms.base import ActionForm, submitted
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest


class WantedForm(ActionForm):
    """What is wanted: what the page showed may have changed since."""

    wanted = forms.ChoiceField(choices=(("on", "on"), ("off", "off")))


def issuer(caller: Caller) -> Panel:
    """The issuer's URL, nothing where the account has none, or why the caller may not know."""
    found = panel(get_outbound_web_identity_federation_info, caller)
    return Panel("") if isinstance(found.error, FeatureDisabled) else found


def lacking(caller: Caller, *, enabled: bool) -> str:
    """The action that switching it over takes, where the caller lacks it."""
    verb = "Disable" if enabled else "Enable"
    return missing(caller, f"iam:{verb}OutboundWebIdentityFederation", arns.everything(caller))


@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: ConsoleRequest) -> HttpResponse:
    """Say what it means, and switch it on or off as the form says."""
    caller = request.caller
    enabled = bool(issuer(caller).value)
    form = WantedForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        on = form.cleaned_data["wanted"] == "on"
        action = (
            enable_outbound_web_identity_federation
            if on
            else disable_outbound_web_identity_federation
        )
        if submitted(form, caller, action):
            words = "enabled" if on else "disabled"
            messages.success(request, f"Outbound identity federation {words}.")
            return go(request, reverse("console:account-settings"))
    page = {"form": form, "enabled": enabled, "denied": lacking(caller, enabled=enabled)}
    status = 422 if form.errors else 200
    return render(request, "console/account_settings/outbound.html", page, status=status)
