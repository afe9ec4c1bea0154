"""Managed policies: the account's own, and AWS's to read."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from accounts import arns, ids, managed_policies, paging, quotas
from accounts.actions import documents, shared
from accounts.actions import filters as filtering
from accounts.actions.filters import Filter, Kind, Property
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import DeleteConflict, EntityAlreadyExists, InvalidInput
from accounts.managed_policies import ManagedPolicy
from accounts.models import Attachment, Policy, PolicyVersion
from accounts.types import (
    Arn,
    Choice,
    Document,
    Flag,
    Marker,
    MaxItems,
    PolicyDescription,
    PolicyName,
    PolicyPath,
    Tag,
    TagKeys,
    Tags,
    tag_mapping,
)

Scope = Annotated[str, Choice(("All", "AWS", "Local"))]
Usage = Annotated[str, Choice(("PermissionsPolicy", "PermissionsBoundary"))]

#: The console's types of managed policies.
CUSTOMER, AWS, JOB_FUNCTION = "customer", "aws", "job-function"
KINDS = (CUSTOMER, AWS, JOB_FUNCTION)

#: What the console's filter by use may ask for.
NOT_USED, AS_POLICY, AS_BOUNDARY, AS_BOTH = "not-used", "policy", "boundary", "both"


@dataclass(frozen=True, slots=True)
class PolicyInUse:
    """A managed policy, whoever's it is, and how many identities use it."""

    policy: Policy | ManagedPolicy
    default_version_id: str
    #: How many users, groups and roles it is attached to.
    attachment_count: int = 0
    #: How many users and roles it is the permissions boundary of.
    boundary_count: int = 0

    @property
    def name(self) -> str:
        """The policy's name."""
        return self.policy.name

    @property
    def arn(self) -> str:
        """The policy's ARN."""
        return self.policy.arn

    @property
    def path(self) -> str:
        """The policy's path."""
        return self.policy.path

    @property
    def policy_id(self) -> str:
        """The policy's unique id."""
        policy = self.policy
        return policy.unique_id if isinstance(policy, Policy) else policy.policy_id

    @property
    def kind(self) -> str:
        """CUSTOMER, AWS or JOB_FUNCTION."""
        if isinstance(self.policy, Policy):
            return CUSTOMER
        return JOB_FUNCTION if self.policy.job_function else AWS

    @property
    def description(self) -> str:
        """What whoever made it wrote about it."""
        return self.policy.description

    @property
    def is_attachable(self) -> bool:
        """Whether an identity of the account may have it at all."""
        return shared.attachable(self.policy)

    @property
    def tags(self) -> dict[str, str]:
        """Its tags; AWS's policies have none."""
        return self.policy.tags if isinstance(self.policy, Policy) else {}

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return self.policy.created_at

    @property
    def updated_at(self) -> datetime:
        """When its newest version was made."""
        return self.policy.updated_at


_new_policy = shared.new_named("policy", "policy_name")


@action("iam:CreatePolicy", resource=_new_policy, also=shared.tagging("iam:TagPolicy", _new_policy))
def create_policy(
    caller: Caller,
    /,
    *,
    policy_name: PolicyName,
    path: PolicyPath = "/",
    policy_document: Document,
    description: PolicyDescription = "",
    tags: Tags = (),
) -> PolicyInUse:
    """Make a customer managed policy; the document is its version v1."""
    documents.check_managed(policy_document)
    policies = caller.home.policies.all()
    quotas.room_for_one(policies, "PoliciesPerAccount", quotas.POLICIES_PER_ACCOUNT)
    policy = Policy(
        account=caller.home,
        name=policy_name,
        path=path,
        unique_id=ids.unique_id(ids.POLICY),
        description=description,
        created_at=caller.now,
        updated_at=caller.now,
        tags=tag_mapping(tags),
    )
    taken = EntityAlreadyExists(
        f"A policy called {policy_name} already exists. Duplicate names are not allowed.",
        argument="policy_name",
    )
    shared.save_unless_taken(policy, taken)
    policy.versions.create(
        slot=1,
        number=1,
        document=policy_document,
        is_default=True,
        created_at=caller.now,
        created_by=caller.arn,
    )
    return PolicyInUse(policy, "v1")


@action("iam:GetPolicy", resource=shared.policy_resource, read_only=True)
def get_policy(caller: Caller, /, *, policy_arn: Arn) -> PolicyInUse:
    """A managed policy and how often it is used."""
    policy = shared.find_policy(caller, policy_arn)
    if isinstance(policy, Policy):
        version_id = policy.versions.get(is_default=True).version_id
    else:
        version_id = policy.default_version_id
    return PolicyInUse(
        policy,
        version_id,
        attachment_count=Attachment.objects.filter(
            shared.attachment_of(policy), account=caller.home
        ).count(),
        boundary_count=caller.home.users.filter(shared.bounded_by(policy)).count()
        + caller.home.roles.filter(shared.bounded_by(policy)).count(),
    )


@action("iam:ListPolicies", resource=arns.of_list("iam:ListPolicies"), read_only=True)
def list_policies(
    caller: Caller,
    /,
    *,
    scope: Scope = "All",
    only_attached: Flag = False,
    path_prefix: PolicyPath = "/",
    policy_usage_filter: Usage | None = None,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
    search: str | None = None,
    sort: str | None = None,
    page: int | None = None,
    page_size: int | None = None,
    kind: str | None = None,
    used: str | None = None,
    filters: Sequence[Filter] = (),
) -> paging.Page[PolicyInUse]:
    """The managed policies that the account can use, sorted by name: its own and AWS's.

    Merged in memory, in the same number of queries however many there are. `kind` is one of
    KINDS, `used` a key of USES, `sort` one of SORTABLE, with a minus for the other direction.
    """
    found = [
        policy
        for policy in _in_use(caller, scope)
        if policy.path.startswith(path_prefix)
        and _used_as(policy, only_attached, policy_usage_filter)
    ]
    if page is None:
        found.sort(key=_order)
        return paging.slice_after_marker(found, _order, marker, max_items)
    if search:
        found = [policy for policy in found if search.lower() in policy.name.lower()]
    if filters:
        found = [policy for policy in found if _fits(policy, filters, caller.now)]
    if kind in KINDS:
        found = [policy for policy in found if policy.kind == kind]
    if (fits := USES.get(used or "")) is not None:
        found = [policy for policy in found if fits(policy)]
    column = SORTABLE.get((sort or "name").lstrip("-"), _order)
    found.sort(key=column, reverse=(sort or "").startswith("-"))
    if search and (sort or "name") == "name":
        # Many names end in ReadOnlyAccess: the one that is just that comes first.
        found.sort(key=lambda policy: policy.name.lower() != search.lower())
    return paging.numbered_slice(found, page, page_size or 20)


def _order(policy: PolicyInUse) -> str:
    """Sorts by name, and tells apart two policies of one name: the account's and AWS's."""
    return _order_of(policy.name, policy.arn)


@functools.lru_cache(maxsize=4096)
def _order_of(name: str, arn: str) -> str:
    owner = arn.split(":", 5)[4]
    return f"{name.lower()} {owner}"


#: The console's columns that can be sorted by.
SORTABLE: Mapping[str, Callable[[PolicyInUse], Any]] = {
    "name": _order,
    "kind": lambda policy: f"{policy.kind} {_order(policy)}",
    "used_as": lambda policy: (policy.attachment_count + policy.boundary_count, _order(policy)),
    "description": lambda policy: (policy.description.lower(), _order(policy)),
    "path": lambda policy: (policy.path, _order(policy)),
    "created": lambda policy: (policy.created_at, _order(policy)),
    "edited": lambda policy: (policy.updated_at, _order(policy)),
}

#: What the console's list can be filtered by, and what of a policy is compared.
PROPERTIES = {
    "name": Property(Kind.TEXT),
    "description": Property(Kind.TEXT),
    "path": Property(Kind.TEXT),
    "arn": Property(Kind.TEXT),
    "created": Property(Kind.DAYS),
    "edited": Property(Kind.DAYS),
}
_COMPARED: Mapping[str, Callable[[PolicyInUse], Any]] = {
    "name": lambda policy: policy.name,
    "description": lambda policy: policy.description,
    "path": lambda policy: policy.path,
    "arn": lambda policy: policy.arn,
    "created": lambda policy: policy.created_at,
    "edited": lambda policy: policy.updated_at,
}

#: The console's filter by use.
USES: Mapping[str, Callable[[PolicyInUse], bool]] = {
    NOT_USED: lambda policy: not (policy.attachment_count or policy.boundary_count),
    AS_POLICY: lambda policy: policy.attachment_count > 0,
    AS_BOUNDARY: lambda policy: policy.boundary_count > 0,
    AS_BOTH: lambda policy: policy.attachment_count > 0 and policy.boundary_count > 0,
}


@action("iam:DeletePolicy", resource=shared.policy_resource)
def delete_policy(caller: Caller, /, *, policy_arn: Arn) -> None:
    """Delete a customer managed policy that nobody has, with its last version."""
    policy = shared.own_policy(caller, policy_arn)
    if (
        policy.attachments.exists()
        or policy.bounded_users.exists()
        or policy.bounded_roles.exists()
    ):
        raise DeleteConflict("Cannot delete a policy attached to entities.")
    if policy.versions.count() > 1:
        raise DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete "
            "the policy's versions. The default version is deleted with the policy."
        )
    policy.delete()


@action("iam:TagPolicy", resource=shared.policy_resource)
def tag_policy(caller: Caller, /, *, policy_arn: Arn, tags: Tags) -> None:
    """Set tags on a customer managed policy; a key that is there gets the new value."""
    shared.set_tags(shared.own_policy(caller, policy_arn), tags)


@action("iam:UntagPolicy", resource=shared.policy_resource)
def untag_policy(caller: Caller, /, *, policy_arn: Arn, tag_keys: TagKeys) -> None:
    """Remove tags from a customer managed policy."""
    shared.drop_tags(shared.own_policy(caller, policy_arn), tag_keys)


@action("iam:ListPolicyTags", resource=shared.policy_resource, read_only=True)
def list_policy_tags(
    caller: Caller,
    /,
    *,
    policy_arn: Arn,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A policy's tags, sorted by key."""
    policy = shared.find_policy(caller, policy_arn)
    if isinstance(policy, ManagedPolicy):
        return paging.Page([])
    return shared.tags_page(policy, marker, max_items)


def _in_use(caller: Caller, scope: str) -> list[PolicyInUse]:
    """Every policy of the scope with its counts. Four queries at most."""
    account = caller.home
    attached = count_uses(Attachment.objects.filter(account=account), "policy", "managed_arn")
    bounded = count_uses(account.users.all(), "boundary", "boundary_managed_arn")
    bounded += count_uses(account.roles.all(), "boundary", "boundary_managed_arn")
    found: list[PolicyInUse] = []
    if scope != "AWS":
        in_force = PolicyVersion.objects.filter(policy=OuterRef("pk"), is_default=True)
        rows = account.policies.annotate(in_force=Subquery(in_force.values("number")))
        found += [
            PolicyInUse(row, f"v{row.in_force}", attached[row.pk], bounded[row.pk]) for row in rows
        ]
    if scope != "Local":
        used = attached.keys() | bounded.keys()
        found += [
            replace(known, attachment_count=attached[known.arn], boundary_count=bounded[known.arn])
            if known.arn in used
            else known
            for known in _of_aws()
        ]
    return found


@functools.cache
def _of_aws() -> tuple[PolicyInUse, ...]:
    """AWS's policies, used by nobody: there are many more than most accounts use."""
    return tuple(PolicyInUse(each, each.default_version_id) for each in managed_policies.all())


def count_uses(rows: QuerySet[Any], own: str, managed: str) -> Counter[int | str]:
    """How many of the rows name each policy: the account's own by key, AWS's by ARN."""
    counts: Counter[int | str] = Counter()
    for key, arn, number in rows.order_by().values_list(own, managed).annotate(Count("pk")):
        if key or arn:
            counts[key or arn] += number
    return counts


def _fits(policy: PolicyInUse, asked: Sequence[Filter], now: datetime) -> bool:
    """Whether all filters hold. Raise InvalidInput for what makes no sense."""
    for each in asked:
        about = PROPERTIES.get(each.name)
        if about is None or not filtering.makes_sense(each, about):
            raise InvalidInput(f"{each.name} can't be filtered so.", argument="filters")
        if not filtering.fits(each, about.kind, _COMPARED[each.name](policy), now):
            return False
    return True


def _used_as(policy: PolicyInUse, only_attached: bool, usage: str | None) -> bool:
    """Whether a list narrowed in these ways shows the policy."""
    if usage == "PermissionsBoundary":
        return policy.boundary_count > 0
    if usage == "PermissionsPolicy" or only_attached:
        return policy.attachment_count > 0
    return True
