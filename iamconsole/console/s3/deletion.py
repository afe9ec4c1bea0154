"""Deleting many objects: what is left of it, and what came of it, travels from form to form.

Each request does as much as a third of a second allows, so nothing runs behind the page and a
closed browser stops it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from django.http import QueryDict

from accounts.caller import Caller
from accounts.errors import ServiceError
from iamconsole.console.s3 import keys
from iamconsole.sandbox.actions.s3_listing import list_objects_v2
from iamconsole.sandbox.actions.s3_objects import delete_objects

#: What has to be typed, as in S3's own console.
WORDS = "permanently delete"
#: After so many seconds a request begins with no further batch.
SLICE = 0.3
BATCH = 50
#: Failures that are told one by one; the others are counted.
MOST_TOLD = 50
#: Rows that can be ticked on one page, and some more.
_MOST = 500


@dataclass(slots=True)
class Sweep:
    """Objects and folders that are to go. The folder "" is the whole bucket."""

    bucket: str
    keys: list[str]
    folders: list[str]
    #: Up to which key the first folder is done with: what could not be deleted is still there.
    after: str = ""
    deleted: int = 0
    failed: int = 0
    #: Name and reason.
    failures: list[tuple[str, str]] = field(default_factory=list)
    #: Whether this is a later slice.
    begun: bool = False

    @property
    def left(self) -> bool:
        """Whether anything is still to be tried."""
        return bool(self.keys or self.folders)

    @property
    def wanted(self) -> list[tuple[str, str]]:
        """The fields that say what is to go."""
        return [
            *[("object", keys.packed(key)) for key in self.keys],
            *[("folder", keys.packed(folder)) for folder in self.folders],
        ]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The fields of the form that goes on."""
        return [
            *self.wanted,
            ("after", keys.packed(self.after)),
            ("deleted", str(self.deleted)),
            ("refused", str(self.failed)),
            *[pair for name, why in self.failures for pair in (("failed", name), ("why", why))],
        ]

    @property
    def names(self) -> list[str]:
        """What is to go, for people."""
        return [keys.visible(each) for each in (*self.folders, *self.keys)]

    def run(self, caller: Caller) -> None:
        """Delete what one request has the time for."""
        end = time.monotonic() + SLICE
        first = True
        while self.left and (first or time.monotonic() < end):
            first = False
            if self.keys:
                batch, self.keys = self.keys[:BATCH], self.keys[BATCH:]
                self._delete(caller, batch)
            else:
                self._delete_from_folder(caller, self.folders[0])

    def _delete_from_folder(self, caller: Caller, folder: str) -> None:
        try:
            found = list_objects_v2(
                caller,
                bucket=self.bucket,
                prefix=folder,
                start_after=self.after,
                max_keys=BATCH,
            )
        except ServiceError as error:
            self._note(keys.visible(folder) or self.bucket, error)
            self._next_folder()
            return
        names = [each.key for each in found.objects]
        if names:
            self._delete(caller, names)
            self.after = names[-1]
        if not names or not found.is_truncated:
            self._next_folder()

    def _next_folder(self) -> None:
        self.folders, self.after = self.folders[1:], ""

    def _delete(self, caller: Caller, names: list[str]) -> None:
        try:
            outcomes = delete_objects(caller, bucket=self.bucket, delete=names)
        except ServiceError as error:
            for name in names:
                self._note(keys.visible(name), error)
            return
        for each in outcomes:
            if each.error is None:
                self.deleted += 1
            else:
                self._note(keys.visible(each.key), each.error)

    def _note(self, name: str, error: ServiceError) -> None:
        self.failed += 1
        if len(self.failures) < MOST_TOLD:
            self.failures.append((name, error.message))


def posted(bucket: str, sent: QueryDict) -> Sweep:
    """What a form asks for: the ticked rows at first, then what the slices have left."""
    told = list(zip(sent.getlist("failed"), sent.getlist("why"), strict=False))
    return Sweep(
        bucket,
        _unpacked(sent.getlist("object")),
        _unpacked(sent.getlist("folder"), empty=True),
        after=keys.unpacked(sent.get("after", "")),
        deleted=_number(sent.get("deleted", "")),
        failed=_number(sent.get("refused", "")),
        failures=told[:MOST_TOLD],
        begun="deleted" in sent,
    )


def _unpacked(values: list[str], *, empty: bool = False) -> list[str]:
    found = dict.fromkeys(keys.unpacked(value) for value in values[:_MOST])
    return [each for each in found if each or empty]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
