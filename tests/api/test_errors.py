"""The errors of the actions, against those that AWS's clients know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from defusedxml import ElementTree

from accounts import errors as known
from accounts.errors import ServiceError
from iamconsole.api import errors, shapes
from tests.api import model

#: Code → why its status differs from the one in botocore's model.
OTHER_STATUS: dict[str, str] = {}
#: Of the console, where nobody signs.
NOT_ON_THE_WIRE = {"AuthenticationFailed", "PasswordExpired"}


def kinds(of: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def modelled() -> dict[str, set[int]]:
    """The statuses of every error that a service models, by its code."""
    found: dict[str, set[int]] = {}
    for name in ("iam", "sts", "cloudtrail"):
        for shape in model.service(name).error_shapes:
            error = shape.metadata.get("error", {})
            status = error.get("httpStatusCode", 400)
            found.setdefault(error.get("code", shape.name), set()).add(status)
    return found


def test_an_error_that_aws_models_has_the_status_that_it_has_there():
    statuses = modelled()
    wrong = {
        kind.code: (kind.status, statuses[kind.code])
        for kind in kinds()
        if "code" in vars(kind) and kind.code in statuses and kind.status not in statuses[kind.code]
    }
    assert wrong.keys() == OTHER_STATUS.keys(), wrong


def test_every_other_error_is_one_of_those_common_to_all_services():
    common = {"AccessDenied", "ExpiredToken", "InvalidClientTokenId", "ValidationError"}
    own = {kind.code for kind in kinds() if kind.__module__ == known.__name__}
    assert own - modelled().keys() - common - NOT_ON_THE_WIRE == set()


@pytest.mark.parametrize("service", [*shapes.SERVICES, None])
@pytest.mark.parametrize("status", [403, 500])
def test_an_error_is_xml_whatever_its_message_holds(service, status):
    error = ServiceError('<a> & \x00 ]]> "é" \r\n')
    error.code, error.status = "Some", status
    body = errors.written(error, shapes.SERVICES.get(service), "the-id", as_json=False)
    found = {each.tag.rpartition("}")[2]: each.text for each in ElementTree.fromstring(body).iter()}
    assert found["Message"] == '<a> & \ufffd ]]> "é" \r\n'
    assert found["Code"] == "Some"
    if service == "ec2":  # whose errors are of another form
        assert found["RequestID"] == "the-id"
    else:
        assert found["Type"] == ("Receiver" if status == 500 else "Sender")
        assert found["RequestId"] == "the-id"
