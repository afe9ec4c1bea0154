"""Instances and instance profiles as calls name them, and as policies see them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet

from accounts.arns import Resource
from accounts.caller import Caller
from accounts.models import InstanceProfile
from iamconsole.sandbox.ec2_arguments import NamedProfile
from iamconsole.sandbox.ec2_errors import (
    InstanceIdMalformed,
    InstanceNotFound,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from iamconsole.sandbox.models import Instance

#: How long a terminated instance is still shown.
SHOWN_AFTER_END = timedelta(hours=1)
_INSTANCE_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})", re.ASCII)
_PROFILE_ARN = re.compile(
    r"arn:aws:iam::([0-9]{12}):instance-profile/(?:[\x21-\x7e]*/)?([\w+=,.@-]{1,128})", re.A
)


def ec2_arn(caller: Caller, rest: str) -> str:
    """`arn:aws:ec2:REGION:ACCOUNT:REST` in the region that is asked."""
    return f"arn:aws:ec2:{caller.region}:{caller.home.id}:{rest}"


def anything(caller: Caller, **_: Any) -> Resource:
    """The resource of operations that are evaluated on `*` alone."""
    return Resource("*", caller.home.id, context={"ec2:Region": caller.region})


# --- Instances -----------------------------------------------------------------------------------


def visible(caller: Caller) -> QuerySet[Instance]:
    """The instances of the account and region that are asked, with their profiles and roles.

    Those that were terminated are among them for an hour.
    """
    return _of_all_regions(caller).filter(region=caller.region)


def visible_once(caller: Caller) -> list[Instance]:
    """The same, looked up once within a request."""
    return caller.once(("instances", caller.region), lambda: list(visible(caller)))


def look_ahead(caller: Caller) -> list[str]:
    """Look up at once the instances of all Regions; return the Regions that have some.

    It saves a query for each Region and decides nothing: each list is authorised as ever.
    """
    found: dict[str, list[Instance]] = {}
    for row in _of_all_regions(caller):
        found.setdefault(row.region, []).append(row)
    for region, rows in found.items():
        caller.once(("instances", region), partial(list, rows))
    return list(found)


def _of_all_regions(caller: Caller) -> QuerySet[Instance]:
    lately = Q(ended_at__isnull=True) | Q(ended_at__gt=caller.now - SHOWN_AFTER_END)
    rows = Instance.objects.filter(lately, account=caller.home)
    return rows.select_related("profile__role", "account")


def check_ids(instance_ids: Sequence[str]) -> None:
    """Raise InstanceIdMalformed for what can't be an instance's id."""
    for each in instance_ids:
        if _INSTANCE_ID.fullmatch(each) is None:
            raise InstanceIdMalformed(each)


def find_all(caller: Caller, instance_ids: Sequence[str]) -> list[Instance]:
    """The instances, in the order asked for. Raise InstanceNotFound for any that is not there."""
    wanted = list(dict.fromkeys(instance_ids))
    found = {row.id: row for row in visible(caller).filter(pk__in=wanted)}
    missing = [each for each in wanted if each not in found]
    if missing:
        raise InstanceNotFound(missing)
    return [found[each] for each in wanted]


def find(caller: Caller, instance_id: str) -> Instance:
    """The instance. Raise InstanceNotFound where it is not there."""
    return find_all(caller, [instance_id])[0]


def as_resource(instance: Instance) -> Resource:
    """An instance as policies see it."""
    keys = {
        "ec2:Region": instance.region,
        "ec2:AvailabilityZone": instance.availability_zone,
        "ec2:InstanceID": instance.id,
        "ec2:InstanceType": instance.instance_type,
        "ec2:MetadataHttpTokens": instance.http_tokens,
        "ec2:Tenancy": "default",
    }
    if instance.profile is not None:
        keys["ec2:InstanceProfile"] = instance.profile.arn
    return Resource(instance.arn, instance.account_id, instance.tags, context=keys)


def resources_of(caller: Caller, instance_ids: Sequence[str]) -> list[Resource]:
    """Each instance as policies see it; what is not there, by its ARN alone."""
    check_ids(instance_ids)
    wanted = list(dict.fromkeys(instance_ids))
    rows = {row.id: row for row in visible(caller).filter(pk__in=wanted)}
    return [
        as_resource(rows[each])
        if each in rows
        else Resource(
            ec2_arn(caller, f"instance/{each}"),
            caller.home.id,
            context={"ec2:Region": caller.region},
        )
        for each in wanted
    ]


def resource_of(caller: Caller, *, instance_id: str, **_: Any) -> Resource:
    """The one instance that a call is about."""
    return resources_of(caller, [instance_id])[0]


def first_of(caller: Caller, *, instance_ids: Sequence[str], **_: Any) -> Resource:
    """The first instance that a call is about; `others` are asked for beside it."""
    if not instance_ids:
        raise MissingParameter(
            "The request must contain the parameter InstanceId", argument="instance_ids"
        )
    return resources_of(caller, instance_ids)[0]


def others(permission: str) -> Callable[..., list[tuple[str, Resource]]]:
    """The same permission on every further instance of the call."""

    def also(
        caller: Caller, *, instance_ids: Sequence[str], **_: Any
    ) -> list[tuple[str, Resource]]:
        return [(permission, each) for each in resources_of(caller, instance_ids)[1:]]

    return also


# --- Instance profiles ---------------------------------------------------------------------------


def profile_named(caller: Caller, wanted: NamedProfile | None) -> InstanceProfile | None:
    """The instance profile of that name or ARN, with its role; nothing where there is none."""
    if wanted is None:
        return None
    name = wanted.name
    if wanted.arn is not None:
        found = _PROFILE_ARN.fullmatch(wanted.arn)
        name = found[2] if found is not None and found[1] == caller.home.id else None
    if name is None:
        return None
    rows = caller.home.instance_profiles.select_related("role")
    profile = rows.filter(folded_name=name.lower()).first()
    if profile is None or (wanted.arn is not None and profile.arn != wanted.arn):
        return None
    return profile


def usable_profile(caller: Caller, wanted: NamedProfile) -> InstanceProfile:
    """The instance profile, if it can be given to an instance; else raise what is wrong with it."""
    if wanted.arn is not None and wanted.name is not None:
        raise InvalidParameterCombination(
            "The parameter 'iamInstanceProfile.name' may not be used in combination with "
            "'iamInstanceProfile.arn'",
            argument="iam_instance_profile",
        )
    kind, given = ("name", wanted.name) if wanted.arn is None else ("arn", wanted.arn)
    if given is None:
        raise MissingParameter(
            "The request must contain the parameter iamInstanceProfile.name or "
            "iamInstanceProfile.arn",
            argument="iam_instance_profile",
        )
    profile = profile_named(caller, wanted)
    if profile is None:
        word = "name" if kind == "name" else "ARN"
        raise InvalidParameterValue(
            f"Value ({given}) for parameter iamInstanceProfile.{kind} is invalid. "
            f"Invalid IAM Instance Profile {word}",
            argument="iam_instance_profile",
        )
    if profile.role is None:
        raise InvalidParameterValue(
            f'IAM Instance Profile "{profile.arn}" has no associated IAM Roles',
            argument="iam_instance_profile",
        )
    return profile


def passing(
    caller: Caller, wanted: NamedProfile | None, instance_arn: str
) -> list[tuple[str, Resource]]:
    """iam:PassRole on the role that the profile hands to the instance, where there is one."""
    profile = profile_named(caller, wanted)
    if profile is None or profile.role is None:
        return []
    role = profile.role
    keys: dict[str, str | Sequence[str]] = {
        f"iam:ResourceTag/{key}": value for key, value in role.tags.items()
    }
    keys |= {
        "iam:PassedToService": "ec2.amazonaws.com",
        "iam:AssociatedResourceArn": instance_arn,
    }
    return [("iam:PassRole", Resource(role.arn, role.account_id, role.tags, context=keys))]
