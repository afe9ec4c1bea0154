"""Refusals of AWS itself, as somebody recorded them (recorded_errors.tsv), provoked here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cast import ACCOUNT_ID, allow, arn, document, trust

OF_AWS = "arn:aws:iam::aws:policy"
TEXT = document(allow("s3:GetObject"))
TRUST = trust(Service="ec2.amazonaws.com")
ABSENT = "AKIAIOSFODNN7EXAMPLE"
TAG = {"Key": "k", "Value": ""}
SERVICE_ROLE = f"{OF_AWS}/service-role/AmazonEC2RoleforSSM"


@dataclass(frozen=True)
class Recorded:
    """One row: what AWS answered."""

    status: int
    code: str
    message: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The message with anything in place of the names that were made up for the recording."""
        text = self.message.replace("<partition>", "aws").replace("111111111111", ACCOUNT_ID)
        parts = re.split(r"<[\w:-]+>", text)
        return re.compile("[^ ]+".join(map(re.escape, parts)), re.DOTALL)


def recorded() -> list[Recorded]:
    lines = (Path(__file__).parent / "recorded_errors.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return [Recorded(int(status), code, message) for status, code, message, _case in rows]


class World:
    """An account with what the recordings had, and its administrator's client."""

    def __init__(self, iam: Any) -> None:
        self.iam = iam
        iam.create_user(UserName="u")
        iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
        self.policy: str = iam.create_policy(PolicyName="p", PolicyDocument=TEXT)["Policy"]["Arn"]

    def policy_with(self, **statement: Any) -> None:
        self.iam.create_policy(PolicyName="new", PolicyDocument=document(statement))

    def on(self, resource: str) -> None:
        self.policy_with(Effect="Allow", Action="s3:*", Resource=resource)

    def role(self, **more: Any) -> None:
        self.iam.create_role(**({"RoleName": "new", "AssumeRolePolicyDocument": TRUST} | more))

    def tag(self, *tags: dict[str, str]) -> None:
        self.iam.tag_role(RoleName="r", Tags=list(tags))

    def attach(self, policy: str) -> None:
        self.iam.attach_user_policy(UserName="u", PolicyArn=policy)

    def detach(self, policy: str) -> None:
        self.iam.detach_user_policy(UserName="u", PolicyArn=policy)

    def no_user(self, name: str) -> None:
        self.iam.get_user(UserName=name)

    def no_role(self, name: str) -> None:
        self.iam.delete_role(RoleName=name)

    def service_credential(self, service: str) -> None:
        self.iam.create_service_specific_credential(UserName="u", ServiceName=service)

    def delete_used_policy(self) -> None:
        self.attach(self.policy)
        self.iam.delete_policy(PolicyArn=self.policy)

    def delete_role_with_inline_policy(self) -> None:
        self.iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=TEXT)
        self.iam.delete_role(RoleName="r")

    def delete_role_with_policy(self) -> None:
        self.iam.attach_role_policy(RoleName="r", PolicyArn=self.policy)
        self.iam.delete_role(RoleName="r")

    def delete_role_in_profile(self) -> None:
        self.iam.create_instance_profile(InstanceProfileName="i")
        self.iam.add_role_to_instance_profile(InstanceProfileName="i", RoleName="r")
        self.iam.delete_role(RoleName="r")

    def delete_user_with_key(self) -> None:
        self.service_credential("codecommit.amazonaws.com")
        self.iam.delete_user(UserName="u")

    def login_profile_twice(self) -> None:
        for _ in range(2):
            self.iam.create_login_profile(UserName="u", Password="Correct-h0rse-battery")

    def service_linked_twice(self) -> None:
        for _ in range(2):
            self.iam.create_service_linked_role(AWSServiceName="batch.amazonaws.com")

    def suffix(self, service: str) -> None:
        self.iam.create_service_linked_role(AWSServiceName=service, CustomSuffix="blue")

    def sixth_version(self) -> None:
        for _ in range(5):
            self.iam.create_policy_version(PolicyArn=self.policy, PolicyDocument=TEXT)

    def third_key(self) -> None:
        for _ in range(3):
            self.iam.create_access_key(UserName="u")

    def wrong_credential(self, credential_id: str) -> None:
        self.iam.delete_service_specific_credential(
            UserName="u", ServiceSpecificCredentialId=credential_id
        )


Provoke = Callable[[World], object]


def no_such_user(name: str) -> Provoke:
    return lambda world: world.no_user(name)


def no_such_service(name: str) -> Provoke:
    return lambda world: world.service_credential(name)


#: The message as it was recorded → what provokes it here.
CALLS: dict[str, Provoke] = {
    "User: <caller> is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key "
    "AKIAIOSFODNN7EXAMPLE": lambda w: w.iam.get_access_key_last_used(AccessKeyId=ABSENT),
    "Cannot delete a policy attached to entities.": World.delete_used_policy,
    "Cannot delete entity, must delete policies first.": World.delete_role_with_inline_policy,
    "Cannot delete entity, must detach all policies first.": World.delete_role_with_policy,
    "Cannot delete entity, must remove referenced objects first.": World.delete_user_with_key,
    "Cannot delete entity, must remove roles from instance profile first.": (
        World.delete_role_in_profile
    ),
    "A policy called <policy-name:1> already exists. Duplicate names are not allowed.": (
        lambda w: w.iam.create_policy(PolicyName="p", PolicyDocument=TEXT)
    ),
    "Login Profile for user <user-name:1> already exists.": World.login_profile_twice,
    "Role with name <role-name:1> already exists.": lambda w: w.role(RoleName="r"),
    "User with name <user-name:1> already exists.": lambda w: w.iam.create_user(UserName="u"),
    "ARN arn:<partition>:iam::111111111111:not_a_policy/invalid is not valid.": (
        lambda w: w.role(PermissionsBoundary=arn("not_a_policy/invalid"))
    ),
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.": (
        lambda w: w.role(Tags=[TAG, TAG])
    ),
    "Service role name AWSServiceRoleForBatch has been taken in this account, please try a "
    "different suffix.": World.service_linked_twice,
    "A managed policy can have up to 5 versions. Before you create a new version, you must delete "
    "an existing version.": World.sixth_version,
    "Cannot exceed quota for AccessKeysPerUser: 2": World.third_key,
    "Actions/Condition can contain only one colon.": (
        lambda w: w.policy_with(Effect="Allow", Action="s3:a:b", Resource="*")
    ),
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.": (
        lambda w: w.policy_with(Effect="Allow", Action="GetObject", Resource="*")
    ),
    "AssumeRole policy may only specify STS AssumeRole actions.": (
        lambda w: w.role(AssumeRolePolicyDocument=TRUST.replace("sts:AssumeRole", "s3:Get"))
    ),
    "Has prohibited field Resource": (
        lambda w: w.role(AssumeRolePolicyDocument=TRUST.replace('"Ac', '"Resource": "*", "Ac'))
    ),
    'Partition "b" is not valid for resource "arn:b:c:d:e:f:g:h".': (
        lambda w: w.on("arn:b:c:d:e:f:g:h")
    ),
    'Partition "bsdfdsafsad" is not valid for resource "arn:bsdfdsafsad:*:*:*:*".': (
        lambda w: w.on("arn:bsdfdsafsad")
    ),
    'Partition "error" is not valid for resource "arn:error:s3:::example_bucket".': (
        lambda w: w.on("arn:error:s3:::example_bucket")
    ),
    "Policy document must be version 2012-10-17 or greater.": (
        lambda w: w.iam.create_policy(
            PolicyName="new", PolicyDocument=TEXT.replace("2012-10-17", "2008-10-17")
        )
    ),
    "Policy statement must contain actions.": (
        lambda w: w.policy_with(Effect="Allow", Resource="*")
    ),
    "Policy statement must contain resources.": (
        lambda w: w.policy_with(Effect="Allow", Action="s3:*")
    ),
    'Resource invalid resource must be in ARN format or "*".': lambda w: w.on("invalid resource"),
    'Resource sdfsadf must be in ARN format or "*".': lambda w: w.on("sdfsadf"),
    "Resource vendor must be fully qualified and cannot contain regexes.": (
        lambda w: w.on("arn:aws:s*:::bucket")
    ),
    "Resource arn:<partition>:s3:<region>::example_bucket can not contain region information.": (
        lambda w: w.on("arn:aws:s3:us-east-1::example_bucket")
    ),
    "Syntax errors in policy.": lambda w: w.policy_with(Efect="Allow"),
    "The policy failed legacy parsing": lambda w: w.on("s3:bucket"),
    "This policy contains invalid Json": (lambda w: w.role(AssumeRolePolicyDocument="{not json}")),
    "Login Profile for User <user-name:1> cannot be found.": (
        lambda w: w.iam.delete_login_profile(UserName="u")
    ),
    "No such credential satisfiesregexbutstillinvalid exists": (
        lambda w: w.wrong_credential("satisfiesregexbutstillinvalid")
    ),
    "Policy arn:<partition>:iam::111111111111:policy/<policy-name:1> version v9 does not exist or "
    "is not attachable.": (
        lambda w: w.iam.delete_policy_version(PolicyArn=w.policy, VersionId="v9")
    ),
    "Policy arn:<partition>:iam::111111111111:policy/<policy-name:1> was not found.": (
        lambda w: w.detach(w.policy)
    ),
    "Policy arn:<partition>:iam::111111111111:policy/<policy-name:1>123 does not exist or is not "
    "attachable.": lambda w: w.attach(f"{w.policy}123"),
    "Policy arn:<partition>:iam::111111111111:policy/NotAPolicy was not found.": (
        lambda w: w.iam.tag_policy(PolicyArn=arn("policy/NotAPolicy"), Tags=[TAG])
    ),
    "Policy arn:<partition>:iam::111111111111:policy/TestNonExistingPolicy version v1 does not "
    "exist or is not attachable.": (
        lambda w: w.iam.get_policy_version(
            PolicyArn=arn("policy/TestNonExistingPolicy"), VersionId="v1"
        )
    ),
    "Policy arn:<partition>:iam::111111111111:policy/non-existent-policy was not found.": (
        lambda w: w.iam.delete_policy(PolicyArn=arn("policy/non-existent-policy"))
    ),
    "Policy arn:<partition>:iam::111111111111:policy/nonexistent does not exist or is not "
    "attachable.": lambda w: w.attach(arn("policy/nonexistent")),
    "Policy arn:<partition>:iam::111111111111:policy/nonexistent-policy does not exist or is not "
    "attachable.": lambda w: w.attach(arn("policy/nonexistent-policy")),
    "Policy arn:<partition>:iam::aws:policy/Nonexistent was not found.": (
        lambda w: w.detach(f"{OF_AWS}/Nonexistent")
    ),
    "Policy arn:<partition>:iam::aws:policy/service-role/<policy-name:1> was not found.": (
        lambda w: w.detach(SERVICE_ROLE)
    ),
    "Scope ARN: arn:<partition>:iam::111111111111:policy/nonexistent-policy does not exist or is "
    "not attachable.": lambda w: w.role(PermissionsBoundary=arn("policy/nonexistent-policy")),
    "The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.": (
        lambda w: w.iam.update_access_key(UserName="u", AccessKeyId=ABSENT, Status="Active")
    ),
    "The group with name nonexistent-group cannot be found.": (
        lambda w: w.iam.add_user_to_group(GroupName="nonexistent-group", UserName="u")
    ),
    "The role policy with name <policy-name:1> cannot be found.": (
        lambda w: w.iam.get_role_policy(RoleName="r", PolicyName="none")
    ),
    "The role policy with name non-existent-policy cannot be found.": (
        lambda w: w.iam.delete_role_policy(RoleName="r", PolicyName="non-existent-policy")
    ),
    "The role with name <role-name:1> cannot be found.": lambda w: w.no_role("none"),
    "The role with name nonexistent-role cannot be found.": lambda w: w.no_role("nonexistent-role"),
    "The role with name test-nonexistent-role cannot be found.": (
        lambda w: w.no_role("test-nonexistent-role")
    ),
    "The user with name <user-name:1> cannot be found.": lambda w: w.no_user("none"),
    "1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy "
    r"constraint: Member must satisfy regular expression pattern: [\w]+": (
        lambda w: w.wrong_credential("not-a-credential-id-of-any-service")
    ),
    "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must "
    "satisfy enum value set": (
        lambda w: w.iam.update_access_key(UserName="u", AccessKeyId=ABSENT, Status="Wrong")
    ),
    "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must "
    "have length less than or equal to 50": (
        lambda w: w.iam.untag_role(RoleName="r", TagKeys=[f"k{number}" for number in range(51)])
    ),
    "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must "
    "satisfy constraint: [Member must have length less than or equal to 128, Member must have "
    "length greater than or equal to 1, Member must satisfy regular expression pattern: "
    r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+, Member must not be null]": (
        lambda w: w.iam.untag_role(RoleName="r", TagKeys=["k?"])
    ),
    "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have "
    "length less than or equal to 50": (
        lambda w: w.role(Tags=[TAG | {"Key": f"k{number}"} for number in range(51)])
    ),
    "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: "
    "Member must have length less than or equal to 128": (
        lambda w: w.tag(TAG | {"Key": "k" * 129})
    ),
    "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: "
    r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+": (
        lambda w: w.tag(TAG | {"Key": "k?"})
    ),
    "1 validation error detected: Value at 'tags.1.member.value' failed to satisfy constraint: "
    "Member must have length less than or equal to 256": (
        lambda w: w.tag(TAG | {"Value": "v" * 257})
    ),
    "ARN <policy-name:1> is not valid.": lambda w: w.attach("existing_policy_name_given"),
    "ARN longpolicynamebutnoarn is not valid.": lambda w: w.attach("longpolicynamebutnoarn"),
    **{
        f"The user with name {name} cannot be found.": no_such_user(name)
        for name in ("non-existent-user", "nonexistent-user", "wrong-user-name")
    },
    **{
        f"No such service {name} is supported for Service Specific Credentials": no_such_service(
            name
        )
        for name in ("lambda.amazonaws.com", "nonexistentservice.amazonaws.com", "o3on3n3onosneo")
    },
}

#: Recorded, and not to be provoked so → why.
OTHERWISE: dict[str, str] = {
    "Duplicate tag keys found.": "said of TagRole with one key twice; here both say the longer",
    "Custom suffix is not allowed for accountdiscovery.ssm.amazonaws.com": "no such service here",
    "Custom suffix is not allowed for acm.amazonaws.com": "no such service here",
    "Must specify userName when calling with non-User credentials": "root's: tests of passwords",
}

ROWS = recorded()


@pytest.fixture
def world(unchecked: Any) -> World:
    """The account, and a client that sends what is wrong, too."""
    return World(unchecked)


def test_every_recorded_refusal_is_provoked_or_has_a_reason_not_to_be():
    messages = {row.message for row in ROWS}
    assert messages == CALLS.keys() | OTHERWISE.keys()
    assert not CALLS.keys() & OTHERWISE.keys()


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.message in CALLS], ids=lambda row: row.message[:60]
)
def test_a_refusal_is_the_one_that_aws_gave(row: Recorded, world: World):
    with pytest.raises(ClientError) as caught:
        CALLS[row.message](world)
    answer = caught.value.response
    assert row.pattern.fullmatch(answer["Error"]["Message"]), answer["Error"]["Message"]
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (
        row.status,
        row.code,
    )
