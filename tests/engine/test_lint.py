"""What `lint` promises whatever the document: it never fails, it knows the place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts import managed_policies
from accounts.engine import MAX_LENGTH, MalformedPolicy, PolicyKind, load, parse
from accounts.engine.lint import CHECKS, MAX_FINDINGS, FindingType, lint
from accounts.engine.lint import report as reports

from . import hostile

ROOT = Path(__file__).resolve().parents[2]
KINDS = list(PolicyKind)

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)

# Pieces that look like policies, so that the checks behind the first one are reached too. Each
# list ends with a space, and so with an empty text.
actions = st.sampled_from(
    "* s3:GetObject s3:Get* s3:?et* iam:* iam:PassRole sts:AssumeRole x:y s3 : a:b:c s*:Get* "
    "sts:* ${aws:username}:x s3:GetObjekt *:* ".split(" ")
)
resources = st.sampled_from(
    "* arn:aws:s3:::b/* arn:aws:s3:::${aws:username} arn:aws:s3:::${ b arn: arn:x:y arn:*:* "
    "arn:aws:iam::111122223333:role/* arn:aws:iam:eu-west-1:1:user/x arn:aws:s3:::${} arn:aws:s3 "
    "arn:aws:sns:eu-west-1:111122223333:t arn::s3:::b ".split(" ")
)
principals = st.sampled_from(
    "* 111122223333 arn:aws:iam::111122223333:root ec2.amazonaws.com AROAX alice "
    "arn:aws:iam::111122223333:user/* arn:aws:iam::1:role/x accounts.google.com "
    "arn:aws:iam::111122223333:saml-provider/x arn:aws:sts::1:assumed-role ".split(" ")
)
operators = st.sampled_from(
    "StringEquals StringLike ArnLike Bool Null NullIfExists IpAddress NotIpAddress DateLessThan "
    "NumericLessThan BinaryEquals ForAnyValue:StringLike ForAllValues:StringEquals "
    "StringEqualsIfExists ForAllValues:Null Nope ".split(" ")
)
keys = st.sampled_from(
    "aws:username aws:TagKeys aws:SourceIp aws:RequestTag/a aws:RequestTag/ s3:x s3:prefix aws: "
    "aws:CurrentTime iam:PassedToService x : saml:aud aws:ResourceTag/a aws:VpcSourceIp aws:ARN "
    "kms:EncryptionContext:a:b a.b:sub ".split(" ")
)
values = st.sampled_from(
    "a * true 10 10.0.0.0/8 1.1.1.1/4 2030-01-01 2030 ${aws:username} arn:aws:s3:::b ::1 ::/0 "
    "fe80::1%1 vpc-1 ${*} ".split(" ")
) | st.sampled_from([True, 10, 1.5, None])


def some(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return one | st.lists(one, max_size=3) | leaves


statements = st.fixed_dictionaries(
    {},
    optional={
        "Sid": st.sampled_from(["A", "B", "", "a b", 1]),
        "Effect": st.sampled_from(["Allow", "Deny", "allow", 1]),
        "Action": some(actions),
        "NotAction": some(actions),
        "Resource": some(resources),
        "NotResource": some(resources),
        "Principal": some(principals)
        | st.dictionaries(
            st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser", "X"]),
            some(principals),
            max_size=2,
        ),
        "NotPrincipal": some(principals),
        "Condition": st.dictionaries(
            operators, st.dictionaries(keys, some(values), max_size=3) | leaves, max_size=3
        )
        | leaves,
        "X": leaves,
    },
)
policies = st.fixed_dictionaries(
    {},
    optional={
        "Version": st.sampled_from(["2012-10-17", "2008-10-17", "2030-01-01", 1]),
        "Id": leaves,
        "Statement": statements | st.lists(statements, max_size=3) | anything,
        "X": leaves,
    },
)
gently = settings(
    deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def has_error(text: str, kind: PolicyKind) -> bool:
    return any(each.type is FindingType.ERROR for each in lint(text, kind))


@given(st.text(max_size=60), st.sampled_from(KINDS))
@example("", PolicyKind.IDENTITY)
@example("\ufeff{}", PolicyKind.IDENTITY)
@example("null", PolicyKind.IDENTITY)
@example('{"a": "\\ud800"}', PolicyKind.TRUST)
@example("[" * 5_000, PolicyKind.RESOURCE)
@gently
def test_any_text_is_read(text, kind):
    lint(text, kind)


@given(anything, st.sampled_from(KINDS))
@gently
def test_any_json_is_read(document, kind):
    lint(json.dumps(document), kind)


@given(policies, st.sampled_from(KINDS))
@gently
def test_anything_like_a_policy_is_read_and_every_finding_lies_in_the_text(document, kind):
    text = json.dumps(document, indent=2)
    lines = text.split("\n")
    for finding in lint(text, kind, attached_to="arn:aws:s3:::b"):
        assert CHECKS[finding.code] is finding.check
        assert finding.message
        assert finding.start <= finding.end
        for line, column in (finding.start, finding.end):
            assert 1 <= line <= len(lines)
            assert 1 <= column <= len(lines[line - 1]) + 1


@given(policies, st.sampled_from(KINDS))
@gently
def test_what_has_no_error_can_be_saved(document, kind):
    text = json.dumps(document)
    try:
        parse(text, kind)
    except MalformedPolicy:
        assert has_error(text, kind)


def test_an_example_gives_the_place_of_the_offending_text():
    text = (
        "{\n"
        '  "Version": "2012-10-17",\n'
        '  "Statement": [{\n'
        '    "Effect": "Allow",\n'
        '    "Action": ["s3:GetObject", "s3:PutObjekt"],\n'
        '    "Resource": "arn:aws:s3:::reports/*",\n'
        '    "Condition": {"StringEqual": {"aws:username": "bob"}}\n'
        "  }]\n"
        "}"
    )
    action, operator = lint(text)
    assert (action.code, action.path) == ("INVALID_ACTION", "Statement[0].Action[1]")
    assert (action.start, action.end) == ((5, 32), (5, 46))
    assert action.message.endswith("Did you mean s3:PutObject?")
    assert (operator.code, operator.path) == (
        "INVALID_CONDITION_OPERATOR",
        "Statement[0].Condition.StringEqual",
    )
    assert (operator.start, operator.end) == ((7, 19), (7, 32))
    assert operator.message.endswith("Did you mean StringEquals?")


@pytest.mark.parametrize(
    ("element", "wrong", "right"),
    [
        ("Action", "iam:CreatUser", "iam:CreateUser"),
        ("Action", "imc:CreateUser", "iam"),
        ("Resource", "arn:aws:iam::111122223333:users/bob", "user/*"),
        ("Resource", "arn:aws:sns:eu-wst-1:111122223333:t", "eu-west-1"),
    ],
)
def test_a_misspelt_word_gets_a_suggestion(element, wrong, right):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", element: wrong}
    messages = [
        finding.message
        for finding in lint(json.dumps({"Version": "2012-10-17", "Statement": statement}))
        if finding.type is FindingType.ERROR
    ]
    assert len(messages) == 1
    assert messages[0].endswith(f"Did you mean {right}?")


def test_a_single_statement_needs_no_list():
    statement = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}
    (finding,) = lint(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert finding.path == "Statement.Action"


def test_a_document_is_read_as_what_it_was_loaded_for():
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*"}})
    assert lint(load(text, PolicyKind.TRUST)) == lint(text, PolicyKind.TRUST)
    assert lint(load(text, PolicyKind.TRUST)) != lint(text)


def test_the_quota_can_be_that_of_an_inline_policy():
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": ["*", "a" * 3_000]}
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    code = "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA"
    assert code not in {finding.code for finding in lint(text)}
    assert code in {finding.code for finding in lint(text, quota=2_048)}


def test_white_space_counts_only_in_service_control_policies():
    text = json.dumps({"Version": "2012-10-17", "Statement": []}) + " " * 30_000
    codes = {kind: {finding.code for finding in lint(text, kind)} for kind in KINDS}
    assert "POLICY_SIZE_EXCEEDS_SCP_QUOTA" in codes[PolicyKind.SERVICE_CONTROL]
    for kind in KINDS:
        if kind is not PolicyKind.SERVICE_CONTROL:
            assert not {code for code in codes[kind] if code.startswith("POLICY_SIZE")}


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "arn:aws:iam::*:user/*"},
        {"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["iam:PutRole*", "sts:AssumeRole"], "Resource": "*"},
    ],
)
def test_ways_to_more_rights_are_found(statement):
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    assert "PRIVILEGE_ESCALATION" in {finding.code for finding in lint(text)}


@pytest.mark.parametrize(
    "statements",
    [
        [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
        [{"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}],
        [
            {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"},
            {"Effect": "Deny", "Action": "iam:Put*", "Resource": "*"},
        ],
        [
            {
                "Effect": "Allow",
                "Action": "iam:CreateAccessKey",
                "Resource": "arn:aws:iam::*:user/${aws:username}",
            }
        ],
    ],
)
def test_an_administrator_and_the_harmless_have_no_such_way(statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    assert "PRIVILEGE_ESCALATION" not in {finding.code for finding in lint(text)}


def test_aws_own_policies_have_few_errors():
    """They have some: retired services, misspelt ARNs. More would be a mistake of the checks."""
    faulty = [
        policy.name
        for policy in managed_policies.all()
        if any(
            finding.type is FindingType.ERROR
            for finding in lint(load(policy.document), quota=1_000_000)
        )
    ]
    assert len(faulty) < 0.06 * len(managed_policies.all())


@pytest.mark.parametrize(("text", "code"), hostile.CHECKING.values(), ids=hostile.CHECKING)
def test_a_document_made_to_be_slow_is_checked_and_its_findings_stop_at_the_limit(text, code):
    assert len(text) <= MAX_LENGTH
    assert code in {finding.code for finding in lint(text)}
    for kind in KINDS:
        assert len(lint(text, kind)) <= MAX_FINDINGS


def test_many_empty_statements_stop_at_the_limit():
    text, _ = hostile.CHECKING["40,000 empty statements"]
    assert len(lint(text)) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c", "d", "e"], "a, b, c, d and e"),
        (list("abcdefg"), "a, b, c, d and 3 more"),
    ],
)
def test_lists_in_messages_are_short(words, text):
    assert reports.listed(words) == text


def test_the_documentation_lists_every_check_and_what_is_left_out():
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (\w+) \| ([^|]+) \|", (ROOT / "docs/findings.md").read_text(), re.M
    )
    documented = {code: (kind, answer.strip()) for code, kind, answer in rows}
    assert len(rows) == len(documented)
    included = {code for code, (_, answer) in documented.items() if answer != "out"}
    assert included == set(CHECKS)
    for code in included:
        kind, answer = documented[code]
        assert kind == CHECKS[code].type
        assert answer == ("own" if CHECKS[code].own else "in")
