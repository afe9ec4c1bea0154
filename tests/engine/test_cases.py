"""The cases in `cases/*.json`: one sentence, one question, one answer, and AWS's page for it.

Two shapes. A *condition* case names an operator, values and what the request has, and whether the
condition holds; it is asked in an Allow and in a Deny. An *evaluation* case gives policies layer by
layer and the decision. What a case leaves out is as in `DEFAULTS`.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from accounts.engine import Decision, Policies, PolicyKind, evaluate
from accounts.engine.conditions import OPERATORS

from .cast import OBJECT, allow, deny, policies, policy, request

FOLDER = Path(__file__).parent / "cases"
CASES = [case for path in sorted(FOLDER.glob("*.json")) for case in json.loads(path.read_text())]
CONDITIONS = [case for case in CASES if "operator" in case]
EVALUATIONS = [case for case in CASES if "operator" not in case]
DEFAULTS: dict[str, Any] = {
    "version": "2012-10-17",
    "action": "s3:GetObject",
    "resource": OBJECT,
    "context": {},
    "who": "alice",
    "owner": None,
    "layer": None,
}


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", CONDITIONS, ids=name_of)
def test_condition(case):
    """`holds` is true, false, or "not understood": then an Allow fails and a Deny bites."""
    key = case.get("key", "test:key")
    block = {case["operator"]: {key: case["values"]}}
    asked = request(context=case["context"])
    allowed = evaluate(asked, policies(allow(Condition=block))).allowed
    denied = not evaluate(asked, policies(allow(), deny(Condition=block))).allowed
    holds = case["holds"]
    assert allowed == (holds is True)
    assert denied == (holds in (True, "not understood"))


@pytest.mark.parametrize("case", EVALUATIONS, ids=name_of)
def test_evaluation(case):
    asked = {**DEFAULTS, **case}

    def made(statements, kind=PolicyKind.IDENTITY):
        return policy(statements, kind, asked["version"])

    own = Policies(
        identity=tuple(made(each) for each in asked.get("identity", [])),
        boundary=made(asked["boundary"]) if "boundary" in asked else None,
        session=tuple(map(made, asked["session"])) if "session" in asked else None,
        service_control=tuple(
            tuple(made(each, PolicyKind.SERVICE_CONTROL) for each in level)
            for level in asked.get("service_control", [])
        ),
    )
    resource_policy = None
    for element, kind in (("bucket", PolicyKind.RESOURCE), ("trust", PolicyKind.TRUST)):
        if element in asked:
            resource_policy = made(asked[element], kind)
    verdict = evaluate(
        request(asked["action"], asked["resource"], asked["context"], asked["who"], asked["owner"]),
        own,
        resource_policy,
    )
    assert verdict.decision.value == asked["decision"]
    if asked["layer"]:
        assert verdict.layer == asked["layer"]
    if "missing" in asked:
        assert sorted(verdict.missing_keys) == sorted(asked["missing"])


def test_there_are_at_least_600_cases_and_each_has_its_own_sentence_and_a_page():
    assert len(CASES) >= 600
    assert not [name for name, times in Counter(map(name_of, CASES)).items() if times > 1]
    assert all(
        case["page"].startswith(("reference_", "access_", "access-", "id_")) for case in CASES
    )
    assert {case["decision"] for case in EVALUATIONS} == {each.value for each in Decision}


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_tried_matching_not_matching_missing_and_with_several_values(operator):
    tried = [case for case in CONDITIONS if case["operator"].removesuffix("IfExists")
             .removeprefix("ForAnyValue:").removeprefix("ForAllValues:") == operator]  # fmt: skip
    plain = [case for case in tried if case["operator"] == operator]
    missing = [case for case in plain if case.get("key", "test:key") not in case["context"]]
    assert {case["holds"] for case in plain} >= {True, False}
    assert missing
    if operator != "Null":
        assert [case for case in tried if case["operator"].endswith("IfExists")]
        for qualifier in ("ForAnyValue:", "ForAllValues:"):
            assert [case for case in tried if case["operator"].startswith(qualifier)]
