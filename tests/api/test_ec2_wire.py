"""EC2 as AWS's own client speaks it, and the requests that no client would send."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from accounts.actions import instance_profiles, roles
from accounts.actions.registry import ACTIONS
from accounts.errors import ServiceError
from iamconsole.answers import ANSWERS
from iamconsole.api import ec2_errors
from iamconsole.api.dispatch import find
from iamconsole.api.errors import FrontDoorError
from iamconsole.api.shapes import SERVICES
from tests.api import model
from tests.cast import allow, arn, trust

IMAGE = "ami-0a11ab1e000000001"
BUILT = sorted(name.removeprefix("ec2:") for name in ACTIONS if name.startswith("ec2:"))


@pytest.fixture
def ec2(aws, admin) -> Any:
    """The administrator's client."""
    return aws(admin, "ec2")


@pytest.fixture
def web(root) -> None:
    roles.create_role(
        root, role_name="web", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    instance_profiles.create_instance_profile(root, instance_profile_name="web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )


def run(client: Any, **more: Any) -> str:
    """The id of an instance that was launched."""
    asked = {"ImageId": IMAGE, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1} | more
    return str(client.run_instances(**asked)["Instances"][0]["InstanceId"])


def refused(call: Any, **arguments: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    error = answer["Error"]
    return answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


def test_an_instance_is_launched_with_role_and_tags_and_described(ec2, web):
    made = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        IamInstanceProfile={"Name": "web"},
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web 1"}]}
        ],
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
    )
    (launched,) = made["Instances"]
    assert launched["State"] == {"Code": 0, "Name": "pending"}
    assert made["OwnerId"] == "111122223333"
    (reservation,) = ec2.describe_instances(InstanceIds=[launched["InstanceId"]])["Reservations"]
    (found,) = reservation["Instances"]
    assert reservation["ReservationId"] == made["ReservationId"]
    assert found["State"] == {"Code": 16, "Name": "running"}
    assert found["IamInstanceProfile"]["Arn"] == arn("instance-profile/web")
    assert found["Tags"] == [{"Key": "Name", "Value": "web 1"}]
    assert found["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert found["LaunchTime"].tzinfo is not None


def test_clients_wait_for_states_and_go_through_pages(ec2):
    instance = run(ec2, MaxCount=7, MinCount=7)
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance])
    change = ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"][0]
    assert change["CurrentState"]["Name"] == "stopping"
    ec2.get_waiter("instance_stopped").wait(InstanceIds=[instance])
    pages = ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 5})
    sizes = [sum(len(each["Instances"]) for each in page["Reservations"]) for page in pages]
    assert sizes == [5, 2]


def test_lists_are_filtered(ec2):
    first, second = run(ec2), run(ec2)
    ec2.create_tags(Resources=[first, second], Tags=[{"Key": "env", "Value": "test"}])
    ec2.create_tags(Resources=[second], Tags=[{"Key": "env", "Value": "live"}])
    wanted = [
        {"Name": "tag:env", "Values": ["l?ve", "none"]},
        {"Name": "instance-state-name", "Values": ["running"]},
    ]
    (reservation,) = ec2.describe_instances(Filters=wanted)["Reservations"]
    assert [each["InstanceId"] for each in reservation["Instances"]] == [second]
    tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [first]}])["Tags"]
    assert [(tag["Key"], tag["Value"]) for tag in tags] == [("env", "test")]
    ec2.delete_tags(Resources=[first], Tags=[{"Key": "env", "Value": "live"}])
    ec2.delete_tags(Resources=[second], Tags=[{"Key": "env"}])
    assert [tag["ResourceId"] for tag in ec2.describe_tags()["Tags"]] == [first]


def test_a_region_is_the_one_that_the_client_signs_for(aws, admin):
    here, there = aws(admin, "ec2"), aws(admin, "ec2", region="eu-central-1")
    instance = run(there)
    assert here.describe_instances()["Reservations"] == []
    (reservation,) = there.describe_instances()["Reservations"]
    assert reservation["Instances"][0]["Placement"]["AvailabilityZone"] == "eu-central-1a"
    assert refused(here.stop_instances, InstanceIds=[instance])[1] == "InvalidInstanceID.NotFound"


def test_the_instance_profile_is_replaced(ec2, web):
    instance = run(ec2, IamInstanceProfile={"Name": "web"})
    (bond,) = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [instance]}]
    )["IamInstanceProfileAssociations"]
    newer = ec2.replace_iam_instance_profile_association(
        AssociationId=bond["AssociationId"],
        IamInstanceProfile={"Arn": arn("instance-profile/web")},
    )["IamInstanceProfileAssociation"]
    ec2.disassociate_iam_instance_profile(AssociationId=newer["AssociationId"])
    ec2.associate_iam_instance_profile(InstanceId=instance, IamInstanceProfile={"Name": "web"})
    (listed,) = ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    assert listed["State"] == "associated"
    assert listed["Timestamp"].tzinfo is not None


def test_what_there_is_to_launch_from_is_told(ec2):
    images = ec2.describe_images(Owners=["amazon"])["Images"]
    assert IMAGE in {image["ImageId"] for image in images}
    assert ec2.describe_images(Owners=["self"])["Images"] == []
    types = ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"]
    assert types[0]["MemoryInfo"]["SizeInMiB"] == 1024
    assert "eu-west-1" in {each["RegionName"] for each in ec2.describe_regions()["Regions"]}
    status = ec2.describe_instance_status(IncludeAllInstances=True)["InstanceStatuses"]
    assert status == []


def test_the_rest_of_an_instances_life(ec2):
    instance = run(ec2)
    ec2.reboot_instances(InstanceIds=[instance])
    ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="optional")
    (status,) = ec2.describe_instance_status()["InstanceStatuses"]
    assert status["InstanceStatus"]["Status"] == "ok"
    ec2.stop_instances(InstanceIds=[instance])
    assert ec2.describe_instance_status()["InstanceStatuses"] == []
    change = ec2.start_instances(InstanceIds=[instance])["StartingInstances"][0]
    assert change["PreviousState"]["Code"] == 80
    change = ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"][0]
    assert change["CurrentState"]["Name"] == "shutting-down"


# --- Refusals ------------------------------------------------------------------------------------


def test_a_refusal_reads_as_ec2s_and_its_reasons_can_be_decoded(aws, alice, admin):
    status, code, message = refused(run, client=aws(alice, "ec2"))
    assert (status, code) == (403, "UnauthorizedOperation")
    opening, _, encoded = message.partition(" Encoded authorization failure message: ")
    assert opening == (
        "You are not authorized to perform this operation. User: arn:aws:iam::111122223333:user/"
        "alice is not authorized to perform: ec2:RunInstances on resource: "
        "arn:aws:ec2:us-east-1:111122223333:instance/* because no identity-based policy allows "
        "the ec2:RunInstances action."
    )
    sts = aws(admin, "sts")
    decoded = json.loads(sts.decode_authorization_message(EncodedMessage=encoded)["DecodedMessage"])
    assert decoded["allowed"] is False
    assert decoded["context"]["action"] == "ec2:RunInstances"
    conditions = {each["key"] for each in decoded["context"]["conditions"]["items"]}
    assert {"ec2:instancetype", "ec2:region"} <= {key.lower() for key in conditions}


def test_passing_a_role_is_refused_in_the_same_words(aws, caller_with, web):
    client = aws(caller_with(allow("ec2:*")), "ec2")
    _, code, message = refused(run, client=client, IamInstanceProfile={"Name": "web"})
    assert code == "UnauthorizedOperation"
    assert f"perform: iam:PassRole on resource: {arn('role/web')}" in message


@pytest.mark.parametrize(
    ("call", "asked", "status", "code"),
    [
        ("run_instances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}, 400,
         "InvalidAMIID.NotFound"),
        ("run_instances", {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, "DryRun": True}, 412,
         "DryRunOperation"),
        ("run_instances", {"ImageId": IMAGE, "MinCount": 21, "MaxCount": 21}, 400,
         "InstanceLimitExceeded"),
        ("run_instances", {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1, "KeyName": "mine"}, 400,
         "UnsupportedOperation"),
        ("describe_instances", {"InstanceIds": ["i-0123456789abcdef0"]}, 400,
         "InvalidInstanceID.NotFound"),
        ("describe_instances", {"InstanceIds": ["web"]}, 400, "InvalidInstanceID.Malformed"),
        ("describe_instances", {"MaxResults": 2000}, 400, "InvalidParameterValue"),
        ("describe_instances", {"NextToken": "nothing"}, 400, "InvalidParameterValue"),
        ("describe_instances", {"Filters": [{"Name": "colour", "Values": ["red"]}]}, 400,
         "InvalidParameterValue"),
        ("create_tags", {"Resources": ["vol-1"], "Tags": [{"Key": "a", "Value": "b"}]}, 400,
         "InvalidID"),
        ("create_vpc", {"CidrBlock": "10.0.0.0/16"}, 501, "NotImplemented"),
    ],
)  # fmt: skip
def test_errors_have_ec2s_codes(ec2, call, asked, status, code):
    assert refused(getattr(ec2, call), **asked)[:2] == (status, code)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"MinCount": "one"}, "InvalidParameterValue"),
        ({"Colour": "red"}, "UnknownParameter"),
        ({"TagSpecification.1.Colour": "red"}, "UnknownParameter"),
        ({"TagSpecification.1": "red"}, "UnknownParameter"),
        ({"TagSpecification.x.ResourceType": "red"}, "UnknownParameter"),
        ({"TagSpecification": "red"}, "UnknownParameter"),
        ({"ImageId.1": "ami-1"}, "UnknownParameter"),
        ({"a.b.c.d.e.f.g.h.i.j.k": "x"}, "UnknownParameter"),
        ({"UserData": "IyEvYmluL3No"}, "UnsupportedOperation"),
        ({"TagSpecification.1.ResourceType": "instance"}, "MissingParameter"),
        ({"MetadataOptions.HttpTokens": "never"}, "InvalidParameterValue"),
        ({"MetadataOptions.HttpProtocolIpv6": "enabled"}, "InvalidParameterValue"),
        ({"DryRun": "perhaps"}, "InvalidParameterValue"),
        ({"ClientToken": "a\x00b"}, "InvalidParameterValue"),
    ],
)
def test_what_no_client_would_send_is_refused_with_words(root, sent, code):
    given = {"Action": "RunInstances", "Version": "2016-11-15", "MinCount": "1", "MaxCount": "1"}
    built = find(SERVICES["ec2"], given)
    with pytest.raises(ServiceError) as caught:
        built.run(root, {**given, "ImageId": IMAGE, **sent})
    assert ec2_errors.code_of(caught.value) == code


def test_wrong_keys_are_told_in_ec2s_words(aws, admin):
    client = aws(admin, "ec2")
    client._request_signer._credentials.secret_key = "wrong"
    assert refused(client.describe_instances)[1:] == (
        "AuthFailure",
        "AWS was not able to validate the provided access credentials",
    )


def test_an_operation_that_aws_does_not_have_is_no_operation():
    with pytest.raises(FrontDoorError) as caught:
        find(SERVICES["ec2"], {"Action": "LaunchRocket", "Version": "2016-11-15"})
    assert caught.value.code == "InvalidAction"


# --- Against AWS's model -------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILT)
def test_arguments_are_aws_s_and_required_where_aws_requires_them(name):
    shape = model.operation(f"ec2:{name}").input_shape
    ours = ACTIONS[f"ec2:{name}"]
    known = {xform_name(member): member in shape.required_members for member in shape.members}
    assert set(ours.rules) <= known.keys()
    assert set(ours.required) == {argument for argument in ours.rules if known[argument]}


def test_every_operation_that_tells_something_has_an_answer():
    shapes = {name: model.operation(f"ec2:{name}").output_shape for name in BUILT}
    telling = {f"ec2:{name}" for name, shape in shapes.items() if shape is not None}
    assert telling == {name for name in ANSWERS if name.startswith("ec2:")}


def test_only_the_shapes_of_what_is_built_are_kept():
    assert len(SERVICES["ec2"].operations) > 700
    assert len(SERVICES["ec2"].shapes) < 500
