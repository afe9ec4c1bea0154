"""How checks are asked: values, accounts, groups of checks, what is told, and what it may cost."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from accounts.actions import attachments, groups
from accounts.caller import Caller
from accounts.models import Account, Event
from iamconsole.labs.checks import asking, finding, globs, place, samples, verbs
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.world import World
from iamconsole.labs.format.pack import Check
from tests.cast import ADMINISTRATOR, CallerWith, allow, new_user
from tests.labs.asked import ask, check, world_of

THERE, GONE = ("exists", {"user": "alice"}), ("exists", {"user": "zoe"})
TOO_LARGE = ("can", {"principal": "user/alice", "action": "*", "resource": "arn:aws:s3:::b/*"})
UNASKABLE = ("exists", {"user": "alice", "group": "Staff"})


def asked(world: World, verb: str, parts: Any, **more: Any) -> Finding:
    world.seen.clear()
    return asking.ask(world, check(verb, parts, **more))


# --- The table -----------------------------------------------------------------------------------


def test_every_verb_has_a_schema_and_a_judge():
    assert verbs.ARGUMENTS.keys() == verbs.JUDGES.keys()
    assert verbs.JUDGES.keys() >= verbs.OF_RECORDS
    assert not verbs.JUDGES.keys() & set(verbs.GROUPS)
    for verb, schema in verbs.ARGUMENTS.items():
        Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False, verb
        assert schema["description"].endswith("."), verb
        for name, each in schema["properties"].items():
            assert each["description"].endswith("."), (verb, name)


@pytest.mark.parametrize("verb", verbs.ARGUMENTS)
def test_wrong_arguments_are_told_and_never_hold(account: Account, verb: str):
    world = world_of(account)
    wrong: tuple[Any, ...] = ({"nonsense": 1}, {"user": ["a"]}, {"policy": 7}, {"to": None})
    for arguments in wrong:
        found = asked(world, verb, arguments)
        assert not found.holds
        assert found.found.startswith("It is asked wrongly: ")


def test_an_unknown_verb_never_holds(account: Account):
    for verb in ("can_not", "exec", "", "__init__", "x" * 5000):
        found = asking.ask(world_of(account), Check(verb, {}))
        assert not found.holds
        assert len(found.found) < 200


# --- Values and what is told ---------------------------------------------------------------------


def test_values_are_filled_into_arguments_and_into_the_authors_sentence(
    account: Account, admin: Caller
):
    world = world_of(account, values={"who": "admin", "policy": "AdministratorAccess"})
    found = asked(
        world,
        "not_attached",
        {"to": "user/{who}", "policy": "{policy}"},
        fail="{policy} still reaches {who} through {path}. ${aws:username} {unknown}",
    )
    assert found.message == (
        "AdministratorAccess still reaches admin through AdministratorAccess attached to user "
        "admin. ${aws:username} {unknown}"
    )
    assert found.through == ("AdministratorAccess attached to user admin",)


def test_what_was_found_is_told_and_not_filled_in_again(account: Account, caller_with: CallerWith):
    caller_with(allow("s3:*"))
    world = world_of(account, values={"secret": "hidden", "found": "overruled"})
    found = asked(world, "exists", {"user": "{{secret}}"}, fail="No: {found} {path}")
    assert found.message == "No: There is no user {hidden}. nothing"
    found = asked(world, "can", {"principal": "user/alice", "action": "sns:Publish"})
    assert found.message == found.found
    assert asked(world, *THERE, fail="It is there.").message == ""


def test_a_discreet_check_tells_nothing_of_what_it_looked_at(account: Account, admin: Caller):
    world = world_of(account, values={"key": "the answer"})
    secret = Check(
        "attached",
        {"to": "user/admin", "policy": "*"},
        asks="Somebody has too much.",
        fail="Look again.",
    )
    turned = Check("not", {}, checks=(secret,), asks="Nobody has too much.", fail="Look again.")
    for each, holds in ((secret, True), (turned, False)):
        found = asking.ask(world, each)
        assert found.holds is holds
        told = " ".join((found.asked, found.found, found.expected, found.message, *found.through))
        assert "admin" not in told.lower()
        assert "Administrator" not in told


def test_a_finding_survives_being_kept(account: Account, alice: Caller):
    for each in (THERE, GONE):
        found = asked(world_of(account), *each, fail="Gone.")
        assert finding.of_record(finding.as_record(found)) == found


def test_findings_are_no_longer_than_a_report_needs(account: Account, alice: Caller):
    world = world_of(account)
    for _ in range(3):
        new_user(account, "x" * 64 + str(_))
    found = asked(world, "any_of", [("exists", {"user": "y" * 2000})] * 50)
    assert max(map(len, (found.asked, found.found, found.expected, found.message))) <= 1200


# --- Groups --------------------------------------------------------------------------------------


def test_groups_say_which_parts_hold(account: Account, alice: Caller):
    world = world_of(account)
    assert asked(world, "any_of", [GONE, THERE]).found == (
        "This holds: There is the user alice. There is user alice."
    )
    none = asked(world, "any_of", [GONE, GONE])
    assert none.found == "None of them holds. There is no user zoe. There is no user zoe."
    every = asked(world, "all_of", [THERE, GONE])
    assert every.found == "This does not hold: There is the user zoe. There is no user zoe."
    assert asked(world, "not", GONE).holds
    turned = asked(world, "not", THERE)
    assert not turned.holds
    assert turned.asked == "This is not so: There is the user alice."
    assert turned.found == "There is user alice."


def test_a_report_does_not_say_what_the_author_would_keep_to_himself(
    account: Account, alice: Caller
):
    secret = Check("exists", {"user": "{who}"}, fail="Still {found}", asks="{who}'s twin is gone.")
    world = world_of(account, values={"who": "zoe"})
    found = asking.ask(world, secret)
    assert (found.holds, found.found, found.expected) == (False, "It is not so.", "It is so.")
    assert (found.asked, found.message) == ("zoe's twin is gone.", "Still There is no user zoe.")
    found = asking.ask(world_of(account, values={"who": "alice"}), secret)
    assert (found.holds, found.found, found.through) == (True, "It is so.", ())
    assert found.asked == "alice's twin is gone."


def test_a_part_has_a_sentence_of_its_own(account: Account, alice: Caller):
    parts = [check(*THERE, fail="Not this."), check(*GONE, fail="Zoe is missing.")]
    assert asked(world_of(account), "all_of", parts).message == "Zoe is missing."
    assert asked(world_of(account), "all_of", parts, fail="Both!").message == "Both!"


def test_what_has_no_answer_makes_no_group_hold(account: Account, caller_with: CallerWith):
    caller_with(
        allow("*", on="arn:aws:s3:::b/*", Condition={"Bool": {"aws:ViaAWSService": "true"}})
    )
    world = world_of(account)
    for odd in (UNASKABLE, ("nonsense", {})):
        for verb, parts in (
            ("not", odd),
            ("any_of", [odd, odd]),
            ("all_of", [THERE, odd]),
            ("not", ("all_of", [odd])),
        ):
            assert not asked(world, verb, parts).holds
    for verb in verbs.GROUPS:
        assert not asking.ask(world, Check(verb, {})).holds


def test_groups_within_groups_end_somewhere(account: Account, alice: Caller):
    world = world_of(account)
    one = check(*THERE)
    for depth in range(100):
        assert asking.ask(world, one).holds is (depth <= 8)
        one = Check("all_of", {}, checks=(one,))
    wide = Check("any_of", {}, checks=(check(*THERE),) * 101)
    assert asking.ask(world, wide).found.startswith("This check asks about more than")


def test_a_group_names_the_account_of_its_parts(
    account: Account, other: Account, alice: Caller, eve: Caller
):
    world = world_of(account, other)
    eves = ("exists", {"user": "eve"})
    assert not asked(world, "all_of", [eves]).holds
    assert asked(world, "all_of", [eves], account="partner").holds
    parts = [check(*eves), check(*THERE, account="main")]
    assert asked(world, "all_of", parts, account="partner").holds
    assert asked(world, *GONE, account="partner").found == (
        "There is no user zoe in the account partner."
    )


def test_an_account_that_is_gone_is_not_asked_about(account: Account, other: Account):
    world = world_of(account, other)
    other.delete()
    for name in ("partner", "nobody"):
        found = asked(world, "absent", {"user": "eve"}, account=name)
        assert not found.holds
        assert found.found == f"The lab has no account {name}."


trees: Any = st.recursive(
    st.sampled_from([THERE, GONE]),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["any_of", "all_of"]), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("not"), inner),
    ),
    max_leaves=8,
)


def truth(tree: Any) -> bool:
    verb, parts = tree
    if verb == "not":
        return not truth(parts)
    if verb in ("any_of", "all_of"):
        return (any if verb == "any_of" else all)(map(truth, parts))
    return bool(tree == THERE)


def depth(tree: Any) -> int:
    verb, parts = tree
    if verb not in verbs.GROUPS:
        return 0
    return 1 + max(map(depth, [parts] if verb == "not" else parts))


@pytest.fixture
def cast(account: Account, alice: Caller) -> World:
    return world_of(account)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # nothing is changed
@given(tree=trees)
def test_groups_hold_as_logic_has_it(cast: World, tree: Any):
    if depth(tree) <= 8:
        assert asking.ask(cast, check(*tree)).holds is truth(tree)


# --- Globs ---------------------------------------------------------------------------------------

patterns = st.text(alphabet="ab*?.[]\\", max_size=12)
texts = st.text(alphabet="ab.[]\\*", max_size=12)


@given(pattern=patterns, text=texts)
def test_globs_mean_what_they_look_like(pattern: str, text: str):
    plain = "".join(
        ".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern
    )
    assert globs.fits(pattern, text) is (re.fullmatch(plain, text, re.DOTALL) is not None)


@given(name=st.text(alphabet="abAB", max_size=8))
def test_names_are_compared_without_case(name: str):
    assert globs.fits_name(name.upper(), name.lower())
    assert globs.fits_name(f"{name.upper()}*", f"{name.lower()}-1")


@given(one=st.text(alphabet="ab*?", max_size=8), two=st.text(alphabet="ab*?", max_size=8))
def test_a_witness_fits_both_patterns_and_is_found_where_there_is_one(one: str, two: str):
    common = samples.witness(one, two)
    if common is None:
        words = ("", *(a + b + c for a in "ab" for b in ("", *"ab") for c in ("", *"ab")))
        assert not any(globs.fits(one, word) and globs.fits(two, word) for word in words)
    else:
        for fill in ("", "x", "a/b"):
            text = common.replace("?", "y").replace("*", fill)
            assert globs.fits(one, text)
            assert globs.fits(two, text)


def test_hostile_globs_take_no_longer_than_others():
    begun = time.monotonic()
    for pattern in ("*a" * 1000 + "b", "?*" * 1000, "a*" * 1000, "*" * 2000):
        globs.fits(pattern, "a" * 2000)
        samples.witness(pattern, "a*" * 1000)
        samples.witness("arn:aws:s3:::b/*", pattern)
    assert time.monotonic() - begun < 5


# --- What it costs -------------------------------------------------------------------------------


def test_a_budget_ends_with_its_evaluations_or_its_time():
    budget = place.Budget(evaluations=10)
    for _ in range(10):
        budget.spend()
    with pytest.raises(place.TooLarge):
        budget.spend()
    with pytest.raises(place.TooLarge):
        place.Budget(until=0).spend()


def test_ten_thousand_evaluations_are_enough_for_anybody(account: Account, caller_with: CallerWith):
    caller_with(
        allow("*", on="arn:aws:s3:::b/*", Condition={"Bool": {"aws:ViaAWSService": "true"}})
    )
    begun = time.monotonic()
    large = ("cannot", {**TOO_LARGE[1], "resource": "arn:aws:s3:::b/*"})
    found = asking.ask_all(world_of(account), [check(*large)] * 20)
    assert time.monotonic() - begun < 5
    assert not any(each.holds for each in found)


def test_how_many_checks_there_are_makes_no_more_queries(account: Account, root: Caller):
    groups.create_group(root, group_name="Staff")
    attachments.attach_group_policy(root, group_name="Staff", policy_arn=ADMINISTRATOR)
    for name in ("alice", "bob", "carol"):
        new_user(account, name)
        groups.add_user_to_group(root, group_name="Staff", user_name=name)
    some = [
        check("can", {"principal": "user/alice", "action": "s3:*", "resource": "arn:aws:s3:::b/*"}),
        check("cannot", {"principal": "user/alice", "action": "iam:*"}),
        check("attached", {"to": "user/alice", "policy": "*"}),
        check("member_of", {"user": "alice", "group": "*"}),
        check("max_allowed_actions", {"principal": "user/alice", "count": 3}),
        check("event", {"name": "iam:CreateGroup"}),
    ]

    def queries(checks: list[Check]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            asking.ask_all(world_of(account), checks)
        return len(captured)

    queries(some)
    once = queries(some)
    assert queries(some * 5) == once
    assert once <= 16


def test_nothing_is_written_by_any_check(account: Account, admin: Caller):
    world = world_of(account)
    before = Event.objects.count()
    with CaptureQueriesContext(connection) as captured:
        for verb in verbs.ARGUMENTS:
            ask(world, verb, **_some_of(verb))
    assert Event.objects.count() == before
    assert all(each["sql"].startswith("SELECT") for each in captured.captured_queries), (
        captured.captured_queries
    )


def _some_of(verb: str) -> dict[str, Any]:
    """Plausible arguments of a verb: the required ones."""
    known: dict[str, Any] = {
        "principal": "user/admin", "action": "s3:GetObject", "to": "user/admin", "policy": "*",
        "user": "admin", "group": "*", "on": "user/admin", "key": "x", "role": "*",
        "status": "Active", "count": 1, "name": "iam:*", "bucket": "b", "topic": "t",
        "of": "user/admin", "instance": "web",
    }  # fmt: skip
    schema = verbs.ARGUMENTS[verb]
    found = {name: known[name] for name in schema["required"]}
    more: dict[str, dict[str, Any]] = {
        "exists": {"user": "admin"}, "absent": {"user": "x"}, "version_count": {"count": 1},
        "key_count": {"user": "admin", "count": 0},
        "policy_equivalent": {"principal": "user/admin", "to": "solution/a.json"},
    }  # fmt: skip
    found |= more.get(verb, {})
    assert Draft202012Validator(schema).is_valid(found), verb
    return found
