"""The tab of a user's security credentials: console access, MFA devices, access keys."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.access_keys import list_access_keys
from accounts.actions.login_profiles import get_login_profile
from accounts.errors import NoSuchEntity
from accounts.instance import signin_url
from accounts.models import AccessKey
from iamconsole.console.components import reports, steps
from iamconsole.console.components.steps import step
from iamconsole.console.credentials import console_access, passwords_shown
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.forms.users import PasswordForm
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.users import pages as user_pages

_ACTIONS = (
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:DeleteLoginProfile",
    "iam:DeactivateMFADevice",
    "iam:EnableMFADevice",
    "iam:ResyncMFADevice",
    "iam:UpdateAccessKey",
    "iam:DeleteAccessKey",
)


@require_safe
def show(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """The tab."""
    page = user_pages.context(
        request.caller,
        user_name,
        "credentials",
        *_ACTIONS,
        signin_url=signin_url(request.caller.home.signin_name),
    )
    return render(request, "console/users/credentials.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Enable console access, or set another password where it is enabled already."""
    enabled = _is_enabled(request, user_name)
    form = PasswordForm(request.POST or None, caller=request.caller)
    if request.method == "POST" and form.is_valid():
        password = console_access.password_of(form)
        wanted = console_access.plan(form, user_name, password, enabled=enabled)
        if outcomes := reports.attempt(form, request.caller, wanted):
            passwords_shown.keep(request, user_name, password)
            return reports.report(
                request,
                outcomes,
                heading=f"Console access of user {user_name}",
                success=format_html("You set a new console password for user {}.", user_name),
                url=reverse("console:user-password", args=[user_name]),
            )
    page = {"user_name": user_name, "form": form, "enabled": enabled}
    status = 422 if form.errors else 200
    return render(request, "console/users/console_access.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def disable(request: ConsoleRequest, user_name: str) -> HttpResponse:
    """Ask once more, then take the password away."""
    return user_pages.confirm(
        request,
        user_name,
        [step("Delete the password", "iam:DeleteLoginProfile", user_name=user_name)],
        "console/users/disable_access.html",
        heading=f"Disable console access of user {user_name}",
        success=format_html("Console access of user {} disabled.", user_name),
        url=reverse("console:user-security-credentials", args=[user_name]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def switch_key(
    request: ConsoleRequest, user_name: str, access_key_id: str, status: str
) -> HttpResponse:
    """Ask once more, then activate or deactivate an access key."""
    key = _key(request, user_name, access_key_id)
    verb = "Activate" if status == "Active" else "Deactivate"
    named = {"user_name": user_name, "access_key_id": key.access_key_id, "status": status}
    wanted = [step(f"{verb} {key.access_key_id}", "iam:UpdateAccessKey", **named)]
    url = reverse("console:user-security-credentials", args=[user_name])
    if request.method == "POST":
        return reports.report(
            request,
            steps.run(request.caller, wanted),
            heading=f"{verb} access key",
            success=format_html("Access key {} is {} now.", key.access_key_id, status.lower()),
            url=url,
        )
    missing = "".join(steps.missing(request.caller, wanted))
    page = {"user_name": user_name, "key": key, "verb": verb, "missing": missing, "back_url": url}
    return render(request, "console/users/switch_key.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_key(request: ConsoleRequest, user_name: str, access_key_id: str) -> HttpResponse:
    """Delete an inactive access key, once its id was typed."""
    key = _key(request, user_name, access_key_id)
    named = {"user_name": user_name, "access_key_id": key.access_key_id}
    wanted = [step(f"Delete {key.access_key_id}", "iam:DeleteAccessKey", **named)]
    form = ConfirmForm(request.POST or None, expected=key.access_key_id)
    url = reverse("console:user-security-credentials", args=[user_name])
    if request.method == "POST" and not key.is_active and form.is_valid():
        return reports.report(
            request,
            steps.run(request.caller, wanted),
            heading="Delete access key",
            success=format_html("Access key {} deleted.", key.access_key_id),
            url=url,
        )
    missing = "".join(steps.missing(request.caller, wanted))
    page = {"user_name": user_name, "key": key, "form": form, "missing": missing, "back_url": url}
    refused = request.method == "POST"
    return render(request, "console/users/delete_key.html", page, status=422 if refused else 200)


def _is_enabled(request: ConsoleRequest, user_name: str) -> bool:
    """Whether the user has a password. Raises AccessDenied where the caller may not know."""
    user_pages.must_exist(request.caller, user_name)
    try:
        get_login_profile(request.caller, user_name=user_name)
    except NoSuchEntity:
        return False
    return True


def _key(request: ConsoleRequest, user_name: str, access_key_id: str) -> AccessKey:
    for key in list_access_keys(request.caller, user_name=user_name).items:
        if key.access_key_id == access_key_id:
            return key
    raise NoSuchEntity(f"The Access Key with id {access_key_id} cannot be found.")
