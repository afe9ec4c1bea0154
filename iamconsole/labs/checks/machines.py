"""The check of which role an instance has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from iamconsole.labs.checks import globs, structure
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place
from iamconsole.sandbox.models import Instance


def instance_role(place: Place, arguments: Mapping[str, Any]) -> Finding:
    """Each instance that is meant has the role, by the instance profile that it has."""
    named, role = arguments["instance"], arguments["role"]
    asked = f"The instance {named} has the role {role}."
    expected = "It has it."
    fitting = [
        each
        for each in structure.instances(place)
        if globs.fits_name(named, each.name) or globs.fits_name(named, each.id)
    ]
    if not fitting:
        return Finding(False, asked, f"There is no instance {named}{place.here}.", expected)
    through: list[str] = []
    for each in fitting:
        name = _role_of(each)
        if name is None or not globs.fits_name(role, name):
            return Finding(False, asked, _told(each), expected)
        through.append(f"the instance profile {each.profile.name}")  # type: ignore[union-attr]
    return Finding(True, asked, _told(fitting[0]), expected, tuple(through))


def _role_of(instance: Instance) -> str | None:
    profile = instance.profile
    return profile.role.name if profile is not None and profile.role is not None else None


def _told(instance: Instance) -> str:
    what = f"The instance {instance.name or instance.id}"
    if instance.profile is None:
        return f"{what} has no instance profile."
    role = _role_of(instance)
    if role is None:
        return f"{what} has the instance profile {instance.profile.name}, with no role in it."
    return f"{what} has the role {role}, by the instance profile {instance.profile.name}."
