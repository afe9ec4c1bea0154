"""Starting a lab: accounts of its own for each learner, and nothing where it goes wrong."""

from __future__ import annotations

import json
import random
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection

from accounts import caller as callers
from accounts import instance, vault
from accounts.actions import access_keys, keys, lifecycle
from accounts.caller import Caller, Face
from accounts.errors import AccessDenied, ConcurrentModification, NoSuchEntity, ServiceError
from accounts.models import Account, Event, Login, User
from iamconsole.labs import catalogue, found
from iamconsole.labs.found import Learner
from iamconsole.labs.models import Pack, Run, RunAccount, StepProgress
from iamconsole.labs.runs import building, owned
from iamconsole.labs.runs.operations import NotPerformed
from iamconsole.sandbox.models import Bucket
from tests.labs import doing, small


def test_a_start_makes_the_labs_accounts_as_the_pack_says(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    values = found.values_of(run)
    assert run.state == Run.State.READY
    assert small.main(run).id == values["account_id"]
    assert small.main(run).name == "Lab: A small lab"
    assert small.account_of(run, "partner").id == values["partner_account_id"]
    assert small.account_of(run, "partner").name == "Lab: A small lab (partner)"
    assert set(small.main(run).users.values_list("name", flat=True)) == {"admin", values["user"]}
    assert small.account_of(run, "partner").users.get().name == "pia"
    assert Bucket.objects.get(name=values["bucket"]).account == small.main(run)


def test_a_run_has_values_of_its_own_and_what_operations_saved(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    values = found.values_of(run)
    assert values["endpoint"] == project.BASE_URL
    assert values["signin_url"] == instance.signin_url(values["account_id"])
    assert values["key"] == small.main(run).access_keys.get().access_key_id
    assert re.fullmatch(r"reports-[a-z0-9]{8}", values["bucket"])
    assert values["root_email"] == small.main(run).root_email
    assert values["root_password"] not in run.values
    assert not [name for name in values if not re.fullmatch("[a-z_]+", name)]


def test_the_same_random_source_draws_the_same_values(alice: Caller, bob: Caller):
    # Without the bucket: two can't have the same name.
    lab = small.lab(
        start=[each for each in small.LAB["start"] if not any("s3:" in call for call in each)]
    )
    drawn = [
        found.values_of(doing.start(small.now(each), lab, random.Random(7)))
        for each in (alice, bob)
    ]
    assert drawn[0]["user"] == drawn[1]["user"]
    assert drawn[0]["bucket"] == drawn[1]["bucket"]
    assert drawn[0]["account_id"] != drawn[1]["account_id"]


def test_the_steps_are_there_and_the_first_has_begun(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    first, second = run.steps.all()
    assert (first.step, second.step) == ("group", "member")
    assert first.started_at is not None
    assert second.started_at is None
    assert first.marks == dict(run.run_accounts.values_list("account", "start_sequence"))
    assert run.run_accounts.get(name="main").start_sequence == small.main(run).event_count


def test_the_learner_is_signed_in_as_the_pack_says(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    assert found.actor_of(run) == Login.objects.get(user=small.user(run, "admin"))
    other = doing.start(small.now(alice), small.lab(id="other-lab", sign_in="root"))
    assert found.actor_of(other).is_root
    assert found.actor_of(other).account == small.main(other)


def test_who_signs_in_to_a_runs_account_is_its_learner(alice: Caller, root: Caller):
    run = doing.start(small.now(alice), small.lab())
    stranger = small.user(run, "admin")
    assert found.run_in(stranger.account) == run
    person = found.caller_of(Learner(stranger.account, stranger.unique_id), **known())
    assert person is not None
    assert found.learner_of(person) == Learner(alice.home, alice.unique_id)
    assert found.learner_of(root) == Learner(root.home, root.home.id)
    assert found.run_in(root.home) is None


def known() -> dict[str, Any]:
    caller = instance.operator()
    return {"now": caller.now, "request_id": caller.request_id}


def test_a_start_is_an_event_of_the_learner_and_not_of_the_labs_account(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    event = alice.home.events.get(action="lab:StartLab")
    assert event.principal_arn == alice.arn
    assert event.face == Face.LAB
    assert event.parameters == {"lab": "small-lab", "pack": "***", "random": "***"}
    assert not small.main(run).events.filter(action__startswith="lab:").exists()


def test_another_start_of_the_same_lab_begins_anew(alice: Caller):
    before = doing.start(small.now(alice), small.lab())
    gone = small.main(before).id
    run = doing.start(small.now(alice), small.lab(title="A small lab, better"))
    assert Run.objects.get() == run
    assert not Account.objects.filter(pk=gone).exists()
    assert catalogue.of_run(run).title == "A small lab, better"
    assert Pack.objects.count() == 1
    assert small.states(run) == ["open", "open"]


def test_a_run_keeps_the_version_with_which_it_began(alice: Caller, bob: Caller):
    old = doing.start(small.now(alice), small.lab())
    doing.start(small.now(bob), small.lab(title="A small lab, better"))
    assert catalogue.of_run(old).title == "A small lab"


def test_each_learner_has_runs_of_his_own(alice: Caller, bob: Caller):
    run = doing.start(small.now(alice), small.lab())
    other = doing.start(small.now(bob), small.lab())
    assert found.runs_of(Learner(alice.home, alice.unique_id)) == {"small-lab": run}
    assert found.run_of(Learner(bob.home, bob.unique_id), "small-lab") == other
    assert found.run_of(Learner(bob.home, bob.unique_id), "none") is None
    assert small.main(run) != small.main(other)


BROKEN = [
    *small.LAB["start"],
    {"CreateUser": {"UserName": "admin"}},
]


def test_a_start_that_fails_leaves_nothing_and_says_which_operation(alice: Caller):
    broken = small.lab(start=BROKEN)
    with pytest.raises(NotPerformed) as caught:
        doing.start(small.now(alice), broken)
    assert caught.value.problem.place == broken.start[-1].place
    assert "CreateUser was refused with EntityAlreadyExists" in caught.value.problem.message
    assert list(Account.objects.all()) == [alice.home]
    assert not Run.objects.exists()
    assert not Pack.objects.exists()
    assert not Bucket.objects.exists()


def test_only_who_has_a_login_is_a_learner(alice: Caller, account: Account):
    for caller in strangers(account):
        with pytest.raises(AccessDenied):
            doing.start(caller, small.lab())
    assert not Run.objects.exists()


def strangers(account: Account) -> list[Caller]:
    session = callers.Session(name="s", expires_at=instance.operator().now)
    return [
        callers.anonymous(account, face=Face.LAB, **known()),
        callers.federated(account, None, session, face=Face.LAB, **known()),
        instance.operator(account),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_starts_at_the_same_moment_one_wins():
    home = lifecycle.create_account(
        instance.operator(), name="Home", root_email="home@example.com"
    ).account
    lab, barrier = small.lab(), threading.Barrier(2)
    outcomes: list[str] = []

    def start() -> None:
        try:
            learner = small.now(instance.root(home))
            barrier.wait(10)
            outcomes.append(doing.start(learner, lab).state)
        except ServiceError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(outcomes) == 2
    assert "ready" in outcomes
    assert set(outcomes) <= {"ready", ConcurrentModification.code}
    run = Run.objects.get()
    assert run.state == Run.State.READY
    assert Account.objects.count() == 1 + RunAccount.objects.filter(run=run).count() == 3
    lifecycle.delete_account(instance.operator(), account_id=home.pk)
    assert not Account.objects.exists()


def test_a_run_that_somebody_prepares_is_nobody_elses(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    building.claim(run)
    with pytest.raises(ConcurrentModification):
        doing.start(small.now(alice), small.lab())
    assert small.main(run).users.exists()


def test_the_runs_of_a_user_who_is_gone_go_with_the_next_start(alice: Caller, bob: Caller):
    run = doing.start(small.now(alice), small.lab())
    gone = small.main(run)
    User.objects.filter(unique_id=alice.unique_id).delete()
    assert found.caller_of(Learner(alice.home, alice.unique_id), **known()) is None
    doing.start(small.now(bob), small.lab())
    assert not Account.objects.filter(pk=gone.pk).exists()
    assert Run.objects.get().learner_id == bob.unique_id


def test_deleting_the_home_account_takes_the_labs_accounts(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    ids = list(run.run_accounts.values_list("account", flat=True))
    lifecycle.delete_account(instance.operator(), account_id=alice.home.id)
    assert not Account.objects.filter(pk__in=ids).exists()
    for model in (Run, Pack, RunAccount, StepProgress, Bucket):
        assert not model._default_manager.exists()
    assert not Event.objects.filter(account__isnull=False).exists()


def test_resetting_the_home_account_takes_them_too(db: None):
    home = lifecycle.create_account(
        instance.operator(), name="Home", root_email="home@example.com"
    ).account
    run = doing.start(small.now(instance.root(home)), small.lab())
    lifecycle.reset_account(instance.operator(home))
    assert list(Account.objects.all()) == [home]
    assert not Run.objects.filter(pk=run.pk).exists()


def test_a_runs_account_that_the_operator_resets_or_deletes_can_only_be_reset(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    lifecycle.delete_account(instance.operator(), account_id=small.main(run).id)
    run.refresh_from_db()
    assert run.state == Run.State.PREPARING
    with pytest.raises(ConcurrentModification):
        building.ready_run(small.now(alice), "small-lab")
    with pytest.raises(NoSuchEntity):
        small.stage_of(run)
    doing.reset_lab(small.now(alice), run)
    assert run.state == Run.State.READY
    assert small.user(run, "admin")


def test_the_saved_key_works(alice: Caller):
    run = doing.start(small.now(alice), small.lab())
    key = found.values_of(run)["key"]
    operator = instance.root(small.main(run))
    assert access_keys.get_access_key_last_used(operator, access_key_id=key) is not None


def test_values_outlive_a_rotation_of_the_keys(alice: Caller, tmp_path: Path, settings: Any):
    settings.KEY_FILE = tmp_path / "keys.json"
    vault.create_key_file()
    run = doing.start(small.now(alice), small.lab())
    before = found.values_of(run)
    vault.add_key()
    while keys.reseal(instance.operator()):
        pass
    assert keys.in_use() == {"k2"}
    run.refresh_from_db()
    assert found.values_of(run) == before


def test_a_value_that_looks_like_an_accounts_id_makes_nobody_elses_account_the_labs(
    alice: Caller, other: Account
):
    values = {
        **small.LAB["values"],
        "victim_account_id": other.id,
        "victim_root_email": other.root_email,
    }
    run = doing.start(small.now(alice), small.lab(values=values))
    assert other not in owned.accounts_of(run)
    building.discard(run)
    assert Account.objects.filter(pk=other.pk).exists()


def test_the_operators_commands_know_the_labs_accounts(alice: Caller, capsys: Any):
    run = doing.start(small.now(alice), small.lab())
    call_command("listaccounts", json=True)
    listed = {each["account_id"] for each in json.loads(capsys.readouterr().out)}
    own = set(run.run_accounts.values_list("account", flat=True))
    assert listed == {alice.home.id, *own}
    call_command("deleteaccount", alice.home.id, yes=True)
    capsys.readouterr()
    call_command("listaccounts", json=True)
    assert json.loads(capsys.readouterr().out) == []
