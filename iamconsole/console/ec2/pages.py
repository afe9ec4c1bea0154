"""What the pages of one instance share: its Region, its details, tabs, what the caller may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.caller import Caller, in_region
from accounts.errors import NoSuchEntity
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.console.request import ConsoleRequest
from iamconsole.sandbox import ec2_lookup
from iamconsole.sandbox.actions.ec2_console import SHELL, why_no_role
from iamconsole.sandbox.actions.ec2_instances import describe_instances
from iamconsole.sandbox.ec2_catalog import IMAGES, REGIONS, TYPES
from iamconsole.sandbox.ec2_errors import InstanceIdMalformed, InstanceNotFound
from iamconsole.sandbox.models import Instance

TABS = (
    ("details", "Details", "ec2-instance"),
    ("security", "Security", "ec2-instance-security"),
    ("metadata", "Metadata", "ec2-instance-metadata"),
    ("tags", "Tags", "ec2-instance-tags"),
)
_ACTIONS = (
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:RebootInstances",
    "ec2:TerminateInstances",
    "ec2:ModifyInstanceMetadataOptions",
    "ec2:CreateTags",
    SHELL,
)
#: In which states each change makes sense.
FROM_STATES = {
    "start": ("stopped",),
    "stop": ("running",),
    "reboot": ("running",),
    "terminate": ("running", "stopped"),
}


def of_instance(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of one instance: it gets the id, and a caller who asks the instance's Region."""

    @wraps(view)
    def show(request: ConsoleRequest, region: str, instance_id: str, **more: Any) -> HttpResponse:
        if region not in REGIONS:
            raise not_there(instance_id)
        request.caller = in_region(request.caller, region)
        return view(request, instance_id, **more)

    return show


def not_there(instance_id: str) -> NoSuchEntity:
    """The refusal for an instance that is not there."""
    return NoSuchEntity(f"There is no instance {instance_id} in this account and Region.")


def address(view: str, region: str, instance_id: str) -> str:
    """A page of the instance, such as that of the view `ec2-instance-tags`."""
    return reverse(f"console:{view}", args=[region, instance_id])


def after_becoming() -> str:
    """Where somebody goes on who acts as an instance: to what its role may be tried on."""
    return reverse("console:s3-buckets")


def trail(caller: Caller, instance_id: str) -> list[tuple[str, str]]:
    """The breadcrumbs above a page about it."""
    return [
        ("Instances", reverse("console:ec2-instances")),
        (instance_id, address("ec2-instance", caller.region, instance_id)),
    ]


def found(caller: Caller, instance_id: str) -> Panel:
    """The instance, or the refusal. Raise NoSuchEntity where it is not there."""
    try:
        page = panels.subject(describe_instances, caller, instance_ids=[instance_id])
    except (InstanceIdMalformed, InstanceNotFound):
        raise not_there(instance_id) from None
    return page if page.error is not None else Panel(page.value.items[0])


def context(caller: Caller, instance_id: str, tab: str, **more: Any) -> dict[str, Any]:
    """What the layout of an instance's pages needs, and what the page adds."""
    panel = found(caller, instance_id)
    instance: Instance | None = panel.value
    resource = ec2_lookup.resource_of(caller, instance_id=instance_id)
    return {
        "instance_id": instance_id,
        "region": caller.region,
        "instance": instance,
        "details": panel,
        "image": IMAGES.get(instance.image_id) if instance else None,
        "type": TYPES.get(instance.instance_type) if instance else None,
        "missing": panels.missing_of(caller, _ACTIONS, resource),
        "reasons": reasons(instance) if instance else {},
        "tabs": [
            (key, label, address(view, caller.region, instance_id)) for key, label, view in TABS
        ],
        "tab": tab,
        "trail": trail(caller, instance_id),
        **more,
    }


def reasons(instance: Instance) -> dict[str, str]:
    """Why a change makes no sense now, in words, by its name; nothing where it does."""
    told = {
        change: "" if instance.state in states else f"The instance is {instance.state}."
        for change, states in FROM_STATES.items()
    }
    return told | {"run_as": why_no_role(instance)}
