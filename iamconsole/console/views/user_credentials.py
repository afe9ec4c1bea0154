"""The tab of a user's security credentials: console access, MFA devices, access keys."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.login_profiles import get_login_profile
from accounts.errors import NoSuchEntity
from accounts.instance import signin_url
from iamconsole.console.components import reports
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import panel
from iamconsole.console.components.steps import step
from iamconsole.console.credentials import access_keys, console_access, passwords_shown
from iamconsole.console.credentials.owner import owner_of
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
    *access_keys.ACTIONS,
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
        owner=owner_of(request.caller, user_name),
    )
    summary: user_pages.Summary = page["summary"]
    tags = summary.user.value.tags if summary.user.value else {}
    page["listed"] = access_keys.listed(summary.access_keys, page["owner"], tags)
    page["full"] = access_keys.full(summary.keys)
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

    def read() -> str:
        found = panel(get_login_profile, request.caller, user_name=user_name).value
        return f"Password set: {found.password_changed_at:%Y-%m-%d %H:%M:%S}" if found else ""

    return user_pages.confirm(
        request,
        user_name,
        [step("Delete the password", "iam:DeleteLoginProfile", user_name=user_name)],
        "console/users/disable_access.html",
        heading=f"Disable console access of user {user_name}",
        success=format_html("Console access of user {} disabled.", user_name),
        url=reverse("console:user-security-credentials", args=[user_name]),
        edited=Edited(request, f"the console password of {user_name}", read),
    )


def _is_enabled(request: ConsoleRequest, user_name: str) -> bool:
    """Whether the user has a password. Raises AccessDenied where the caller may not know."""
    user_pages.must_exist(request.caller, user_name)
    try:
        get_login_profile(request.caller, user_name=user_name)
    except NoSuchEntity:
        return False
    return True
