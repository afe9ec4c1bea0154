"""What an EC2 action may fail with: EC2's codes and words.

EC2 API reference, "Error codes for the Amazon EC2 API".
"""

from __future__ import annotations

from accounts.errors import ServiceError


class EC2Error(ServiceError):
    """A call of EC2 that was refused for what it asks."""

    status = 400


class DryRunOperation(EC2Error):
    """The caller may do it, and only wanted to know."""

    code = "DryRunOperation"
    status = 412

    def __init__(self) -> None:
        super().__init__("Request would have succeeded, but DryRun flag is set.")


class InstanceNotFound(EC2Error):
    """There is no such instance in this account and region."""

    code = "InvalidInstanceID.NotFound"

    def __init__(self, instance_ids: list[str]) -> None:
        several = "s" if len(instance_ids) > 1 else ""
        verb = "do" if several else "does"
        super().__init__(
            f"The instance ID{several} '{', '.join(instance_ids)}' {verb} not exist",
            argument="instance_ids",
        )


class InstanceIdMalformed(EC2Error):
    """What should be an instance's id can't be one."""

    code = "InvalidInstanceID.Malformed"

    def __init__(self, given: str) -> None:
        super().__init__(f'Invalid id: "{given[:64]}"', argument="instance_ids")


class ImageNotFound(EC2Error):
    """There is no such image here."""

    code = "InvalidAMIID.NotFound"


class ImageIdMalformed(EC2Error):
    """What should be an image's id can't be one."""

    code = "InvalidAMIID.Malformed"


class AssociationNotFound(EC2Error):
    """There is no such association of an instance profile."""

    code = "InvalidAssociationID.NotFound"


class IncorrectState(EC2Error):
    """The association is not in a state in which this could be done."""

    code = "IncorrectState"


class IncorrectInstanceState(EC2Error):
    """The instance is not in a state in which this could be done."""

    code = "IncorrectInstanceState"


class InvalidParameterValue(EC2Error):
    """A value that makes no sense here."""

    code = "InvalidParameterValue"


class InvalidParameterCombination(EC2Error):
    """Values that don't go together."""

    code = "InvalidParameterCombination"


class MissingParameter(EC2Error):
    """Something is needed that was left out."""

    code = "MissingParameter"


class InvalidId(EC2Error):
    """The id of something that has no tags here, or is none."""

    code = "InvalidID"


class TagLimitExceeded(EC2Error):
    """A thing would have more than fifty tags."""

    code = "TagLimitExceeded"


class InstanceLimitExceeded(EC2Error):
    """The account has as many instances as it may have."""

    code = "InstanceLimitExceeded"


class IdempotentParameterMismatch(EC2Error):
    """The client token was used for something else."""

    code = "IdempotentParameterMismatch"


class UnknownParameter(EC2Error):
    """A parameter that EC2 does not have."""

    code = "UnknownParameter"


class UnsupportedParameter(EC2Error):
    """A parameter that EC2 has and that is not built here."""

    code = "UnsupportedOperation"
