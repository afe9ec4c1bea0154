"""Giving a user a console password: which one, and the actions that it takes."""

from __future__ import annotations

from iamconsole.console.components import steps
from iamconsole.console.components.steps import Step, step
from iamconsole.console.forms.users import PasswordForm
from iamconsole.console.users.creation import (
    CHANGE_PASSWORD,
    generated,
    let_change_password,
    needs_policy_to_change,
)
from iamconsole.console.users.permissions import attached_arns


def password_of(form: PasswordForm) -> str:
    """The password that was typed, or one made within the account's policy."""
    return form.typed or generated(form.caller)


def plan(form: PasswordForm, user_name: str, password: str, *, enabled: bool) -> list[Step]:
    """The actions: set the password and, where it must be changed, see that it can be."""
    reset: bool = form.cleaned_data["password_reset_required"]
    wanted = [
        step(
            "Set the password",
            "iam:UpdateLoginProfile" if enabled else "iam:CreateLoginProfile",
            user_name=user_name,
            password=password,
            password_reset_required=reset,
        )
    ]
    if not reset or not needs_policy_to_change(form.caller):
        return wanted
    attach = let_change_password(user_name)
    if CHANGE_PASSWORD in attached_arns(form.caller, user_name):
        return wanted
    # Whoever only resets passwords need not be somebody who attaches policies.
    if enabled and steps.missing(form.caller, [attach]):
        return wanted
    return [*wanted, attach]
