"""What botocore's own serializer sends, read into the arguments of the actions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from botocore import xform_name
from botocore.serialize import create_serializer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.actions.registry import ACTIONS
from accounts.types import Tag
from iamconsole.api import query, shapes
from iamconsole.api.errors import FrontDoorError
from tests.api import model

BUILT = sorted(name for name in ACTIONS if name in model.OPERATIONS)
SERIALIZER = create_serializer("query", include_validation=False)


def reader(name: str) -> Any:
    service, _, operation = name.partition(":")
    return query.reader(shapes.SERVICES[service], operation, ACTIONS[name].rules)


def read(name: str, text: str) -> dict[str, Any]:
    arguments: dict[str, Any] = reader(name)(query.unique(query.pairs(text)))
    return arguments


def as_aws_has_it(value: Any, shape: Any) -> Any:
    """An argument of an action in the form that botocore's clients take it."""
    if shape.type_name == "list":
        return [as_aws_has_it(item, shape.member) for item in value]
    if shape.type_name != "structure":
        return value
    found = {name: getattr(value, xform_name(name)) for name in shape.members}
    return {
        name: as_aws_has_it(member, shape.members[name])
        for name, member in found.items()
        if member is not None
    }


@pytest.mark.parametrize("name", BUILT)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(sample=st.data())
def test_an_action_gets_what_a_client_was_given(name, sample):
    operation = model.operation(name)
    shape = operation.input_shape
    parameters = sample.draw(model.values(shape)) if shape is not None else {}
    sent = SERIALIZER.serialize_to_request(parameters, operation)
    arguments = read(name, urlencode(sent["body"]))
    if shape is None:
        assert arguments == {}
        return
    members = {xform_name(member): member for member in shape.members}
    assert {
        members[argument]: as_aws_has_it(value, shape.members[members[argument]])
        for argument, value in arguments.items()
    } == parameters


def test_tags_are_tags_and_lists_are_sorted_by_number():
    text = "Tags.member.10.Key=c&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a"
    assert read("iam:TagUser", f"UserName=alice&{text}") == {
        "user_name": "alice",
        "tags": [Tag("a", None), Tag("b", "2"), Tag("c", None)],  # type: ignore[arg-type]
    }


def test_nothing_but_awss_members_gets_through():
    text = "UserName=a&page=1&search=x&sort=y&user_name=b&caller=c&UserNames=d&.=e&=f&UserName2=g"
    assert read("iam:GetUser", text) == {"user_name": "a"}


@pytest.mark.parametrize("word", ["yes", "1", "", "tru", "ｔrue"])
def test_a_boolean_is_true_or_false(word):
    assert read("iam:CreatePolicyVersion", "SetAsDefault=TRUE") == {"set_as_default": True}
    with pytest.raises(FrontDoorError, match="not of its type"):
        read("iam:CreatePolicyVersion", urlencode({"SetAsDefault": word}))


@pytest.mark.parametrize("number", ["", " 1", "1.0", "0x1", "１", "1_000", "9" * 40])
def test_a_number_is_written_in_digits(number):
    assert read("iam:ListUsers", "MaxItems=007") == {"max_items": 7}
    with pytest.raises(FrontDoorError, match="not of its type"):
        read("iam:ListUsers", urlencode({"MaxItems": number}))


@given(text=st.text(st.characters(max_codepoint=255), max_size=60))
@example("Tags.member.1.Key.Key=a")
@example("Tags.member.1.Key=a&Tags.member.1=b")
@example("Tags.member=a&Tags.member.1.Key=b")
@example("Tags.=a")
@example("Tags..=a")
@example("Tags.member.01.Key=a")
@example("Tags.member.-1.Key=a")
def test_any_text_is_read_or_refused(text):
    try:
        arguments = read("iam:CreateUser", text)
    except FrontDoorError:
        return
    assert arguments.keys() <= {"path", "user_name", "permissions_boundary", "tags"}


@given(fields=st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=6))
def test_forms_are_read_as_they_were_written(fields):
    assert query.unique(query.pairs(urlencode(fields))) == fields
