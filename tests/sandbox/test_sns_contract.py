"""SNS's actions against the service model that AWS's own clients are built from."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from accounts.actions.registry import ACTIONS
from accounts.errors import ServiceError
from iamconsole.answers import ANSWERS
from iamconsole.sandbox import sns_errors

#: Operations of AWS that are not built: nothing answers for them.
NOT_YET = {
    # Nothing is delivered: this installation sends no mail and calls no address.
    "ConfirmSubscription",
    "GetSubscriptionAttributes",
    "SetSubscriptionAttributes",
    "Subscribe",
    "Unsubscribe",
    # Text messages.
    "CheckIfPhoneNumberIsOptedOut",
    "CreateSMSSandboxPhoneNumber",
    "DeleteSMSSandboxPhoneNumber",
    "GetSMSAttributes",
    "GetSMSSandboxAccountStatus",
    "ListOriginationNumbers",
    "ListPhoneNumbersOptedOut",
    "ListSMSSandboxPhoneNumbers",
    "OptInPhoneNumber",
    "SetSMSAttributes",
    "VerifySMSSandboxPhoneNumber",
    # Pushed to mobile devices.
    "CreatePlatformApplication",
    "CreatePlatformEndpoint",
    "DeleteEndpoint",
    "DeletePlatformApplication",
    "GetEndpointAttributes",
    "GetPlatformApplicationAttributes",
    "ListEndpointsByPlatformApplication",
    "ListPlatformApplications",
    "SetEndpointAttributes",
    "SetPlatformApplicationAttributes",
    # Looking for personal data in messages.
    "GetDataProtectionPolicy",
    "PutDataProtectionPolicy",
}
BUILT = {name for name in ACTIONS if name.startswith("sns:")}
EVERY = pytest.mark.parametrize("name", sorted(BUILT))


def model() -> Any:
    return botocore.session.get_session().get_service_model("sns")


def operation(name: str) -> Any:
    return model().operation_model(name.partition(":")[2])


def test_every_operation_of_aws_is_either_built_or_listed_as_not_built():
    built = {name.partition(":")[2] for name in BUILT}
    assert built | NOT_YET == set(model().operation_names)
    assert built & NOT_YET == set()


@EVERY
def test_an_operation_that_tells_something_has_an_answer(name):
    shape = operation(name).output_shape
    tells = shape is not None and bool(shape.members)
    assert (name in ANSWERS) == tells


@EVERY
def test_nothing_of_sns_raises_the_epoch_of_policies(name):
    assert not ACTIONS[name].raises_epoch


def test_errors_have_the_codes_and_statuses_that_aws_models():
    shapes = [each.metadata["error"] for each in model().error_shapes if "error" in each.metadata]
    modelled = {each["code"]: each["httpStatusCode"] for each in shapes}
    ours = [
        each
        for each in vars(sns_errors).values()
        if isinstance(each, type) and each.__module__ == sns_errors.__name__
    ]
    # Of the console alone, and one whose code says what is wrong with the batch.
    left = {"MessageNotFound", "BatchRefused"}
    for kind in ours:
        assert issubclass(kind, ServiceError)
        if kind.__name__ not in left:
            assert modelled[kind.code] == kind.status
