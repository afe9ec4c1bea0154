"""One page of the simulator: what the form says, the run, and every statement of its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import QueryDict

from accounts.actions.explained import Explained
from accounts.actions.explanations import explain_simulation
from accounts.actions.simulation import simulate_custom_policy, simulate_principal_policy
from accounts.caller import Caller
from accounts.engine import Decision, catalog
from accounts.errors import ServiceError
from accounts.simulation import EvaluationResult
from iamconsole.console.forms.simulate import MOST_ACTIONS, SimulateForm
from iamconsole.console.why import contexts
from iamconsole.console.why.included import Included

#: Results that unfold to every statement; what comes after them shows the decision only.
MOST_UNFOLDED = 60


class Result(NamedTuple):
    """A line of the results: the decision for an action on a resource."""

    action: str
    resource: str
    decision: Decision
    matching: int
    explained: Explained | None


@dataclass(slots=True)
class Results:
    """The results of one run; `cut` where there would have been more."""

    lines: list[Result] = field(default_factory=list)
    cut: bool = False


class Tick(NamedTuple):
    """An action of the chosen service, and whether it is ticked."""

    name: str
    full_name: str
    ticked: bool


def offered(form: SimulateForm, sent: QueryDict) -> list[tuple[str, list[Tick]]]:
    """The actions of the chosen service by access level, and above them those already ticked."""
    chosen = list(dict.fromkeys(sent.getlist("action")))[:MOST_ACTIONS]
    prefix = sent.get("service", "")
    service = catalog.service(prefix)
    groups: dict[str, list[Tick]] = {level: [] for level in catalog.ACCESS_LEVELS}
    ticked = {name.lower() for name in chosen}
    for action in service.actions.values() if service else ():
        on = action.full_name.lower() in ticked
        groups[action.access_level].append(Tick(action.name, action.full_name, on))
    others = [name for name in chosen if name.partition(":")[0].lower() != prefix.lower()]
    found = [("Already chosen", [Tick(name, name, ticked=True) for name in others])]
    found += [(level, sorted(ticks)) for level, ticks in groups.items()]
    return [(label, ticks) for label, ticks in found if ticks]


def run_for_principal(
    form: SimulateForm,
    caller: Caller,
    sent: QueryDict,
    arn: str,
    policies: Sequence[Included],
    known: Mapping[str, str],
) -> Results | None:
    """Simulate the policies of a user, group or role; nothing where the form says why not.

    `known` are the condition keys that say who it is, unless the form says otherwise.
    Raises AccessDenied: that has a page of its own.
    """
    document = form.cleaned_data["document"]
    more = {
        "policy_source_arn": arn,
        "policy_input_list": [document] if document.strip() else [],
        "policy_exclusion_list": [each.identifier for each in policies if not each.ticked],
    }
    if policy := form.cleaned_data.get("resource_policy", "").strip():
        more["resource_policy"] = policy
    return _run(form, caller, sent, simulate_principal_policy, more, known)


def run_for_document(form: SimulateForm, caller: Caller, sent: QueryDict) -> Results | None:
    """Simulate a document that stands for itself."""
    if not form.cleaned_data["document"].strip():
        form.add_error("document", "There is no policy to simulate.")
        return None
    more = {"policy_input_list": [form.cleaned_data["document"]]}
    return _run(form, caller, sent, simulate_custom_policy, more, {})


def _run(
    form: SimulateForm,
    caller: Caller,
    sent: QueryDict,
    action: Any,
    more: dict[str, Any],
    known: Mapping[str, str],
) -> Results | None:
    resources = form.cleaned_data["resources"]
    try:
        entries = contexts.entries(sent, known)
        asked = {**more, "resource_arns": resources, "context_entries": entries}
        found = action(
            caller, action_names=form.cleaned_data["actions"], max_items=MOST_ACTIONS, **asked
        )
        lines = [line for result in found.items for line in _lines(result)]
        pairs = [(line.action, line.resource) for line in lines[:MOST_UNFOLDED]]
        explained = explain_simulation(caller, pairs=pairs, **asked)
    except ServiceError as error:
        form.refuse(error)
        return None
    for number, each in enumerate(explained):
        lines[number] = lines[number]._replace(explained=each)
    return Results(lines, cut=found.marker is not None)


def _lines(result: EvaluationResult) -> Iterator[Result]:
    if not result.resource_specific_results:
        matching = len(result.matched_statements)
        yield Result(result.eval_action_name, "*", result.eval_decision, matching, None)
    for each in result.resource_specific_results:
        yield Result(
            result.eval_action_name,
            each.eval_resource_name,
            each.eval_resource_decision,
            len(each.matched_statements),
            None,
        )
