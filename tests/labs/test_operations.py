"""A pack's operations: ordinary calls, by whom and as what the pack says."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import instance, signin
from accounts.actions import lifecycle
from accounts.models import AccessKey, Account, Event, Login, MFADevice, Policy, Role, User
from iamconsole.labs.format.pack import Operation
from iamconsole.labs.runs.operations import NotPerformed, Stage, perform
from iamconsole.sandbox import storage
from iamconsole.sandbox.models import Bucket, Instance, Message, StoredObject, Topic
from tests.cast import allow, document, trust

PASSWORD = "Heron-Lake-2019"
ROOT_PASSWORD = "Root-Heron-2019"
OBJECTS = "arn:aws:s3:::{bucket}/*"


@pytest.fixture
def stage(db: None) -> Stage:
    """An account with its root user's password, and a second one."""
    made = {
        name: lifecycle.create_account(
            instance.operator(),
            name=name,
            root_email=f"{name}@lab.example",
            root_password=ROOT_PASSWORD,
        ).account
        for name in ("main", "partner")
    }
    values = {
        "user": "ana",
        "bucket": "reports-x1",
        "account_id": made["main"].id,
        "partner_account_id": made["partner"].id,
        "root_password": ROOT_PASSWORD,
        "partner_root_password": ROOT_PASSWORD,
    }
    return Stage(made, values, {"solution/read.json": document(allow("s3:GetObject", on=OBJECTS))})


def do(stage: Stage, name: str, arguments: dict[str, Any] | None = None, **more: Any) -> None:
    perform(stage, Operation(name, arguments or {}, place="lab.yaml:7", **more))


def main(stage: Stage) -> Account:
    return Account.objects.get(pk=stage.accounts["main"].pk)


def last(stage: Stage, action: str) -> Event:
    return Event.objects.filter(account=main(stage), action=action).latest("sequence")


def refusal(stage: Stage, *arguments: Any, **more: Any) -> str:
    with pytest.raises(NotPerformed) as caught:
        do(stage, *arguments, **more)
    assert caught.value.problem.place == "lab.yaml:7"
    return caught.value.problem.message


def test_arguments_are_those_of_aws_and_values_are_filled_in(stage: Stage):
    tags = [{"Key": "Team", "Value": "{user}s"}]
    do(stage, "iam:CreateUser", {"UserName": "{user}", "Path": "/staff/", "Tags": tags})
    user = main(stage).users.get()
    assert (user.name, user.path, user.tags) == ("ana", "/staff/", {"Team": "anas"})


@pytest.mark.parametrize(
    "given",
    [
        {"file": "solution/read.json"},
        {"Version": "2012-10-17", "Statement": [allow("s3:GetObject", on=OBJECTS)]},
        document(allow("s3:GetObject", on=OBJECTS)),
    ],
    ids=["file", "yaml", "text"],
)
def test_a_document_is_a_file_yaml_or_text(stage: Stage, given: Any):
    do(stage, "iam:CreatePolicy", {"PolicyName": "read", "PolicyDocument": given})
    written = Policy.objects.get().versions.get().document
    assert json.loads(written) == json.loads(
        document(allow("s3:GetObject", on="arn:aws:s3:::reports-x1/*"))
    )


def test_numbers_and_booleans_are_what_the_argument_takes(stage: Stage):
    policy = {"MinimumPasswordLength": "12", "RequireSymbols": "true", "MaxPasswordAge": 90}
    do(stage, "iam:UpdateAccountPasswordPolicy", policy)
    made = main(stage).password_policy
    assert (made.minimum_password_length, made.require_symbols) == (12, True)
    do(stage, "iam:CreateUser", {"UserName": "ana", "Tags": [{"Key": "Cost", "Value": 42}]})
    assert main(stage).users.get().tags == {"Cost": "42"}


def test_an_unknown_argument_is_told_and_does_nothing(stage: Stage):
    told = refusal(stage, "iam:CreateUser", {"UserNam": "ana"})
    assert "UserNam" in told
    assert not main(stage).users.exists()


def test_an_operation_that_is_not_here_is_told(stage: Stage):
    assert "no operation" in refusal(stage, "iam:CreateUnicorn", {})
    assert "no operation" in refusal(stage, "cloudtrail:LookupEvents", {})


def test_s3_takes_a_text_as_an_object_and_gives_tags_and_policies(stage: Stage):
    do(stage, "s3:CreateBucket", {"Bucket": "{bucket}"})
    body = {"Bucket": "{bucket}", "Key": "a b/q1.csv", "Body": "a,ü", "ContentType": "text/csv"}
    do(stage, "s3:PutObject", body)
    do(stage, "s3:PutBucketTagging", {
        "Bucket": "{bucket}", "Tagging": {"TagSet": [{"Key": "Team", "Value": "{user}"}]},
    })  # fmt: skip
    everybody = allow("s3:GetObject", on=OBJECTS, Principal={"AWS": "{account_id}"})
    do(stage, "s3:PutBucketPolicy", {"Bucket": "{bucket}", "Policy": {
        "Version": "2012-10-17", "Statement": [everybody],
    }})  # fmt: skip
    stored = StoredObject.objects.get()
    assert (stored.key, stored.content_type) == ("a b/q1.csv", "text/csv")
    assert storage.path_of(stored.blob).read_bytes() == "a,ü".encode()
    bucket = Bucket.objects.get()
    assert bucket.tags == {"Team": "ana"}
    assert "arn:aws:s3:::reports-x1/*" in bucket.policy
    do(stage, "s3:DeleteObjects", {"Bucket": "{bucket}", "Delete": {
        "Objects": [{"Key": "a b/q1.csv"}],
    }})  # fmt: skip
    assert not StoredObject.objects.exists()


def test_sns_and_ec2_take_their_nested_arguments(stage: Stage):
    do(stage, "sns:CreateTopic", {"Name": "alarms"}, save={"topic": "TopicArn"})
    attributes = {"level": {"DataType": "String", "StringValue": "high"}}
    do(stage, "sns:Publish", {
        "TopicArn": "{topic}", "Message": "Hello {user}", "MessageAttributes": attributes,
    })  # fmt: skip
    assert stage.values["topic"] == Topic.objects.get().arn
    assert Message.objects.get().body == "Hello ana"
    specification = {
        "ResourceType": "instance",
        "Tags": [{"Key": "Name", "Value": "web"}],
    }
    do(
        stage,
        "ec2:RunInstances",
        {
            "ImageId": "ami-0abcdef1234567890",
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "TagSpecifications": [specification],
        }
        | image(stage),
        save={"instance": "Instances.0.InstanceId"},
    )
    made = Instance.objects.get()
    assert (made.id, made.tags) == (stage.values["instance"], {"Name": "web"})
    do(stage, "ec2:StopInstances", {"InstanceIds": ["{instance}"]})
    made.refresh_from_db()
    assert made.state == "stopped"


def image(stage: Stage) -> dict[str, str]:
    do(stage, "ec2:DescribeImages", {}, save={"image": "Images.0.ImageId"})
    return {"ImageId": stage.values["image"]}


def test_what_is_saved_is_a_value_from_there_on(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "{user}"}, save={"arn": "Arn", "id": "User.UserId"})
    fields = {"key_id": "AccessKeyId", "secret": "AccessKey.SecretAccessKey"}
    do(stage, "iam:CreateAccessKey", {"UserName": "{user}"}, save=fields)
    assert stage.values["arn"] == User.objects.get().arn
    assert stage.values["id"] == User.objects.get().unique_id
    assert stage.values["key_id"] == AccessKey.objects.get().access_key_id
    assert len(stage.values["secret"]) == 40
    do(
        stage,
        "iam:CreatePolicy",
        {"PolicyName": "p", "PolicyDocument": {"file": "solution/read.json"}},
    )
    do(stage, "iam:ListPolicies", {"Scope": "Local"}, save={"policy": "Policies.0.Arn"})
    assert stage.values["policy"] == Policy.objects.get().arn


def test_a_field_that_the_answer_has_not_is_told(stage: Stage):
    told = refusal(stage, "iam:CreateUser", {"UserName": "ana"}, save={"x": "Arnn"})
    assert "has no field Arnn" in told


def test_root_calls_unless_somebody_else_is_named(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "ana"})
    event = last(stage, "iam:CreateUser")
    assert event.principal_arn == main(stage).root_arn
    assert (event.face, event.mfa_authenticated) == ("api", False)
    assert event.source_address.startswith("203.0.113.")
    assert event.user_agent.startswith("aws-cli/")


def test_a_user_does_what_the_user_may(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "ana"})
    told = refusal(stage, "iam:CreateGroup", {"GroupName": "g"}, caller="user/{user}")
    assert told.startswith("iam:CreateGroup was refused with AccessDenied")
    do(stage, "iam:CreateGroup", {"GroupName": "g"}, caller="user/ana", refused="AccessDenied")
    assert last(stage, "iam:CreateGroup").outcome == "denied"
    policy = "arn:aws:iam::aws:policy/IAMFullAccess"
    do(stage, "iam:AttachUserPolicy", {"UserName": "ana", "PolicyArn": policy})
    do(stage, "iam:CreateGroup", {"GroupName": "g"}, caller="user/ana")
    assert main(stage).groups.get().name == "g"


def test_a_refusal_that_does_not_come_is_told(stage: Stage):
    told = refusal(stage, "iam:CreateUser", {"UserName": "ana"}, refused="AccessDenied")
    assert "went through" in told
    told = refusal(stage, "iam:CreateUser", {"UserName": "ana"}, refused="AccessDenied")
    assert "refused with EntityAlreadyExists, and not with AccessDenied" in told


def test_a_refusal_may_be_named_as_the_services_clients_know_it(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "ana"})
    do(stage, "ec2:DescribeInstances", {}, caller="user/ana", refused="UnauthorizedOperation")
    do(stage, "ec2:DescribeInstances", {}, caller="user/ana", refused="AccessDenied")
    do(stage, "sns:ListTopics", {}, caller="user/ana", refused="AuthorizationError")
    do(stage, "s3:ListBuckets", {}, caller="user/ana", refused="AccessDenied")


def test_nobody_is_told(stage: Stage):
    for caller in ("user/nobody", "role/none", "instance/i-0", "group/g", "root/x"):
        assert "There is no" in (told := refusal(stage, "iam:ListUsers", {}, caller=caller)) or (
            "is nobody" in told
        )


def test_with_mfa_policies_see_it(stage: Stage):
    needs = allow("iam:CreateGroup", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    do(stage, "iam:CreateUser", {"UserName": "ana"})
    do(stage, "iam:PutUserPolicy", {
        "UserName": "ana", "PolicyName": "p", "PolicyDocument": document(needs),
    })  # fmt: skip
    group = {"GroupName": "g"}
    do(stage, "iam:CreateGroup", group, caller="user/ana", refused="AccessDenied")
    do(stage, "iam:CreateGroup", group, caller="user/ana", console=True, refused="AccessDenied")
    do(stage, "iam:CreateGroup", group, caller="user/ana", mfa=True)
    assert last(stage, "iam:CreateGroup").mfa_authenticated


def test_through_the_console_a_browser_calls(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "ana"}, console=True)
    event = last(stage, "iam:CreateUser")
    assert event.face == "console"
    assert event.source_address.startswith("198.51.100.")
    assert event.user_agent.startswith("Mozilla/5.0")


def test_a_key_signs_and_counts_as_used(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "ana"})
    do(stage, "iam:CreateAccessKey", {"UserName": "ana"}, save={"key": "AccessKeyId"})
    call = {"caller": "user/ana", "key": "{key}"}
    do(stage, "sts:GetCallerIdentity", {}, **call)
    key = AccessKey.objects.get()
    assert (key.last_used_service, key.last_used_region) == ("sts", "us-east-1")
    assert last(stage, "sts:GetCallerIdentity").access_key_id == key.access_key_id
    assert "is user/ana's" in refusal(stage, "iam:ListUsers", {}, key="{key}")
    do(stage, "iam:UpdateAccessKey", {
        "UserName": "ana", "AccessKeyId": "{key}", "Status": "Inactive",
    })  # fmt: skip
    do(stage, "sts:GetCallerIdentity", {}, **call, refused="InvalidClientTokenId")


def test_a_call_of_long_ago_has_that_time_and_the_order_stays(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "ana"}, ago=3 * 60)
    do(stage, "iam:CreateAccessKey", {"UserName": "ana"}, ago=3 * 60, save={"key": "AccessKeyId"})
    do(stage, "iam:ListUsers", {}, caller="root")
    made, key = last(stage, "iam:CreateUser").time, last(stage, "iam:CreateAccessKey").time
    assert timedelta(hours=2, minutes=59) < timezone.now() - made < timedelta(hours=3, minutes=1)
    assert made < key < last(stage, "iam:ListUsers").time
    assert User.objects.get().created_at == made


def test_no_two_calls_are_at_the_same_moment(stage: Stage):
    for name in ("ana", "ben", "cid"):
        do(stage, "iam:CreateUser", {"UserName": name})
    times = list(main(stage).events.order_by("sequence").values_list("time", flat=True))
    assert sorted(set(times)) == times


def test_another_account_is_named(stage: Stage):
    do(stage, "iam:CreateUser", {"UserName": "pia"}, account="partner")
    assert User.objects.get().account == stage.accounts["partner"]
    assert "has no account third" in refusal(stage, "iam:ListUsers", {}, account="third")


def test_a_roles_session_and_one_taken_on(stage: Stage):
    root_arn = stage.accounts["partner"].root_arn
    do(stage, "iam:CreateRole", {
        "RoleName": "audit", "AssumeRolePolicyDocument": trust(AWS=root_arn),
    }, save={"role": "Arn"})  # fmt: skip
    do(stage, "iam:ListUsers", {}, caller="role/audit", refused="AccessDenied")
    event = last(stage, "iam:ListUsers")
    assert event.principal_arn.endswith("assumed-role/audit/session")
    assert event.access_key_id.startswith("ASIA")
    do(stage, "iam:CreateUser", {"UserName": "pia"}, account="partner")
    do(stage, "iam:AttachUserPolicy", {
        "UserName": "pia", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    }, account="partner")  # fmt: skip
    do(
        stage,
        "sts:AssumeRole",
        {"RoleArn": "{role}", "RoleSessionName": "audit"},
        account="partner",
        caller="user/pia",
        save={"key": "Credentials.AccessKeyId", "plain": "AccessKeyId"},
    )
    assert stage.values["key"] == stage.values["plain"]
    assert Role.objects.get().last_used_at is not None


def test_an_instance_calls_with_its_role(stage: Stage):
    service = trust(Service="ec2.amazonaws.com")
    do(stage, "iam:CreateRole", {"RoleName": "web", "AssumeRolePolicyDocument": service})
    do(stage, "iam:CreateInstanceProfile", {"InstanceProfileName": "web"})
    do(stage, "iam:AddRoleToInstanceProfile", {"InstanceProfileName": "web", "RoleName": "web"})
    do(stage, "ec2:RunInstances", {
        "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "web"}, **image(stage),
    }, save={"instance": "Instances.0.InstanceId"})  # fmt: skip
    do(stage, "s3:ListBuckets", {}, caller="instance/{instance}", refused="AccessDenied")
    event = last(stage, "s3:ListBuckets")
    assert event.principal_arn.endswith(f"assumed-role/web/{stage.values['instance']}")


# --- The labs' own ---------------------------------------------------------------------------


def with_password(stage: Stage, **more: Any) -> None:
    do(stage, "iam:CreateUser", {"UserName": "ana"})
    do(stage, "iam:CreateLoginProfile", {"UserName": "ana", "Password": PASSWORD, **more})


def test_a_sign_in_leaves_what_one_in_the_console_leaves(stage: Stage):
    with_password(stage)
    do(stage, "SignIn", {"User": "ana", "Password": PASSWORD})
    signed = last(stage, "signin:ConsoleLogin")
    assert (signed.outcome, signed.face) == ("success", "console")
    assert signed.user_agent.startswith("Mozilla/5.0")
    assert last(stage, "signin:EnterConsole").principal_arn == User.objects.get().arn
    assert User.objects.get().password_last_used is not None


def test_the_root_user_signs_in_without_a_name(stage: Stage):
    do(stage, "SignIn", {"Password": "{root_password}"})
    assert last(stage, "signin:EnterConsole").principal_arn == main(stage).root_arn
    do(stage, "SignIn", {"Password": "wrong"}, refused="AuthenticationFailed")
    assert last(stage, "signin:ConsoleLogin").outcome == "error"


def test_a_sign_in_chooses_the_new_password_that_is_asked_for(stage: Stage):
    with_password(stage, PasswordResetRequired=True)
    do(stage, "iam:UpdateAccountPasswordPolicy", {"AllowUsersToChangePassword": True})
    told = refusal(stage, "SignIn", {"User": "ana", "Password": PASSWORD})
    assert "NewPassword" in told
    do(stage, "SignIn", {"User": "ana", "Password": PASSWORD, "NewPassword": "Another-Heron-1"})
    assert not Login.objects.get(user__name="ana").password_reset_required
    do(stage, "SignIn", {"User": "ana", "Password": "Another-Heron-1"})


def test_with_mfa_a_sign_in_gives_a_code_each_time_another(stage: Stage):
    with_password(stage)
    do(stage, "EnrolMFA", {"User": "ana"}, save={"seed": "Base32StringSeed"})
    assert MFADevice.objects.get().user == User.objects.get()
    assert "MFA: true" in refusal(stage, "SignIn", {"User": "ana", "Password": PASSWORD})
    for _ in range(4):
        do(stage, "SignIn", {"User": "ana", "Password": PASSWORD, "MFA": True})
        assert last(stage, "signin:EnterConsole").mfa_authenticated
    assert signin.devices_of(Login.objects.get(user__name="ana")).count() == 1


def test_the_root_user_enrols_a_device(stage: Stage):
    do(stage, "EnrolMFA", {"Name": "safe"})
    device = MFADevice.objects.get()
    assert (device.is_root, device.name) == (True, "safe")
    assert last(stage, "root:EnableMFADevice").face == "console"
    do(stage, "SignIn", {"Password": "{root_password}", "MFA": True})


def test_the_root_password_changes_and_is_the_value_from_there_on(stage: Stage):
    do(stage, "ChangeRootPassword", {"Password": "Another-Heron-1"}, account="partner")
    assert stage.values["partner_root_password"] == "Another-Heron-1"
    assert stage.values["root_password"] == ROOT_PASSWORD
    do(stage, "SignIn", {"Password": "{partner_root_password}"}, account="partner")
