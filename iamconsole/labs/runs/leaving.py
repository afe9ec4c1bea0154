"""What becomes of runs when an account is reset or deleted: that of a learner, or of a run."""

from __future__ import annotations

from django.utils import timezone

from accounts.actions import lifecycle
from accounts.models import Account
from iamconsole.labs.models import LONGEST_PREPARATION, Run
from iamconsole.labs.runs import owned


def with_account(account: Account) -> None:
    """Take the runs of an account's learners with their accounts, inside the transaction of its
    reset or deletion.

    Of a run's account, nothing but a reset of the lab helps from here on.
    """
    for run in Run.objects.filter(home=account).order_by("pk"):
        for own in owned.accounts_of(run):
            # Locked first, so that no change of its own is half done when it goes.
            Account.objects.select_for_update().filter(pk=own.pk).first()
            lifecycle.empty(own)
            own.delete()
        run.delete()
        owned.forget_pack(run.pack_id)
    ready = Run.objects.filter(run_accounts__account=account, state=Run.State.READY)
    ready.update(state=Run.State.PREPARING, state_since=timezone.now() - LONGEST_PREPARATION)
