"""What instances are made from: regions, images, types, ids. The images are this product's own."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

#: The regions that every account may use, with the places that their names stand for.
REGIONS = {
    "us-east-1": "N. Virginia",
    "us-east-2": "Ohio",
    "us-west-1": "N. California",
    "us-west-2": "Oregon",
    "ap-south-1": "Mumbai",
    "ap-northeast-1": "Tokyo",
    "ap-northeast-2": "Seoul",
    "ap-northeast-3": "Osaka",
    "ap-southeast-1": "Singapore",
    "ap-southeast-2": "Sydney",
    "ca-central-1": "Canada",
    "eu-central-1": "Frankfurt",
    "eu-north-1": "Stockholm",
    "eu-west-1": "Ireland",
    "eu-west-2": "London",
    "eu-west-3": "Paris",
    "sa-east-1": "São Paulo",
}


@dataclass(frozen=True, slots=True)
class InstanceType:
    """How large an instance is."""

    name: str
    cpus: int
    #: In MiB.
    memory: int
    architecture: str = "x86_64"


@dataclass(frozen=True, slots=True)
class Image:
    """What an instance starts from. It is in every region under the same id."""

    id: str
    name: str
    description: str
    architecture: str = "x86_64"
    #: "" or "windows", as EC2 tells platforms.
    platform: str = ""
    created_at: str = "2026-01-01T00:00:00.000Z"


TYPES = {
    each.name: each
    for each in (
        InstanceType("t2.micro", 1, 1024),
        InstanceType("t3.nano", 2, 512),
        InstanceType("t3.micro", 2, 1024),
        InstanceType("t3.small", 2, 2048),
        InstanceType("t3.medium", 2, 4096),
        InstanceType("t3.large", 2, 8192),
        InstanceType("t4g.micro", 2, 1024, "arm64"),
        InstanceType("t4g.small", 2, 2048, "arm64"),
        InstanceType("m1.small", 1, 1740),
        InstanceType("m5.large", 2, 8192),
        InstanceType("c5.large", 2, 4096),
        InstanceType("r5.large", 2, 16384),
    )
}
#: What EC2 takes where nobody says.
DEFAULT_TYPE = "m1.small"

IMAGES = {
    each.id: each
    for each in (
        Image("ami-0a11ab1e000000001", "lab-linux-2026-x86_64", "Lab Linux 2026"),
        Image("ami-0a11ab1e000000002", "lab-linux-2026-arm64", "Lab Linux 2026 (arm64)", "arm64"),
        Image("ami-0a11ab1e000000003", "lab-web-2026-x86_64", "Lab Linux 2026 with a web server"),
        Image(
            "ami-0a11ab1e000000004",
            "lab-windows-2026-x86_64",
            "Lab Windows 2026",
            platform="windows",
        ),
    )
}


def new_id(prefix: str) -> str:
    """An id as EC2's are: `i-`, `r-` or `iip-assoc-`, and 17 hexadecimal digits."""
    return f"{prefix}-{secrets.token_hex(9)[:17]}"


def made_up_id(prefix: str, account_id: str, region: str) -> str:
    """The id of what every account has one of in a region, such as its default subnet."""
    digest = hashlib.sha256(f"{prefix}|{account_id}|{region}".encode()).hexdigest()
    return f"{prefix}-{digest[:17]}"
