"""Answers about service last accessed reports."""

from __future__ import annotations

from accounts.actions.last_accessed import (
    Details,
    Entity,
    EntityDetails,
    Grant,
    ServiceGrants,
    ServiceLastAccessed,
    TrackedAction,
)
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members

#: A job is done when its id is answered.
_DONE = "COMPLETED"


def _job(job_id: str) -> Members:
    return {"JobId": job_id}


def _details(found: Details) -> Members:
    return {
        "JobStatus": _DONE,
        "JobType": found.granularity,
        "JobCreationDate": found.created_at,
        "JobCompletionDate": found.created_at,
        **members.page(found.services, "ServicesLastAccessed", _service),
    }


def _service(service: ServiceLastAccessed) -> Members:
    return {
        "ServiceName": service.name,
        "ServiceNamespace": service.namespace,
        "LastAuthenticated": service.last_authenticated,
        "LastAuthenticatedEntity": service.entity or None,
        "LastAuthenticatedRegion": service.region or None,
        "TotalAuthenticatedEntities": service.entities,
        "TrackedActionsLastAccessed": members.each(service.actions, _tracked) or None,
    }


def _tracked(action: TrackedAction) -> Members:
    return {
        "ActionName": action.name,
        "LastAccessedEntity": action.entity or None,
        "LastAccessedTime": action.time,
        "LastAccessedRegion": action.region or None,
    }


def _entities(found: EntityDetails) -> Members:
    return {
        "JobStatus": _DONE,
        "JobCreationDate": found.created_at,
        "JobCompletionDate": found.created_at,
        **members.page(found.entities, "EntityDetailsList", _entity),
    }


def _entity(entity: Entity) -> Members:
    return {
        "EntityInfo": {
            "Arn": entity.arn,
            "Name": entity.name,
            "Type": entity.kind,
            "Id": entity.unique_id,
            "Path": entity.path,
        },
        "LastAuthenticated": entity.last_authenticated,
    }


def _grants(found: Page[ServiceGrants]) -> Members:
    return members.page(found, "PoliciesGrantingServiceAccess", _of_service)


def _of_service(grants: ServiceGrants) -> Members:
    return {
        "ServiceNamespace": grants.namespace,
        "Policies": members.each(grants.policies, _grant),
    }


def _grant(grant: Grant) -> Members:
    return {
        "PolicyName": grant.policy_name,
        "PolicyType": grant.policy_type,
        "PolicyArn": grant.policy_arn or None,
        "EntityType": grant.entity_type or None,
        "EntityName": grant.entity_name or None,
    }


ANSWERS: dict[str, Answer] = {
    "iam:GenerateServiceLastAccessedDetails": _job,
    "iam:GetServiceLastAccessedDetails": _details,
    "iam:GetServiceLastAccessedDetailsWithEntities": _entities,
    "iam:ListPoliciesGrantingServiceAccess": _grants,
}
