"""Pages of an instance about its role: security, metadata service, acting as the instance."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import AccessDenied, ServiceError
from iamconsole.console import session
from iamconsole.console.components import panels
from iamconsole.console.ec2 import commands, pages, profiles
from iamconsole.console.ec2.pages import of_instance
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.ec2 import MetadataForm, RoleForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.sandbox.actions.ec2_console import read_metadata_address, run_as
from iamconsole.sandbox.actions.ec2_instances import modify_instance_metadata_options


@require_safe
@of_instance
def security(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """An instance with its role."""
    context = pages.context(request.caller, instance_id, "security")
    instance = context["instance"]
    context["profile"] = profiles.with_role(request.caller, instance)
    context["denied_role"] = profiles.missing(request.caller, instance)
    return render(request, "console/ec2/security.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_instance
def edit_role(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """Another instance profile, or none."""
    context = pages.context(request.caller, instance_id, "security")
    instance, offered = context["instance"], profiles.offered(request.caller)
    current = instance.profile if instance is not None else None
    form = RoleForm(
        request.POST or None,
        profiles=profiles.choices(offered, current),
        initial={"iam_instance_profile": current.name if current else profiles.NONE},
    )
    refusal = None
    if form.is_valid() and instance is not None:
        wanted = profiles.change(instance, form.cleaned_data["iam_instance_profile"])
        try:
            if wanted is not None:
                wanted[0](request.caller, **wanted[1])
        except AccessDenied as error:
            refusal = error
        except ServiceError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The IAM role of {instance_id} is saved.")
            return go(
                request,
                pages.address("ec2-instance-security", request.caller.region, instance_id),
            )
    context |= {
        "form": form, "offered": offered, "refusal": refusal,
        "denied_role": profiles.missing(request.caller, instance),
    }  # fmt: skip
    status = 403 if refusal else 422 if form.is_bound else 200
    return render(request, "console/ec2/edit_role.html", context, status=status)


@require_safe
@of_instance
def metadata(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """The address of an instance's metadata service, and the commands that use it."""
    context = pages.context(request.caller, instance_id, "metadata")
    instance = context["instance"]
    if instance is not None and instance.state != "terminated":
        found = panels.panel(read_metadata_address, request.caller, instance_id=instance_id)
        context["address"] = found
        context["commands"] = commands.of(instance, found.value) if found.value else None
    return render(request, "console/ec2/metadata.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_instance
def edit_metadata(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """How the metadata service answers."""
    context = pages.context(request.caller, instance_id, "metadata")
    instance = context["instance"]
    initial = {
        "http_endpoint": instance.metadata_enabled,
        "http_tokens": instance.http_tokens,
        "instance_metadata_tags": instance.metadata_tags,
    } if instance is not None else {}  # fmt: skip
    form = MetadataForm(request.POST or None, initial=initial)
    if form.is_valid() and submitted(
        form, request.caller, modify_instance_metadata_options, instance_id=instance_id,
        **form.arguments(),
    ):  # fmt: skip
        messages.success(request, f"Metadata options of {instance_id} saved.")
        return go(
            request, pages.address("ec2-instance-metadata", request.caller.region, instance_id)
        )
    context["form"] = form
    status = 422 if form.is_bound else 200
    return render(request, "console/ec2/edit_metadata.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@of_instance
def become(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """Act as the instance's role in this browser, until one switches back."""
    context = pages.context(request.caller, instance_id, "security")
    error = None
    if request.method == "POST":
        try:
            credentials = run_as(request.caller, instance_id=instance_id)
        except ServiceError as caught:
            error = caught
        else:
            session.act(request, credentials, name=f"{instance_id} (instance)", color="orange")
            messages.success(
                request,
                f"You act as instance {instance_id} now. What you do here is done with its role.",
            )
            return go(request, pages.after_becoming())
    context["error"] = error
    status = error.status if error is not None else 200
    return render(request, "console/ec2/run_as.html", context, status=status)
