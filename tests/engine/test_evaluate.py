"""What a verdict carries, and that remembering never changes it."""

import threading

import pytest

from accounts.engine import Context, Decision, Policies, Policy, PolicyKind, evaluate, load
from accounts.engine.evaluate import MEMO_LIMIT

from .cast import OBJECT, allow, deny, policies, policy, request, text

MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def test_a_verdict_names_the_statement_its_policy_and_its_layer():
    inline = policy([allow("iam:*"), allow(Sid="Reports")], name="inline")
    verdict = evaluate(request(), Policies((inline,)))
    (match,) = verdict.matched
    assert verdict.allowed
    assert (match.policy, match.layer) == (inline, "identity")
    assert (match.statement.index, match.statement.sid) == (1, "Reports")


def test_every_layer_answers_in_awss_order():
    own = Policies(
        identity=(policy([allow()]),),
        boundary=policy([allow("iam:*")]),
        session=(policy([allow()]),),
        service_control=((policy([allow("*")]),), (policy([allow("*")]),)),
    )
    bucket = policy([allow(Principal={"AWS": "111122223333"})], PolicyKind.RESOURCE)
    verdict = evaluate(request(who="auditor"), own, bucket)
    assert verdict.layers == (
        ("service_control", Decision.ALLOW),
        ("service_control", Decision.ALLOW),
        ("resource", Decision.ALLOW),
        ("identity", Decision.ALLOW),
        ("boundary", Decision.IMPLICIT_DENY),
        ("session", Decision.ALLOW),
    )
    assert (verdict.decision, verdict.layer) == (Decision.IMPLICIT_DENY, "boundary")


def test_all_denies_of_the_deciding_layer_are_named_and_no_others():
    own = Policies((policy([deny(Sid="a"), allow(), deny("s3:*", Sid="b")]),), policy([deny()]))
    verdict = evaluate(request(), own)
    assert [match.statement.sid for match in verdict.matched] == ["a", "b"]


def test_where_an_allow_is_certain_only_such_are_named():
    own = policies(allow(Sid="narrow", resource=OBJECT), allow("s3:*", Sid="wide"))
    verdict = evaluate(request(), own)
    assert [match.statement.sid for match in verdict.matched] == ["wide"]


def test_the_allows_of_every_layer_that_let_a_request_through_are_named():
    own = policies(allow(resource=OBJECT), boundary=[allow("s3:*", OBJECT)])
    assert [match.layer for match in evaluate(request(), own).matched] == ["identity", "boundary"]


def test_an_answer_for_one_resource_is_not_remembered_for_another():
    own = policies(allow("s3:*", "arn:aws:s3:::a/*"))
    for _ in range(2):
        assert evaluate(request(resource="arn:aws:s3:::a/x"), own).allowed
        assert not evaluate(request(resource="arn:aws:s3:::b/x"), own).allowed


def test_an_answer_for_one_context_is_not_remembered_for_another():
    own = policies(allow(Condition=MFA))
    for _ in range(2):
        assert evaluate(request(context={"aws:MultiFactorAuthPresent": "true"}), own).allowed
        assert not evaluate(request(), own).allowed


def test_an_answer_for_one_principal_is_not_remembered_for_another():
    own = policies(deny("*"))
    for _ in range(2):
        assert not evaluate(request(), own).allowed
        assert evaluate(request(who="root"), own).allowed
        assert not evaluate(request(who="ec2"), own).allowed


def test_a_set_remembers_a_bounded_number_of_actions():
    own = policies(allow("s3:*"))
    for number in range(MEMO_LIMIT + 10):
        assert evaluate(request(f"s3:Get{number}"), own).allowed
    assert len(own._plans) <= MEMO_LIMIT


def test_two_sets_with_the_same_policies_are_two_things():
    assert policies(allow()) != policies(allow())
    assert len({policies(allow()), policies(allow())}) == 2


def test_many_threads_may_ask_one_set():
    own = policies(allow("s3:Get*", "arn:aws:s3:::a/*"), deny("s3:GetSecret"))
    wrong = []

    def ask():
        for number in range(300):
            asked = request(f"s3:Get{number}", "arn:aws:s3:::a/x")
            if not evaluate(asked, own).allowed or evaluate(request("s3:GetSecret"), own).allowed:
                wrong.append(number)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_document_may_be_shared_by_principals_and_by_layers():
    document = load(text([allow()]))
    shared = Policy(document, "shared")
    assert evaluate(request(), Policies((shared,), shared, (shared,), ((shared,),))).allowed


@pytest.mark.parametrize("value", [True, 10, ["a", 5], None])
def test_context_values_are_text_and_nothing_that_looks_like_it(value):
    with pytest.raises(TypeError):
        Context({"aws:MultiFactorAuthPresent": value})


def test_a_context_is_asked_without_case():
    context = Context({"aws:UserName": "alice", "aws:TagKeys": ["a", "b"], "aws:Empty": []})
    assert context["AWS:username"] == "alice"
    assert context.get("aws:tagkeys") == ("a", "b")
    assert "aws:USERNAME" in context
    assert "aws:Empty" not in context
    assert 5 not in context  # type: ignore[comparison-overlap]
    assert sorted(context) == ["aws:tagkeys", "aws:username"]
    assert len(context) == 2


def test_a_service_without_any_policy_on_the_resource_may_do_nothing():
    verdict = evaluate(request(who="ec2"), Policies())
    assert (verdict.decision, verdict.layer) == (Decision.IMPLICIT_DENY, "resource")
