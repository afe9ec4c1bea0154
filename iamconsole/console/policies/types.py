"""What the console calls the kinds of policies."""

from __future__ import annotations

from accounts import managed_policies
from accounts.actions.policies import AWS, CUSTOMER, JOB_FUNCTION

#: Of managed policies, by what `PolicyInUse.kind` says.
LABELS = {
    CUSTOMER: "Customer managed",
    AWS: "AWS managed",
    JOB_FUNCTION: "AWS managed - job function",
}
INLINE = "Customer inline"


def label_of_arn(arn: str) -> str:
    """What an attached policy is called, of which only the ARN is known."""
    known = managed_policies.get(arn)
    if known is None:
        return LABELS[AWS if arn.startswith("arn:aws:iam::aws:") else CUSTOMER]
    return LABELS[JOB_FUNCTION if known.job_function else AWS]
