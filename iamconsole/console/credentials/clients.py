"""What AWS's clients are told to come here instead: lines for each, to be copied."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

REGION = "us-east-1"
#: Stands for the secret wherever it is only looked at.
MASK = "•" * 12


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines for one client: as they are shown, without the secret, and as they are copied."""

    client: str
    about: str
    shown: str
    copied: str


def lines(access_key_id: str, secret: str) -> list[Lines]:
    """The lines that have each client sign with a key."""
    return [
        Lines(
            client,
            about,
            template.format(url=settings.BASE_URL, region=REGION, key=access_key_id, secret=MASK),
            template.format(url=settings.BASE_URL, region=REGION, key=access_key_id, secret=secret),
        )
        for client, about, template in _CLIENTS
    ]


_CONFIGURE = """\
aws configure set aws_access_key_id {key} --profile lab
aws configure set aws_secret_access_key '{secret}' --profile lab
aws configure set region {region} --profile lab
aws configure set endpoint_url {url} --profile lab
aws sts get-caller-identity --profile lab"""

_ENVIRONMENT = """\
export AWS_ENDPOINT_URL={url}
export AWS_ACCESS_KEY_ID={key}
export AWS_SECRET_ACCESS_KEY='{secret}'
export AWS_REGION={region} AWS_DEFAULT_REGION={region}"""

_BOTO3 = """\
import boto3

iam = boto3.Session(profile_name="lab").client("iam")
print(iam.get_user()["User"]["Arn"])"""

_JAVASCRIPT = """\
import {{ IAMClient, GetUserCommand }} from "@aws-sdk/client-iam";

const iam = new IAMClient({{ profile: "lab", endpoint: "{url}" }});
const {{ User }} = await iam.send(new GetUserCommand());
console.log(User.Arn);"""

_ANSIBLE = """\
- hosts: localhost
  module_defaults:
    group/aws:
      profile: lab
      endpoint_url: {url}
  tasks:
    - amazon.aws.iam_user:
        name: carol
        state: present"""

_TERRAFORM = """\
provider "aws" {{
  profile                 = "lab"
  region                  = "{region}"
  skip_metadata_api_check = true
  endpoints {{
    iam = "{url}"
    sts = "{url}"
  }}
}}"""

_PULUMI = """\
pulumi config set aws:profile lab
pulumi config set aws:region {region}
pulumi config set aws:skipMetadataApiCheck true
pulumi config set --path 'aws:endpoints[0].iam' {url}
pulumi config set --path 'aws:endpoints[0].sts' {url}"""

_CLIENTS = (
    (
        "aws configure",
        "Keeps the key as the profile “lab”, which the lines below it use.",
        _CONFIGURE,
    ),
    ("Environment variables", "For one shell, and every client in it.", _ENVIRONMENT),
    ("Python (boto3)", "With the profile; with the variables, plain boto3.", _BOTO3),
    ("JavaScript (SDK v3)", "With the variables, plain new IAMClient().", _JAVASCRIPT),
    ("Ansible", "The modules of amazon.aws.", _ANSIBLE),
    ("Terraform", "The provider's settings.", _TERRAFORM),
    ("Pulumi", "The settings of a stack.", _PULUMI),
)
