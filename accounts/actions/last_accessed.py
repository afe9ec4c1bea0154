"""Which services somebody can use, and when they were last tried, successfully or not.

IAM User Guide, "Refine permissions in AWS using last accessed information". Read off the account's
events at once, where AWS takes up to four hours. Policies of other kinds than permissions policies
(boundaries, trust, session policies) are not looked at, as in AWS.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from accounts import arns, engine, paging, policy_sets
from accounts.actions import granted, shared
from accounts.actions.attempts import Attempts, attempts, bring_up_to_date
from accounts.actions.registry import ANYBODY, FROM_PREPARE, action, command
from accounts.arns import Resource
from accounts.authorize import authorize
from accounts.caller import Caller
from accounts.engine import catalog
from accounts.errors import InvalidInput, NoSuchEntity
from accounts.managed_policies import ManagedPolicy
from accounts.models import Attachment, Group, LastAccessedReport, Policy, Role, User
from accounts.types import (
    Arn,
    Granularity,
    JobId,
    Marker,
    MaxItems,
    ServiceNamespace,
    ServiceNamespaces,
)

#: How far back it looks.
TRACKED = timedelta(days=400)
#: How many reports of an account are kept; the oldest go.
_KEPT = 100
Subject = User | Group | Role | Policy | ManagedPolicy


@dataclass(frozen=True, slots=True)
class TrackedAction:
    """One action of a service and when it was last tried. `time` is nothing where it never was."""

    name: str
    time: datetime | None = None
    entity: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class ServiceLastAccessed:
    """One service that policies give access to, and its newest attempt."""

    name: str
    namespace: str
    last_authenticated: datetime | None = None
    #: The ARN of the user or role that made it.
    entity: str = ""
    region: str = ""
    #: How many users and roles have tried.
    entities: int = 0
    actions: Sequence[TrackedAction] = ()


@dataclass(frozen=True, slots=True)
class Details:
    """A finished job and a page of what it found."""

    created_at: datetime
    granularity: str
    services: paging.Page[ServiceLastAccessed]


@dataclass(frozen=True, slots=True)
class Entity:
    """A user or role and when it last tried a service."""

    arn: str
    name: str
    #: "USER" or "ROLE".
    kind: str
    unique_id: str
    path: str
    last_authenticated: datetime | None


@dataclass(frozen=True, slots=True)
class EntityDetails:
    """A finished job and who tried one of its services."""

    created_at: datetime
    entities: paging.Page[Entity]


@dataclass(frozen=True, slots=True)
class LastAccessed:
    """The same without a job: all services, or one with its actions and whoever can use it."""

    services: Sequence[ServiceLastAccessed]
    entities: Sequence[Entity] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A policy that gives access to a service, and on whom it hangs."""

    policy_name: str
    #: "INLINE" or "MANAGED".
    policy_type: str
    policy_arn: str = ""
    entity_type: str = ""
    entity_name: str = ""
    #: The group that a user has it from; the API tells it of inline policies only.
    via: str = ""


@dataclass(frozen=True, slots=True)
class ServiceGrants:
    """The policies that give access to one service."""

    namespace: str
    policies: tuple[Grant, ...]


def _subject_resource(caller: Caller, *, arn: str, **_: Any) -> Resource:
    return Resource(arn, caller.home.id)


def _job_resource(caller: Caller, **_: Any) -> Resource:
    return arns.everything(caller)


def _summed_up(caller: Caller, **_: Any) -> int:
    return bring_up_to_date(caller.home)


@action(
    "iam:GenerateServiceLastAccessedDetails",
    resource=_subject_resource,
    prepare=_summed_up,
    raises_epoch=False,
)
def generate_service_last_accessed_details(
    caller: Caller,
    /,
    *,
    arn: Arn,
    granularity: Granularity = "SERVICE_LEVEL",
    prepared: int = FROM_PREPARE,
) -> str:
    """Make a report on a user, group, role or managed policy; return its job id.

    By action it tells of the services that were tried, each with all the actions that were tried
    or are given.
    """
    subject = _subject(caller, arn)
    members = _members(caller, subject)
    by_action = granularity == "ACTION_LEVEL"
    report = LastAccessedReport.objects.create(
        id=uuid.uuid4(),
        account=caller.home,
        arn=arn,
        granularity=granularity,
        created_at=caller.now,
        created_by=_asker(caller),
        services=_found(
            caller,
            subject,
            members,
            _tried(caller, members, prepared),
            actions_of=lambda _namespace, was_tried: by_action and was_tried,
        ),
    )
    kept = caller.home.last_accessed_reports.order_by("-created_at").values_list("pk", flat=True)
    caller.home.last_accessed_reports.exclude(pk__in=list(kept[:_KEPT])).delete()
    return str(report.pk)


@action("iam:GetServiceLastAccessedDetails", resource=_job_resource, read_only=True)
def get_service_last_accessed_details(
    caller: Caller,
    /,
    *,
    job_id: JobId,
    max_items: MaxItems | None = None,
    marker: Marker | None = None,
) -> Details:
    """The services of a report, by namespace."""
    report = _report(caller, job_id)
    services = [_service(each) for each in report.services]
    page = paging.slice_after_marker(services, lambda each: each.namespace, marker, max_items)
    return Details(report.created_at, report.granularity, page)


@action("iam:GetServiceLastAccessedDetailsWithEntities", resource=_job_resource, read_only=True)
def get_service_last_accessed_details_with_entities(
    caller: Caller,
    /,
    *,
    job_id: JobId,
    service_namespace: ServiceNamespace,
    max_items: MaxItems | None = None,
    marker: Marker | None = None,
) -> EntityDetails:
    """Which users and roles of a report's group or policy can use a service, and when they did."""
    report = _report(caller, job_id)
    if not any(each["namespace"] == service_namespace for each in report.services):
        raise NoSuchEntity(
            f"The service {service_namespace} is not in the report {job_id}.",
            argument="service_namespace",
        )
    members = _members(caller, _subject(caller, report.arn))
    tried = _tried(caller, members, bring_up_to_date(caller.home))
    entities = _entities(members, tried, service_namespace)
    page = paging.slice_after_marker(entities, lambda each: each.unique_id, marker, max_items)
    return EntityDetails(report.created_at, page)


@command("console:LastAccessed", may=ANYBODY, read_only=True)
def last_accessed(
    caller: Caller, /, *, arn: Arn, service_namespace: ServiceNamespace | None = None
) -> LastAccessed:
    """What a report would find, for a page: AWS keeps a job for each, which clients wait for.

    Raises AccessDenied for who may not make such a report, NoSuchEntity for a namespace that no
    policy gives.
    """
    authorize(caller, "iam:GenerateServiceLastAccessedDetails", Resource(arn, caller.home.id), {})
    subject = _subject(caller, arn)
    members = _members(caller, subject)
    tried = _tried(caller, members, bring_up_to_date(caller.home))
    rows = _found(
        caller,
        subject,
        members,
        tried,
        actions_of=lambda namespace, _was_tried: namespace == service_namespace,
    )
    if service_namespace is None:
        return LastAccessed([_service(row) for row in rows])
    chosen = [_service(row) for row in rows if row["namespace"] == service_namespace]
    if not chosen:
        raise NoSuchEntity(f"No policy gives access to {service_namespace} here.")
    return LastAccessed(chosen, _entities(members, tried, service_namespace))


@action("iam:ListPoliciesGrantingServiceAccess", resource=_subject_resource, read_only=True)
def list_policies_granting_service_access(
    caller: Caller,
    /,
    *,
    arn: Arn,
    service_namespaces: ServiceNamespaces,
    marker: Marker | None = None,
) -> paging.Page[ServiceGrants]:
    """For each service, the permissions policies that give a user, group or role access to it."""
    subject = _subject(caller, arn)
    if not isinstance(subject, User | Group | Role):
        raise InvalidInput(f"ARN {arn} is no user, group or role.", argument="arn")
    policies = _policies_of(caller, subject)
    giving = [(policy, granted.services_of(policy.document)) for policy in policies]
    listed = [
        ServiceGrants(
            namespace,
            tuple(_grant(policy, subject) for policy, given in giving if namespace in given),
        )
        for namespace in dict.fromkeys(service_namespaces)
    ]
    return paging.slice_after_marker(listed, lambda each: each.namespace, marker, None)


def _subject(caller: Caller, arn: str) -> Subject:
    kind, _, name = arn.rpartition(":")[2].partition("/")
    last = name.rpartition("/")[2]
    if kind == "policy":
        return shared.find_policy(caller, arn)
    find: Mapping[str, Any] = {
        "user": shared.find_user,
        "group": shared.find_group,
        "role": shared.find_role,
    }
    if kind not in find:
        raise InvalidInput(f"ARN {arn} is no user, group, role or policy.", argument="arn")
    found: User | Group | Role = find[kind](caller, last)
    if found.arn != arn:
        raise NoSuchEntity(f"ARN {arn} cannot be found.", argument="arn")
    return found


def _policies_of(caller: Caller, subject: Subject) -> tuple[engine.Policy, ...]:
    if isinstance(subject, User):
        return policy_sets.of_user(subject, caller.home.policy_epoch).identity
    if isinstance(subject, Role):
        return policy_sets.of_role(subject, None, caller.home.policy_epoch).identity
    if isinstance(subject, Group):
        find = partial(policy_sets.identity_policies, Q(group=subject))
        return caller.once(("policies of", subject.arn), find)
    if isinstance(subject, ManagedPolicy):
        found = policy_sets.managed_policy(subject.arn)
        return (found,) if found else ()
    version = subject.versions.get(is_default=True)
    return (policy_sets.customer_policy(subject, version.document),)


def _members(caller: Caller, subject: Subject) -> list[User | Role]:
    """Whose attempts count: the subject itself, a group's users, or all who have a policy."""
    if isinstance(subject, User | Role):
        return [subject]
    if isinstance(subject, Group):
        return list(User.objects.filter(memberships__group=subject))
    which = Q(policy=subject) if isinstance(subject, Policy) else Q(managed_arn=subject.arn)
    attached = Attachment.objects.filter(which, account=caller.home)
    users = User.objects.filter(
        Q(pk__in=attached.values("user")) | Q(memberships__group__in=attached.values("group")),
        account=caller.home,
    ).distinct()
    roles = Role.objects.filter(pk__in=attached.values("role"), account=caller.home)
    return [*users, *roles]


def _tried(caller: Caller, members: Iterable[User | Role], summed_up_to: int) -> Attempts:
    return attempts(caller.home, members, caller.now - TRACKED, summed_up_to)


def _newest_of(tried: Attempts, namespace: str) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for (unique_id, name), (time, _region) in tried.items():
        if name.partition(":")[0] == namespace:
            newest[unique_id] = max(time, newest.get(unique_id, time))
    return newest


def _entities(members: Iterable[User | Role], tried: Attempts, namespace: str) -> list[Entity]:
    """Who can use a service, by unique id."""
    newest = _newest_of(tried, namespace)
    return [
        Entity(
            arn=each.arn,
            name=each.name,
            kind="USER" if isinstance(each, User) else "ROLE",
            unique_id=each.unique_id,
            path=each.path,
            last_authenticated=newest.get(each.unique_id),
        )
        for each in sorted(members, key=lambda each: each.unique_id)
    ]


def _found(
    caller: Caller,
    subject: Subject,
    members: Iterable[User | Role],
    tried: Attempts,
    *,
    actions_of: Callable[[str, bool], bool],
) -> list[dict[str, Any]]:
    """The report's rows as JSON keeps them, by namespace.

    `actions_of(namespace, was_tried)` says of which services the actions are told one by one.
    """
    arn_of = {each.unique_id: each.arn for each in members}
    policies = _policies_of(caller, subject)
    by_service: dict[str, list[tuple[datetime, str, str, str]]] = {}
    for (unique_id, name), (time, region) in tried.items():
        service, _, action_name = name.partition(":")
        by_service.setdefault(service, []).append((time, action_name, arn_of[unique_id], region))
    names = {each.prefix: each.name for each in catalog.services()}
    rows = []
    for namespace in sorted(granted.services_of_all(policies)):
        row: dict[str, Any] = {"namespace": namespace, "name": names[namespace]}
        calls = sorted(by_service.get(namespace, ()))
        if calls:
            time, _name, entity, region = calls[-1]
            row |= {
                "time": time.isoformat(),
                "entity": entity,
                "region": region,
                "entities": len({each[2] for each in calls}),
            }
        if actions_of(namespace, bool(calls)):
            given = granted.actions_of_all(policies, namespace)
            row["actions"] = _each_action(calls, given)
        rows.append(row)
    return rows


def _each_action(
    calls: Iterable[tuple[datetime, str, str, str]], given: Iterable[str]
) -> list[tuple[str, str | None, str, str]]:
    """What was tried and what could be, by name: when, by whom and where it was last."""
    found: dict[str, tuple[str, str | None, str, str]] = {
        name: (name, None, "", "") for name in given
    }
    # The newest attempt at each action comes last and stays.
    found |= {name: (name, time.isoformat(), who, where) for time, name, who, where in calls}
    return [found[name] for name in sorted(found)]


def _service(row: Mapping[str, Any]) -> ServiceLastAccessed:
    return ServiceLastAccessed(
        name=row["name"],
        namespace=row["namespace"],
        last_authenticated=_moment(row.get("time")),
        entity=row.get("entity", ""),
        region=row.get("region", ""),
        entities=row.get("entities", 0),
        actions=tuple(
            TrackedAction(name, _moment(time), entity, region)
            for name, time, entity, region in row.get("actions", ())
        ),
    )


def _moment(text: str | None) -> datetime | None:
    return parse_datetime(text) if text else None


def _asker(caller: Caller) -> str:
    """A job is its maker's: the same user, or any session of the same role."""
    return caller.unique_id.partition(":")[0]


def _report(caller: Caller, job_id: str) -> LastAccessedReport:
    found = None
    with suppress(ValueError):
        rows = caller.home.last_accessed_reports.filter(created_by=_asker(caller))
        found = rows.filter(pk=uuid.UUID(job_id)).first()
    if found is None:
        raise NoSuchEntity(f"The job {job_id} cannot be found.", argument="job_id")
    return found


def _grant(policy: engine.Policy, subject: User | Group | Role) -> Grant:
    via = policy.via or "" if isinstance(subject, User) else ""
    if policy.arn:
        return Grant(policy.name, "MANAGED", policy.arn, via=via)
    if policy.via:
        return Grant(policy.name, "INLINE", "", "GROUP", policy.via, via)
    return Grant(policy.name, "INLINE", "", type(subject).__name__.upper(), subject.name)
