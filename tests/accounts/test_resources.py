"""What explanations know of resources that another app keeps: here, boxes that no app has."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import engine
from accounts.actions import resources
from accounts.actions.explanations import explain_access
from accounts.actions.resources import Kept
from accounts.actions.who_can import who_can
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.engine import PolicyKind
from accounts.errors import AccessDenied
from accounts.simulation.kinds import ContextEntry
from tests.cast import ACCOUNT_ID, OTHER_ACCOUNT_ID, allow, arn, deny, document

BOX = f"arn:aws:box:us-east-1:{ACCOUNT_ID}:tools"
FOREIGN = f"arn:aws:box:us-east-1:{OTHER_ACCOUNT_ID}:tools"
OPEN, READ, TAGS = "box:Open", "box:GetPolicy", "box:ListTags"
SIMULATE = "iam:SimulatePrincipalPolicy"
SID = "SidOfTheBox"


class Boxes:
    """What the finder knows: a policy for every box, and its tags."""

    def __init__(self) -> None:
        self.policy: engine.Policy | None = None
        self.tags: dict[str, str] = {}

    def says(self, effect: str, principal: Any = "*", **more: Any) -> None:
        """Give the boxes a policy of one statement about opening."""
        make = allow if effect == "Allow" else deny
        text = document(make(OPEN, Sid=SID, Principal=principal, **more))
        found = engine.load(text, PolicyKind.RESOURCE)
        self.policy = engine.Policy(found, name="BoxPolicy", source="resource")

    def find(self, caller: Caller, action: str, name: str) -> Kept | None:
        """The box of an ARN."""
        if not name.endswith(":tools"):
            return None
        box = Resource(name, name.split(":")[4], self.tags, self.policy)
        bare = Resource(name, box.account, self.tags)
        return Kept(box, (READ, bare), ((TAGS, bare),), root_excused=action == READ)


@pytest.fixture
def boxes(monkeypatch: pytest.MonkeyPatch) -> Boxes:
    made = Boxes()
    monkeypatch.setitem(resources.FINDERS, "box", made.find)
    return made


def explained(caller: Caller, on: str = BOX, **more: Any) -> Any:
    return explain_access(caller, **{"action_name": OPEN, "resource_arn": on} | more)


def test_the_resource_s_own_policy_lets_in_whom_no_other_does(boxes, alice):
    assert not explained(alice).allowed
    boxes.says("Allow", {"AWS": arn("user/alice")})
    found = explained(alice)
    assert (found.allowed, found.layer) == (True, "resource")


@pytest.mark.parametrize("may_read", [True, False])
def test_a_deny_of_the_resource_s_is_shown_to_whoever_may_read_it(boxes, caller_with, may_read):
    boxes.says("Deny")
    found = explained(caller_with(allow(OPEN, *([READ] if may_read else []))))
    assert (found.allowed, found.layer) == (False, "resource")
    assert found.denial.endswith("with an explicit deny in a resource-based policy")
    assert (SID in repr(found)) is may_read
    assert ("BoxPolicy" in repr(found)) is may_read
    assert found.unread_deciding is not may_read


def test_a_policy_that_may_not_be_read_and_did_not_decide_is_as_if_it_were_not_there(
    boxes, caller_with
):
    who = caller_with(deny(OPEN))
    without = explained(who)
    boxes.says("Allow")
    assert explained(who) == without
    reader = caller_with(deny(OPEN), allow(READ))
    assert dict(explained(reader).layers)["resource"] is engine.Decision.ALLOW


def test_nobody_tries_out_what_a_policy_that_he_may_not_read_asks_for(boxes, caller_with):
    boxes.says("Allow", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    elsewhere: dict[str, Any] = {
        "context_entries": [ContextEntry("aws:SourceIp", ["203.0.113.9"], "ip")]
    }
    with pytest.raises(AccessDenied) as caught:
        explained(caller_with(), **elsewhere)
    assert (caught.value.action, caught.value.resource) == (READ, BOX)
    assert explained(caller_with(allow(READ)), **elsewhere).allowed
    boxes.policy = None
    with pytest.raises(AccessDenied):
        explained(caller_with(), **elsewhere)


def test_the_tags_of_the_resource_count_and_are_shown_to_whoever_may_read_them(boxes, caller_with):
    boxes.tags = {"team": "crimson"}
    only = {"StringLike": {"aws:ResourceTag/team": "c*"}}
    own = allow("iam:GetUserPolicy", on=arn("user/alice"))
    blind = explained(caller_with(allow(OPEN, Condition=only), own))
    assert blind.allowed
    assert blind.statements
    assert "crimson" not in repr(blind)
    seeing = explained(caller_with(allow(OPEN, Condition=only), allow(TAGS), own))
    assert ("aws:ResourceTag/team", "crimson") in seeing.keys_used


def test_about_others_it_takes_the_permission_to_read_the_policy(boxes, caller_with, bob):
    boxes.says("Allow", {"AWS": arn("user/bob")})
    asked: dict[str, Any] = {"principal_arn": arn("user/bob")}
    blind = caller_with(allow(SIMULATE, "iam:ListUsers"))
    for policy in (boxes.policy, None):
        boxes.policy = policy
        with pytest.raises(AccessDenied) as caught:
            explained(blind, **asked)
        assert caught.value.action == READ
        with pytest.raises(AccessDenied):
            who_can(blind, action_name=OPEN, resource_arn=BOX)
    boxes.says("Allow", {"AWS": arn("user/bob")})
    reader = caller_with(allow(SIMULATE, "iam:ListUsers", READ), name="carl")
    assert explained(reader, **asked).allowed
    (found,) = who_can(reader, action_name=OPEN, resource_arn=BOX).allowed.items
    assert (found.name, found.policy) == ("bob", "BoxPolicy")


def test_the_tags_count_for_others_only_where_the_reader_may_read_them(boxes, caller_with, bob):
    boxes.tags = {"team": "red"}
    boxes.says("Allow", Condition={"StringEquals": {"aws:ResourceTag/team": "red"}})
    asked: dict[str, Any] = {"principal_arn": arn("user/bob")}
    assert not explained(caller_with(allow(SIMULATE, READ)), **asked).allowed
    assert explained(caller_with(allow(SIMULATE, READ, TAGS)), **asked).allowed


def test_of_another_account_s_resource_nothing_is_told_but_whether_the_call_is_let_in(
    boxes, caller_with
):
    boxes.tags = {"team": "red"}
    only = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    own = allow("iam:GetUserPolicy", on=arn("user/alice"))
    who = caller_with(allow(OPEN, READ, TAGS), deny(OPEN, Condition=only), own)
    answers = []
    for effect in ("Allow", "Deny"):
        boxes.says(effect)
        answers.append(explained(who, on=FOREIGN))
    boxes.tags = {}
    answers.append(explained(who, on=FOREIGN))
    assert answers[0] == answers[1] == answers[2]
    assert not answers[0].allowed
    assert answers[0].rule == "another account"
    assert answers[0].denial.endswith(f"to perform: {OPEN} on resource: {FOREIGN}")
    boxes.says("Allow")
    found = explained(who, on=FOREIGN)
    assert found.allowed
    assert SID not in repr(found)
    assert "resource" not in dict(found.layers)


def test_an_answer_that_hangs_on_another_account_s_tags_does_not_say_how(boxes, caller_with):
    boxes.says("Allow")
    boxes.tags = {"team": "crimson"}
    only = {"StringLike": {"aws:ResourceTag/team": "c*"}}
    own = allow("iam:GetUserPolicy", on=arn("user/alice"))
    found = explained(caller_with(allow(OPEN, Condition=only), own), on=FOREIGN)
    assert found.allowed
    assert (found.layers, found.statements, found.keys_used) == ((), (), ())
    assert "crimson" not in repr(found)


def test_nobody_asks_for_others_or_pretends_on_another_account_s_resource(boxes, admin, bob):
    boxes.says("Allow")
    pretended: dict[str, Any] = {
        "context_entries": [ContextEntry("aws:SourceIp", ["203.0.113.9"], "ip")]
    }
    for asked in ({"principal_arn": arn("user/bob")}, pretended):
        with pytest.raises(AccessDenied) as caught:
            explained(admin, on=FOREIGN, **asked)
        assert "resource-based" not in caught.value.message
    with pytest.raises(AccessDenied):
        who_can(admin, action_name=OPEN, resource_arn=FOREIGN)


def test_what_a_policy_can_not_take_from_root_it_takes_from_others(boxes, root, admin):
    text = document(deny("box:*", Principal="*"))
    found = engine.load(text, PolicyKind.RESOURCE)
    boxes.policy = engine.Policy(found, name="BoxPolicy", source="resource")
    assert explained(root, action_name=READ).allowed
    assert not explained(root).allowed
    assert not explained(root, action_name=READ, principal_arn=admin.arn).allowed


def test_what_no_app_keeps_is_explained_by_its_arn_alone(boxes, caller_with):
    boxes.says("Deny")
    who = caller_with(allow(OPEN))
    for name in (BOX.replace("tools", "toys"), BOX.replace("aws", "aws-cn"), "*"):
        assert explained(who, on=name).allowed
