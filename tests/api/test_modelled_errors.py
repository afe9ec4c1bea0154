"""The errors that AWS's model gives to the operations that are built: ours, or told why not."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import errors
from tests.api.model import operation
from tests.operations import IAM_AND_STS

#: Modelled by AWS and never raised here → why.
NEVER = {
    "AccountNotManagementOrDelegatedAdministratorException": "no account is in an organization",
    "CallerIsNotManagementAccountException": "no account is in an organization",
    "OrganizationNotInAllFeaturesModeException": "no account is in an organization",
    "ServiceAccessNotEnabledException": "no account is in an organization",
    "JWTPayloadSizeExceededException": "fifty tags of the longest fit into a token",
    "NotSupportedService": "AWS itself answers NoSuchEntity for a service without credentials",
    "OpenIdIdpCommunicationError": "no identity provider is asked over the network",
    "RegionDisabledException": "there is one endpoint, and it is never switched off",
    "ReportInProgress": "reports are complete when they are asked for",
}


def codes_of(kind: type[errors.ServiceError]) -> set[str]:
    return {kind.code}.union(*(codes_of(each) for each in kind.__subclasses__()))


def modelled(name: str) -> dict[str, str]:
    """Code → name of the shape."""
    model: Any = operation(name)
    return {
        shape.metadata.get("error", {}).get("code", shape.name): shape.name
        for shape in model.error_shapes
    }


@pytest.mark.parametrize("name", sorted(IAM_AND_STS))
def test_every_modelled_error_is_one_that_is_raised_here_or_told_why_not(name):
    ours = codes_of(errors.ServiceError)
    unknown = modelled(name).keys() - ours - NEVER.keys()
    assert not unknown, f"{name} may raise {sorted(unknown)} in AWS"


def test_every_reason_is_still_needed():
    of_aws = {code for name in IAM_AND_STS for code in modelled(name)}
    assert NEVER.keys() <= of_aws - codes_of(errors.ServiceError)
