"""The aws command on a machine without a key: it is the instance whose address it was told."""

from __future__ import annotations

import json
import subprocess

import pytest

from accounts.actions import attachments, instance_profiles, roles
from accounts.caller import Caller
from iamconsole.sandbox.actions import ec2_instances, ec2_launch
from iamconsole.sandbox.ec2_arguments import NamedProfile
from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import METADATA_PATH
from tests.cast import trust
from tests.clients.conftest import installed

READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"


@pytest.fixture
def web(root: Caller) -> Instance:
    """A running instance whose role may look at EC2."""
    service = trust(Service="ec2.amazonaws.com")
    roles.create_role(root, role_name="web", assume_role_policy_document=service)
    attachments.attach_role_policy(root, role_name="web", policy_arn=READ_ONLY)
    instance_profiles.create_instance_profile(root, instance_profile_name="web")
    instance_profiles.add_role_to_instance_profile(
        root, instance_profile_name="web", role_name="web"
    )
    return ec2_launch.run_instances(
        root,
        image_id="ami-0a11ab1e000000001",
        min_count=1,
        max_count=1,
        iam_instance_profile=NamedProfile(name="web"),
    ).instances[0]


def test_the_command_runs_as_the_instance_and_not_while_it_is_stopped(
    environment: dict[str, str], endpoint: str, root: Caller, web: Instance
) -> None:
    program = installed("python", "bin", "aws")
    without = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_EC2_METADATA_DISABLED")
    known = {name: value for name, value in environment.items() if name not in without}
    address = f"{endpoint}{METADATA_PATH}{web.metadata_secret}"
    known["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = address

    def aws(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, *command.split()],
            env=known, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    who = json.loads(aws("sts get-caller-identity").stdout)
    assert who["Arn"] == f"arn:aws:sts::111122223333:assumed-role/web/{web.id}"
    found = json.loads(aws("ec2 describe-instances").stdout)["Reservations"]
    assert found[0]["Instances"][0]["InstanceId"] == web.id
    refused = aws(f"ec2 stop-instances --instance-ids {web.id}").stderr
    assert "(UnauthorizedOperation)" in refused
    assert "Encoded authorization failure message" in refused
    ec2_instances.stop_instances(root, instance_ids=[web.id])
    assert "Unable to locate credentials" in aws("sts get-caller-identity").stderr
