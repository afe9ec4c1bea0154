"""The policy engine: reads IAM policies, decides requests, explains the decision.

Pure Python: no Django, no database, no clock. This is its whole public surface; `catalog`, the
facts about AWS's services, is a module of its own because it is read from disk when first asked.
"""

from .denial import denial
from .document import Condition, Document, Statement, load, parse, size
from .effective import Effective, Giver, Reach
from .evaluate import Answer, Decision, Match, Policies, Verdict, evaluate
from .explain import Comparison, Explanation, StatementReport, explain
from .grammar import PolicyKind
from .jsontext import MAX_LENGTH, MalformedPolicy
from .keys import context_keys, fits
from .lint import Finding, FindingType, lint
from .principals import Principal
from .questions import (
    Asker,
    Change,
    Difference,
    access_to,
    difference,
    differences,
    what_can,
    who_can,
)
from .request import Context, Policy, Request
from .summary import ActionRow, Row, Summary, summarize, summarize_service
from .symbolic import Access

__all__ = [
    "MAX_LENGTH",
    "Access",
    "ActionRow",
    "Answer",
    "Asker",
    "Change",
    "Comparison",
    "Condition",
    "Context",
    "Decision",
    "Difference",
    "Document",
    "Effective",
    "Explanation",
    "Finding",
    "FindingType",
    "Giver",
    "MalformedPolicy",
    "Match",
    "Policies",
    "Policy",
    "PolicyKind",
    "Principal",
    "Reach",
    "Request",
    "Row",
    "Statement",
    "StatementReport",
    "Summary",
    "Verdict",
    "access_to",
    "context_keys",
    "denial",
    "difference",
    "differences",
    "evaluate",
    "explain",
    "fits",
    "lint",
    "load",
    "parse",
    "size",
    "summarize",
    "summarize_service",
    "what_can",
    "who_can",
]
