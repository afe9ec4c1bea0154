"""The accounts of a run: made, filled by the pack's operations, and removed again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import events, ids, instance, passwords
from accounts.actions import lifecycle
from accounts.caller import Caller, Face
from accounts.errors import ConcurrentModification, NoSuchEntity
from accounts.models import Account, Event, User
from iamconsole.labs import found, sealing
from iamconsole.labs.format import values
from iamconsole.labs.format.pack import Lab, Step
from iamconsole.labs.models import LONGEST_PREPARATION, Pack, Run, RunAccount, StepProgress
from iamconsole.labs.runs import owned
from iamconsole.labs.runs.operations import ROOT_PASSWORD, Stage, perform_all, value_name

_LONGEST_NAME = 50
#: How much older an account is than the oldest thing in it.
_OLDER = timedelta(hours=1)

#: What a run's account has again after a reset.
_KEPT = (owned.ACCOUNT_ID, owned.ROOT_EMAIL, ROOT_PASSWORD)

#: By account: the sequence number of its last event.
Marks = dict[str, int]


# --- Who may prepare -----------------------------------------------------------------------------


def new_run(learner: Caller, lab: Lab, random: Random) -> Run:
    """The learner's run of the lab, claimed and with new values: a new one, or the one that there
    is, without its accounts and progress. Raises ConcurrentModification where somebody else is at
    it.
    """
    before = Run.objects.filter(home=learner.home, learner_id=learner.unique_id, lab=lab.id).first()
    if before is not None:
        claim(before)
        discard(before)
    now = timezone.now()
    run = Run(home=learner.home, learner_id=learner.unique_id, lab=lab.id, state_since=now)
    run.started_at = now
    run.values = sealing.sealed(run, _drawn(lab, random))
    try:
        with transaction.atomic():
            run.pack = _pack(lab, now)
            run.save(force_insert=True)
    except IntegrityError:
        raise busy() from None
    return run


def ready_run(learner: Caller, lab_id: str) -> Run:
    """The learner's run of a lab. Raises NoSuchEntity where there is none,
    ConcurrentModification where it is being prepared.
    """
    run = run_of(learner, lab_id)
    if run.state != Run.State.READY:
        raise busy()
    return run


def run_of(learner: Caller, lab_id: str) -> Run:
    """The learner's run of a lab, in whatever state. Raises NoSuchEntity where there is none."""
    run = found.run_of(found.Learner(learner.home, learner.unique_id), lab_id)
    if run is None:
        raise NoSuchEntity("You have not started this lab.", argument="lab")
    return run


def claim(run: Run) -> None:
    """Keep everybody else from the run. Raises ConcurrentModification where somebody has it."""
    now = timezone.now()
    with transaction.atomic():
        row = Run.objects.select_for_update().filter(pk=run.pk).first()
        if row is None or (
            row.state == Run.State.PREPARING and row.state_since > now - LONGEST_PREPARATION
        ):
            raise busy()
        row.state, row.state_since = Run.State.PREPARING, now
        row.save(update_fields=["state", "state_since"])
    run.state, run.state_since = row.state, row.state_since


def ready(run: Run, stage: Stage) -> None:
    """Let the run be used again; its values may have changed. Raises ConcurrentModification where
    somebody else has it by now.
    """
    now = timezone.now()
    sealed = sealing.sealed(run, stage.values)
    claimed = Run.objects.filter(pk=run.pk, state=Run.State.PREPARING, state_since=run.state_since)
    if not claimed.update(state=Run.State.READY, state_since=now, values=sealed):
        raise busy()
    run.state, run.state_since, run.values = Run.State.READY, now, sealed


@contextmanager
def given_up_on_failure(run: Run) -> Iterator[None]:
    """Where preparing fails, nobody has to wait until it may be tried again."""
    try:
        yield
    except BaseException:
        Run.objects.filter(pk=run.pk, state_since=run.state_since).update(
            state_since=run.state_since - LONGEST_PREPARATION
        )
        raise


def busy() -> ConcurrentModification:
    """What somebody gets who is too early, or at the same moment as somebody else."""
    return ConcurrentModification("This lab is being set up at this moment. Try again in a moment.")


# --- Accounts ------------------------------------------------------------------------------------


def build(run: Run, lab: Lab) -> Stage:
    """Make the run's accounts, with the ids and values that it has, and fill them.

    Raises NotPerformed where the pack does not work; what was made is then there still.
    """
    stage = Stage(accounts=_make_accounts(run, lab), values=_at_start(run, lab), files=lab.files)
    perform_all(stage, lab.start)
    for account_id, sequence in marks(stage).items():
        RunAccount.objects.filter(account=account_id).update(start_sequence=sequence)
    return stage


def solve(stage: Stage, step: Step) -> None:
    """Perform the solution of a step. Raises NotPerformed where it does not work."""
    perform_all(stage, step.solve)


def stage_of(run: Run, lab: Lab) -> Stage:
    """The run's accounts as they are. Raises NoSuchEntity where one is gone."""
    there = {row.name: row.account for row in run.run_accounts.select_related("account")}
    if missing := [name for name in lab.accounts if name not in there]:
        raise NoSuchEntity(f"The account {missing[0]} of this lab is gone. Reset the lab.")
    accounts = {name: there[name] for name in lab.accounts}
    return Stage(accounts=accounts, values=sealing.stored(run), files=lab.files)


def marks(stage: Stage) -> Marks:
    """The newest events of a run's accounts. Not within a transaction that holds an account's row:
    it takes in what waits in the spool.
    """
    events.catch_up()
    there = [account.pk for account in stage.accounts.values()]
    return dict(Account.objects.filter(pk__in=there).values_list("pk", "event_count"))


def remove_accounts(run: Run) -> None:
    """Delete the run's accounts with all that is in them."""
    for account in owned.accounts_of(run):
        lifecycle.delete_account(_operator(timezone.now()), account_id=account.pk)


def discard(run: Run) -> None:
    """Delete a run with its accounts and progress, and its pack where nobody needs it any more."""
    remove_accounts(run)
    run.delete()
    owned.forget_pack(run.pack_id)


def discard_strays(home: Account) -> None:
    """Delete the runs of an account's users that are gone."""
    there = User.objects.filter(account=home).values("unique_id")
    strays = Run.objects.filter(home=home).exclude(learner_id=home.pk)
    for run in strays.exclude(learner_id__in=there):
        discard(run)


def _make_accounts(run: Run, lab: Lab) -> dict[str, Account]:
    oldest = max((operation.ago for operation in lab.start), default=0)
    made_at = timezone.now() - (timedelta(minutes=oldest) + _OLDER if oldest else timedelta())
    named = sealing.stored(run)
    made = {}
    for name in lab.accounts:
        account_id, root_email, root_password = (
            named[sealing.HIDDEN + value_name(lab.accounts[0], name, key)] for key in _KEPT
        )
        new = lifecycle.create_account(
            _operator(made_at),
            name=_account_name(lab, name),
            root_email=root_email,
            account_id=account_id,
            root_password=root_password,
        )
        RunAccount.objects.create(run=run, name=name, account=new.account)
        made[name] = new.account
    return made


def _account_name(lab: Lab, name: str) -> str:
    suffix = "" if name == lab.accounts[0] else f" ({name})"
    return f"Lab: {lab.title}"[: _LONGEST_NAME - len(suffix)].strip() + suffix


def _operator(now: datetime) -> Caller:
    return replace(instance.operator(), face=Face.LAB, now=now)


# --- Values --------------------------------------------------------------------------------------


def _drawn(lab: Lab, random: Random) -> dict[str, str]:
    drawn = values.draw(lab, random)
    drawn["endpoint"] = settings.BASE_URL
    for name in lab.accounts:
        account_id = ids.account_id()
        kept = (account_id, f"root+{secrets.token_hex(5)}@lab.example", passwords.generate(None))
        for key, value in zip(_KEPT, kept, strict=True):
            named = value_name(lab.accounts[0], name, key)
            # What operations save may overwrite the one, and nothing the other.
            drawn[named] = drawn[sealing.HIDDEN + named] = value
        url = value_name(lab.accounts[0], name, "signin_url")
        drawn[url] = instance.signin_url(account_id)
    return drawn


def _at_start(run: Run, lab: Lab) -> dict[str, str]:
    """The values without those that operations have saved since."""
    named = sealing.stored(run)
    first = {name: value for name, value in named.items() if name.startswith(sealing.HIDDEN)}
    drawn = {*lab.values, *values.builtin(lab.accounts)}
    kept = {name: value for name, value in named.items() if name in drawn}
    changed = {name.removeprefix(sealing.HIDDEN): value for name, value in first.items()}
    return kept | first | changed


def _pack(lab: Lab, now: datetime) -> Pack:
    """The row of this version, locked: it can't be forgotten before the run is there."""
    fresh = {"files": dict(lab.files), "added_at": now}
    locked = Pack.objects.select_for_update()
    return locked.get_or_create(lab=lab.id, digest=lab.digest, defaults=fresh)[0]


# --- Progress ------------------------------------------------------------------------------------


def open_next(run: Run, now: datetime, at: Marks) -> None:
    """Start the first step that is open, unless it has been started."""
    step = run.steps.filter(state=StepProgress.State.OPEN).first()
    if step is not None and step.started_at is None:
        step.started_at, step.marks, step.checked_mark = now, at, change_mark(run)
        step.save(update_fields=["started_at", "marks", "checked_mark"])


def change_mark(run: Run) -> str:
    """A text that is another one as soon as something in the run's accounts was changed, or was to
    be changed and was refused.
    """
    newest = []
    for account_id in run.run_accounts.order_by("name").values_list("account", flat=True):
        changes = Event.objects.filter(account=account_id, read_only=False)
        last = changes.order_by("-sequence").values_list("sequence", flat=True).first()
        newest.append(last or 0)
    return ".".join(map(str, (run.resets, *newest)))
