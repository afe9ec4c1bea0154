"""My security credentials: one's own password, MFA devices and access keys, root's or a user's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import passwords, quotas
from accounts.actions import login_profiles, root, shared
from accounts.actions.access_keys import delete_access_key, list_access_keys, update_access_key
from accounts.actions.mfa import list_mfa_devices
from accounts.actions.users import get_user
from accounts.caller import Caller
from accounts.errors import NoSuchEntity
from accounts.models import AccessKey
from iamconsole.console import session
from iamconsole.console.components.panels import Panel, missing_of, panel
from iamconsole.console.credentials import enrolment
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.forms.signin import ChangePassword
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest

_HOME = "console:security-credentials"
_ACTIONS = (
    "iam:ChangePassword",
    "iam:EnableMFADevice",
    "iam:ResyncMFADevice",
    "iam:DeactivateMFADevice",
    "iam:UpdateAccessKey",
    "iam:DeleteAccessKey",
)
_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """Everything that one can sign in or sign with. Each panel is an action of its own."""
    caller = request.caller
    devices, keys = panel(list_mfa_devices, caller), panel(list_access_keys, caller)
    context = {
        "user": Panel() if caller.is_root else panel(get_user, caller),
        "login": _login(caller),
        "devices": devices,
        "is_full": bool(devices.value) and len(devices.value.items) >= quotas.DEVICES_PER_OWNER,
        "no_mfa": bool(devices.value) and not devices.value.items,
        "keys": keys,
        "denied": _denied(caller),
        "owner": enrolment.owner_of(caller, None),
    }
    return render(request, "console/security_credentials/index.html", context)


@_page
def change_password(request: ConsoleRequest) -> HttpResponse:
    """A new password for oneself. This session stays; the others end."""
    caller = request.caller
    form = ChangePassword(request.POST or None)
    change = root.change_password if caller.is_root else login_profiles.change_password
    if form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("old_password", "new_password")}
        if login := submitted(form, caller, change, **typed):
            session.password_changed(request, login)
            messages.success(request, "Your password was changed. Other sessions of yours ended.")
            return go(request, reverse(_HOME))
    policy = None if caller.is_root else passwords.policy_of(caller.home)
    context = {
        "form": form,
        "rules": passwords.rules(policy, caller.home),
        "reuse": passwords.reuse_sentence(policy),
    }
    status = 422 if form.errors else 200
    return render(request, "console/security_credentials/password.html", context, status=status)


@_page
def switch_key(request: ConsoleRequest, access_key_id: str, status: str) -> HttpResponse:
    """Ask once more, then activate or deactivate one's own access key."""
    key = _key(request.caller, access_key_id)
    if request.method == "POST":
        update_access_key(request.caller, access_key_id=key.access_key_id, status=status)
        messages.success(request, f"Access key {key.access_key_id} is {status.lower()} now.")
        return go(request, reverse(_HOME))
    verb = "Activate" if status == "Active" else "Deactivate"
    context = {"key": key, "verb": verb}
    return render(request, "console/security_credentials/switch_key.html", context)


@_page
def delete_key(request: ConsoleRequest, access_key_id: str) -> HttpResponse:
    """Delete one's own access key, which must be inactive, once its id was typed."""
    key = _key(request.caller, access_key_id)
    form = ConfirmForm(request.POST or None, expected=key.access_key_id)
    refused = request.method == "POST"
    if form.is_valid() and not key.is_active:
        delete_access_key(request.caller, access_key_id=key.access_key_id)
        messages.success(request, f"Access key {key.access_key_id} deleted.")
        return go(request, reverse(_HOME))
    context = {"key": key, "form": form}
    template = "console/security_credentials/delete_key.html"
    return render(request, template, context, status=422 if refused else 200)


def _login(caller: Caller) -> Panel:
    """When the password was set; of the root user that is no action's to tell."""
    if caller.is_root:
        return Panel(root.login_of(caller.home))
    return panel(login_profiles.get_login_profile, caller)


def _denied(caller: Caller) -> dict[str, str]:
    """What the buttons need: by each action's bare name, the action if it is not allowed."""
    if caller.is_root:
        return {}
    oneself = shared.user_resource(caller)
    return missing_of(caller, _ACTIONS, oneself)


def _key(caller: Caller, access_key_id: str) -> AccessKey:
    for key in list_access_keys(caller).items:
        if key.access_key_id == access_key_id:
            return key
    raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
