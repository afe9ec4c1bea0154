"""Every operation that is built, by the SDK of AWS: by the powerless, a stranger, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from accounts import authorize
from accounts.caller import Caller
from accounts.models import Account
from tests.accounts.furnished import MARK, PASSWORD, SEED, furnish
from tests.api.model import operation
from tests.cast import new_administrator
from tests.operations import IAM_AND_STS

#: No policy is asked: whoever signs may call these, or a provider's word counts instead.
NOT_BY_POLICY = authorize.WITHOUT_CREDENTIALS | authorize.ALWAYS_ALLOWED
#: Errors that the model does not list → why they are answered.
UNMODELLED = {
    ("iam:DeleteServiceLinkedRole", "InvalidInput"): "the role is there, and no service's",
}


def spelled(value: Any, shape: Any) -> Any:
    """An argument as the SDK takes it: structures as dicts in CamelCase."""
    if shape.type_name == "list":
        return [spelled(each, shape.member) for each in value]
    if shape.type_name == "structure":
        return {
            name: spelled(getattr(value, xform_name(name)), member)
            for name, member in shape.members.items()
            if getattr(value, xform_name(name), None) is not None
        }
    return value


def call(sdk: Any, name: str, given: dict[str, Any]) -> tuple[int, str, str]:
    """What an operation answers: its status, its error's code, and all of it as text."""
    shape = operation(name).input_shape
    members = shape.members.items() if shape is not None else ()
    parameters = {
        member: spelled(given[xform_name(member)], of)
        for member, of in members
        if given.get(xform_name(member)) is not None
    }
    try:
        answer = getattr(sdk, xform_name(name.partition(":")[2]))(**parameters)
    except ClientError as error:
        answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    return answer["ResponseMetadata"]["HTTPStatusCode"], code, str(answer)


@pytest.mark.parametrize("name", sorted(IAM_AND_STS))
def test_an_operation_is_for_whoever_may_in_their_own_account(
    name: str, aws: Any, root: Caller, alice: Caller, eve: Caller
):
    home = furnish(root)
    given, service = home.arguments_of(name), name.partition(":")[0]
    epoch = Account.objects.get(pk=root.home.pk).policy_epoch

    status, code, _ = call(aws(alice, service), name, given)
    if name not in NOT_BY_POLICY:
        assert (status, code) == (403, "AccessDenied")
    status, code, text = call(aws(eve, service), name, given)
    assert status < 500, text
    assert not any(secret in text for secret in (MARK, PASSWORD, SEED))
    assert Account.objects.get(pk=root.home.pk).policy_epoch == epoch

    status, code, text = call(aws(new_administrator(root.home, "chief"), service), name, given)
    assert status < 500, text
    assert (status == 200) == (code == "")
    assert code not in ("AccessDenied", "NotImplemented"), text
    if code and (name, code) not in UNMODELLED:
        shapes = operation(name).error_shapes
        modelled = {each.metadata.get("error", {}).get("code", each.name) for each in shapes}
        assert code in modelled | {"ValidationError"}
