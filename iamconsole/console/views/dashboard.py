"""The dashboard, and the dialogs of the account's alias that open from it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import arns
from accounts.actions.account import (
    create_account_alias,
    delete_account_alias,
    get_account_summary,
    list_account_aliases,
)
from accounts.actions.password_policy import get_account_password_policy
from accounts.errors import NoSuchEntity
from accounts.instance import signin_url
from iamconsole.console.components.panels import missing, missing_everywhere, panel
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.dashboard import AliasForm
from iamconsole.console.htmx import go
from iamconsole.console.recommendations import recommendations
from iamconsole.console.request import ConsoleRequest


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """How the account stands. Each panel is an action of its own, allowed or refused."""
    caller = request.caller
    summary = panel(get_account_summary, caller)
    policy = panel(get_account_password_policy, caller)
    aliases = panel(list_account_aliases, caller)
    alias = aliases.value.items[0] if aliases.value and aliases.value.items else ""
    context = {
        "summary": summary,
        "recommendations": recommendations(caller, summary, policy),
        "aliases": aliases,
        "alias": alias,
        "signin_url": signin_url(alias or caller.home.id),
        "create_denied": missing(caller, "iam:CreateAccountAlias", arns.everything(caller)),
        "delete_denied": missing(caller, "iam:DeleteAccountAlias", arns.everything(caller)),
        "may_create_users": not missing_everywhere(caller, "iam:CreateUser"),
    }
    return render(request, "console/dashboard/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def alias(request: ConsoleRequest) -> HttpResponse:
    """Set the alias. What is typed comes back as the new URL, before it is set."""
    caller = request.caller
    form = AliasForm(request.POST or None, initial={"account_alias": caller.home.alias or ""})
    preview = "preview" in request.POST
    if not preview and form.is_valid():
        name = form.cleaned_data["account_alias"]
        if submitted(form, caller, create_account_alias, account_alias=name):
            messages.success(request, f"Alias {name} created for this account.")
            return go(request, reverse("console:dashboard"))
    wanted = form["account_alias"].value() or caller.home.id
    context = {"form": form, "signin_url": signin_url(wanted), "has_alias": caller.home.alias}
    refused = not preview and form.errors
    return render(request, "console/dashboard/alias.html", context, status=422 if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def delete_alias(request: ConsoleRequest) -> HttpResponse:
    """Remove the alias; people sign in by account id."""
    caller = request.caller
    if not caller.home.alias:
        raise NoSuchEntity("This account has no alias.")
    if request.method == "POST":
        name = request.POST.get("account_alias", "")
        delete_account_alias(caller, account_alias=name)
        messages.success(request, f"Alias {name} deleted for this account.")
        return go(request, reverse("console:dashboard"))
    context = {"alias": caller.home.alias, "signin_url": signin_url(caller.home.id)}
    return render(request, "console/dashboard/delete_alias.html", context)
