"""Pages of MFA devices, one's own and those of a user: assign, resynchronise, remove."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actions import mfa
from accounts.errors import AccessDenied, InvalidAuthenticationCode, ServiceError
from iamconsole.console.credentials import enrolment, qr
from iamconsole.console.credentials.enrolment import Draft
from iamconsole.console.credentials.owner import Owner, owner_of
from iamconsole.console.forms.base import ActionForm
from iamconsole.console.forms.mfa import CodesForm, DeviceNameForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest

ROOT_DEVICE = "root-account-mfa-device"
_page = require_http_methods(["GET", "HEAD", "POST"])


@_page
def assign(request: ConsoleRequest, user_name: str | None = None) -> HttpResponse:
    """The wizard's first page: a name."""
    owner = owner_of(request.caller, user_name)
    enrolment.ask(request.caller, owner)
    initial = {"virtual_mfa_device_name": owner.user_name or ROOT_DEVICE}
    form = DeviceNameForm(request.POST or None, initial=initial)
    if form.is_valid():
        name = form.cleaned_data["virtual_mfa_device_name"]
        try:
            enrolment.begin(request, request.caller, owner, name)
        except ServiceError as error:
            form.refuse(error)
        else:
            return go(request, owner.page("mfa-set-up"))
    return _shown(
        request, "console/mfa/assign.html", form, owner=owner, steps=_steps(owner), step=1
    )


@_page
def set_up(request: ConsoleRequest, user_name: str | None = None) -> HttpResponse:
    """The wizard's second page: the QR code and two codes of it."""
    owner = owner_of(request.caller, user_name)
    draft = enrolment.draft_of(request, request.caller, owner)
    if draft is None:
        messages.warning(request, "The QR code is no longer valid. Start again to get a new one.")
        return go(request, owner.assign_url)
    form = CodesForm(request.POST or None)
    if form.is_valid() and _enrolled(request, owner, draft, form):
        messages.success(request, _assigned(owner))
        return go(request, owner.back_url)
    # A device that could neither be enabled nor deleted again is in the session now.
    draft = enrolment.draft_of(request, request.caller, owner) or draft
    uri = mfa.otpauth_uri(request.caller.home, draft.name, draft.seed)
    code = qr.svg(uri, "QR code of the secret key")
    context = {"owner": owner, "draft": draft, "qr": code, "steps": _steps(owner), "step": 2}
    return _shown(request, "console/mfa/set_up.html", form, **context)


@_page
def resync(request: ConsoleRequest, user_name: str | None = None) -> HttpResponse:
    """Two codes of a device whose clock is off."""
    owner = owner_of(request.caller, user_name)
    device = enrolment.device_of(request.caller, owner, _serial(request))
    form = CodesForm(request.POST or None)
    if form.is_valid():
        try:
            enrolment.actions_for(owner).resync_mfa_device(
                request.caller, **owner.named, serial_number=device.serial_number, **codes_of(form)
            )
        except ServiceError as error:
            _refuse(request, form, error)
        else:
            messages.success(request, f"MFA device {device.name} resynced.")
            return go(request, owner.back_url)
    return _shown(request, "console/mfa/resync.html", form, owner=owner, device=device)


@_page
def remove(request: ConsoleRequest, user_name: str | None = None) -> HttpResponse:
    """Take a device from its owner and delete it."""
    owner = owner_of(request.caller, user_name)
    device = enrolment.device_of(request.caller, owner, _serial(request))
    if request.method != "POST":
        return render(request, "console/mfa/remove.html", {"owner": owner, "device": device})
    serial = device.serial_number
    enrolment.actions_for(owner).deactivate_mfa_device(
        request.caller, **owner.named, serial_number=serial
    )
    try:
        mfa.delete_virtual_mfa_device(request.caller, serial_number=serial)
    except ServiceError as error:
        told = f"{device.name} was removed, but the unassigned device stays: {error.message}"
        messages.warning(request, told)
    else:
        messages.success(request, f"MFA device {device.name} removed.")
    return go(request, owner.back_url)


def codes_of(form: CodesForm) -> dict[str, str]:
    """The two codes as arguments of an action."""
    return {name: form.cleaned_data[name] for name in form.code_fields}


def _enrolled(request: ConsoleRequest, owner: Owner, draft: Draft, form: CodesForm) -> bool:
    try:
        enrolment.finish(request, request.caller, owner, draft, codes_of(form))
    except ServiceError as error:
        _refuse(request, form, error)
        return False
    return True


def _refuse(request: ConsoleRequest, form: CodesForm, error: ServiceError) -> None:
    if isinstance(error, InvalidAuthenticationCode):
        form.refuse_code(error, request.caller.now)
    elif isinstance(error, AccessDenied):
        raise error
    else:
        form.add_error(None, error.message)


def _assigned(owner: Owner) -> str:
    if owner.own:
        return (
            "MFA device assigned. You are asked for a code from your next sign-in on. Until then "
            "this session counts as one without MFA: sign out and in where a policy asks for it."
        )
    return f"MFA device assigned. {owner.user_name} is asked for a code from the next sign-in on."


def _steps(owner: Owner) -> list[tuple[str, str]]:
    return [("Select MFA device", owner.assign_url), ("Set up device", "")]


def _serial(request: ConsoleRequest) -> str:
    return request.POST.get("serial") or request.GET.get("serial", "")


def _shown(
    request: ConsoleRequest, template: str, form: ActionForm, **context: object
) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.errors else 200)
