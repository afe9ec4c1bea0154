"""What templates say of refusals and decisions."""

from __future__ import annotations

import re

from django.template import Context, Library

from accounts.engine import Decision
from accounts.errors import ServiceError
from iamconsole.console.why import addresses, refusals
from iamconsole.console.why.refusals import Refusal
from iamconsole.console.why.words import DECISIONS, LAYERS

register = Library()

#: Between the actions that a button may name.
_SEVERAL = re.compile(r" and | or |,")


@register.simple_tag
def refusal(error: ServiceError | None) -> Refusal | None:
    """`{% refusal error as why %}`: each layer's answer, what decided, where to read on."""
    asked = getattr(error, "asked", None)
    return refusals.refusal(error) if asked is not None else None  # type: ignore[arg-type]


@register.simple_tag(takes_context=True)
def first_refusal(context: Context) -> bool:
    """Whether no refusal stands on the page yet; from the next asking on, one does."""
    request = getattr(context, "request", None)
    first = not getattr(request, "has_refusal", False)
    if request is not None:
        request.has_refusal = True
    return first


@register.simple_tag
def explain_url(action: str, resource: str = "") -> str:
    """The page that explains why the person who opens it may do something, or not."""
    return addresses.explain_url(_SEVERAL.split(action)[0], resource)


@register.filter
def layer_name(layer: str) -> str:
    """A layer's name as pages say it."""
    return LAYERS.get(layer, layer)


@register.filter
def decision_status(decision: Decision) -> str:
    """The kind of status that a decision is shown as."""
    return DECISIONS[decision][0]


@register.filter
def decision_words(decision: Decision) -> str:
    """A decision in the simulator's words."""
    return DECISIONS[decision][2]
