"""Packs as they were when a run began, the runs of learners, their accounts and their progress."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.models import Account

#: How long one who prepares a run keeps others from it; longer, and he is taken for dead.
LONGEST_PREPARATION = timedelta(seconds=60)


class Pack(models.Model):
    """A lab's files, of one version. A run keeps the version with which it began."""

    lab = models.CharField(max_length=40)
    #: SHA-256 of the files: the same content is the same version, wherever it came from.
    digest = models.CharField(max_length=64)
    #: Text by path, as in the pack's folder.
    files = models.JSONField()
    added_at = models.DateTimeField()
    #: Installed by the operator and offered to learners; of one lab one version at most. Those that
    #: ship are offered from their folders, and get a row when the first run begins.
    offered = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lab", "digest"], name="pack_version_once"),
            models.UniqueConstraint(
                fields=["lab"], condition=Q(offered=True), name="one_offered_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lab} {self.digest[:12]}"


class Run(models.Model):
    """One learner's way through one lab. There is one at most of each lab; it can start anew."""

    class State(models.TextChoices):
        """Whether its accounts may be used."""

        #: They are being made, or were left half made: only a reset helps.
        PREPARING = "preparing"
        READY = "ready"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    #: Who learns: the account that they come from, and there the user's unique id, or the
    #: account's id for the root user.
    home = models.ForeignKey(Account, models.CASCADE, related_name="lab_runs")
    learner_id = models.CharField(max_length=32)
    lab = models.CharField(max_length=40)
    pack = models.ForeignKey(Pack, models.PROTECT, related_name="runs")
    #: The run's values as JSON, sealed: passwords and keys are among them.
    values = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.PREPARING)
    #: When the state last became what it is.
    state_since = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    #: Percent of what was given that is needed, when it was finished; nothing where the lab asks
    #: for no such score.
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    #: How often it was reset.
    resets = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["home", "learner_id", "lab"], name="one_run_of_a_lab_for_each_learner"
            )
        ]

    def __str__(self) -> str:
        return f"{self.lab} of {self.learner_id}"


class RunAccount(models.Model):
    """An account that belongs to a run. Whoever signs in there sees the run's drawer."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="run_accounts")
    #: As in the pack: "main", "partner".
    name = models.CharField(max_length=20)
    account = models.OneToOneField(Account, models.CASCADE, related_name="lab_account")
    #: The sequence number of its last event when the lab was set up: later ones are the learner's.
    start_sequence = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="run_account_name_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.run_id}"


class StepProgress(models.Model):
    """What became of one step. Rows are made with the run, in the order of the steps."""

    class State(models.TextChoices):
        """How far it is. What is done stays done, whatever happens to the account."""

        OPEN = "open"
        DONE = "done"
        SKIPPED = "skipped"

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    number = models.PositiveSmallIntegerField()
    #: As in the pack.
    step = models.CharField(max_length=30)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    #: When it became the current one: when the one before was done.
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    #: For each account of the run its last event's sequence number when the step started.
    marks = models.JSONField(default=dict)
    #: Checks that the learner asked for, and how many of the last in a row failed.
    attempts = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    hints = models.PositiveSmallIntegerField(default=0)
    solution_shown = models.BooleanField(default=False)
    #: What the last check found, as `iamconsole.labs.checks.finding.as_record` writes it.
    report = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True, blank=True)
    #: What `change_mark` was when the step became the current one, after a reset, or before the
    #: last check: where it is another one now, something has changed, and the drawer checks.
    checked_mark = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="step_of_run_once")]

    def __str__(self) -> str:
        return f"{self.step} of {self.run_id}: {self.state}"
