"""What is written, read back by botocore's own parser; and that every answer has what to write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.parsers import create_parser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iamconsole.answers import ANSWERS
from iamconsole.api import shapes
from tests.api import model
from tests.operations import IAM_AND_STS

PARSER = create_parser("query")
SOME = settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


def read_back(body: bytes, shape: Any) -> dict[str, Any]:
    found = PARSER.parse({"body": body, "headers": {}, "status_code": 200}, shape)
    metadata = found.pop("ResponseMetadata")
    assert metadata["RequestId"] == "the-id"
    return dict(found)


@pytest.mark.parametrize("name", model.OPERATIONS)
@SOME
@given(sample=st.data())
def test_botocore_reads_what_is_written_of_every_operation(name, sample):
    shape = model.operation(name).output_shape
    members = sample.draw(model.values(shape)) if shape is not None else {}
    assert read_back(shapes.written(name, members, "the-id"), shape) == members


@pytest.mark.parametrize("name", ["iam:GetUser", "iam:ListUsers", "sts:AssumeRole"])
@SOME
@given(sample=st.data())
def test_json_holds_the_same(name, sample):
    members = sample.draw(model.values(model.operation(name).output_shape))
    written = json.loads(shapes.written(name, members, "the-id", as_json=True))
    operation = name.partition(":")[2]
    answer = written[f"{operation}Response"]
    assert answer["ResponseMetadata"] == {"RequestId": "the-id"}
    assert answer[f"{operation}Result"].keys() == members.keys()


def test_what_xml_cannot_hold_is_replaced():
    members = {"Account": "a\x00b\x0b\ud800c\uffff", "Arn": "<&>\"'\r\n\t]]>"}
    body = shapes.written("sts:GetCallerIdentity", members, "the-id")
    shape = model.operation("sts:GetCallerIdentity").output_shape
    assert read_back(body, shape) == {
        "Account": "a\ufffdb\ufffd\ufffdc\ufffd",
        "Arn": "<&>\"'\r\n\t]]>",
    }


def test_what_is_none_is_left_out_and_an_empty_list_is_not():
    shape = model.operation("iam:ListUsers").output_shape
    members = {"Users": [], "IsTruncated": False, "Marker": None}
    body = shapes.written("iam:ListUsers", members, "the-id")
    assert read_back(body, shape) == {"Users": [], "IsTruncated": False}


#: No account here is in an organization, so these never come to an answer.
ALWAYS_REFUSED = {
    f"iam:{verb}"
    for verb in (
        "DisableOrganizationsRootCredentialsManagement",
        "DisableOrganizationsRootSessions",
        "EnableOrganizationsRootCredentialsManagement",
        "EnableOrganizationsRootSessions",
        "ListOrganizationsFeatures",
    )
}


def test_every_built_operation_that_tells_something_has_an_answer_and_no_other_has():
    telling = {
        name
        for name in IAM_AND_STS
        if name in model.OPERATIONS
        and (shape := model.operation(name).output_shape) is not None
        and shape.members
    }
    assert telling - ANSWERS.keys() == ALWAYS_REFUSED, "without an answer"
    here = {name for name in ANSWERS if name.startswith(("iam:", "sts:"))}
    assert here - set(model.OPERATIONS) == set(), "not an operation of AWS"
