"""Which labs are offered, and which version a run has."""

from __future__ import annotations

import pytest

from accounts.models import Account
from iamconsole.labs import catalogue, found
from iamconsole.labs.format.archives import files_of
from iamconsole.labs.format.reading import read
from iamconsole.labs.found import Learner
from iamconsole.labs.models import Pack, Run
from tests.labs import doing, small
from tests.labs.pack_of_tests import FILES, with_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def installed(now):
    """The first lab, installed."""
    lab = read(FILES)
    return Pack.objects.create(
        lab=lab.id, digest=lab.digest, files=FILES, added_at=now, offered=True
    )


def run_of(account: Account, pack: Pack, now) -> Run:
    times = {"state_since": now, "started_at": now}
    return Run.objects.create(
        home=account, learner_id=account.id, lab=pack.lab, pack=pack, values="", **times
    )


def test_labs_that_ship_are_all_read_and_in_order():
    labs = list(catalogue.shipped().values())
    assert len(labs) == len(catalogue.folders()) == len(catalogue.shipped())
    orders = [lab.order or 0 for lab in labs]
    assert orders == sorted(orders)
    assert all(orders)


def test_a_lab_that_ships_is_read_once():
    first = catalogue.folders()[0].name
    assert catalogue.shipped()[first] is catalogue.shipped()[first]


@pytest.mark.parametrize(
    "lab_id", ["", "..", ".", "/etc", "../packs", "a\0b", "nowhere", "é" * 500]
)
def test_there_is_no_lab_of_another_name(lab_id):
    assert catalogue.shipped().get(lab_id) is None
    assert lab_id not in catalogue.shipped()


def test_an_installed_lab_is_offered_beside_those_that_ship(installed):
    assert catalogue.find("first-lab") == read(FILES)
    assert {lab.id for lab in catalogue.offered()} == {*catalogue.shipped(), "first-lab"}
    installed.offered = False
    installed.save()
    assert catalogue.find("first-lab") is None
    assert {lab.id for lab in catalogue.offered()} == {*catalogue.shipped()}


def test_a_run_keeps_the_version_with_which_it_began(installed, account, now):
    run = run_of(account, installed, now)
    Pack.objects.update(offered=False)
    files = with_file("intro.md", "Another beginning.")
    digest = read(files).digest
    Pack.objects.create(lab="first-lab", digest=digest, files=files, added_at=now, offered=True)
    assert catalogue.of_run(run).intro == FILES["intro.md"]
    offered = catalogue.find("first-lab")
    assert offered is not None
    assert offered.intro == "Another beginning."


def test_a_run_of_a_lab_that_ships_keeps_its_version_too(account, now):
    files = files_of(catalogue.folders()[0])
    for intro in (files["intro.md"], "As it was."):
        pinned = {**files, "intro.md": intro}
        lab = read(pinned)
        pack = Pack.objects.create(lab=lab.id, digest=lab.digest, files=pinned, added_at=now)
        Run.objects.all().delete()
        assert catalogue.of_run(run_of(account, pack, now)).intro == intro


def test_an_installed_lab_that_can_no_longer_be_read_is_left_out(installed):
    Pack.objects.update(files={"lab.yaml": "format: labs/v0"}, digest="0" * 64)
    assert catalogue.find("first-lab") is None
    assert "first-lab" not in {lab.id for lab in catalogue.offered()}


def test_a_run_whose_version_can_no_longer_be_read_is_none_and_can_start_anew(alice, account, now):
    run = doing.start(small.now(alice), small.lab())
    learner = Learner(alice.home, alice.unique_id)
    Pack.objects.filter(runs=run).update(files={"lab.yaml": "format: labs/v0"}, digest="0" * 64)
    assert found.run_of(learner, "small-lab") is None
    assert found.runs_of(learner) == {}
    again = doing.start(small.now(alice), small.lab())
    assert found.runs_of(learner) == {"small-lab": again}
    assert not Run.objects.filter(pk=run.pk).exists()


def test_a_run_whose_values_can_no_longer_be_opened_is_none_and_can_start_anew(alice):
    learner = small.now(alice)
    run = doing.start(learner, small.lab())
    accounts = [row.account_id for row in run.run_accounts.all()]
    Run.objects.filter(pk=run.pk).update(values="v1:lost:AAAA")
    known = Learner(alice.home, alice.unique_id)
    assert found.run_of(known, "small-lab") is None
    assert found.runs_of(known) == {}
    doing.start(learner, small.lab())
    assert [each.state for each in found.runs_of(known).values()] == [Run.State.READY]
    assert not Account.objects.filter(pk__in=accounts).exists()
