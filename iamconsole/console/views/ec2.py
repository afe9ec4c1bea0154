"""Pages of EC2: instances, launching, changing their state; one instance with its tabs."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_http_methods, require_safe

from accounts.caller import in_region
from accounts.errors import AccessDenied, ServiceError
from iamconsole.console.components import panels
from iamconsole.console.components.tables import Table
from iamconsole.console.components.tagging import Tagged, edit_tags
from iamconsole.console.ec2 import changes, listed, pages, profiles
from iamconsole.console.ec2.changes import CHANGES
from iamconsole.console.ec2.pages import of_instance
from iamconsole.console.forms.ec2 import LaunchForm
from iamconsole.console.htmx import go
from iamconsole.console.request import ConsoleRequest
from iamconsole.sandbox.actions.ec2_launch import Reservation, run_instances
from iamconsole.sandbox.actions.ec2_tags import describe_tags
from iamconsole.sandbox.ec2_arguments import Filter, UnsetTag


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The account's instances, of all Regions."""
    table = Table(
        request.GET, listed.COLUMNS, sort="launched", descending=True, filters=(listed.STATES,)
    )
    try:
        table.show(listed.page(table, listed.everywhere(request.caller)))
    except ServiceError as error:
        table.refuse(error)
    denied = panels.missing_everywhere(request.caller, "ec2:RunInstances")
    context = {"table": table, "launch_denied": denied, "changes": CHANGES.values()}
    return render(request, "console/ec2/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: ConsoleRequest) -> HttpResponse:
    """One page: name, Region, image, type, role, metadata."""
    offered = profiles.offered(request.caller)
    form = LaunchForm(request.POST or None, profiles=profiles.choices(offered))
    refusal = None
    if form.is_valid():
        there = in_region(request.caller, form.cleaned_data["region"])
        try:
            return _launched(request, run_instances(there, **form.arguments()))
        except AccessDenied as error:
            refusal = error
        except ServiceError as error:
            form.refuse(error)
    denied = panels.missing_everywhere(request.caller, "ec2:RunInstances")
    context = {"form": form, "offered": offered, "denied": denied, "refusal": refusal}
    status = 403 if refusal else 422 if form.is_bound else 200
    return render(request, "console/ec2/launch.html", context, status=status)


def _launched(request: ConsoleRequest, made: Reservation) -> HttpResponse:
    """Say what was launched; the one instance's page, or the list of several."""
    urls = [pages.address("ec2-instance", each.region, each.id) for each in made.instances]
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((url, each.id) for url, each in zip(urls, made.instances, strict=True)),
    )
    messages.success(request, format_html("Successfully launched {}.", links))
    return go(request, urls[0] if len(urls) == 1 else reverse("console:ec2-instances"))


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: ConsoleRequest) -> HttpResponse:
    """Start, stop, reboot or terminate the instances that the address names."""
    wanted = changes.wanted(request.GET.getlist("instance"))
    asked = CHANGES.get(request.GET.get("change", ""))
    if asked is None or not wanted:
        messages.warning(request, "No instance was chosen.")
        return go(request, reverse("console:ec2-instances"))
    error = None
    if request.method == "POST":
        try:
            changes.carry_out(request.caller, asked, wanted)
        except ServiceError as caught:
            error = caught
        else:
            named = ", ".join(each.instance_id for each in wanted)
            messages.success(request, f"Successfully {asked.done} {named}.")
            return go(request, _after(wanted))
    missing = changes.missing(request.caller, asked, wanted)
    context = {
        "change": asked, "wanted": wanted, "missing": missing, "error": error,
        "back_url": _after(wanted),
    }  # fmt: skip
    status = error.status if error is not None else 200
    return render(request, "console/ec2/change.html", context, status=status)


def _after(wanted: list[changes.Wanted]) -> str:
    """Where one goes on: to the one instance's page, or to the list."""
    if len(wanted) > 1:
        return reverse("console:ec2-instances")
    return pages.address("ec2-instance", wanted[0].region, wanted[0].instance_id)


@require_safe
@of_instance
def show(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """An instance with its details."""
    context = pages.context(request.caller, instance_id, "details")
    return render(request, "console/ec2/details.html", context)


@require_safe
@of_instance
def tags(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """An instance's tags."""
    found = panels.subject(describe_tags, request.caller, filters=_of(instance_id))
    context = pages.context(request.caller, instance_id, "tags", tags=found)
    return render(request, "console/ec2/tags.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_instance
def manage_tags(request: ConsoleRequest, instance_id: str) -> HttpResponse:
    """All tags of an instance on one page."""
    pages.found(request.caller, instance_id)
    tagged = Tagged(
        "instance", instance_id, {"resources": [instance_id]},
        lambda caller, resources: describe_tags(caller, filters=_of(resources[0])),
        "ec2:CreateTags", "ec2:DeleteTags",
        pages.address("ec2-instance-tags", request.caller.region, instance_id),
        pages.trail(request.caller, instance_id),
        removing=lambda keys: {"tags": [UnsetTag(key) for key in keys]},
    )  # fmt: skip
    return edit_tags(request, tagged)


def _of(instance_id: str) -> list[Filter]:
    return [Filter("resource-id", [instance_id])]
