"""What a request to S3 may ask for and does not get here: said plainly rather than left undone."""

from __future__ import annotations

from collections.abc import Mapping

from iamconsole.api.s3.errors import Refusal, not_implemented
from iamconsole.sandbox.models import Bucket
from iamconsole.sandbox.storage import ALGORITHMS

#: By the header: the values that ask for nothing but what is done anyway.
_HARMLESS = {
    "x-amz-acl": ("private", "bucket-owner-full-control"),
    "x-amz-server-side-encryption": ("AES256",),
    "x-amz-storage-class": ("STANDARD",),
    "x-amz-object-ownership": ("BucketOwnerEnforced",),
    "x-amz-bucket-object-lock-enabled": ("false",),
    "x-amz-bucket-namespace": ("global",),
    "x-amz-server-side-encryption-bucket-key-enabled": ("false",),
}
_NEVER = (
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-",
    "x-amz-copy-source-server-side-encryption-customer-",
    "x-amz-object-lock-",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
    "x-amz-rename-source",
    "x-amz-if-match-",
)
_CHECKSUM = "x-amz-checksum-"
_OTHER_CHECKSUMS = ("algorithm", "mode", "type", *(name.lower() for name in ALGORITHMS))


def check(query: Mapping[str, str], headers: Mapping[str, str], bucket: str) -> None:
    """Raise Refusal for what is not built, and for a bucket that another account has."""
    for name, value in headers.items():
        if not name.startswith("x-amz-"):
            continue
        if name.startswith("x-amz-grant-") or name == "x-amz-acl":
            if value not in _HARMLESS.get(name, ()):
                raise Refusal("AccessControlListNotSupported", "The bucket does not allow ACLs")
        elif name.startswith(_NEVER) or value not in _HARMLESS.get(name, (value,)):
            raise not_implemented(name)
        elif name.startswith(_CHECKSUM) and name.removeprefix(_CHECKSUM) not in _OTHER_CHECKSUMS:
            raise Refusal("InvalidRequest", f"{name} is not an algorithm that there is here.")
    if query.get("versionId", "null") != "null":
        raise Refusal(
            "NoSuchVersion",
            "The specified version does not exist.",
            VersionId=query["versionId"][:128],
        )
    _check_owner(bucket, headers.get("x-amz-expected-bucket-owner"))
    source = headers.get("x-amz-copy-source", "").removeprefix("/").partition("/")[0]
    _check_owner(source, headers.get("x-amz-source-expected-bucket-owner"))


def _check_owner(bucket: str, expected: str | None) -> None:
    """Whoever says whose bucket it is wants nothing to do with another's of that name."""
    if expected is None:
        return
    owner = Bucket.objects.filter(name=bucket).values_list("account_id", flat=True).first()
    if owner is not None and owner != expected:
        raise Refusal("AccessDenied", "Access Denied")
