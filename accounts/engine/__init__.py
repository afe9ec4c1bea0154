"""The policy engine: reads IAM policies, decides requests, explains the decision.

Pure Python: no Django, no database, no clock. This is its whole public surface.
"""

from .denial import denial
from .document import Condition, Document, Statement, load, parse, size
from .evaluate import Answer, Decision, Match, Policies, Verdict, evaluate
from .explain import Comparison, Explanation, StatementReport, explain
from .grammar import PolicyKind
from .jsontext import MAX_LENGTH, MalformedPolicy
from .principals import Principal
from .request import Context, Policy, Request

__all__ = [
    "MAX_LENGTH",
    "Answer",
    "Comparison",
    "Condition",
    "Context",
    "Decision",
    "Document",
    "Explanation",
    "MalformedPolicy",
    "Match",
    "Policies",
    "Policy",
    "PolicyKind",
    "Principal",
    "Request",
    "Statement",
    "StatementReport",
    "Verdict",
    "denial",
    "evaluate",
    "explain",
    "load",
    "parse",
    "size",
]
