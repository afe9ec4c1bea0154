"""What belongs to a run beside its row: its accounts, and the version of its pack."""

from __future__ import annotations

from django.db import transaction

from accounts import vault
from accounts.models import Account
from iamconsole.labs import sealing
from iamconsole.labs.models import Pack, Run

ACCOUNT_ID, ROOT_EMAIL = "account_id", "root_email"


def accounts_of(run: Run) -> list[Account]:
    """The run's accounts, also one that a crash left between its making and its listing."""
    there = {row.account_id: row.account for row in run.run_accounts.select_related("account")}
    try:
        named = sealing.stored(run)
    except vault.Unopened:
        named = {}
    for name, value in named.items():
        if name.startswith(sealing.HIDDEN) and name.endswith(ACCOUNT_ID):
            # By its address as well: an id may have become somebody else's.
            email = named[name.removesuffix(ACCOUNT_ID) + ROOT_EMAIL]
            for account in Account.objects.filter(pk=value, root_email=email):
                there[account.pk] = account
    return [there[pk] for pk in sorted(there)]


def forget_pack(pack_id: int) -> None:
    """Delete a version that is neither offered nor of any run."""
    with transaction.atomic():
        # Locked first: a run that begins with it at this moment is there before or after.
        unoffered = Pack.objects.select_for_update().only("pk").filter(pk=pack_id, offered=False)
        pack = unoffered.first()
        if pack is not None and not pack.runs.exists():
            pack.delete()
