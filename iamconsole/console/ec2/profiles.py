"""The instance profiles that a form offers, and changing which one an instance has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.actions.instance_profiles import get_instance_profile, list_instance_profiles
from accounts.caller import Caller
from accounts.models import InstanceProfile
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel
from iamconsole.sandbox import ec2_lookup
from iamconsole.sandbox.actions import ec2_profiles
from iamconsole.sandbox.ec2_arguments import NamedProfile
from iamconsole.sandbox.models import Instance

#: Chosen where the instance shall have none.
NONE = ""


def offered(caller: Caller) -> Panel:
    """The account's instance profiles, or why the caller may not list them."""
    return panels.panel(list_instance_profiles, caller, max_items=1000)


def choices(listed: Panel, current: InstanceProfile | None = None) -> list[tuple[str, str]] | None:
    """What there is to choose from: by name, with the role where it is called otherwise.

    Nothing where the caller may not list them.
    """
    if listed.error is not None:
        return None
    items: list[InstanceProfile] = list(listed.value.items)
    if current is not None and current.name not in {each.name for each in items}:
        items.append(current)
    named = [(each.name, _label(each)) for each in items]
    return [(NONE, "No IAM role"), *sorted(named, key=lambda pair: pair[0].casefold())]


def _label(profile: InstanceProfile) -> str:
    if profile.role is None:
        return f"{profile.name} (without a role)"
    return profile.name if profile.role.name == profile.name else (
        f"{profile.name} (role {profile.role.name})"
    )  # fmt: skip


def with_role(caller: Caller, instance: Instance | None) -> Panel | None:
    """The profile of an instance with its role, as IAM tells it; nothing where there is none."""
    if instance is None or instance.profile is None:
        return None
    name = instance.profile.name
    return panels.panel(get_instance_profile, caller, instance_profile_name=name)


def change(instance: Instance, name: str) -> tuple[Callable[..., Any], dict[str, Any]] | None:
    """The action that gives the instance this profile, and its arguments; nothing to do: none."""
    current = instance.profile
    if (current.name if current is not None else NONE) == name:
        return None
    profile = {"iam_instance_profile": NamedProfile(name=name)}
    bond = {"association_id": instance.association_id}
    if current is None:
        given = {"instance_id": instance.id, **profile}
        return ec2_profiles.associate_iam_instance_profile, given
    if name == NONE:
        return ec2_profiles.disassociate_iam_instance_profile, bond
    return ec2_profiles.replace_iam_instance_profile_association, bond | profile


def missing(caller: Caller, instance: Instance | None) -> str:
    """What the caller lacks to change the profile; PassRole is asked once the role is known."""
    if instance is None:
        return ""
    resource = ec2_lookup.as_resource(instance)
    return panels.missing(
        caller,
        "ec2:AssociateIamInstanceProfile"
        if instance.profile is None
        else "ec2:ReplaceIamInstanceProfileAssociation",
        resource,
    )
