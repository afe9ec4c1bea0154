"""What only the console has: an instance's metadata address, and acting as the instance.

Both are as good as a shell on the machine, so both take what a shell takes on AWS:
ssm:StartSession on the instance. To see an instance is not enough to be it.
"""

from __future__ import annotations

from accounts.actions.registry import ANYBODY, command
from accounts.caller import Caller
from accounts.models import Role
from accounts.sessions import Credentials
from iamconsole.sandbox import ec2_lookup, metadata
from iamconsole.sandbox.ec2_arguments import InstanceId
from iamconsole.sandbox.ec2_errors import IncorrectInstanceState
from iamconsole.sandbox.metadata import Refused
from iamconsole.sandbox.models import Instance

#: "Start a session with Session Manager": what AWS asks whoever wants a shell on an instance.
SHELL = "ssm:StartSession"


@command(
    "console:ReadMetadataAddress",
    may=ANYBODY,
    resource=ec2_lookup.resource_of,
    permission=SHELL,
    read_only=True,
)
def read_metadata_address(caller: Caller, /, *, instance_id: InstanceId) -> str:
    """The secret part of the address of an instance's metadata service."""
    return ec2_lookup.find(caller, instance_id).metadata_secret


@command(
    "console:RunAsInstance",
    may=ANYBODY,
    resource=ec2_lookup.resource_of,
    permission=SHELL,
    read_only=True,
)
def run_as(caller: Caller, /, *, instance_id: InstanceId) -> Credentials:
    """The credentials that the instance's metadata service hands out, for a browser.

    Raises IncorrectInstanceState where it does not run, has no role, or may not take it on.
    """
    instance = ec2_lookup.find(caller, instance_id)
    found = metadata.credentials(
        instance,
        role_of(instance),
        now=caller.now,
        request_id=caller.request_id,
        delivery="2.0",
    )
    if isinstance(found, Refused):
        raise IncorrectInstanceState(metadata.refusal(found.role_name))
    return found[0]


def role_of(instance: Instance) -> Role:
    """The role of an instance that runs. Raise IncorrectInstanceState where there is none."""
    why = why_no_role(instance)
    if why or instance.profile is None or instance.profile.role is None:
        raise IncorrectInstanceState(why)
    return instance.profile.role


def why_no_role(instance: Instance) -> str:
    """Why nobody can act as the instance, in words; nothing where one can."""
    if instance.state != "running":
        return f"The instance is {instance.state}: only a running one has credentials."
    if instance.profile is None:
        return "The instance has no IAM role. Choose one with Modify IAM role."
    if instance.profile.role is None:
        return f"The instance profile {instance.profile.name} has no role in it."
    return ""
