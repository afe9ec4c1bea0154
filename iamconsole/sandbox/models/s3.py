"""S3's buckets and objects. What an object holds lies in a file of the name that its row gives."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import Account


class KeyField(models.CharField):  # type: ignore[type-arg]
    """An object's key, compared and sorted by its UTF-8 bytes as S3 does, on every database."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        """The column, with the collation that compares bytes."""
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        parameters["collation"] = "C" if connection.vendor == "postgresql" else "BINARY"
        return parameters


class Bucket(models.Model):
    """A bucket. Its name is taken for the whole installation, whatever account has it."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="buckets")
    name = models.CharField(max_length=63, unique=True)
    region = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    tags = models.JSONField(default=dict, blank=True)
    #: The bucket policy, with unique ids in place of the ARNs of users and roles; empty where there
    #: is none.
    policy = models.TextField(default="", blank=True)
    block_public_acls = models.BooleanField(default=True)
    ignore_public_acls = models.BooleanField(default=True)
    block_public_policy = models.BooleanField(default=True)
    restrict_public_buckets = models.BooleanField(default=True)
    #: What its objects and unfinished parts count, in bytes; changed under the lock on this row.
    stored_bytes = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        """`arn:aws:s3:::NAME`: neither region nor account stand in it."""
        return f"arn:aws:s3:::{self.name}"


class StoredObject(models.Model):
    """An object: everything about it but its bytes."""

    bucket = models.ForeignKey(Bucket, models.CASCADE, related_name="objects_of")
    #: At most 1,024 bytes of UTF-8.
    key = KeyField(max_length=1024)
    #: In bytes.
    size = models.BigIntegerField()
    #: Without quotation marks: the MD5 of the bytes, or MD5-of-MD5s and the number of parts.
    etag = models.CharField(max_length=64)
    content_type = models.CharField(max_length=256, default="binary/octet-stream")
    #: Other headers that come back with it (Cache-Control …), by their lower-cased names.
    headers = models.JSONField(default=dict, blank=True)
    #: The x-amz-meta- headers, without that prefix.
    metadata = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    #: By algorithm: {"CRC64NVME": "base64…"}.
    checksums = models.JSONField(default=dict, blank=True)
    #: "COMPOSITE" (a checksum of the parts' checksums) or "FULL_OBJECT".
    checksum_type = models.CharField(max_length=16, default="", blank=True)
    #: In bytes, of an object that was uploaded in parts.
    part_sizes = models.JSONField(default=list, blank=True)
    modified_at = models.DateTimeField()
    #: The name of the file that holds the bytes.
    blob = models.CharField(max_length=32, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "key"], name="object_key_once")]

    def __str__(self) -> str:
        return f"{self.bucket_id}/{self.key}"


class Upload(models.Model):
    """A multipart upload that was begun and neither completed nor aborted."""

    id = models.CharField(primary_key=True, max_length=128)
    bucket = models.ForeignKey(Bucket, models.CASCADE, related_name="uploads")
    key = KeyField(max_length=1024)
    content_type = models.CharField(max_length=256, default="binary/octet-stream")
    headers = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    checksum_algorithm = models.CharField(max_length=16, default="", blank=True)
    #: "COMPOSITE" or "FULL_OBJECT".
    checksum_type = models.CharField(max_length=16, default="", blank=True)
    initiated_at = models.DateTimeField()
    initiator_arn = models.CharField(max_length=2048)

    class Meta:
        indexes = [models.Index(fields=["bucket", "key", "id"], name="uploads_by_key")]

    def __str__(self) -> str:
        return self.id


class Part(models.Model):
    """One part of a multipart upload."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    size = models.BigIntegerField()
    etag = models.CharField(max_length=64)
    checksums = models.JSONField(default=dict, blank=True)
    modified_at = models.DateTimeField()
    blob = models.CharField(max_length=32, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="part_once")]

    def __str__(self) -> str:
        return f"part {self.number} of {self.upload_id}"


class ObjectStore(models.Model):
    """The one row that knows the folder in which the files lie: both have the same mark."""

    mark = models.CharField(max_length=32)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_object_store")]

    def __str__(self) -> str:
        return self.mark
