"""Every action of S3 is on the wire, and every argument of it can be given there."""

from __future__ import annotations

import pytest
from botocore.parsers import create_parser

from accounts.actions.registry import ACTIONS
from iamconsole.answers.s3 import ANSWERS
from iamconsole.api.s3 import arguments, routes, writing
from iamconsole.api.s3.errors import Refusal
from tests.api import model

BUILT = sorted(name.removeprefix("s3:") for name in ACTIONS if name.startswith("s3:"))


def test_every_action_of_s3_is_answered_and_nothing_else():
    assert sorted(ANSWERS) == BUILT


@pytest.mark.parametrize("operation", BUILT)
def test_every_argument_of_an_action_stands_somewhere_in_its_request(operation):
    taken = set(ACTIONS[f"s3:{operation}"].signature.parameters) - {"caller", "prepared"}
    assert {place.argument for place in arguments._places(operation)} == taken


@pytest.mark.parametrize("operation", model.service("s3").operation_names)
def test_the_address_of_an_operation_leads_to_it_or_says_that_it_is_not_built(operation):
    of = model.service("s3").operation_model(operation)
    if of.deprecated or operation in ("ListDirectoryBuckets", "WriteGetObjectResponse"):
        return
    path, _, text = of.http["requestUri"].partition("?")
    address = routes.Address("bucket" if "Bucket" in path else "", "key" if "Key" in path else "")
    query = {part.partition("=")[0]: part.partition("=")[2] for part in text.split("&") if part}
    headers = {}
    for name in of.input_shape.required_members:
        member = of.input_shape.members[name].serialization
        if member.get("location") == "querystring":
            query[member["name"]] = "x"
        if member.get("location") == "header":
            headers[member["name"].lower()] = "x"
    try:
        found = routes.find(of.http["method"], address, query, headers)
    except Refusal as refusal:
        found = refusal.message.removeprefix("s3:").partition(" ")[0]
    assert found == operation


def test_an_answer_without_anything_is_read_by_botocore():
    for operation in ("ListObjectsV2", "ListBuckets", "GetBucketTagging", "ListParts"):
        body = writing.document(operation, {})
        shape = model.service("s3").operation_model(operation).output_shape
        create_parser("rest-xml").parse({"status_code": 200, "headers": {}, "body": body}, shape)
