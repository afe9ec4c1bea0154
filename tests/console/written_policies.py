"""Policies for tests of the pages that write them."""

from __future__ import annotations

from django.urls import reverse

from accounts.actions.policies import create_policy
from accounts.caller import Caller
from tests.cast import allow, arn, document

CREATE = "/console/iam/create-policy/"
READING = document(allow("s3:GetObject", on="arn:aws:s3:::photos/*"))
LISTING = document(allow("s3:ListBucket", on="arn:aws:s3:::photos"))


def edit_url(name: str = "Photos") -> str:
    """The page that edits a policy of the account."""
    return reverse("console:policy-edit", args=[arn(f"policy/{name}")])


def made(admin: Caller, name: str = "Photos", text: str = READING) -> str:
    """The ARN of a new policy."""
    create_policy(admin, policy_name=name, policy_document=text)
    return arn(f"policy/{name}")


def stored(admin: Caller, name: str) -> str:
    """The text of a policy that is in force."""
    policy = admin.home.policies.get(name=name)
    return str(policy.versions.get(is_default=True).document)
