"""Answers of the policy simulator."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.actions.simulation import ContextKeys
from accounts.engine import Decision
from accounts.paging import Page
from accounts.simulation.answer import (
    EvaluationResult,
    MatchedStatement,
    PermissionsBoundaryDecisionDetail,
    Position,
    ResourceSpecificResult,
)
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _results(found: Page[EvaluationResult]) -> Members:
    return members.page(found, "EvaluationResults", _result)


def _result(result: EvaluationResult) -> Members:
    organizations = result.organizations_decision_detail
    return {
        "EvalActionName": result.eval_action_name,
        "EvalResourceName": result.eval_resource_name,
        "EvalDecision": result.eval_decision,
        "MatchedStatements": members.each(result.matched_statements, _statement),
        "MissingContextValues": list(result.missing_context_values),
        "OrganizationsDecisionDetail": (
            {"AllowedByOrganizations": organizations.allowed_by_organizations}
            if organizations
            else None
        ),
        "PermissionsBoundaryDecisionDetail": _boundary(result.permissions_boundary_decision_detail),
        "EvalDecisionDetails": _details(result.eval_decision_details),
        "ResourceSpecificResults": members.each(result.resource_specific_results, _on_resource)
        or None,
    }


def _on_resource(result: ResourceSpecificResult) -> Members:
    return {
        "EvalResourceName": result.eval_resource_name,
        "EvalResourceDecision": result.eval_resource_decision,
        "MatchedStatements": members.each(result.matched_statements, _statement),
        "MissingContextValues": list(result.missing_context_values),
        "EvalDecisionDetails": _details(result.eval_decision_details),
        "PermissionsBoundaryDecisionDetail": _boundary(result.permissions_boundary_decision_detail),
    }


def _statement(statement: MatchedStatement) -> Members:
    return {
        "SourcePolicyId": statement.source_policy_id,
        "SourcePolicyType": statement.source_policy_type,
        "StartPosition": _position(statement.start_position),
        "EndPosition": _position(statement.end_position),
    }


def _position(position: Position) -> Members:
    return {"Line": position.line, "Column": position.column}


def _boundary(detail: PermissionsBoundaryDecisionDetail | None) -> Members | None:
    if detail is None:
        return None
    return {"AllowedByPermissionsBoundary": detail.allowed_by_permissions_boundary}


def _details(details: Mapping[str, Decision] | None) -> Members | None:
    return dict(details) if details else None


def _keys(found: ContextKeys) -> Members:
    return {"ContextKeyNames": list(found.context_key_names)}


ANSWERS: dict[str, Answer] = {
    "iam:GetContextKeysForCustomPolicy": _keys,
    "iam:GetContextKeysForPrincipalPolicy": _keys,
    "iam:SimulateCustomPolicy": _results,
    "iam:SimulatePrincipalPolicy": _results,
}
