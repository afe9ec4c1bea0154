"""The aws command: what tutorials type, and what they say that it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cast import ACCOUNT_ID, arn, trust
from tests.clients.conftest import Run, installed


@pytest.fixture
def aws(run):
    """`aws("iam get-user", "--user-name", "bob")`: the answer, read."""
    program = installed("python", "bin", "aws")

    def aws(command: str, *arguments: str, **variables: str) -> Any:
        said = run(program, *command.split(), *arguments, **variables)
        assert said.returncode == 0, said.stderr
        return json.loads(said.stdout) if said.stdout else None

    return aws


@pytest.fixture
def refused(run: Run):
    """The same for a command that fails: what it says."""
    program = installed("python", "bin", "aws")

    def refused(command: str, *arguments: str) -> str:
        said = run(program, *command.split(), *arguments)
        assert said.returncode == 255, said.stdout
        return said.stderr.strip()

    return refused


def test_a_user_is_shown_with_path_id_arn_date_and_tags(aws):
    aws("iam create-user --user-name techsquawks-user --tags Key=TagName,Value=TagValue")
    user = aws("iam get-user --user-name techsquawks-user")["User"]
    assert list(user) == ["Path", "UserName", "UserId", "Arn", "CreateDate", "Tags"]
    assert user["Arn"] == arn("user/techsquawks-user")
    assert user["UserId"].startswith("AIDA")
    assert user["Tags"] == [{"Key": "TagName", "Value": "TagValue"}]


def test_users_are_listed_by_path_also_under_the_option_s_short_name(aws):
    for name, path in [("user-1", "/example/path/1/"), ("user-2", "/example/path/2/")]:
        aws(f"iam create-user --user-name {name} --path {path}")
    for option in ("--path-prefix", "--path"):
        users = aws(f"iam list-users {option} /example/path/2/")["Users"]
        assert [user["Arn"] for user in users] == [arn("user/example/path/2/user-2")]


def test_groups_are_listed_in_the_order_of_their_names(aws):
    for name in ("Devops", "Admins", "Developers"):
        aws(f"iam create-group --group-name {name}")
    groups = aws("iam list-groups")["Groups"]
    assert [group["GroupName"] for group in groups] == ["Admins", "Developers", "Devops"]
    assert list(groups[0]) == ["Path", "GroupName", "GroupId", "Arn", "CreateDate"]


def test_a_new_access_key_says_whose_it_is(aws):
    aws("iam create-user --user-name carol")
    key = aws("iam create-access-key --user-name carol")["AccessKey"]
    identity = aws(
        "sts get-caller-identity",
        AWS_ACCESS_KEY_ID=key["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
    )
    user_id = aws("iam get-user --user-name carol")["User"]["UserId"]
    assert identity == {"UserId": user_id, "Account": ACCOUNT_ID, "Arn": arn("user/carol")}


def test_a_role_is_taken_on_and_its_credentials_work(aws):
    document = trust(AWS=ACCOUNT_ID)
    aws("iam create-role --role-name audit", "--assume-role-policy-document", document)
    role = arn("role/audit")
    taken = aws(f"sts assume-role --role-arn {role} --role-session-name morning")["Credentials"]
    identity = aws(
        "sts get-caller-identity",
        AWS_ACCESS_KEY_ID=taken["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=taken["SecretAccessKey"],
        AWS_SESSION_TOKEN=taken["SessionToken"],
    )
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/audit/morning"


def test_policies_are_written_from_files_and_read_as_json(aws, tmp_path):
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
    }
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(document, indent=2))
    made = aws("iam create-policy --policy-name buckets --policy-document", f"file://{file}")
    shown = aws(f"iam get-policy-version --version-id v1 --policy-arn {made['Policy']['Arn']}")
    assert shown["PolicyVersion"]["Document"] == document


def test_pages_are_put_together(aws):
    for number in range(5):
        aws(f"iam create-group --group-name group-{number}")
    groups = aws("iam list-groups --page-size 2")["Groups"]
    assert [group["GroupName"] for group in groups] == [f"group-{number}" for number in range(5)]


def test_errors_are_said_in_aws_s_words(refused):
    assert refused("iam get-user --user-name nobody") == (
        "An error occurred (NoSuchEntity) when calling the GetUser operation: "
        "The user with name nobody cannot be found."
    )


def test_who_made_a_group_is_found_in_the_history(aws):
    aws("iam create-group --group-name Developers")
    by_name = "--lookup-attributes AttributeKey=ResourceName,AttributeValue=Developers"
    found = aws(f"cloudtrail lookup-events {by_name}")["Events"]
    assert [(each["EventName"], each["Username"]) for each in found] == [("CreateGroup", "admin")]
