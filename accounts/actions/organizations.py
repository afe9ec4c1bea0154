"""Root access across the accounts of an organization: no account here is in one, and these say so.

IAM User Guide, "Centrally manage root access for member accounts". AWS gives every account outside
of an organization the same refusal, whether it reads or changes.
"""

from __future__ import annotations

from accounts import arns
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import OrganizationNotFound


@action("iam:ListOrganizationsFeatures", resource=arns.everything, read_only=True)
def list_organizations_features(caller: Caller, /) -> None:
    """Which features an organization has switched on. Raise OrganizationNotFound."""
    raise _none_of(caller)


@action(
    "iam:EnableOrganizationsRootCredentialsManagement",
    resource=arns.everything,
    raises_epoch=False,
)
def enable_organizations_root_credentials_management(caller: Caller, /) -> None:
    """Manage the root credentials of member accounts in one place. Raise OrganizationNotFound."""
    raise _none_of(caller)


@action(
    "iam:DisableOrganizationsRootCredentialsManagement",
    resource=arns.everything,
    raises_epoch=False,
)
def disable_organizations_root_credentials_management(caller: Caller, /) -> None:
    """Stop managing them in one place. Raise OrganizationNotFound."""
    raise _none_of(caller)


@action("iam:EnableOrganizationsRootSessions", resource=arns.everything, raises_epoch=False)
def enable_organizations_root_sessions(caller: Caller, /) -> None:
    """Allow short sessions as the root user of member accounts. Raise OrganizationNotFound."""
    raise _none_of(caller)


@action("iam:DisableOrganizationsRootSessions", resource=arns.everything, raises_epoch=False)
def disable_organizations_root_sessions(caller: Caller, /) -> None:
    """Stop allowing them. Raise OrganizationNotFound."""
    raise _none_of(caller)


def _none_of(caller: Caller) -> OrganizationNotFound:
    return OrganizationNotFound(f"The account {caller.home.id} is not a member of an organization.")
