"""Pages that write and delete inline policies of users, groups and roles.

`kind` says whose, and the name comes as `user_name`, `group_name` or `role_name`.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from iamconsole.console.components.reports import attempt
from iamconsole.console.components.steps import Step, step
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.forms.policy_editor import InlinePolicyForm
from iamconsole.console.htmx import go
from iamconsole.console.policies.inline_owner import Owner
from iamconsole.console.policies.writing import Writing
from iamconsole.console.policies.writing_pages import Page, answer
from iamconsole.console.request import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest, kind: str, **named: str) -> HttpResponse:
    """A new inline policy: its text, then its name."""
    owner, caller = Owner(kind, named[f"{kind}_name"]), request.caller
    owner.must_exist(caller)
    writing = Writing(request, owner.purpose(caller), held=tuple(InlinePolicyForm.base_fields))
    typed = request.POST
    form = InlinePolicyForm(typed) if writing.saving else InlinePolicyForm(initial=typed.dict())
    policy_name = _free_name(request, owner, form) if form.is_valid() else ""
    if policy_name and attempt(form, caller, _put(owner, policy_name, writing)):
        messages.success(request, f"Policy {policy_name} created for {owner.words}.")
        return go(request, owner.back_url)
    page = _page(request, owner, "Create policy", ("Specify permissions", "Review and create"))
    return answer(request, writing, page, form)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ConsoleRequest, kind: str, policy_name: str, **named: str) -> HttpResponse:
    """Another text for an inline policy; there are no versions to go back to."""
    owner, caller = Owner(kind, named[f"{kind}_name"]), request.caller
    before = owner.document(caller, policy_name)
    writing = Writing(request, owner.purpose(caller, policy_name), initial=before)
    edited = owner.edited(request, policy_name)
    form = ActionForm(request.POST) if writing.saving else ActionForm()
    if form.is_valid():
        guarded = edited.guard(writing.document)
        if attempt(form, guarded, _put(owner, policy_name, writing)):
            messages.success(request, f"Policy {policy_name} of {owner.words} updated.")
            return go(request, owner.back_url)
    page = _page(request, owner, f"Edit {policy_name}", ("Modify permissions", "Review and save"))
    return answer(request, writing, page, form, edited=edited, before=before)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest, kind: str, policy_name: str, **named: str) -> HttpResponse:
    """Ask once more, then delete an inline policy."""
    owner, caller = Owner(kind, named[f"{kind}_name"]), request.caller
    found = owner.policy(caller, policy_name)
    edited = owner.edited(request, policy_name)
    form = ActionForm(request.POST if request.method == "POST" else None)
    wanted = [_step(f"Delete {policy_name}", owner, "Delete", policy_name=policy_name)]
    if form.is_valid() and attempt(form, edited.guard(), wanted):
        messages.success(request, f"Policy {policy_name} of {owner.words} deleted.")
        return go(request, owner.back_url)
    context = {
        "owner": owner,
        "policy_name": policy_name,
        "edited": edited,
        "form": form,
        "document": found.value.document if found.value else "",
        "denied": owner.missing(caller, "Delete"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "console/inline_policies/delete.html", context, status=status)


def _free_name(request: ConsoleRequest, owner: Owner, form: InlinePolicyForm) -> str:
    """The new policy's name; empty, and said in the form, where it is taken.

    The action would put the text in the place of the other policy's.
    """
    policy_name: str = form.cleaned_data["policy_name"]
    if not owner.has(request.caller, policy_name):
        return policy_name
    form.add_error(
        "policy_name",
        f"An inline policy called {policy_name} already exists for {owner.words}. Choose another "
        "name, or edit that policy.",
    )
    return ""


def _put(owner: Owner, policy_name: str, writing: Writing) -> list[Step]:
    label = f"Save {policy_name}"
    document = writing.document
    return [_step(label, owner, "Put", policy_name=policy_name, policy_document=document)]


def _step(label: str, owner: Owner, verb: str, **arguments: str) -> Step:
    return step(label, owner.action_name(verb), **owner.named, **arguments)


def _page(request: ConsoleRequest, owner: Owner, title: str, steps: tuple[str, str]) -> Page:
    return Page(
        steps=steps,
        title=title,
        trail=owner.trail,
        back_url=owner.back_url,
        button="Create policy" if title == "Create policy" else "Save changes",
        denied=owner.missing(request.caller, "Put"),
        help=f"An inline policy is part of {owner.words} and is deleted with it.",
    )
