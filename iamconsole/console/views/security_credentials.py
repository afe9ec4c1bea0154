"""My security credentials: one's own password, MFA devices and access keys, root's or a user's."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import passwords, quotas
from accounts.actions import login_profiles, root, shared
from accounts.actions.access_keys import list_access_keys
from accounts.actions.mfa import list_mfa_devices
from accounts.actions.users import get_user
from accounts.caller import Caller
from iamconsole.console import session
from iamconsole.console.components.panels import Panel, missing_of, panel
from iamconsole.console.credentials import access_keys
from iamconsole.console.credentials.owner import owner_of
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.signin import ChangePassword
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest

_HOME = "console:security-credentials"
#: In the session of a root user who read the warning.
_WARNED = "credentials-warning-read"
_ACTIONS = (
    "iam:ChangePassword",
    "iam:EnableMFADevice",
    "iam:ResyncMFADevice",
    "iam:DeactivateMFADevice",
    *access_keys.ACTIONS,
)
_page = require_http_methods(["GET", "HEAD", "POST"])


@_page
def index(request: ConsoleRequest) -> HttpResponse:
    """Everything that one can sign in or sign with. Each panel is an action of its own."""
    caller = request.caller
    owner = owner_of(caller, None)
    if owner.is_root and not _warned(request):
        return render(request, "console/security_credentials/warning.html")
    if request.method == "POST":
        return go(request, owner.back_url)
    devices, keys = panel(list_mfa_devices, caller), panel(list_access_keys, caller)
    user = Panel() if caller.is_root else panel(get_user, caller)
    tags = user.value.tags if user.value else {}
    context = {
        "user": user,
        "canonical_id": canonical_id(caller.home.id),
        "login": _login(caller),
        "devices": devices,
        "is_full": bool(devices.value) and len(devices.value.items) >= quotas.DEVICES_PER_OWNER,
        "no_mfa": bool(devices.value) and not devices.value.items,
        "keys": keys,
        "listed": access_keys.listed(keys.value.items if keys.value else (), owner, tags),
        "full": access_keys.full(keys),
        "denied": _denied(caller),
        "owner": owner,
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
    rules = passwords.rules(policy, caller.home)
    if form.errors:
        form.tell(rules)
    context = {
        "form": form,
        "rules": rules,
        "reuse": passwords.reuse_sentence(policy),
    }
    status = 422 if form.errors else 200
    return render(request, "console/security_credentials/password.html", context, status=status)


def canonical_id(account_id: str) -> str:
    """The account's other name, 64 hexadecimal digits, by which S3's access lists call it."""
    return hashlib.sha256(f"canonical user of {account_id}".encode()).hexdigest()


def _warned(request: ConsoleRequest) -> bool:
    """Whether the root user was warned in this session of what can be done here, and went on."""
    if request.method == "POST" and "continue" in request.POST:
        request.session[_WARNED] = True
    return bool(request.session.get(_WARNED))


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
