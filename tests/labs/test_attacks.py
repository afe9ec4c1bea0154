"""What somebody tries who means ill: with addresses, sessions, races, and what a lab looks at."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import ids, instance
from accounts.actions import attachments, groups, inline_policies, lifecycle, policies
from accounts.caller import Caller
from accounts.models import Account, Event, User
from iamconsole.labs import found
from iamconsole.labs.checks import asking
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.finish import results
from iamconsole.labs.format import texts
from iamconsole.labs.format.pack import Check
from iamconsole.labs.models import Run, StepProgress
from iamconsole.labs.runs import building, judging, operations
from tests.cast import allow, caller_of, new_user
from tests.console.browsers import new_browser, signed_in
from tests.labs import doing, little_lab, small
from tests.labs.little_lab import HINTS, SOLUTION, Inside, address, inside

pytestmark = pytest.mark.django_db
#: Every address that changes something, but for the start of a lab of one's own.
CHANGES = (
    ("enter",), ("reset",), ("finish",), ("check", "read"), ("hint", "read"),
    ("solution", "read"), ("step-reset", "read"), ("step-skip", "read"),
)  # fmt: skip
#: Every page about a run.
PAGES = (
    ("reset",), ("pulse",), ("finish",), ("certificate",), ("step", "read"),
    ("step-reset", "read"), ("step-skip", "read"),
)  # fmt: skip


@pytest.fixture
def lab(alice: Caller) -> Inside:
    """alice, who has started the lab."""
    little_lab.offer()
    return inside(alice)


def everything(run: Run) -> list[Any]:
    """All that somebody else could change of a run."""
    accounts = Account.objects.filter(lab_account__run=run).order_by("pk")
    rows = (Run.objects.filter(pk=run.pk), StepProgress.objects.filter(run=run), accounts)
    return [list(each.values()) for each in rows]


def secrets_of(run: Run) -> list[str]:
    """What nobody else may learn: its accounts, and values that are drawn."""
    named = found.values_of(run)
    return [named[name] for name in ("account_id", "password", "root_password", "bucket")]


# --- Others --------------------------------------------------------------------------------------


def another_user_of_that_name(alice: Caller) -> Caller:
    User.objects.filter(pk=alice.user.pk).delete()  # type: ignore[union-attr]
    return caller_of(new_user(alice.home, "alice"))


OTHERS: dict[str, Callable[[Any], Caller]] = {
    "a colleague": lambda ask: ask.getfixturevalue("bob"),
    "the administrator": lambda ask: ask.getfixturevalue("admin"),
    "the root user": lambda ask: ask.getfixturevalue("root"),
    "another account": lambda ask: ask.getfixturevalue("eve"),
    "a later user of the same name": lambda ask: another_user_of_that_name(
        ask.getfixturevalue("alice")
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_reaches_a_run(name: str, lab: Inside, request: pytest.FixtureRequest):
    run, hidden = lab.run, secrets_of(lab.run)
    browser = signed_in(OTHERS[name](request))
    before = everything(run)
    for each in PAGES:
        assert browser.get(address(*each)).status_code == 404, each
    for each in CHANGES:
        assert browser.post(address(*each)).status_code == 404, each
    for path in ("/labs/", address("lab"), "/console/iam/users/"):
        page = browser.get(path).content.decode()
        assert not [each for each in hidden if each in page], path
    assert everything(run) == before


def test_somebody_who_does_the_same_lab_does_it_in_accounts_of_his_own(lab: Inside, eve: Caller):
    before = everything(lab.run)
    other = inside(eve)
    assert other.account != lab.account
    for each in CHANGES:
        other.browser.post(address(*each))
    assert everything(lab.run) == before


def test_whoever_is_gone_from_home_gets_no_new_session_of_the_lab(lab: Inside):
    User.objects.filter(pk=lab.learner.user.pk).delete()  # type: ignore[union-attr]
    before = everything(Run.objects.get())
    for each in (*CHANGES, ("start",)):
        answer = lab.browser.post(address(*each), {"number": "1"})
        assert answer.status_code == 404, each
    assert everything(Run.objects.get()) == before


def test_a_session_from_before_a_reset_is_over(lab: Inside):
    old = new_browser()
    old.cookies.update(lab.browser.cookies)
    doing.reset_lab(small.now(lab.learner), lab.run)
    before = everything(lab.run)
    for each in CHANGES:
        assert old.post(address(*each))["Location"].startswith("/signin/"), each
    assert everything(lab.run) == before


# --- Forged requests -----------------------------------------------------------------------------


def test_other_sites_and_links_change_nothing(lab: Inside):
    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    browser.cookies.update(lab.browser.cookies)
    before = everything(lab.run)
    for each in (*CHANGES, ("start",)):
        assert browser.post(address(*each)).status_code == 403, each
        forged = browser.post(address(*each), headers={"Origin": "https://evil.example"})
        assert forged.status_code == 403, each
        browser.get(address(*each))
    assert browser.post("/labs/leave/").status_code == 403
    assert everything(lab.run) == before


@pytest.mark.parametrize(
    "where",
    [
        "//evil.example/",
        "/\\evil.example/",
        "https://evil.example/",
        "/%2f/evil.example/",
        "/console//evil.example/",
        "/console/../../evil",
        "javascript:alert(1)",
        "/console/iam/\r\nX-Evil: yes",
        "/signin/",
        "/\x00",
    ],
)
def test_no_form_leads_elsewhere(where: str, lab: Inside):
    for each in (("check", "read"), ("hint", "read")):
        answer = lab.browser.post(address(*each), {"next": where, "number": "1"})
        assert answer["Location"].startswith("/console/#lab"), each
    page = lab.browser.get(address("reset"), {"next": where}).content.decode()
    assert '<a class="button button-link" href="/console/" data-close>' in page


# --- What must not be known yet -------------------------------------------------------------------


def test_no_record_and_no_list_tells_a_hint_a_solution_or_a_password(
    lab: Inside, root: Caller, capsys: pytest.CaptureFixture[str]
):
    lab.post("check", "read")
    run = lab.run
    doing.reset_lab(small.now(lab.learner), run)
    call_command("listaccounts")
    told = [capsys.readouterr().out]
    told += [str(row) for row in Event.objects.values()]
    browser = signed_in(root)
    for path in ("/console/cloudtrail/events/", "/labs/", address("lab")):
        told.append(browser.get(path, follow=True).content.decode())
    named = found.values_of(run)
    hidden = (*HINTS, SOLUTION, "Secretly", named["password"], named["root_password"])
    for text in told:
        assert not [each for each in hidden if each in text]


def test_what_a_run_knows_lies_sealed(lab: Inside):
    stored = str(Run.objects.values())
    assert not [each for each in found.values_of(lab.run).values() if each and each in stored]


# --- At the same moment ---------------------------------------------------------------------------


def test_while_a_lab_is_made_anew_everything_is_refused_in_words(lab: Inside):
    home = signed_in(lab.learner)
    building.claim(lab.run)
    building.remove_accounts(lab.run)
    before = everything(lab.run)
    for each in (*CHANGES, ("start",)):
        # Hints may be read meanwhile.
        if each[0] not in ("hint", "solution"):
            assert home.post(address(*each)).status_code in (302, 409), each
    for each in PAGES:
        assert home.get(address(*each)).status_code < 400, each
    assert everything(lab.run) == before


def test_what_was_found_before_a_reset_counts_no_more(lab: Inside, monkeypatch: pytest.MonkeyPatch):
    marks = building.marks

    def reset_meanwhile(stage: Any) -> Any:
        known = marks(stage)
        monkeypatch.setattr(building, "marks", marks)
        doing.reset_lab(small.now(lab.learner), lab.run)
        return known

    home = signed_in(lab.learner)
    lab.solve()
    monkeypatch.setattr(building, "marks", reset_meanwhile)
    assert home.post(address("check", "read")).status_code == 409
    assert lab.progress().state == StepProgress.State.OPEN
    assert lab.progress("tag").started_at is None


@pytest.mark.django_db(transaction=True)
def test_of_a_start_whose_home_account_goes_nothing_is_left(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
):
    def account_goes(*given: Any) -> None:
        lifecycle.delete_account(instance.operator(), account_id=alice.home.pk)
        operations.perform_all(*given)

    monkeypatch.setattr("iamconsole.labs.runs.building.perform_all", account_goes)
    with pytest.raises(Exception, match=r"failed here|exist"):
        doing.start(small.now(alice), small.lab())
    assert not Account.objects.exists()
    assert not Run.objects.exists()


# --- What a learner puts into the lab's account ---------------------------------------------------

LETTERS = "abcdefgilmnorstu"


def _letters(stars: random.Random, number: int) -> str:
    return "*".join(stars.choices(LETTERS, k=number))


def _overlapping(stars: random.Random) -> dict[str, Any]:
    return {
        "Effect": stars.choice(["Allow", "Deny"]),
        "Action": "s3:Get*",
        "Resource": f"arn:aws:s3:::*{_letters(stars, 8)}*",
    }


def _exceptions(stars: random.Random) -> dict[str, Any]:
    return {
        "Effect": stars.choice(["Allow", "Deny"]),
        "NotAction": f"s3:*{_letters(stars, 2)}*",
        "Resource": f"arn:aws:s3:::*{_letters(stars, 6)}*",
    }


def _patterns(stars: random.Random) -> dict[str, Any]:
    return allow(*(f"ec2:*{_letters(stars, 3)}*" for _ in range(40)))


HOSTILE = {"overlapping": _overlapping, "exceptions": _exceptions, "patterns": _patterns}
ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("can", {"principal": "user/{user}", "action": "s3:GetObject"}),
    ("cannot", {"principal": "user/{user}", "action": "*"}),
    ("max_allowed_actions", {"principal": "user/{user}", "count": 3}),
    ("policy_equivalent", {"principal": "user/{user}", "to": "solution/read.json"}),
)


def as_long_as_may_be(statement: Callable[[], dict[str, Any]], most: int) -> str:
    """A document of such statements that the quota just lets in."""

    def written(statements: list[dict[str, Any]]) -> str:
        document = {"Version": "2012-10-17", "Statement": statements}
        return json.dumps(document, separators=(",", ":"))

    found = [statement()]
    while len(written([*found, following := statement()])) <= most:
        found.append(following)
    return written(found)


def fill_up(run: Run, statement: Callable[[], dict[str, Any]]) -> None:
    """Give the lab's user as many policies as the quotas let, and of two groups."""
    root, user = instance.root(small.main(run)), found.values_of(run)["user"]
    numbers = iter(range(1000))

    def managed() -> Iterator[str]:
        for _ in range(10):
            text = as_long_as_may_be(statement, 6144)
            name = f"P{next(numbers)}"
            yield policies.create_policy(root, policy_name=name, policy_document=text).arn

    for arn in managed():
        attachments.attach_user_policy(root, user_name=user, policy_arn=arn)
    for name in ("a", "b"):
        groups.create_group(root, group_name=name)
        groups.add_user_to_group(root, group_name=name, user_name=user)
        inline_policies.put_group_policy(
            root, group_name=name, policy_name="x",
            policy_document=as_long_as_may_be(statement, 5120),
        )  # fmt: skip
        for arn in managed():
            attachments.attach_group_policy(root, group_name=name, policy_arn=arn)


@pytest.mark.parametrize("kind", HOSTILE)
def test_policies_as_large_as_they_may_be_keep_nobody_waiting(kind: str, run: Run):
    stars = random.Random(kind)
    fill_up(run, lambda: HOSTILE[kind](stars))
    lab = small.lab()
    # Reading what AWS's actions are is no part of it.
    asking.ask(judging.world_of(run, lab, None), Check("can", {"principal": "root", "action": "*"}))
    for verb, arguments in ASKED:
        world = judging.world_of(run, lab, None)
        began = time.process_time()
        answer = asking.ask(world, Check(verb, arguments, fail="{found}"))
        assert isinstance(answer, Finding)
        assert time.process_time() - began < 2, verb
    began = time.process_time()
    results.of_run(run, lab)
    assert time.process_time() - began < 2


def test_many_users_are_too_many_and_a_reset_takes_them(alice: Caller, run: Run):
    account = small.main(run)
    User.objects.bulk_create(
        User(
            account=account, name=f"u{number}", folded_name=f"u{number}",
            unique_id=ids.unique_id(ids.USER), created_at=account.created_at,
        )
        for number in range(4900)
    )  # fmt: skip
    check = Check("cannot", {"principal": "user/*", "action": "s3:*"}, fail="{found}")
    began = time.process_time()
    answer = asking.ask(judging.world_of(run, small.lab(), None), check)
    assert not answer.holds
    assert "more than can be looked at" in answer.found
    browser = signed_in(alice)
    for name in ("", "reset/", "finish/"):
        assert browser.get(f"/labs/small-lab/{name}").status_code == 200
    assert time.process_time() - began < 3
    doing.reset_lab(small.now(alice), run)
    assert account.users.count() < 10


def test_what_learners_write_is_text_in_what_checks_find(lab: Inside):
    statement = allow("s3:Get*", on="arn:aws:s3:::*<b>{password}[x](javascript:1)\u202e*")
    inline_policies.put_user_policy(
        instance.root(lab.account), user_name="ana", policy_name="x",
        policy_document=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )  # fmt: skip
    told = lab.post("check", "read")
    assert "&lt;b&gt;{password}[x](javascript:1)" in told
    assert "<b>" not in told


# --- Packs ---------------------------------------------------------------------------------------

HOSTILE_VALUE = '<b onclick="x">"//evil.example/../*_[z](javascript:alert(1))|`'


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:alert(1))",
        "[a](java&#115;cript:alert(1))",
        "<javascript:alert(1)>",
        "[a](data:text/html,x)",
        "[a](//evil.example)",
        "[a](/\\evil.example)",
        "[a](https://docs.aws.amazon.com@evil.example/)",
        "[a](https://docs.aws.amazon.com.evil.example/)",
        "<https://evil.example>",
        "[a]({x})",
        "[a](/console/{x})",
        "[a](/console/../{x})",
        "![a](https://evil.example/a.png)",
        '[a](/console/ "{x}")',
        '```"><script>\n{x}\n```',
        "| a |\n|---|\n| {x} |",
        "# {x}\n\n`{x}` **{x}** &lt;script&gt;",
    ],
)
def test_no_text_of_a_pack_leads_elsewhere_or_runs(text: str):
    made = texts.html(text, {"x": HOSTILE_VALUE})
    for each in ('href="java', 'href="data', 'href="//', 'href="http', "<b ", "<script", "<img"):
        assert each not in made, made


@pytest.mark.parametrize("text", ["[" * 15_000, "![" * 7_500, "> " * 7_500, "|a" * 2_000 + "|\n"])
def test_no_text_of_a_pack_takes_long(text: str):
    began = time.process_time()
    texts.html(text, {})
    assert time.process_time() - began < 2
