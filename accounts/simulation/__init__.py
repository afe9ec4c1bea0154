"""Policy simulation: what policies answer to requests that nobody made, as AWS's simulator says it.

IAM API reference, SimulateCustomPolicy and EvaluationResult. Nothing is looked up here but in what
was handed in: whoever calls says which policies speak and who is thought to ask.
"""

from __future__ import annotations

from accounts import engine, paging
from accounts.simulation.answer import (
    EvaluationResult,
    MatchedStatement,
    OrganizationsDecisionDetail,
    PermissionsBoundaryDecisionDetail,
    Position,
    ResourceSpecificResult,
    Simulation,
)
from accounts.simulation.question import (
    MOST_DECISIONS,
    MOST_STATEMENTS,
    Question,
    actions_of,
    boundary,
    context_keys,
    context_of,
    given_policies,
    identity_arn,
    organization,
    simulation_of,
)

__all__ = [
    "EvaluationResult",
    "MatchedStatement",
    "OrganizationsDecisionDetail",
    "PermissionsBoundaryDecisionDetail",
    "Position",
    "Question",
    "ResourceSpecificResult",
    "Simulation",
    "actions_of",
    "boundary",
    "context_keys",
    "context_of",
    "given_policies",
    "identity_arn",
    "organization",
    "simulate",
    "simulation_of",
]


def simulate(
    policies: engine.Policies, question: Question, max_items: int | None, marker: str | None
) -> paging.Page[EvaluationResult]:
    """One result for each action, in the order in which they were asked for.

    Raises InvalidInput for what makes no sense, PolicyEvaluation for a resource policy that keeps
    the grammar but can't be understood.
    """
    actions = actions_of(question.action_names)
    simulation = simulation_of(policies, question)
    room = min(
        MOST_DECISIONS // len(simulation.resources),
        MOST_STATEMENTS // max(1, simulation.weight),
    )
    page = paging.slice_after_marker(
        list(enumerate(actions)),
        lambda numbered: f"{numbered[0]:07}",
        marker,
        min(max_items or paging.DEFAULT_ITEMS, room),
    )
    return paging.Page([simulation.result(action) for _, action in page.items], page.marker)
