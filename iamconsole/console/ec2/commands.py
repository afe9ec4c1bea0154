"""What somebody types to be an instance: the address of its metadata service in commands."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from iamconsole.sandbox.models import Instance
from iamconsole.sandbox.models.ec2 import METADATA_PATH

#: Whatever says who somebody is would be taken before the credentials of the instance.
_STORED = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@dataclass(frozen=True, slots=True)
class Commands:
    """The address and lines of a shell in which it stands."""

    address: str
    #: One line that lists buckets as the instance.
    one_line: str
    #: Variables for a whole session of a shell.
    exports: str
    #: Reading the credentials by hand.
    by_hand: str


def of(instance: Instance, secret: str) -> Commands:
    """The commands for an instance."""
    address = f"{settings.BASE_URL}{METADATA_PATH}{secret}"
    variables = (
        ("AWS_ENDPOINT_URL", settings.BASE_URL),
        ("AWS_REGION", instance.region),
        # The same for the command of version 1 and for Python.
        ("AWS_DEFAULT_REGION", instance.region),
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", address),
        # The keys in files would be taken first, too.
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    )
    written = [f"{name}={value}" for name, value in variables]
    return Commands(
        address,
        " ".join(("env", *(f"-u {name}" for name in _STORED), *written, "aws s3 ls")),
        "\n".join(
            (" ".join(("unset", *_STORED)), *(f"export {each}" for each in written))
        ),
        "\n".join(
            (
                f"M={address}",
                'T=$(curl -sX PUT "$M/latest/api/token" '
                '-H "X-aws-ec2-metadata-token-ttl-seconds: 21600")',
                'curl -sH "X-aws-ec2-metadata-token: $T" '
                '"$M/latest/meta-data/iam/security-credentials/"',
            )
        ),
    )  # fmt: skip
