"""What holds for every policy, tried on thousands of random ones."""

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.engine import (
    Context,
    Decision,
    MalformedPolicy,
    Policies,
    Policy,
    PolicyKind,
    Principal,
    Request,
    evaluate,
    explain,
    load,
    parse,
)

from .cast import HOME, policy
from .reference import decide

ACTIONS = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:GetUser", "iam:DeleteUser"]
PATTERNS = [*ACTIONS, "*", "s3:*", "iam:*", "s3:Get*", "S3:getobject", "*", "s3:?etObject"]
NAMES = ["alice", "bob", "*", "?", "a*"]
ARNS = [f"arn:aws:s3:::home/{name}/x" for name in NAMES] + [
    "*",
    "arn:aws:s3:::reports",
    f"arn:aws:iam::{HOME}:user/alice",
]
RESOURCES = [
    *ARNS,
    "arn:aws:s3:::*",
    "arn:aws:s3:::home/${aws:username}/*",
    "arn:aws:s3:::home/?ob/*",
    "arn:aws:s3:::home/${aws:PrincipalTag/team}/*",
    "*",
]
KEYS = ["aws:username", "aws:PrincipalTag/team", "aws:MultiFactorAuthAge", "aws:SecureTransport"]
PRINCIPALS = ["*", f"arn:aws:iam::{HOME}:user/alice", f"arn:aws:iam::{HOME}:user/bob", HOME]
PRINCIPALS += [f"arn:aws:iam::{HOME}:root", "444455556666"]

some = st.sampled_from


def scalar_or_list(values):
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


texts = some([*NAMES, "blue", "${aws:username}", "a*", "b?b", "*", "10", "true"])
OPERATORS = {
    "StringEquals": texts,
    "StringNotEquals": texts,
    "StringEqualsIgnoreCase": texts,
    "StringLike": texts,
    "StringNotLike": texts,
    "NumericEquals": some(["0", "9", "10"]),
    "NumericNotEquals": some(["0", "9", "10"]),
    "NumericLessThan": some(["0", "9", "10"]),
    "NumericGreaterThanEquals": some(["0", "9", "10"]),
    "Bool": some(["true", "false"]),
    "Null": some(["true", "false"]),
}


@st.composite
def conditions(draw):
    name = draw(some(list(OPERATORS)))
    values = draw(scalar_or_list(OPERATORS[name]))
    prefix = draw(some(["", "", "ForAllValues:", "ForAnyValue:"]))
    suffix = "" if name == "Null" else draw(some(["", "", "IfExists"]))
    return {prefix + name + suffix: {draw(some(KEYS)): values}}


@st.composite
def statements(draw, effects=("Allow", "Allow", "Deny")):
    statement = {"Effect": draw(some(effects))}
    statement[draw(some(["Action", "Action", "NotAction"]))] = draw(scalar_or_list(some(PATTERNS)))
    resources = draw(scalar_or_list(some(RESOURCES)))
    statement[draw(some(["Resource", "Resource", "NotResource"]))] = resources
    if draw(st.booleans()):
        statement["Condition"] = draw(conditions())
    return statement


@st.composite
def grants(draw):
    principal = draw(some(PRINCIPALS))
    return draw(statements()) | {"Principal": "*" if principal == "*" else {"AWS": principal}}


documents = st.lists(statements(), max_size=4)
values = some([*NAMES, "blue", "9", "10", "true", "false", ""])
contexts = st.dictionaries(
    some(KEYS), st.one_of(values, st.lists(values, min_size=1, max_size=3)), max_size=4
)
ALICE = Principal(f"arn:aws:iam::{HOME}:user/alice", HOME, "user")


@st.composite
def requests(draw):
    return Request(
        draw(some(ACTIONS)),
        draw(some(ARNS)),
        Context(draw(contexts)),
        ALICE,
        draw(some([None, HOME, "444455556666"])),
    )


def own(*identity, boundary=None, session=None, service_control=()):
    return Policies(
        tuple(map(policy, identity)),
        None if boundary is None else policy(boundary),
        None if session is None else (policy(session),),
        tuple((policy(level),) for level in service_control),
    )


def bucket(found):
    return policy(found, PolicyKind.RESOURCE) if found else None


@settings(max_examples=400, deadline=None)
@given(
    requests(),
    st.lists(documents, max_size=3),
    st.one_of(st.none(), documents),
    st.one_of(st.none(), documents),
    st.lists(documents, max_size=2),
    st.lists(grants(), max_size=3),
)
def test_the_engine_agrees_with_the_naive_evaluator(
    request, identity, boundary, session, levels, grants
):
    layers = {"identity": [[each for found in identity for each in found]]}
    layers["service_control"] = levels
    layers["boundary"] = [] if boundary is None else [boundary]
    layers["session"] = [] if session is None else [session]
    asked = {
        "action": request.action,
        "resource": request.resource,
        "context": dict(request.context.entries),
        "arn": ALICE.arn,
        "account": HOME,
        "owner": request.resource_account,
    }
    policies = own(*identity, boundary=boundary, session=session, service_control=levels)
    verdict = evaluate(request, policies, bucket(grants))
    assert verdict.decision.value == decide(asked, layers, grants)


@given(requests(), documents, statements(effects=("Deny",)))
def test_adding_a_deny_never_widens(request, statements, added):
    before = evaluate(request, own(statements)).allowed
    after = evaluate(request, own([*statements, added])).allowed
    assert before or not after


@given(requests(), documents, statements(effects=("Allow",)))
def test_adding_an_allow_never_narrows(request, statements, added):
    before = evaluate(request, own(statements)).allowed
    after = evaluate(request, own([*statements, added])).allowed
    assert after or not before


@given(requests(), documents, documents)
def test_a_boundary_never_widens(request, statements, boundary):
    with_boundary = evaluate(request, own(statements, boundary=boundary)).allowed
    assert not with_boundary or evaluate(request, own(statements)).allowed


@given(requests(), documents, documents)
def test_a_session_policy_never_widens(request, statements, session):
    with_session = evaluate(request, own(statements, session=session)).allowed
    assert not with_session or evaluate(request, own(statements)).allowed


@given(requests(), st.lists(documents, max_size=3), st.randoms(use_true_random=False))
def test_order_does_not_matter(request, identity, chance: random.Random):
    shuffled = [chance.sample(found, len(found)) for found in identity]
    chance.shuffle(shuffled)
    first, second = evaluate(request, own(*identity)), evaluate(request, own(*shuffled))
    assert first.decision is second.decision
    assert first.layer == second.layer
    assert sorted(first.missing_keys) == sorted(second.missing_keys)
    assert sorted(match.statement.effect for match in first.matched) == sorted(
        match.statement.effect for match in second.matched
    )


@given(requests(), documents)
def test_statements_in_one_policy_or_in_several_are_the_same(request, statements):
    together = evaluate(request, own(statements))
    apart = evaluate(request, own(*([each] for each in statements)))
    assert together.decision is apart.decision


def as_lists(value):
    """The same policy with every scalar written as a list of one."""
    found: dict[str, Any] = {}
    for name, element in value.items():
        if name in ("Action", "NotAction", "Resource", "NotResource"):
            found[name] = element if isinstance(element, list) else [element]
        elif name == "Condition":
            found[name] = {
                operator: {
                    key: each if isinstance(each, list) else [each] for key, each in k.items()
                }
                for operator, k in element.items()
            }
        else:
            found[name] = element
    return found


@given(requests(), documents)
def test_a_scalar_is_a_list_of_one(request, statements):
    listed = [as_lists(each) for each in statements]
    assert evaluate(request, own(statements))[:2] == evaluate(request, own(listed))[:2]


@given(requests(), documents)
def test_reading_and_writing_a_document_keeps_its_meaning(request, statements):
    """load, dump, load: white space, the order of elements and escapes mean nothing."""
    if not statements:
        return
    written = json.dumps({"Statement": statements, "Version": "2012-10-17"}, indent=3)
    escaped = written.replace("Allow", r"\u0041llow").replace("iam:", r"\u0069am:")
    before = evaluate(request, own(statements))
    for text in (written, escaped):
        after = evaluate(request, Policies((Policy(parse(text), "policy"),)))
        assert after[:2] == before[:2]


@given(requests(), documents, documents)
def test_asking_again_gives_the_same_answer(request, statements, boundary):
    policies = own(statements, boundary=boundary)
    assert evaluate(request, policies) == evaluate(request, policies)


@given(
    st.lists(st.tuples(requests(), st.lists(grants(), max_size=2)), min_size=2, max_size=6),
    documents,
    st.one_of(st.none(), documents),
)
def test_what_was_asked_before_changes_no_answer(asked, statements, boundary):
    """Plans, compiled documents and texts are remembered; requests must not mix in them."""
    remembering = own(statements, boundary=boundary)
    for request, found in asked:
        fresh = own(statements, boundary=boundary)
        for resource_policy in (bucket(found), None):
            verdict = evaluate(request, remembering, resource_policy)
            assert verdict == evaluate(request, fresh, resource_policy)


@given(requests(), st.lists(documents, max_size=2), st.one_of(st.none(), documents))
def test_an_explanation_tells_the_verdict_and_every_statement_that_decided(
    request, identity, boundary
):
    policies = own(*identity, boundary=boundary)
    verdict = evaluate(request, policies)
    explanation = explain(request, policies)
    assert explanation.verdict == verdict
    found = [id(each.statement) for each in explanation.statements if each.matched]
    assert {id(match.statement) for match in verdict.matched} <= set(found)
    refusing = [
        each for each in explanation.statements if each.matched and each.statement.effect == "Deny"
    ]
    assert bool(refusing) == (verdict.decision is Decision.EXPLICIT_DENY)
    assert explanation.sentences()
    json.dumps(explanation.to_dict())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)
names = some(
    "Version Statement Effect Action Resource Principal Condition Sid Id StringLike".split()
)
odd_policies = st.recursive(
    json_values | some(["2012-10-17", "Allow", "Deny", "*", "${a", "s3:*"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=500, deadline=None)
@given(odd_policies, some(list(PolicyKind)))
def test_any_json_is_read_or_refused_and_nothing_else(value, kind):
    text = json.dumps(value)
    for read in (parse, load):
        try:
            document = read(text, kind)
        except MalformedPolicy:
            continue
        verdict = evaluate(Request("s3:GetObject", "*", Context()), own([]), Policy(document, "p"))
        assert isinstance(verdict.decision, Decision)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60), some(list(PolicyKind)))
def test_any_text_is_read_or_refused_and_nothing_else(text, kind):
    messages = []
    for read in (parse, load):
        try:
            read(text, kind)
        except MalformedPolicy as error:
            messages.append(error.message)
    assert all(messages)


@settings(max_examples=500, deadline=None)
@given(odd_policies)
def test_what_may_be_saved_is_understood_but_for_values_of_the_wrong_type(value):
    try:
        document = parse(json.dumps(value))
    except MalformedPolicy:
        return
    problems = [problem for statement in document.statements for problem in statement.problems]
    assert all(" is not " in problem for problem in problems)
