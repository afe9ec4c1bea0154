"""Pages of access keys, one's own, the root user's and another user's: make, switch, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.access_keys import NewAccessKey, create_access_key, list_access_keys
from accounts.models import AccessKey
from iamconsole.console.components import panels, reports, steps
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.steps import step
from iamconsole.console.credentials import access_keys, clients
from iamconsole.console.credentials.access_keys import Draft
from iamconsole.console.credentials.owner import Owner, owner_of
from iamconsole.console.forms.access_keys import DescriptionForm
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.confirm import ConfirmForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest

_page = require_http_methods(["GET", "HEAD", "POST"])
_TEMPLATES = {1: "create_use_case", 2: "create_description"}


@_page
def create(request: ConsoleRequest, user_name: str | None = None) -> HttpResponse:
    """The wizard: what for, how described, and then the key."""
    owner = owner_of(request.caller, user_name)
    access_keys.must_exist(request.caller, owner)
    draft = Draft(request, owner)
    if draft.ready and (made := _made(request, draft)):
        access_keys.keep(request, owner, made, draft.use_case.cleaned_data.get("use_case", ""))
        return go(request, owner.page("key-retrieve", made.key.access_key_id))
    keys = panels.panel(list_access_keys, request.caller, **owner.named)
    wanted = step("Create access key", "iam:CreateAccessKey", **owner.named)
    context = {
        "draft": draft,
        "owner": owner,
        "steps": _steps(owner),
        "step": draft.page,
        "full": access_keys.full(keys),
        "missing": "".join(steps.missing(request.caller, [wanted])),
    }
    template = "create_root" if owner.is_root else _TEMPLATES[draft.page]
    status = 422 if draft.refused else 200
    return render(request, f"console/access_keys/{template}.html", context, status=status)


@require_safe
def retrieve(
    request: ConsoleRequest, access_key_id: str, user_name: str | None = None
) -> HttpResponse:
    """Show the secret, until it was downloaded or ten minutes have passed."""
    owner = owner_of(request.caller, user_name)
    shown = access_keys.look(request, owner, access_key_id)
    context = {
        "shown": shown,
        "owner": owner,
        "file_url": owner.page("key-file", access_key_id),
        "clients": clients.lines(shown.access_key_id, shown.secret) if shown else [],
        "steps": _steps(owner),
        "step": len(_steps(owner)),
    }
    template = "console/access_keys/retrieve.html"
    return render(request, template, context, status=200 if shown else 410)


@require_POST
def file(request: ConsoleRequest, access_key_id: str, user_name: str | None = None) -> HttpResponse:
    """Hand the key out as a file, which is the last time its secret is seen."""
    owner = owner_of(request.caller, user_name)
    shown = access_keys.look(request, owner, access_key_id)
    if shown is None:
        return redirect(owner.page("key-retrieve", access_key_id))
    return access_keys.download(request, shown)


@_page
def switch(
    request: ConsoleRequest, access_key_id: str, status: str, user_name: str | None = None
) -> HttpResponse:
    """Ask once more, then activate or deactivate a key."""
    owner = owner_of(request.caller, user_name)
    key = access_keys.one_of(request.caller, owner, access_key_id)
    verb = "Activate" if status == "Active" else "Deactivate"
    named = {**owner.named, "access_key_id": key.access_key_id, "status": status}
    wanted = [step(f"{verb} {key.access_key_id}", "iam:UpdateAccessKey", **named)]
    edited = _edited(request, owner, key)
    if request.method == "POST":
        return reports.report(
            request,
            steps.run(edited.guard(_state(key, status)), wanted),
            heading=f"{verb} access key",
            success=format_html("Access key {} is {} now.", key.access_key_id, status.lower()),
            url=owner.back_url,
        )
    missing = "".join(steps.missing(request.caller, wanted))
    context = {"owner": owner, "key": key, "verb": verb, "missing": missing, "edited": edited}
    return render(request, "console/access_keys/switch.html", context)


@_page
def delete(
    request: ConsoleRequest, access_key_id: str, user_name: str | None = None
) -> HttpResponse:
    """Delete an inactive key, once its id was typed."""
    owner = owner_of(request.caller, user_name)
    key = access_keys.one_of(request.caller, owner, access_key_id)
    wanted = access_keys.deletion(request.caller, owner, key.access_key_id)
    form = ConfirmForm(request.POST or None, expected=key.access_key_id)
    edited = _edited(request, owner, key)
    if request.method == "POST" and not key.is_active and form.is_valid():
        return reports.report(
            request,
            steps.run(edited.guard(), wanted),
            heading="Delete access key",
            success=format_html("Access key {} deleted.", key.access_key_id),
            url=owner.back_url,
        )
    missing = "".join(steps.missing(request.caller, wanted[:1]))
    context = {"owner": owner, "key": key, "form": form, "missing": missing, "edited": edited}
    status = 422 if request.method == "POST" else 200
    return render(request, "console/access_keys/delete.html", context, status=status)


@_page
def describe(
    request: ConsoleRequest, access_key_id: str, user_name: str | None = None
) -> HttpResponse:
    """Change what a key's description says; without text the tag goes."""
    owner = owner_of(request.caller, user_name)
    key_id = access_keys.one_of(request.caller, owner, access_key_id).access_key_id
    if owner.is_root:
        return go(request, owner.back_url)  # has no tags

    def read() -> str:
        return access_keys.description_of(request.caller, owner, key_id)

    edited = Edited(request, f"the description of {key_id}", read)
    form = DescriptionForm(request.POST or None, initial={"description": read()})
    if form.is_valid():
        text = form.cleaned_data["description"]
        wanted = [access_keys.described(owner, key_id, text)] if text or read() else []
        outcomes = reports.attempt(form, edited.guard(text), wanted) if wanted else []
        if not form.errors:
            return reports.report(
                request,
                outcomes,
                heading="Description of the access key",
                success=format_html("Description of access key {} saved.", key_id),
                url=owner.back_url,
            )
    context = {"owner": owner, "access_key_id": key_id, "form": form, "edited": edited}
    status = 422 if form.errors else 200
    return render(request, "console/access_keys/describe.html", context, status=status)


def _made(request: ConsoleRequest, draft: Draft) -> NewAccessKey | None:
    """The key, described; or the form says why not."""
    owner, text = draft.owner, draft.text
    # Nothing can be asked for a tag whose key is not known yet but this: any key's name would do.
    tag = [access_keys.described(owner, "AKIA" + "A" * 16, text)] if text else []
    if lacking := steps.missing(request.caller, tag):
        told = f"Nothing was done: for a description you also need {lacking[0]}."
        draft.form.add_error("description", told)
        return None
    made: NewAccessKey | None = submitted(
        draft.form, request.caller, create_access_key, **owner.named
    )
    if made is not None and text:
        wanted = access_keys.described(owner, made.key.access_key_id, text)
        if (failed := steps.failed(steps.run(request.caller, [wanted]))) and failed.error:
            told = f"The key was created, but not described: {failed.error.message}"
            messages.warning(request, told)
    return made


def _edited(request: ConsoleRequest, owner: Owner, key: AccessKey) -> Edited:
    def read() -> str:
        now = access_keys.one_of(request.caller, owner, key.access_key_id)
        return _state(now, now.status)

    return Edited(request, f"access key {key.access_key_id}", read)


def _state(key: AccessKey, status: str) -> str:
    return f"Access key: {key.access_key_id}\nStatus: {status}"


def _steps(owner: Owner) -> list[tuple[str, str]]:
    if owner.is_root:
        return [("Alternatives to root user access keys", ""), ("Retrieve access key", "")]
    return [
        ("Access key best practices & alternatives", ""),
        ("Set description tag", ""),
        ("Retrieve access keys", ""),
    ]
