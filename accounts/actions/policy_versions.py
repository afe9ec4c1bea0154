"""Versions of managed policies: one of at most five is in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from accounts import paging, quotas
from accounts.actions import documents, shared
from accounts.actions.registry import action
from accounts.caller import Caller
from accounts.errors import DeleteConflict, LimitExceeded, NoSuchEntity
from accounts.managed_policies import ManagedPolicy
from accounts.models import Policy, PolicyVersion
from accounts.types import Arn, Document, Flag, Marker, MaxItems, VersionId


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a managed policy. A list of versions does not show their documents."""

    version_id: str
    is_default: bool
    created_at: datetime
    document: str | None = None
    #: The ARN of who wrote it, which AWS does not tell.
    created_by: str = ""


@action("iam:CreatePolicyVersion", resource=shared.policy_resource)
def create_policy_version(
    caller: Caller,
    /,
    *,
    policy_arn: Arn,
    policy_document: Document,
    set_as_default: Flag = False,
) -> Version:
    """Add a version to a customer managed policy. Version numbers are not used again."""
    documents.check_managed(policy_document)
    policy = shared.own_policy(caller, policy_arn)
    slot = quotas.free_slot(policy.versions.all(), quotas.VERSIONS_PER_POLICY)
    if slot is None:
        raise LimitExceeded(
            f"A managed policy can have up to {quotas.VERSIONS_PER_POLICY} versions. Before you "
            "create a new version, you must delete an existing version."
        )
    policy.last_version += 1
    policy.updated_at = caller.now
    policy.save(update_fields=["last_version", "updated_at"])
    version = policy.versions.create(
        slot=slot,
        number=policy.last_version,
        document=policy_document,
        created_at=caller.now,
        created_by=caller.arn,
    )
    if set_as_default:
        _put_in_force(version)
    return _listed(version)


@action("iam:GetPolicyVersion", resource=shared.policy_resource, read_only=True)
def get_policy_version(caller: Caller, /, *, policy_arn: Arn, version_id: VersionId) -> Version:
    """One version of a managed policy with its document. Of AWS's only the one in force is kept."""
    policy = shared.policy_or_none(caller, policy_arn)
    if isinstance(policy, Policy):
        row = _find_version(policy, version_id)
        return replace(_listed(row), document=row.document)
    if policy is None or policy.default_version_id != version_id:
        raise _no_version(policy_arn, version_id)
    return Version(version_id, True, policy.updated_at, policy.document)


@action("iam:ListPolicyVersions", resource=shared.policy_resource, read_only=True)
def list_policy_versions(
    caller: Caller,
    /,
    *,
    policy_arn: Arn,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Version]:
    """The versions of a managed policy, the newest first, without their documents."""
    policy = shared.find_policy(caller, policy_arn)
    if isinstance(policy, ManagedPolicy):
        versions = [Version(policy.default_version_id, True, policy.updated_at)]
    else:
        versions = [_listed(row) for row in policy.versions.order_by("-number")]
    return paging.slice_after_marker(versions, _newest_first, marker, max_items)


@action("iam:SetDefaultPolicyVersion", resource=shared.policy_resource)
def set_default_policy_version(
    caller: Caller, /, *, policy_arn: Arn, version_id: VersionId
) -> None:
    """Put another version of a customer managed policy in force, for everybody who has it."""
    policy = shared.own_policy(caller, policy_arn, missing=_missing(version_id))
    _put_in_force(_find_version(policy, version_id))


@action("iam:DeletePolicyVersion", resource=shared.policy_resource)
def delete_policy_version(caller: Caller, /, *, policy_arn: Arn, version_id: VersionId) -> None:
    """Delete a version that is not in force."""
    policy = shared.own_policy(caller, policy_arn, missing=_missing(version_id))
    version = _find_version(policy, version_id)
    if version.is_default:
        raise DeleteConflict("Cannot delete the default version of a policy.")
    version.delete()


def _put_in_force(version: PolicyVersion) -> None:
    # In this order: a policy never has two versions in force.
    PolicyVersion.objects.filter(policy=version.policy_id, is_default=True).update(is_default=False)
    version.is_default = True
    version.save(update_fields=["is_default"])


def _find_version(policy: Policy, version_id: str) -> PolicyVersion:
    for version in policy.versions.all():
        if version.version_id == version_id:
            return version
    raise _no_version(policy.arn, version_id)


def _no_version(policy_arn: str, version_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"Policy {policy_arn} {_missing(version_id)}.", argument="version_id")


def _missing(version_id: str) -> str:
    return f"version {version_id} does not exist or is not attachable"


def _listed(version: PolicyVersion) -> Version:
    return Version(
        version.version_id, version.is_default, version.created_at, created_by=version.created_by
    )


def _newest_first(version: Version) -> str:
    """Sorts upwards by how old a version is: ten digits hold any number there can be."""
    return f"{10**10 - int(version.version_id[1:]):010d}"
