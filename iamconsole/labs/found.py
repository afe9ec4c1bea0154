"""Whose runs there are, and what a run knows: reading one's own progress, without an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts import caller as callers
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import NoSuchEntity
from accounts.models import Account, Login, User
from accounts.models.prepared import Prepared
from iamconsole.labs import catalogue, sealing
from iamconsole.labs.format import values
from iamconsole.labs.models import Run, RunAccount


@dataclass(frozen=True, slots=True)
class Learner:
    """Who learns: an account, and there a user's unique id, or the account's for the root user."""

    home: Account
    unique_id: str


def learner_of(person: Caller) -> Learner | None:
    """The learner behind whoever is signed in; of a run's account, the run's learner.

    Nobody who has no login: temporary credentials go, and nobody could go on with the work.
    """
    if not has_login(person):
        return None
    run = run_in(person.home)
    return Learner(run.home, run.learner_id) if run else Learner(person.home, person.unique_id)


def has_login(person: Caller) -> bool:
    """Whether somebody signed in with a password, and not with temporary credentials."""
    return person.kind in (CallerKind.ROOT, CallerKind.USER)


def caller_of(learner: Learner, **known: Any) -> Caller | None:
    """The learner as a caller of the labs' commands; nothing where that user is gone."""
    known.setdefault("face", Face.LAB)
    if learner.unique_id == learner.home.id:
        return callers.root(learner.home, **known)
    rows = User.objects.select_related("account", "boundary")
    user = rows.filter(account=learner.home, unique_id=learner.unique_id).first()
    return callers.user(user, **known) if user is not None else None


def run_of(learner: Learner, lab_id: str) -> Run | None:
    """The learner's run of a lab. One that can't be read any more is none: it may start anew."""
    rows = _runs().filter(home=learner.home, learner_id=learner.unique_id, lab=lab_id)
    return next(filter(catalogue.is_readable, rows), None)


def runs_of(learner: Learner) -> dict[str, Run]:
    """The learner's runs by lab."""
    rows = _runs().filter(home=learner.home, learner_id=learner.unique_id)
    return {run.lab: run for run in rows.prefetch_related("steps") if catalogue.is_readable(run)}


def run_in(account: Account) -> Run | None:
    """The run that an account belongs to."""
    # Every page asks, and most accounts are no lab's.
    owner = _RUN_OF.first(account.pk)
    return None if owner is None else _runs().filter(pk=owner[0]).first()


def values_of(run: Run) -> dict[str, str]:
    """The run's values."""
    return {
        name: value
        for name, value in sealing.stored(run).items()
        if not name.startswith(sealing.HIDDEN)
    }


def actor_of(run: Run) -> Login:
    """The login with which the learner is signed in to the run. Raises NoSuchEntity where it is
    gone: the learner has deleted that user.
    """
    lab = catalogue.of_run(run)
    kind, _, name = values.fill(lab.sign_in, values_of(run)).partition("/")
    rows = Login.objects.select_related("account", "user__account").filter(
        account__lab_account__run=run, account__lab_account__name=lab.accounts[0]
    )
    if kind == "root":
        login = rows.filter(kind=Login.Kind.ROOT).first()
    else:
        login = rows.filter(user__folded_name=name.lower()).first()
    if login is None:
        raise NoSuchEntity(f"{name or kind} can't sign in any more. Reset the lab.")
    return login


_RUN_OF = Prepared(
    lambda account: RunAccount.objects.filter(account_id=account).values_list("run_id")
)


def _runs() -> QuerySet[Run]:
    # Of the pack its digest: the files of a version are read once.
    return Run.objects.select_related("home", "pack").defer("pack__files")
