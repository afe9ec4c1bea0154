"""SNS's actions against the service model that AWS's own clients are built from."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from accounts.actions.registry import ACTIONS, CONSOLE_ONLY
from iamconsole.answers import ANSWERS

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
def test_an_action_has_the_name_and_the_arguments_that_aws_gives_it(name):
    shape, action = operation(name).input_shape, ACTIONS[name]
    assert action.run.__name__ == xform_name(name.partition(":")[2])
    given = dict(list(action.signature.parameters.items())[1:])
    console = CONSOLE_ONLY.get(name, frozenset())
    assert {xform_name(member) for member in shape.members} == given.keys() - console
    required = {xform_name(member) for member in shape.required_members}
    assert set(action.required) == required
    assert given.keys() - console <= action.rules.keys(), "an argument without a rule"


@EVERY
def test_an_operation_that_tells_something_has_an_answer(name):
    shape = operation(name).output_shape
    tells = shape is not None and bool(shape.members)
    assert (name in ANSWERS) == tells


@EVERY
def test_nothing_of_sns_raises_the_epoch_of_policies(name):
    assert not ACTIONS[name].raises_epoch
