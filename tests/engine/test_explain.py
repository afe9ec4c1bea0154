"""What an explanation tells: each statement, element by element, and sentences for a learner."""

import json
import re
from pathlib import Path

from accounts.engine import Policies, Policy, PolicyKind, denial, evaluate, explain, load

from .cast import HOME, OBJECT, allow, deny, policies, policy, request, text

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def only(explanation):
    (report,) = explanation.statements
    return report


def test_every_element_is_held_against_the_request():
    statement = allow("s3:Get*", "arn:aws:s3:::home/${aws:username}/*", Condition=MFA)
    asked = request(resource="arn:aws:s3:::home/bob/x", context={"aws:username": "alice"})
    report = only(explain(asked, policies(statement)))
    action, resource, condition = report.comparisons
    assert (action.element, action.matched, action.wanted) == ("Action", True, ("s3:Get*",))
    assert action.given == ("s3:GetObject",)
    assert (resource.element, resource.matched) == ("Resource", False)
    assert resource.wanted == ("arn:aws:s3:::home/${aws:username}/*",)
    assert resource.filled == ("arn:aws:s3:::home/alice/*",)
    assert (condition.element, condition.matched) == ("Condition", False)
    assert (condition.operator, condition.key) == ("Bool", "aws:MultiFactorAuthPresent")
    assert (condition.wanted, condition.given) == (("true",), None)
    assert not report.matched


def test_keys_used_and_keys_missing_are_told_apart():
    statement = allow(Condition=MFA | {"StringEquals": {"aws:Username": "alice"}})
    explanation = explain(request(context={"aws:username": "alice"}), policies(statement))
    assert explanation.keys_used == ("aws:Username",)
    assert explanation.keys_missing == ("aws:MultiFactorAuthPresent",)


def test_a_statement_about_another_action_is_compared_no_further():
    report = only(explain(request(), policies(allow("iam:*", Condition=MFA))))
    assert [each.element for each in report.comparisons] == ["Action"]
    assert not report.about_action


def test_a_refusal_by_silence_names_the_statement_that_came_close_and_why():
    sentences = explain(request(), policies(allow(Condition=MFA), allow("iam:*"))).sentences()
    assert sentences == [
        f"arn:aws:iam::{HOME}:user/alice may not perform s3:GetObject on {OBJECT}.",
        "No identity-based policy allows it, and what is not allowed is denied.",
        'Statement 1 of the policy "policy" does not match: Bool does not hold: the request has '
        "no aws:MultiFactorAuthPresent (wanted: true).",
    ]


def test_an_explicit_deny_is_said_to_outrank_and_named_by_its_sid():
    own = policies(allow(), deny(Sid="NoReports", resource="arn:aws:s3:::reports/*"))
    sentences = explain(request(), own).sentences()
    assert sentences[1:] == [
        "An identity-based policy denies it, and a Deny outranks every Allow.",
        'Statement "NoReports" of the policy "policy" denies it: s3:GetObject matches Action '
        f"s3:GetObject; {OBJECT} matches Resource arn:aws:s3:::reports/*.",
    ]


def test_an_allowed_call_names_every_layers_statement():
    own = policies(allow("s3:Get*"), boundary=[allow(None, NotAction="iam:*")])
    sentences = explain(request(), own).sentences()
    assert sentences[0].endswith(f"may perform s3:GetObject on {OBJECT}.")
    assert sentences[1].startswith('Statement 1 of the policy "policy" allows it')
    assert sentences[2].startswith('Statement 1 of the policy "boundary" allows it')
    assert "s3:GetObject is not among those that NotAction excepts (iam:*)" in sentences[2]


def test_a_boundary_that_is_silent_is_told_with_the_layers_that_allow():
    own = policies(allow(), boundary=[allow("iam:*")])
    sentences = explain(request(), own).sentences()
    assert "No permissions boundary allows it, and what is not allowed is denied." in sentences
    assert "It is allowed by: identity-based policy; every layer must allow." in sentences


def test_a_bucket_policy_that_is_enough_is_said_to_be():
    who = {"AWS": f"arn:aws:iam::{HOME}:user/alice"}
    bucket = policy([allow(Principal=who)], PolicyKind.RESOURCE, name="reports")
    explanation = explain(request(), Policies(), bucket)
    assert "The resource-based policy names the caller, and that is enough here." in (
        explanation.sentences()
    )
    (report,) = explanation.statements
    assert [each.element for each in report.comparisons] == ["Action", "Principal", "Resource"]


def test_root_is_told_to_need_no_policy():
    sentences = explain(request(who="root"), policies(deny())).sentences()
    assert sentences[1].startswith("The root user needs no policy")


def test_a_group_is_named_through_which_a_policy_comes():
    own = Policies((Policy(load(text([allow()])), "Readers", source="group", via="staff"),))
    assert (
        'the policy "Readers" (through the group staff)' in explain(request(), own).sentences()[1]
    )


def test_a_statement_that_was_not_understood_says_why():
    own = policies(allow(Condition={"StringIs": {"aws:username": "alice"}}))
    report = only(explain(request(), own))
    assert report.sentence() == (
        'Statement 1 of the policy "policy" was not understood ("StringIs" is not a condition '
        "operator): it allows nothing."
    )
    denied = explain(request(), policies(deny(Unless="x"))).sentences()
    assert denied[2].endswith(
        "was not understood (Unless is not an element of a policy): it denies everything."
    )


def test_the_pattern_that_matched_is_named_out_of_many():
    actions = [f"s3:Put{number}" for number in range(500)] + ["s3:Get*"]
    report = only(explain(request(), policies(allow(actions))))
    assert report.comparisons[0].hit() == "s3:Get*"
    assert "matches Action s3:Get*;" in report.sentence()


def test_the_dictionary_is_plain_json_and_holds_no_endless_lists():
    actions = [f"s3:Get{number}" for number in range(500)] + ["s3:Get*"]
    explanation = explain(request(), policies(allow(actions, Condition=MFA)))
    found = json.loads(json.dumps(explanation.to_dict()))
    assert found["decision"] == "implicitDeny"
    assert found["layers"] == [{"layer": "identity", "decision": "implicitDeny"}]
    action = found["statements"][0]["comparisons"][0]
    assert (len(action["wanted"]), action["more"]) == (20, 481)
    assert found["keys_missing"] == ["aws:MultiFactorAuthPresent"]


def test_explaining_decides_as_evaluating_does():
    own = policies(allow("s3:*"), deny("s3:Delete*"))
    for action in ("s3:GetObject", "s3:DeleteObject", "iam:GetUser"):
        asked = request(action)
        assert explain(asked, own).verdict == evaluate(asked, own)


def test_the_worked_example_of_the_documentation_is_true():
    page = (Path(__file__).parents[2] / "docs" / "policy-engine.md").read_text()
    written = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert written
    own = Policies(
        (Policy(load(written[1]), "Home", source="group", via="staff"),),
        policy([allow("s3:*")]),
    )

    def decision(action, whose):
        asked = request(action, f"arn:aws:s3:::home/{whose}/a.txt", {"aws:username": "alice"})
        return asked, evaluate(asked, own)

    asked, verdict = decision("s3:DeleteObject", "alice")
    assert denial(verdict, asked) in page
    assert verdict.missing_keys == ("aws:MultiFactorAuthPresent",)
    assert decision("s3:GetObject", "alice")[1].decision == "allowed"
    assert decision("s3:GetObject", "bob")[1].decision == "implicitDeny"
