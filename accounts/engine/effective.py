"""What a set of policies comes to: how far each service and action is allowed, and by what."""

from typing import NamedTuple

from .document import Statement
from .evaluate import Policies, applies_to
from .principals import Principal
from .request import Policy
from .rules import Rule, rules
from .symbolic import Access, Layers, Probe, answer, coverage, layers_of


class Reach(NamedTuple):
    """How far something is allowed, whatever resource and context.

    `given` is what the identity-based policies alone would allow: where `level` is less, another
    layer (the boundary, a session policy) limits it. `denied`: a Deny takes some of it or all.
    """

    level: Access
    given: Access
    denied: bool

    @property
    def limited(self) -> bool:
        """Whether another layer takes some of what the identity-based policies give."""
        return self.level < self.given

    @property
    def is_nothing(self) -> bool:
        """Whether no policy says anything about it."""
        return self.given is Access.NONE and not self.denied


class Giver(NamedTuple):
    """A statement that speaks about a service. `covers` is how much of the service."""

    policy: Policy
    statement: Statement
    layer: str
    covers: Access


class Effective:
    """The policies of one principal, ready to be asked about many services and actions."""

    def __init__(self, policies: Policies, principal: Principal | None = None) -> None:
        self.policies = policies
        self._principal = principal
        self._layers: Layers = layers_of(policies, principal)
        self._identity: Layers = [each for each in self._layers if each[0] == "identity"]

    def service(self, prefix: str) -> Reach:
        """How far all actions of a service are allowed."""
        return self._reach(Probe(f"{prefix.lower()}:*", "*"))

    def action(self, name: str) -> Reach:
        """How far one action, by its full name, is allowed."""
        return self._reach(Probe(name.lower(), "*"))

    def givers(self, prefix: str) -> list[Giver]:
        """The statements that give or take something of a service, layer by layer."""
        probe = Probe(f"{prefix.lower()}:*", "*")
        found = []
        for layer, policies in self.policies.layers():
            if not applies_to(layer, self._principal):
                continue
            for policy in policies:
                for rule in rules(policy.document):
                    if (covers := coverage(rule, probe)) is not Access.NONE:
                        found.append(Giver(policy, rule.statement, layer, covers))
        return found

    def _reach(self, probe: Probe) -> Reach:
        given = answer(self._identity, probe).level
        # Without another layer there is nothing to be limited by.
        alone = len(self._layers) == len(self._identity)
        level = given if alone else answer(self._layers, probe).level
        return Reach(level, given, self._is_denied(probe))

    def _is_denied(self, probe: Probe) -> bool:
        service = probe.action.partition(":")[0]
        return any(
            _takes(rule, probe) for _, layer in self._layers for rule in layer.about(service)
        )


def _takes(rule: Rule, probe: Probe) -> bool:
    return not rule.allows and coverage(rule, probe) is not Access.NONE
