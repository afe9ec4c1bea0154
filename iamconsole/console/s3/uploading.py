"""Putting files into a bucket: one action for each, and a line that says what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError
from iamconsole.console.s3 import keys
from iamconsole.sandbox.actions.s3_objects import put_object
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE

_LONGEST_TYPE = 256


@dataclass(frozen=True, slots=True)
class Line:
    """One file: where it was to go, and what kept it from there."""

    key: str
    folder: str
    content_type: str
    size: int
    error: ServiceError | None = None

    @property
    def name(self) -> str:
        """The file's name, for people."""
        return keys.name_in(self.folder, self.key)

    @property
    def shown_folder(self) -> str:
        """The folder's name, for people."""
        return keys.visible(self.folder) or "-"

    @property
    def reason(self) -> str:
        """Why it failed: a refusal in two words, as S3's own pages say it."""
        if isinstance(self.error, AccessDenied):
            return "Access Denied"
        return self.error.message if self.error else "-"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of all files of one form."""

    lines: Sequence[Line]

    @property
    def succeeded(self) -> list[Line]:
        """Those that are in the bucket now."""
        return [line for line in self.lines if line.error is None]

    @property
    def failed(self) -> list[Line]:
        """Those that are not."""
        return [line for line in self.lines if line.error is not None]

    @property
    def size_of_succeeded(self) -> int:
        """In bytes."""
        return sum(line.size for line in self.succeeded)

    @property
    def size_of_failed(self) -> int:
        """In bytes."""
        return sum(line.size for line in self.failed)

    @property
    def status(self) -> int:
        """The HTTP status: of the first failure, where nothing succeeded."""
        failed = self.failed
        error = failed[0].error if failed and not self.succeeded else None
        return error.status if error else 200


def put(caller: Caller, bucket: str, folder: str, files: Iterable[UploadedFile[Any]]) -> Result:
    """Put the files into a folder of the bucket. One's failure keeps none of the others out."""
    return Result([_put(caller, bucket, folder, each) for each in files])


def _put(caller: Caller, bucket: str, folder: str, file: UploadedFile[Any]) -> Line:
    told = file.content_type or ""
    content_type = told if 0 < len(told) <= _LONGEST_TYPE else DEFAULT_TYPE
    key, size = folder + (file.name or ""), file.size or 0
    try:
        put_object(
            caller,
            bucket=bucket,
            key=key,
            body=file,
            content_length=size,
            content_type=content_type,
        )
    except ServiceError as error:
        return Line(key, folder, content_type, size, error)
    return Line(key, folder, content_type, size)
