"""Who can do this, what can they do, what would a change change."""

from dataclasses import replace

from hypothesis import given, settings

from accounts.engine import Access, Context, Policies, Policy, PolicyKind, evaluate
from accounts.engine.match import matches
from accounts.engine.questions import (
    MOST_PAIRS,
    Asker,
    access_to,
    difference,
    differences,
    what_can,
    who_can,
)
from accounts.engine.symbolic import overlap, relation

from .cast import CAST, HOME, OBJECT, allow, deny, policies, policy
from .test_match import PATTERNS, TEXTS
from .test_properties import documents, own, requests

PEOPLE = {name: principal for name, principal in CAST.items() if principal}
READERS = policies(allow("s3:Get*", "arn:aws:s3:::reports/*"))
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NONE, LIMITED, FULL = Access.NONE, Access.LIMITED, Access.FULL


def changes(found):
    return [(each.action, each.resource, each.before, each.after) for each in found]


def test_who_can_lists_those_who_may_with_the_verdict():
    home = policies(allow("s3:*", "arn:aws:s3:::home/${aws:username}/*"))
    askers = [
        Asker(PEOPLE["alice"], home, Context({"aws:username": "alice"})),
        Asker(PEOPLE["bob"], home, Context({"aws:username": "bob"})),
        Asker(PEOPLE["root"], Policies(), Context()),
        Asker(PEOPLE["auditor"], READERS, Context()),
    ]
    found = who_can("s3:GetObject", "arn:aws:s3:::home/alice/x", askers)
    assert [principal for principal, _ in found] == [PEOPLE["alice"], PEOPLE["root"]]
    assert found[0][1].matched[0].policy.name == "policy"
    assert [who for who, _ in who_can("s3:GetObject", OBJECT, askers)] == [
        PEOPLE["root"],
        PEOPLE["auditor"],
    ]


def test_who_can_minds_the_resources_own_policy():
    bucket = policy(
        [
            allow(Principal={"AWS": PEOPLE["bob"].arn}),
            deny(Principal={"AWS": PEOPLE["auditor"].arn}),
        ],
        PolicyKind.RESOURCE,
    )
    askers = [
        Asker(PEOPLE["bob"], Policies(), Context()),
        Asker(PEOPLE["auditor"], READERS, Context()),
    ]
    found = who_can("s3:GetObject", OBJECT, askers, bucket, HOME)
    assert [principal for principal, _ in found] == [PEOPLE["bob"]]


def test_what_a_principal_can_do_is_told_by_access_level_and_how_far():
    found = what_can(
        policies(allow("s3:ListAllMyBuckets"), allow("s3:GetObject", "arn:aws:s3:::a/*")),
        {"List": ["s3:ListAllMyBuckets", "s3:ListBucket"], "Read": ["s3:GetObject"]},
    )
    assert found["List"] == {FULL: ["s3:ListAllMyBuckets"], LIMITED: [], NONE: ["s3:ListBucket"]}
    assert found["Read"][LIMITED] == ["s3:GetObject"]


def test_access_is_limited_by_conditions_resources_denies_and_boundaries():
    assert access_to(policies(allow("s3:*")), "s3:GetObject") is FULL
    assert access_to(policies(allow("s3:*", Condition=MFA)), "s3:GetObject") is LIMITED
    assert access_to(policies(allow("s3:*", OBJECT)), "s3:GetObject") is LIMITED
    assert access_to(policies(allow(), deny(Condition=MFA)), "s3:GetObject") is LIMITED
    assert access_to(policies(allow(), deny(resource=OBJECT)), "s3:GetObject") is LIMITED
    assert access_to(policies(allow(), deny()), "s3:GetObject") is NONE
    assert (
        access_to(policies(allow(), boundary=[allow(resource=OBJECT)]), "s3:GetObject") is LIMITED
    )
    assert access_to(policies(allow(), boundary=[allow("iam:*")]), "s3:GetObject") is NONE
    assert access_to(Policies(), "s3:GetObject", PEOPLE["root"]) is FULL


def test_attaching_a_policy_gains_its_patterns_as_they_are_written():
    found = difference(policies(allow("iam:*")), policies(allow("s3:Get*", ["*", OBJECT])))
    assert changes(found.gained) == [
        ("s3:Get*", "*", NONE, FULL),
        ("s3:Get*", OBJECT, NONE, FULL),
    ]
    assert changes(found.lost) == [("iam:*", "*", FULL, NONE)]


def test_what_was_allowed_already_is_no_gain():
    before = policies(allow("s3:*"))
    added = replace(before, identity=(*before.identity, policy([allow("s3:Get*")])))
    assert difference(before, added) == ((), ())


def test_a_new_condition_is_a_loss_and_a_condition_dropped_a_gain():
    free, guarded = policies(allow("s3:*")), policies(allow("s3:*", Condition=MFA))
    lost = difference(free, guarded)
    assert changes(lost.lost) == [("s3:*", "*", FULL, LIMITED)]
    assert not lost.gained
    gained = difference(guarded, free)
    assert changes(gained.gained) == [("s3:*", "*", LIMITED, FULL)]


def test_one_condition_for_another_is_a_gain_and_a_loss_and_both_are_told():
    office = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    found = difference(
        policies(allow("s3:*", Condition=MFA)), policies(allow("s3:*", Condition=office))
    )
    (gained,), (lost,) = found
    assert gained.conditions[0][0].operator == "IpAddress"
    assert lost.conditions[0][0].operator == "Bool"


def test_a_deny_that_goes_gives_back_what_it_denied():
    found = difference(
        policies(allow("s3:*"), deny("s3:DeleteBucket")),
        policies(allow("s3:*")),
    )
    assert ("s3:DeleteBucket", "*", NONE, FULL) in changes(found.gained)
    assert not found.lost


def test_a_deny_that_is_not_understood_loses_everything():
    before = policies(allow("s3:*"))
    unclear = policy([deny("s3:DeleteBucket", Condition={"StringResembles": {"a:b": "c"}})])
    found = difference(before, replace(before, identity=(*before.identity, unclear)))
    assert ("*", "*", LIMITED, NONE) in changes(found.lost)
    assert not found.gained


def test_a_document_of_too_many_pairs_is_asked_by_action_on_everything():
    actions = [f"s3:Get{number}" for number in range(MOST_PAIRS // 50 + 1)]
    buckets = [f"arn:aws:s3:::bucket-{number}" for number in range(50)]
    few = difference(Policies(), policies(allow(actions[:2], buckets)))
    assert len(few.gained) == 2 * len(buckets)
    many = difference(Policies(), policies(allow(actions, buckets)))
    expected = [(action, "*", NONE, LIMITED) for action in actions]
    assert sorted(changes(many.gained)) == sorted(expected)


def test_a_new_boundary_takes_what_it_does_not_allow():
    found = difference(
        policies(allow("s3:*"), allow("iam:*")),
        policies(allow("s3:*"), allow("iam:*"), boundary=[allow("s3:*")]),
    )
    assert changes(found.lost) == [("iam:*", "*", FULL, NONE)]


def test_a_boundary_limits_what_a_new_policy_gives():
    boundary = [allow("s3:Get*")]
    found = difference(policies(boundary=boundary), policies(allow("s3:*"), boundary=boundary))
    assert changes(found.gained) == [("s3:*", "*", NONE, LIMITED), ("s3:Get*", "*", NONE, FULL)]


def test_not_action_is_asked_as_everything_and_as_what_it_excepts():
    found = difference(policies(), policies(allow(None, NotAction="iam:*")))
    assert changes(found.gained) == [("*", "*", NONE, LIMITED)]


def test_one_answer_serves_all_who_have_the_same_documents():
    few, many = policies(allow("s3:Get*")), policies(allow("s3:*"))
    members = [(f"user{n}", Policies(few.identity), Policies(many.identity)) for n in range(50)]
    members.append(("boss", many, many))
    found = differences(members)
    assert [len(names) for _, names in found] == [50, 1]
    assert changes(found[0][0].gained) == [("s3:*", "*", LIMITED, FULL)]
    assert found[1] == (((), ()), ["boss"])


def test_a_document_that_comes_twice_may_go_once():
    document = policy([allow()]).document
    twice = Policies((Policy(document, "own"), Policy(document, "own", via="staff")))
    assert difference(twice, Policies((Policy(document, "own"),))) == ((), ())


def covered(change, request):
    action = matches(change.action.lower(), request.action.lower())
    pattern = change.resource.replace("${aws:username}", "*")
    pattern = pattern.replace("${aws:PrincipalTag/team}", "*")
    return action and matches(pattern, request.resource)


@settings(max_examples=250, deadline=None)
@given(requests(), documents, documents, documents, documents)
def test_no_request_changes_its_answer_without_a_difference_that_covers_it(
    request, before, after, kept, boundary
):
    request = replace(request, resource_account=None)
    old = own(before, kept, boundary=boundary or None)
    new = own(after, kept, boundary=boundary or None)
    had, has = evaluate(request, old).allowed, evaluate(request, new).allowed
    found = difference(old, new)
    if has and not had:
        assert any(covered(change, request) for change in found.gained)
    if had and not has:
        assert any(covered(change, request) for change in found.lost)


@settings(max_examples=150, deadline=None)
@given(requests(), documents, documents)
def test_full_access_always_allows_and_no_access_never(request, statements, boundary):
    request = replace(request, resource_account=None)
    policies = own(statements, boundary=boundary)
    access = access_to(policies, request.action)
    allowed = evaluate(request, policies).allowed
    assert access is not FULL or allowed
    assert access is not NONE or not allowed


@given(PATTERNS, PATTERNS, TEXTS)
def test_the_relation_of_two_patterns_holds_for_every_text(pattern, other, text):
    found = relation(pattern, other)
    both = matches(pattern, text) and matches(other, text)
    if found is NONE:
        assert not both
    if found is FULL:
        assert matches(pattern, text) or not matches(other, text)
    assert overlap(pattern, other) or not both


def test_patterns_too_long_to_compare_are_taken_to_overlap():
    assert relation("*a" * 200 + "x", "*b" * 200 + "y") is NONE
    assert relation("*a" * 600 + "x", "*b" * 600 + "y") is LIMITED
