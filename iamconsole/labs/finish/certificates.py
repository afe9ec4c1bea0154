"""What a certificate says, and the code by which the operator finds out whether it is genuine."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime

from accounts import vault
from accounts.models import User
from iamconsole.labs import catalogue
from iamconsole.labs.models import Run
from iamconsole.labs.standing import Standing, standing

#: Letters of a code, five bits each: nobody guesses one of a hundred bits.
_LENGTH = 20
_GROUP = 5


@dataclass(frozen=True, slots=True)
class Certificate:
    """That somebody finished a lab. The name on the paper is not part of it: anybody types that."""

    lab: str
    version: str
    #: Who did it, by the account's own record: "the IAM user ana of account 1111-2222-3333".
    learner: str
    finished_at: datetime
    time: str
    solved: int
    skipped: int
    hints: int
    solutions: int
    #: Percent; nothing where the lab asks for none.
    score: int | None
    code: str

    def told(self) -> list[tuple[str, str]]:
        """All of it in words, but for the code."""
        day = f"{self.finished_at:%B} {self.finished_at.day}"
        moment = f"{day}, {self.finished_at:%Y, %H:%M} (UTC)"
        found = [
            ("Lab", self.lab),
            ("Lab version", self.version),
            ("Done by", self.learner),
            ("Finished", moment),
            ("From start to finish", self.time),
            ("Steps solved", str(self.solved)),
            ("Steps skipped", str(self.skipped)),
            ("Hints used", str(self.hints)),
            ("Solutions seen", str(self.solutions)),
        ]
        return (
            found if self.score is None else [*found, ("Least privilege score", f"{self.score} %")]
        )


def certificate(run: Run) -> Certificate | None:
    """The certificate of a finished run; nothing of another."""
    if run.finished_at is None:
        return None
    lab = catalogue.of_run(run)
    done = standing(lab, run)
    return Certificate(
        lab=lab.title,
        version=lab.digest[:12],
        learner=_learner(run),
        finished_at=run.finished_at,
        time=done.time,
        solved=done.solved,
        skipped=done.skipped,
        hints=done.hints,
        solutions=done.solutions,
        score=run.score,
        code=_code(run, done),
    )


def find(code: str) -> Certificate | None:
    """The certificate that has this code, with all that its paper must say.

    Codes are stored nowhere: that of every finished run is worked out. One of a run that was
    started anew since, or whose learner is gone, is found no more.
    """
    typed = "".join(filter(str.isalnum, code.upper()))
    runs = Run.objects.filter(finished_at__isnull=False).select_related("home", "pack")
    runs = runs.defer("pack__files")
    for run in runs.prefetch_related("steps").iterator(chunk_size=100):
        if not catalogue.is_readable(run):
            continue
        made = _code(run, standing(catalogue.of_run(run), run))
        if hmac.compare_digest(made.replace("-", "").encode(), typed.encode()):
            return certificate(run)
    return None


def name_of(run: Run) -> str:
    """What the account calls whoever did it; whoever has left has an id only."""
    if run.learner_id == run.home_id:
        return run.home.name
    user = User.objects.filter(account=run.home, unique_id=run.learner_id).first()
    return user.name if user else run.learner_id


def _learner(run: Run) -> str:
    who = "the root user" if run.learner_id == run.home_id else f"the IAM user {name_of(run)}"
    return f"{who} of account {run.home.grouped_id}"


def _code(run: Run, done: Standing) -> str:
    """Twenty letters and digits that only this instance can make of what the certificate says."""
    told = (
        run.pk,
        run.home_id,
        run.learner_id,
        run.lab,
        done.lab.digest,
        run.finished_at,
        run.started_at,
        done.solved,
        done.skipped,
        done.hints,
        done.solutions,
        run.score,
    )
    secret = vault.derived("certificate of a lab", "\n".join(map(str, told)))
    letters = base64.b32encode(base64.urlsafe_b64decode(f"{secret}=")).decode()[:_LENGTH]
    return "-".join(letters[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))
