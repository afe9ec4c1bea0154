"""ARNs of IAM's resources, and what a policy may know about the resource of a call.

Formats: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity
and Access Management". A resource is resolved before the caller is authorised, so a name that does
not exist gets the ARN that it would have at the top path: whether it exists is not given away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.engine import Policy as EnginePolicy
from accounts.engine import Principal
from accounts.models import Account


@dataclass(frozen=True, slots=True)
class Resource:
    """What a call acts on, as policies see it."""

    arn: str
    account: str
    tags: Mapping[str, str] = field(default_factory=dict)
    #: The resource's own policy, where it has one (a role's trust policy, a bucket policy).
    policy: EnginePolicy | None = None
    #: The unique id of whoever owns it, where that matters.
    owner: str = ""
    #: Condition keys that only this call has, such as iam:PolicyARN.
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    #: Who asks where nobody signed: the identity provider whose token was checked.
    asking: Principal | None = None


def iam(account: Account | str, rest: str) -> str:
    """`arn:aws:iam::ACCOUNT:REST`."""
    account_id = account if isinstance(account, str) else account.id
    return f"arn:aws:iam::{account_id}:{rest}"


def named(account: Account, kind: str, path: str, name: str) -> str:
    """The ARN of a user, group, role, policy or instance profile."""
    return iam(account, f"{kind}{path}{name}")


#: The ARN on which AWS evaluates each list operation, and says so when it refuses one.
LISTS = {
    "iam:ListGroups": "group/",
    "iam:ListInstanceProfiles": "instance-profile/",
    "iam:ListRoles": "role/",
    "iam:ListServerCertificates": "server-certificate/",
    "iam:ListUsers": "user/",
    "iam:ListVirtualMFADevices": "mfa/",
}
#: The exceptions: what AWS names here is no ARN.
ODD_LISTS = {"iam:ListPolicies": "policy path /"}


def of_list(action: str) -> Callable[..., Resource]:
    """The resource of a list operation."""

    def resource(caller: Any, **_: Any) -> Resource:
        account = caller.home.id
        odd = ODD_LISTS.get(action)
        return Resource(odd if odd is not None else iam(account, LISTS[action]), account)

    return resource


def everything(caller: Any, **_: Any) -> Resource:
    """The resource of operations that AWS evaluates on `*` alone."""
    return Resource("*", caller.home.id)


def bounded(boundary: str | None) -> Mapping[str, str]:
    """The condition key of a user or role that is going to have that permissions boundary."""
    return {"iam:PermissionsBoundary": boundary} if boundary else {}


def of_row(row: Any, **context: str | Sequence[str]) -> Resource:
    """A row that knows its ARN, with its tags where it has any."""
    return Resource(row.arn, row.account_id, getattr(row, "tags", {}), context=context)


def last_part(arn: str) -> str:
    """The name at the end of an ARN."""
    return arn.rpartition("/")[2]
