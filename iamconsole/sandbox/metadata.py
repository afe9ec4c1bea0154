"""What an instance's metadata service knows, and the credentials of its role that it hands out.

Paths and texts: EC2 User Guide, "Instance metadata categories" and "Use the Instance Metadata
Service". Nothing of a session token is stored: it is its own expiry under a MAC of the instance.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts import caller as callers
from accounts import vault
from accounts.actions import sts, sts_roles
from accounts.arns import Resource
from accounts.authorize import would_allow
from accounts.caller import Caller, Face, Session
from accounts.engine import Principal
from accounts.errors import AccessDenied
from accounts.models import Role
from accounts.sessions import Credentials
from iamconsole.sandbox.ec2_catalog import IMAGES, TYPES
from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import digest_of

SERVICE = "ec2.amazonaws.com"
#: In seconds: how long a session token may last.
LONGEST_TOKEN = 21600
#: How long credentials last, and after how long new ones are handed out.
LASTING = timedelta(hours=6)
RENEWED = timedelta(hours=1)
#: A role that was refused is asked for, on the record, no more often than this.
_REFUSED = timedelta(minutes=15)
_TOKEN = "metadata token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def find(secret: str) -> Instance | None:
    """The running instance whose metadata service has this address; nothing for any other.

    It is looked up by a digest, so how long that takes tells nothing of addresses that there are.
    """
    if _SECRET.fullmatch(secret) is None:
        return None
    rows = Instance.objects.select_related("account", "profile__role__account")
    return rows.filter(metadata_digest=digest_of(secret), state="running").first()


# --- Session tokens ------------------------------------------------------------------------------


def session_token(instance: Instance, seconds: int, now: datetime) -> str:
    """A token with which this instance's metadata can be read for so many seconds."""
    expiry = int(now.timestamp()) + seconds
    return base64.urlsafe_b64encode(f"{expiry}.{_mac(instance, expiry)}".encode()).decode()


def is_good(token: str, instance: Instance, now: datetime) -> bool:
    """Whether the token was given for this instance, and is not over."""
    try:
        text = base64.urlsafe_b64decode(token.encode("ascii")).decode("ascii")
    except ValueError:
        return False
    expiry, _, mac = text.partition(".")
    if re.fullmatch("[0-9]{1,12}", expiry, re.ASCII) is None:
        return False
    return hmac.compare_digest(_mac(instance, int(expiry)), mac) and now.timestamp() < int(expiry)


def _mac(instance: Instance, expiry: int) -> str:
    return vault.derived(_TOKEN, f"{instance.id}|{expiry}")


# --- Credentials ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refused:
    """EC2 may not take on the role: its trust policy does not let it."""

    role_name: str


def credentials(
    instance: Instance, role: Role, *, now: datetime, request_id: str, delivery: str
) -> tuple[Credentials, datetime] | Refused:
    """Credentials of the instance's role and when they were made.

    The same for an hour, so that a record of AssumeRole is made once an hour and not at every
    look; each time, though, the role's trust policy is asked. `delivery` is the version of the
    metadata service that hands them out, "1.0" or "2.0", which policies can tell.
    """
    who = _service(instance, now, request_id, delivery)
    if not _trusted(who, instance, role):
        return _refused(who, instance, role)
    kept = _kept(instance)
    if found := _read(kept.get(delivery), role, now):
        return found
    made = _assume(who, instance, role).credentials
    kept[delivery] = _written(made, role, now)
    _keep(instance, kept, now)
    return made, now


def _service(instance: Instance, now: datetime, request_id: str, delivery: str) -> Caller:
    """EC2 itself, about to take on a role for the instance."""
    session = Session(
        name=instance.id,
        expires_at=now + LASTING,
        claims={"ec2:RoleDelivery": delivery, "ec2:SourceInstanceARN": instance.arn},
    )
    return callers.service(
        SERVICE,
        instance.account,
        session,
        face=Face.API,
        now=now,
        request_id=request_id,
        source_address="",
        user_agent=SERVICE,
        region=instance.region,
        secure=True,
    )


def _assume(who: Caller, instance: Instance, role: Role) -> sts_roles.AssumedRole:
    return sts.assume_role(
        who,
        role_arn=role.arn,
        role_session_name=instance.id,
        duration_seconds=int(LASTING.total_seconds()),
    )


def _trusted(who: Caller, instance: Instance, role: Role) -> bool:
    """Whether the trust policy lets EC2 in, without a record of the question."""
    resource = Resource(
        role.arn,
        role.account_id,
        role.tags,
        sts_roles.trust_of(role),
        context={"sts:RoleSessionName": instance.id, **sts_roles.tag_keys(role)},
        asking=Principal(SERVICE, "", "service"),
    )
    return would_allow(who, "sts:AssumeRole", resource).allowed


def _refused(who: Caller, instance: Instance, role: Role) -> Refused:
    """Ask on the record, unless that was done just now."""
    asked = instance.role_asked_at
    if asked is None or who.now - asked > _REFUSED or instance.issued:
        try:
            _assume(who, instance, role)
        except AccessDenied:
            _keep(instance, {}, who.now)
    return Refused(role.name)


def _kept(instance: Instance) -> dict[str, Any]:
    """What was handed out last, by version; nothing where the key it was sealed with is gone."""
    try:
        found: dict[str, Any] = json.loads(vault.unseal(instance.issued, _place(instance)))
    except (ValueError, vault.Unopened):
        return {}
    return found


def _keep(instance: Instance, kept: Mapping[str, Any], now: datetime) -> None:
    """Remember what was handed out: no change that anybody asked for, so it has no event."""
    sealed = vault.seal(json.dumps(kept), _place(instance)) if kept else ""
    instance.issued, instance.role_asked_at = sealed, now
    Instance.objects.filter(pk=instance.pk, state="running", profile=instance.profile).update(
        issued=sealed, role_asked_at=now
    )


def _place(instance: Instance) -> str:
    return f"ec2_instance|{instance.account_id}|{instance.id}|issued"


def _written(made: Credentials, role: Role, now: datetime) -> dict[str, Any]:
    return {
        "role": role.unique_id,
        "key": made.access_key_id,
        "secret": made.secret_access_key,
        "token": made.session_token,
        "made": now.timestamp(),
        "expires": made.expiration.timestamp(),
    }


def _read(
    kept: Mapping[str, Any] | None, role: Role, now: datetime
) -> tuple[Credentials, datetime] | None:
    """Kept credentials, where they are of this role and young enough."""
    if kept is None or kept["role"] != role.unique_id:
        return None
    made = datetime.fromtimestamp(kept["made"], tz=UTC)
    if not timedelta(0) <= now - made < RENEWED:
        return None
    expires = datetime.fromtimestamp(kept["expires"], tz=UTC)
    return Credentials(kept["key"], kept["secret"], kept["token"], expires), made


# --- What can be read ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """One request for metadata that was let in."""

    instance: Instance
    now: datetime
    request_id: str
    #: "1.0" without a session token, "2.0" with one.
    delivery: str


def read(asked: Reading, path: str) -> str | None:
    """The text at a path such as `latest/meta-data/instance-id`; nothing where there is none.

    A path of a folder, with or without its last slash, lists what is in it.
    """
    parts = [part for part in path.split("/") if part]
    if parts and parts[0] in _VERSIONS:
        parts[0] = "latest"
    found: Any = {"latest": _tree(asked.instance)}
    for part in parts:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
        if callable(found):
            found = found(asked)
    if isinstance(found, str):
        return found
    return _listing(found) or None


#: The versions of the interface that clients ask for, all answered alike.
_VERSIONS = ("1.0", "2014-11-05", "2016-09-02", "2018-09-24", "2021-03-23", "2024-04-11")


def _tree(instance: Instance) -> Mapping[str, Any]:
    """What there is of an instance: texts, folders, and what has to be asked for."""
    metadata: dict[str, Any] = {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.launch_index),
        "hostname": host_name(instance),
        "instance-action": "none",
        "instance-id": instance.id,
        "instance-life-cycle": "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": host_name(instance),
        "local-ipv4": instance.private_ip_address,
        "placement": {
            "availability-zone": instance.availability_zone,
            "region": instance.region,
        },
        "reservation-id": instance.reservation_id,
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if instance.profile is not None:
        metadata["iam"] = {"info": _info, "security-credentials": _roles}
    if instance.metadata_tags:
        metadata["tags"] = {"instance": dict(instance.tags)}
    return {
        "dynamic": {"instance-identity": {"document": _identity(instance)}},
        "meta-data": metadata,
    }


def host_name(instance: Instance) -> str:
    """The private name of an instance."""
    zone = (
        "ec2.internal" if instance.region == "us-east-1" else f"{instance.region}.compute.internal"
    )
    return f"ip-{instance.private_ip_address.replace('.', '-')}.{zone}"


def _listing(folder: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{name}/" if isinstance(inner, Mapping) or inner is _roles else name
        for name, inner in sorted(folder.items())
    )


def _info(asked: Reading) -> str:
    profile = asked.instance.profile
    if profile is None:
        return ""
    return _json(
        {
            "Code": "Success",
            "LastUpdated": _moment(asked.now),
            "InstanceProfileArn": profile.arn,
            "InstanceProfileId": profile.unique_id,
        }
        if profile.role is None or not _is_refused(asked, profile.role)
        else _refusal(asked, profile.role.name)
    )


def _is_refused(asked: Reading, role: Role) -> bool:
    who = _service(asked.instance, asked.now, asked.request_id, asked.delivery)
    return not _trusted(who, asked.instance, role)


def _roles(asked: Reading) -> Mapping[str, Any]:
    profile = asked.instance.profile
    if profile is None or profile.role is None:
        return {}
    return {profile.role.name: _credentials_text}


def _credentials_text(asked: Reading) -> str:
    instance = asked.instance
    if instance.profile is None or instance.profile.role is None:
        return ""
    found = credentials(
        instance,
        instance.profile.role,
        now=asked.now,
        request_id=asked.request_id,
        delivery=asked.delivery,
    )
    if isinstance(found, Refused):
        return _json(_refusal(asked, found.role_name))
    made, since = found
    return _json(
        {
            "Code": "Success",
            "LastUpdated": _moment(since),
            "Type": "AWS-HMAC",
            "AccessKeyId": made.access_key_id,
            "SecretAccessKey": made.secret_access_key,
            "Token": made.session_token,
            "Expiration": _moment(made.expiration),
        }
    )


def _refusal(asked: Reading, role_name: str) -> dict[str, Any]:
    return {
        "Code": "AssumeRoleUnauthorizedAccess",
        "Message": refusal(role_name),
        "LastUpdated": _moment(asked.now),
    }


def refusal(role_name: str) -> str:
    """What is said where the role's trust policy does not let EC2 take it on."""
    return (
        f"EC2 cannot assume the role {role_name}. Its trust policy must allow sts:AssumeRole to "
        f"the service {SERVICE}."
    )


def _identity(instance: Instance) -> str:
    kind, image = TYPES.get(instance.instance_type), IMAGES.get(instance.image_id)
    return _json(
        {
            "accountId": instance.account_id,
            "architecture": kind.architecture if kind else "x86_64",
            "availabilityZone": instance.availability_zone,
            "billingProducts": None,
            "devpayProductCodes": None,
            "marketplaceProductCodes": None,
            "imageId": image.id if image else instance.image_id,
            "instanceId": instance.id,
            "instanceType": instance.instance_type,
            "kernelId": None,
            "pendingTime": _moment(instance.launched_at),
            "privateIp": instance.private_ip_address,
            "ramdiskId": None,
            "region": instance.region,
            "version": "2017-09-30",
        }
    )


def _json(members: Mapping[str, Any]) -> str:
    return json.dumps(members, indent=2)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
