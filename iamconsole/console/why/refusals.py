"""What the panel of a refusal says: each layer's answer, what decided, and where to read on."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.actions.explained import Explained
from accounts.actions.explanations import SIMULATE, layers_of_refusal, of_refusal
from accounts.actions.readable import subject_of
from accounts.authorize import Asked, would_allow
from accounts.caller import Caller
from accounts.engine import Decision
from accounts.errors import AccessDenied
from iamconsole.console.why import addresses
from iamconsole.console.why.words import LayerAnswer, layer_answers


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal by policies, as far as the person who met it may know.

    `explained` is there where statements decided or condition keys were missing; a refusal by
    silence needs no statement to be looked for, which keeps pages with many panels quick.
    """

    layers: list[LayerAnswer]
    explained: Explained | None
    explain_url: str
    simulator_url: str


def refusal(error: AccessDenied) -> Refusal | None:
    """What to say of a refusal; nothing where it was no policy that refused."""
    asked = error.asked
    if not isinstance(asked, Asked):
        return None
    silent = asked.verdict.decision is Decision.IMPLICIT_DENY and not asked.verdict.missing_keys
    return Refusal(
        layer_answers(layers_of_refusal(asked)),
        None if silent else of_refusal(asked),
        addresses.explain_refusal_url(asked),
        _simulator_url(asked),
    )


def _simulator_url(asked: Asked) -> str:
    """Where the caller may not simulate his own policies, there is no use in going there."""
    caller, request = asked.caller, asked.request
    if not caller.once(("may simulate", caller.arn), lambda: _may_simulate(caller)):
        return ""
    return addresses.simulator_url(caller, request.action, request.resource)


def _may_simulate(caller: Caller) -> bool:
    return would_allow(caller, SIMULATE, subject_of(caller)).allowed
