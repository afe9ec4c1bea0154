"""What the sandbox has registered, against the service models of AWS's own clients."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name

from accounts.actions.registry import CONSOLE_ONLY
from accounts.engine import catalog
from tests.operations import OF_SANDBOX
from tests.test_contract import FILLED_IN, members

EVERY_ACTION = pytest.mark.parametrize("name", sorted(OF_SANDBOX))

#: (operation, argument) -> why it is not to be left out here although AWS's model lets it be.
REQUIRED_HERE: dict[tuple[str, str], str] = {
    ("s3:CompleteMultipartUpload", "multipart_upload"): "S3 refuses an empty body",
}
#: Operations that policies know under another name, which stands in `permission=`.
RENAMED = {
    "s3:ListBuckets",
    "s3:HeadBucket",
    "s3:ListObjects",
    "s3:ListObjectsV2",
    "s3:HeadObject",
    "s3:CopyObject",
    "s3:CreateMultipartUpload",
    "s3:UploadPart",
    "s3:UploadPartCopy",
    "s3:CompleteMultipartUpload",
    "s3:ListParts",
    "s3:ListMultipartUploads",
    "s3:GetPublicAccessBlock",
    "s3:PutPublicAccessBlock",
    "s3:DeletePublicAccessBlock",
    "s3:DeleteBucketTagging",
    "sns:PublishBatch",
}
#: Operations that are no permission: each of the things they act on is asked for.
ASKED_FOR_EACH = {"s3:DeleteObjects"}


def parameters(name: str) -> dict[str, Any]:
    """Our arguments of an operation, without what nobody passes."""
    found = list(OF_SANDBOX[name].signature.parameters.values())[1:]
    console = CONSOLE_ONLY.get(name, frozenset())
    return {one.name: one for one in found if one.name not in FILLED_IN | console}


@EVERY_ACTION
def test_an_action_is_an_operation_of_aws_under_the_name_its_clients_give_it(name: str):
    assert OF_SANDBOX[name].run.__name__ == xform_name(name.partition(":")[2])
    assert members(name) is not None, "botocore knows the operation"


@EVERY_ACTION
def test_it_takes_no_argument_that_aws_does_not_take(name: str):
    assert parameters(name).keys() <= members(name).keys()


@EVERY_ACTION
def test_what_aws_requires_has_to_be_given(name: str):
    for argument, (_shape, required) in members(name).items():
        ours = parameters(name).get(argument)
        assert ours is not None or not required, f"{argument} is not taken"
        if ours is not None:
            assert ours.kind is ours.KEYWORD_ONLY
            mandatory = required or (name, argument) in REQUIRED_HERE
            assert (ours.default is ours.empty) == mandatory, argument


@EVERY_ACTION
def test_every_argument_but_a_body_has_a_rule(name: str):
    assert parameters(name).keys() - {"body"} <= OF_SANDBOX[name].rules.keys()


@EVERY_ACTION
def test_what_policies_call_it_is_an_action_that_aws_knows(name: str):
    permission = OF_SANDBOX[name].permission
    if name not in ASKED_FOR_EACH:
        assert catalog.action(permission) is not None
    assert (permission != name) == (name in RENAMED)
