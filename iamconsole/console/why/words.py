"""The words in which pages speak of layers of policies and of decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from accounts.engine import Decision

LAYERS = {
    "service_control": "Service control policies",
    "resource": "Resource-based policy",
    "trust": "Role trust policy",
    "identity": "Identity-based policies",
    "boundary": "Permissions boundary",
    "session": "Session policies",
}

#: Of a decision: the status that goes with it, what a layer says, what a simulation says.
DECISIONS = {
    Decision.ALLOW: ("success", "Allows it", "allowed"),
    Decision.EXPLICIT_DENY: ("error", "Denies it", "denied (explicit)"),
    Decision.IMPLICIT_DENY: ("stopped", "No statement allows it", "denied (implicit)"),
}

#: What decides where policies don't, by the name that `authorize` gives the rule.
RULES = {
    "always allowed": "Everybody who is signed in may do this, whatever their policies say.",
    "users may change their own password": (
        "No policy allows it, but the account lets users change their own passwords "
        "(Account settings)."
    ),
    "another account": (
        "The resource is another account's. Its own policy and yours must both allow this, and "
        "what its own says is not told here."
    ),
    "session of a role": "Whoever has taken on a role can't call this, whatever the policies say.",
    "session token without MFA": (
        "Temporary credentials that were given without MFA can't call this, whatever the policies "
        "say."
    ),
}


class LayerAnswer(NamedTuple):
    """What one layer said: its name, and an icon's status with words."""

    label: str
    status: str
    words: str


def layer_answers(layers: Iterable[tuple[str, Decision]]) -> list[LayerAnswer]:
    """The layers that were asked, in AWS's order, each with its answer in words."""
    return [
        LayerAnswer(LAYERS[layer], DECISIONS[decision][0], DECISIONS[decision][1])
        for layer, decision in layers
    ]
