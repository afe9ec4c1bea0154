"""What a reset of an account, or its deletion, takes from the sandbox."""

from __future__ import annotations

from accounts.models import Account
from iamconsole.sandbox.models import Bucket, Instance, Topic


def empty(account: Account) -> None:
    """Delete the account's buckets, topics and instances, inside the reset's transaction.

    What objects held stays on disk until the sweep finds that no row names it.
    """
    for model in (Bucket, Topic, Instance):
        model._default_manager.filter(account=account).delete()
