"""How much S3 holds here: an object, an account, the installation; and the sums held to that.

Parts and pages: Amazon S3 User Guide. The numbers of bytes, buckets and uploads are this sandbox's
own, far below AWS's. How long names, keys and tags may be is the business of `s3_types`.
"""

from __future__ import annotations

from django.conf import settings
from django.db.models import F, Sum

from accounts.models import Instance
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.s3_errors import EntityTooLarge, QuotaExceeded, TooManyBuckets

MIB = 1024 * 1024
OBJECT_BYTES = 16 * MIB
ACCOUNT_BYTES = 64 * MIB
BUCKETS_PER_ACCOUNT = 100
#: Of every part but the last, at least.
PART_BYTES = 5 * MIB
PARTS_PER_UPLOAD = 10_000
UPLOADS_PER_ACCOUNT = 1000
KEYS_PER_PAGE = 1000
#: An object without a byte has a row and a file all the same: each counts at least this much.
LEAST_COUNTED = 1024


def counted(size: int) -> int:
    """What an object or a part of this size counts towards the quotas."""
    return max(size, LEAST_COUNTED)


def check_size(size: int) -> None:
    """Raise EntityTooLarge for more than one object may have."""
    if size > OBJECT_BYTES:
        raise EntityTooLarge(size, OBJECT_BYTES)


def check_room(bucket: Bucket, more: int) -> None:
    """Raise QuotaExceeded where `more` bytes don't fit into the account or the installation."""
    own = _sum(Bucket.objects.filter(account=bucket.account_id))
    if own + more > ACCOUNT_BYTES:
        raise QuotaExceeded(
            f"The account's buckets may hold {ACCOUNT_BYTES // MIB} MiB together: {own} bytes are "
            f"taken and {more} were to be added. Delete objects or abort multipart uploads."
        )
    if _sum(Bucket.objects.all()) + more > settings.SANDBOX_BYTES:
        raise QuotaExceeded(
            "All buckets of this installation together have reached the limit that its operator "
            "set (SANDBOX_MIB). Delete objects that nobody needs."
        )


def take(bucket: Bucket, more: int) -> None:
    """Count `more` bytes, or fewer where it is negative, to a bucket whose row is locked.

    Raises QuotaExceeded where they don't fit.
    """
    if more > 0:
        # Sums over all accounts stay true under one lock. Every change locks its account first,
        # then a bucket, then this: so no two changes ever wait for each other.
        Instance.objects.get_or_create(pk=1)
        Instance.objects.select_for_update(no_key=True).get(pk=1)
        check_room(bucket, more)
    Bucket.objects.filter(pk=bucket.pk).update(stored_bytes=F("stored_bytes") + more)


def room_for_bucket(account_id: str) -> None:
    """Raise TooManyBuckets where the account has all it may have."""
    if Bucket.objects.filter(account=account_id).count() >= BUCKETS_PER_ACCOUNT:
        raise TooManyBuckets(BUCKETS_PER_ACCOUNT)


def _sum(rows: object) -> int:
    found = rows.aggregate(total=Sum("stored_bytes"))["total"]  # type: ignore[attr-defined]
    return int(found or 0)
