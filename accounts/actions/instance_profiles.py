"""Instance profiles: what hands a role to an EC2 instance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accounts import arns, ids, paging, quotas
from accounts.actions import shared, trust_principals
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import DeleteConflict, EntityAlreadyExists, NoSuchEntity
from accounts.models import InstanceProfile
from accounts.types import (
    InstanceProfileName,
    Marker,
    MaxItems,
    Path,
    PathPrefix,
    RoleName,
    Tag,
    TagKeys,
    Tags,
    tag_mapping,
)


def _resource(caller: Caller, *, instance_profile_name: str, **_: Any) -> Resource:
    """An existing instance profile, or the ARN at the top path of what is not there."""
    rows = caller.home.instance_profiles.filter(folded_name=instance_profile_name.lower())
    if (row := rows.first()) is not None:
        return arns.of_row(row)
    absent = arns.named(caller.home, "instance-profile", "/", instance_profile_name)
    return Resource(absent, caller.home.id)


_new_profile = shared.new_named("instance-profile", "instance_profile_name")


@action(
    "iam:CreateInstanceProfile",
    resource=_new_profile,
    also=shared.tagging("iam:TagInstanceProfile", _new_profile),
)
def create_instance_profile(
    caller: Caller,
    /,
    *,
    instance_profile_name: InstanceProfileName,
    path: Path = "/",
    tags: Tags = (),
) -> InstanceProfile:
    """Make an instance profile without a role."""
    quotas.room_for_one(
        caller.home.instance_profiles.all(),
        "InstanceProfilesPerAccount",
        quotas.INSTANCE_PROFILES_PER_ACCOUNT,
    )
    profile = InstanceProfile(
        account=caller.home,
        name=instance_profile_name,
        path=path,
        unique_id=ids.unique_id(ids.INSTANCE_PROFILE),
        created_at=caller.now,
        tags=tag_mapping(tags),
    )
    taken = EntityAlreadyExists(
        f"Instance Profile {instance_profile_name} already exists.",
        argument="instance_profile_name",
    )
    shared.save_unless_taken(profile, taken)
    return profile


@action("iam:GetInstanceProfile", resource=_resource, read_only=True)
def get_instance_profile(
    caller: Caller, /, *, instance_profile_name: InstanceProfileName
) -> InstanceProfile:
    """An instance profile with its role."""
    return _shown([_find(caller, instance_profile_name)])[0]


@action(
    "iam:ListInstanceProfiles",
    resource=arns.of_list("iam:ListInstanceProfiles"),
    read_only=True,
)
def list_instance_profiles(
    caller: Caller,
    /,
    *,
    path_prefix: PathPrefix = "/",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[InstanceProfile]:
    """The instance profiles under a path, with their roles."""
    rows = caller.home.instance_profiles.select_related("role")
    if path_prefix != "/":
        rows = rows.filter(path__startswith=path_prefix)
    page = paging.after_marker(rows, "folded_name", marker, max_items)
    return replace(page, items=_shown(page.items))


@action("iam:ListInstanceProfilesForRole", resource=shared.role_resource, read_only=True)
def list_instance_profiles_for_role(
    caller: Caller,
    /,
    *,
    role_name: RoleName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[InstanceProfile]:
    """The instance profiles that a role is in."""
    rows = shared.find_role(caller, role_name).instance_profiles.select_related("role")
    page = paging.after_marker(rows, "folded_name", marker, max_items)
    return replace(page, items=_shown(page.items))


@action("iam:DeleteInstanceProfile", resource=_resource)
def delete_instance_profile(
    caller: Caller, /, *, instance_profile_name: InstanceProfileName
) -> None:
    """Delete an instance profile without a role."""
    profile = _find(caller, instance_profile_name)
    if profile.role_id is not None:
        raise DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
    profile.delete()


def _passed_role(caller: Caller, *, role_name: str, **_: Any) -> tuple[str, Resource]:
    role = shared.role_resource(caller, role_name=role_name)
    passed = {**role.context, "iam:PassedToService": "ec2.amazonaws.com"}
    return "iam:PassRole", replace(role, context=passed)


@action("iam:AddRoleToInstanceProfile", resource=_resource, also=_passed_role)
def add_role_to_instance_profile(
    caller: Caller, /, *, instance_profile_name: InstanceProfileName, role_name: RoleName
) -> None:
    """Put the one role into an instance profile. It takes iam:PassRole on the role, too."""
    profile = _find(caller, instance_profile_name)
    role = shared.own_role(caller, role_name)
    if profile.role_id is not None:
        raise quotas.exceeded("InstanceSessionsPerInstanceProfile", 1)
    profile.role = role
    profile.save()


@action("iam:RemoveRoleFromInstanceProfile", resource=_resource)
def remove_role_from_instance_profile(
    caller: Caller, /, *, instance_profile_name: InstanceProfileName, role_name: RoleName
) -> None:
    """Take the role out of an instance profile."""
    profile = _find(caller, instance_profile_name)
    role = shared.own_role(caller, role_name)
    if profile.role_id != role.pk:
        raise NoSuchEntity(
            f"The role with name {role.name} is not in the instance profile {profile.name}.",
            argument="role_name",
        )
    profile.role = None
    profile.save()


@action("iam:TagInstanceProfile", resource=_resource)
def tag_instance_profile(
    caller: Caller, /, *, instance_profile_name: InstanceProfileName, tags: Tags
) -> None:
    """Set tags on an instance profile; a key that is there gets the new value."""
    shared.set_tags(_find(caller, instance_profile_name), tags)


@action("iam:UntagInstanceProfile", resource=_resource)
def untag_instance_profile(
    caller: Caller, /, *, instance_profile_name: InstanceProfileName, tag_keys: TagKeys
) -> None:
    """Remove tags from an instance profile."""
    shared.drop_tags(_find(caller, instance_profile_name), tag_keys)


@action("iam:ListInstanceProfileTags", resource=_resource, read_only=True)
def list_instance_profile_tags(
    caller: Caller,
    /,
    *,
    instance_profile_name: InstanceProfileName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """An instance profile's tags, sorted by key."""
    return shared.tags_page(_find(caller, instance_profile_name), marker, max_items)


def _shown(profiles: Sequence[InstanceProfile]) -> list[InstanceProfile]:
    """The profiles with ARNs in the trust policies of their roles; not to be saved."""
    roles = trust_principals.shown_all(each.role for each in profiles if each.role)
    by_key = {role.pk: role for role in roles}
    for each in profiles:
        if each.role is not None:
            each.role = by_key[each.role.pk]
    return list(profiles)


def _find(caller: Caller, name: str) -> InstanceProfile:
    rows = caller.home.instance_profiles.select_related("role").filter(folded_name=name.lower())
    if (found := rows.first()) is None:
        raise NoSuchEntity(
            f"Instance Profile {name} cannot be found.", argument="instance_profile_name"
        )
    return found
