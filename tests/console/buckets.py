"""Buckets and objects of the console's tests, and policies about them."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.caller import Caller
from iamconsole.console.s3 import keys
from iamconsole.sandbox.actions.s3_buckets import create_bucket
from iamconsole.sandbox.actions.s3_objects import put_object
from iamconsole.sandbox.models import Bucket, StoredObject
from tests.cast import allow

REPORTS, CLASSIFIED = "final-friday-reports", "final-friday-classified"
#: Keys that would be something else in a path, in HTML, in a form or in a header.
HOSTILE = (
    "..",
    "../../etc/passwd",
    "a//b",
    "//",
    "folder/",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "line\r\nend: x",
    "tab\tand\x01control",
    "\u202egnp.exe",
    "per%2Fcent %00",
    "?key=x&object=y#z",
    "žluťoučký 🐎",
    "k" * 1024,
)


def bucket(owner: Caller, name: str = REPORTS) -> Bucket:
    """Make a bucket."""
    return create_bucket(owner, bucket=name)


def put(owner: Caller, key: str, content: bytes = b"hello", name: str = REPORTS) -> StoredObject:
    """Put an object into it."""
    body = io.BytesIO(content)
    return put_object(owner, bucket=name, key=key, body=body, content_length=len(content))


def on_reports(*actions: str, **more: Any) -> dict[str, Any]:
    """A statement that allows actions on the reports bucket and its objects."""
    arn = f"arn:aws:s3:::{REPORTS}"
    return allow(*actions, **more) | {"Resource": [arn, f"{arn}/*"]}


def address(view: str, name: str = REPORTS, **query: str) -> str:
    """The address of a bucket's page."""
    return keys.address(view, name, **query)


def file(name: str = "november.pdf", content: bytes = b"hello") -> SimpleUploadedFile:
    """A file to be uploaded."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def packed(key: str) -> str:
    """A key as forms carry it."""
    return quote(key, safe="/")


def keys_in(name: str = REPORTS) -> list[str]:
    """The keys of all objects, in S3's order."""
    return sorted(
        StoredObject.objects.filter(bucket__name=name).values_list("key", flat=True),
        key=str.encode,
    )
