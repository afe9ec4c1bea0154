"""What a reset of an account, or its deletion, takes from the sandbox."""

from __future__ import annotations

from accounts.models import Account
from iamconsole.sandbox import storage
from iamconsole.sandbox.models import Bucket, Instance, Part, StoredObject, Topic


def empty(account: Account) -> None:
    """Delete the account's buckets, topics and instances, inside the reset's transaction.

    The files in which objects lie are removed once it has committed.
    """
    # Whoever changes objects locks their bucket first. So is done here: else each could wait for
    # the other.
    buckets = list(Bucket.objects.select_for_update().filter(account=account).order_by("pk"))
    for rows in (
        StoredObject.objects.filter(bucket__in=buckets),
        Part.objects.filter(upload__bucket__in=buckets),
    ):
        storage.drop(rows.values_list("blob", flat=True))
    for model in (Bucket, Topic, Instance):
        model._default_manager.filter(account=account).delete()
