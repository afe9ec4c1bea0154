"""Answers of EC2: about instances, what they are launched from, and their roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.models import InstanceProfile
from accounts.paging import Page
from iamconsole.answers.members import Answer, Members
from iamconsole.sandbox import metadata
from iamconsole.sandbox.actions.ec2_instances import StateChange
from iamconsole.sandbox.actions.ec2_launch import Reservation
from iamconsole.sandbox.actions.ec2_profiles import Association
from iamconsole.sandbox.actions.ec2_tags import TagOf
from iamconsole.sandbox.ec2_catalog import IMAGES, TYPES, Image, InstanceType, made_up_id
from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import CODES

_STOPPED_BY = "Client.UserInitiatedShutdown"


def _state(name: str) -> Members:
    return {"Code": CODES[name], "Name": name}


def _tags(tags: Mapping[str, str]) -> list[Members] | None:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())] or None


def _profile(profile: InstanceProfile | None) -> Members | None:
    return {"Arn": profile.arn, "Id": profile.unique_id} if profile is not None else None


def _options(instance: Instance) -> Members:
    return {
        "State": "applied",
        "HttpTokens": instance.http_tokens,
        "HttpPutResponseHopLimit": instance.hop_limit,
        "HttpEndpoint": _switch(instance.metadata_enabled),
        "HttpProtocolIpv6": "disabled",
        "InstanceMetadataTags": _switch(instance.metadata_tags),
    }


def _switch(on: bool) -> str:
    return "enabled" if on else "disabled"


def _instance(instance: Instance) -> Members:
    account, region = instance.account_id, instance.region
    kind, image = TYPES.get(instance.instance_type), IMAGES.get(instance.image_id)
    there = instance.state != "terminated"
    group = {"GroupName": "default", "GroupId": made_up_id("sg", account, region)}
    return {
        "InstanceId": instance.id,
        "ImageId": instance.image_id,
        "State": _state(instance.state),
        "StateTransitionReason": instance.state_reason,
        "StateReason": {"Code": _STOPPED_BY, "Message": f"{_STOPPED_BY}: User initiated shutdown"}
        if instance.state_reason
        else None,
        "InstanceType": instance.instance_type,
        "LaunchTime": instance.launched_at,
        "AmiLaunchIndex": instance.launch_index,
        "Placement": {
            "AvailabilityZone": instance.availability_zone,
            "GroupName": "",
            "Tenancy": "default",
        },
        "PrivateDnsName": metadata.host_name(instance) if there else "",
        "PublicDnsName": "",
        "PrivateIpAddress": instance.private_ip_address if there else None,
        "SubnetId": made_up_id("subnet", account, region) if there else None,
        "VpcId": made_up_id("vpc", account, region) if there else None,
        "SecurityGroups": [group] if there else [],
        "Architecture": kind.architecture if kind else "x86_64",
        "Platform": (image.platform if image else "") or None,
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "RootDeviceType": "ebs",
        "Monitoring": {"State": "disabled"},
        "SourceDestCheck": True,
        "EbsOptimized": False,
        "ClientToken": instance.client_token,
        "IamInstanceProfile": _profile(instance.profile),
        "MetadataOptions": _options(instance),
        "Tags": _tags(instance.tags),
    }


def _launched(found: Reservation) -> Members:
    """The instances as at that moment: AWS's still were on their way."""
    return {
        **_reservation(found.id, found.account_id, found.instances),
        "Instances": [{**_instance(each), "State": _state("pending")} for each in found.instances],
    }


def _reservation(reservation_id: str, account_id: str, instances: Iterable[Instance]) -> Members:
    return {
        "ReservationId": reservation_id,
        "OwnerId": account_id,
        "Groups": [],
        "Instances": [_instance(each) for each in instances],
    }


def _instances(found: Page[Instance]) -> Members:
    by_reservation: dict[str, list[Instance]] = {}
    for each in found.items:
        by_reservation.setdefault(each.reservation_id, []).append(each)
    return {
        "Reservations": [
            _reservation(reservation_id, instances[0].account_id, instances)
            for reservation_id, instances in by_reservation.items()
        ],
        "NextToken": found.marker,
    }


def _statuses(found: Page[Instance]) -> Members:
    return {"InstanceStatuses": [_status(each) for each in found.items], "NextToken": found.marker}


def _status(instance: Instance) -> Members:
    runs = instance.state == "running"
    told: dict[str, Any] = {"Status": "ok" if runs else "not-applicable"}
    if runs:
        told["Details"] = [{"Name": "reachability", "Status": "passed"}]
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": instance.availability_zone,
        "InstanceState": _state(instance.state),
        "InstanceStatus": told,
        "SystemStatus": told,
    }


def _changes(member: str) -> Answer:
    def answer(found: list[StateChange]) -> Members:
        return {
            member: [
                {
                    "InstanceId": each.instance_id,
                    "CurrentState": _state(each.current),
                    "PreviousState": _state(each.previous),
                }
                for each in found
            ]
        }

    return answer


def _metadata_options(found: Instance) -> Members:
    return {"InstanceId": found.id, "InstanceMetadataOptions": _options(found)}


def _association(found: Association) -> Members:
    return {
        "AssociationId": found.id,
        "InstanceId": found.instance.id,
        "IamInstanceProfile": _profile(found.profile),
        "State": found.state,
        "Timestamp": found.instance.associated_at,
    }


def _one_association(found: Association) -> Members:
    return {"IamInstanceProfileAssociation": _association(found)}


def _associations(found: Page[Association]) -> Members:
    return {
        "IamInstanceProfileAssociations": [_association(each) for each in found.items],
        "NextToken": found.marker,
    }


def _described_tags(found: Page[TagOf]) -> Members:
    return {
        "Tags": [
            {
                "ResourceId": each.instance_id,
                "ResourceType": "instance",
                "Key": each.key,
                "Value": each.value,
            }
            for each in found.items
        ],
        "NextToken": found.marker,
    }


def _images(found: Page[Image]) -> Members:
    return {"Images": [_image(each) for each in found.items], "NextToken": found.marker}


def _image(image: Image) -> Members:
    return {
        "ImageId": image.id,
        "ImageLocation": f"amazon/{image.name}",
        "Name": image.name,
        "Description": image.description,
        "State": "available",
        "CreationDate": image.created_at,
        "Public": True,
        "ImageOwnerAlias": "amazon",
        "Architecture": image.architecture,
        "ImageType": "machine",
        "Platform": image.platform or None,
        "RootDeviceType": "ebs",
        "VirtualizationType": "hvm",
        "Hypervisor": "xen",
    }


def _types(found: Page[InstanceType]) -> Members:
    return {"InstanceTypes": [_type(each) for each in found.items], "NextToken": found.marker}


def _type(kind: InstanceType) -> Members:
    return {
        "InstanceType": kind.name,
        "CurrentGeneration": kind.name != "m1.small",
        "VCpuInfo": {"DefaultVCpus": kind.cpus},
        "MemoryInfo": {"SizeInMiB": kind.memory},
        "ProcessorInfo": {"SupportedArchitectures": [kind.architecture]},
    }


def _regions(found: list[str]) -> Members:
    return {
        "Regions": [
            {
                "RegionName": each,
                "Endpoint": f"ec2.{each}.amazonaws.com",
                "OptInStatus": "opt-in-not-required",
            }
            for each in found
        ]
    }


ANSWERS: dict[str, Answer] = {
    "ec2:AssociateIamInstanceProfile": _one_association,
    "ec2:DescribeIamInstanceProfileAssociations": _associations,
    "ec2:DescribeImages": _images,
    "ec2:DescribeInstanceStatus": _statuses,
    "ec2:DescribeInstanceTypes": _types,
    "ec2:DescribeInstances": _instances,
    "ec2:DescribeRegions": _regions,
    "ec2:DescribeTags": _described_tags,
    "ec2:DisassociateIamInstanceProfile": _one_association,
    "ec2:ModifyInstanceMetadataOptions": _metadata_options,
    "ec2:ReplaceIamInstanceProfileAssociation": _one_association,
    "ec2:RunInstances": _launched,
    "ec2:StartInstances": _changes("StartingInstances"),
    "ec2:StopInstances": _changes("StoppingInstances"),
    "ec2:TerminateInstances": _changes("TerminatingInstances"),
}
