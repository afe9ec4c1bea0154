"""Account settings: the password policy, and the session tokens of STS's global endpoint."""

from __future__ import annotations

from contextlib import suppress

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import arns, passwords
from accounts.actions.account import get_account_summary, set_security_token_service_preferences
from accounts.actions.password_policy import (
    delete_account_password_policy,
    get_account_password_policy,
    update_account_password_policy,
)
from accounts.caller import Caller
from accounts.errors import NoSuchEntity, ServiceError
from accounts.models import Account, PasswordPolicy
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.panels import Panel, missing, panel
from iamconsole.console.forms.account_settings import (
    TOKENS,
    PasswordPolicyForm,
    TokensForm,
    form_of,
)
from iamconsole.console.forms.base import submitted
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.views import outbound_federation

_TOKENS = "global_endpoint_token_version"


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The policy in force, and the kind of session tokens."""
    caller = request.caller
    context: dict[str, object] = {
        "edit_denied": _edit_denied(caller),
        "tokens": _tokens(caller),
        "tokens_denied": missing(
            caller, "iam:SetSecurityTokenServicePreferences", arns.everything(caller)
        ),
    }
    context["issuer"] = issuer = outbound_federation.issuer(caller)
    context["outbound_denied"] = outbound_federation.lacking(caller, enabled=bool(issuer.value))
    try:
        policy = _in_force(caller)
    except ServiceError as error:
        context["error"] = error
    else:
        context |= {"policy": policy, "sentences": sentences(policy, caller.home)}
    return render(request, "console/account_settings/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest) -> HttpResponse:
    """Choose the policy, see what it means, and set it on the page after this one."""
    caller = request.caller
    posted = request.POST or None
    form = form_of(None if posted else _in_force(caller), posted)
    looking = "preview" in request.POST or "edit" in request.POST
    page = "edit"
    if form.is_valid() and not looking:
        if "confirm" in request.POST and _saved(form, caller):
            told = "Custom" if form.is_custom else "IAM default"
            messages.success(request, f"{told} password policy set for this account.")
            return go(request, reverse("console:account-settings"))
        page = "edit" if form.errors else "confirm"
    context = {"form": form, "sentences": sentences(form.draft, caller.home)}
    status = 422 if form.errors and not looking else 200
    return render(request, f"console/account_settings/{page}.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def session_tokens(request: ConsoleRequest) -> HttpResponse:
    """Change where session tokens of the global endpoint are valid."""
    caller, settings = request.caller, reverse("console:account-settings")
    initial = {_TOKENS: _version(_tokens(caller))}
    form = TokensForm(request.POST if request.method == "POST" else None, initial=initial)
    what = "the session tokens of the global endpoint"
    edited = Edited(request, what, lambda: _tokens(caller).value or "")
    if form.is_valid():
        chosen = form.cleaned_data[_TOKENS]
        guarded = edited.guard(TOKENS[chosen])
        action = set_security_token_service_preferences
        if submitted(form, guarded, action, **{_TOKENS: chosen}):
            messages.success(request, f"Session tokens: {TOKENS[chosen].lower()}.")
            return go(request, settings)
    context = {
        "form": form,
        "edited": edited,
        "denied": missing(
            caller, "iam:SetSecurityTokenServicePreferences", arns.everything(caller)
        ),
    }
    status = 422 if form.errors else 200
    return render(request, "console/account_settings/session_tokens.html", context, status=status)


def sentences(policy: PasswordPolicy | None, account: Account) -> list[str]:
    """What users of the account will be told of its policy."""
    told = [rule.sentence for rule in passwords.rules(policy, account)]
    if reuse := passwords.reuse_sentence(policy):
        told.append(reuse)
    if policy is None or policy.max_password_age is None:
        told.append("Passwords do not expire")
    else:
        told.append(f"Passwords expire {_days(policy.max_password_age)} after they were set")
        if policy.hard_expiry:
            told.append("An expired password must be reset by an administrator")
    if policy is not None and policy.allow_users_to_change_password:
        told.append("Users may change their own password")
    else:
        told.append("Users need a policy that allows iam:ChangePassword to change their password")
    return told


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _tokens(caller: Caller) -> Panel:
    """Where session tokens are valid, in words, where that may be read."""
    found = panel(get_account_summary, caller)
    if found.value is None:
        return found
    return Panel(TOKENS[f"v{found.value.global_endpoint_token_version}Token"])


def _version(tokens: Panel) -> str:
    return next((version for version, words in TOKENS.items() if words == tokens.value), "")


def _in_force(caller: Caller) -> PasswordPolicy | None:
    try:
        return get_account_password_policy(caller)
    except NoSuchEntity:
        return None


def _saved(form: PasswordPolicyForm, caller: Caller) -> bool:
    if form.is_custom:
        arguments = form.arguments()
        return bool(submitted(form, caller, update_account_password_policy, **arguments))
    # Where IAM's default holds already, what was asked for is so.
    with suppress(NoSuchEntity):
        delete_account_password_policy(caller)
    return True


def _edit_denied(caller: Caller) -> str:
    """What is missing to change the policy in one way or the other."""
    actions = ("iam:UpdateAccountPasswordPolicy", "iam:DeleteAccountPasswordPolicy")
    refused = [missing(caller, action, arns.everything(caller)) for action in actions]
    return refused[0] if all(refused) else ""
