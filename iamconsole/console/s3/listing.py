"""The list of a bucket's folders and objects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.paging import Page
from iamconsole.console.components.tables import Column, Table
from iamconsole.console.request import ConsoleRequest
from iamconsole.console.s3 import keys
from iamconsole.sandbox.actions.s3_listing import list_objects_v2
from iamconsole.sandbox.models import StoredObject

#: S3 sorts by key, page by page: there is no other order.
COLUMNS = (
    Column("name", "Name", sortable=False),
    Column("type", "Type", sortable=False),
    Column("modified", "Last modified", sortable=False),
    Column("size", "Size", sortable=False, numeric=True),
)
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A folder or an object, as one line of the list. A folder has neither time nor size."""

    key: str
    name: str
    kind: str
    url: str
    modified: datetime | None = None
    size: int | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it stands for all keys that begin so."""
        return self.size is None

    @property
    def packed(self) -> str:
        """The key for the box that selects the row."""
        return keys.packed(self.key)


def table_of(request: ConsoleRequest, bucket: str) -> Table:
    """The part of the bucket that the address asks for, or the refusal to list it.

    Raises what is wrong with the bucket itself: NoSuchBucket, InvalidBucketName.
    """
    table = Table(request.GET, COLUMNS, size=PAGE_SIZE)
    prefix = request.GET.get("prefix", "")
    try:
        table.show(_page(request.caller, bucket, prefix, table))
    except ServiceError as error:
        if error.status == 404:
            raise
        table.refuse(error)
    return table


def _page(caller: Caller, bucket: str, prefix: str, table: Table) -> Page[Row]:
    found = list_objects_v2(
        caller,
        bucket=bucket,
        # Searching is asking for keys that begin so: S3 has no other search.
        prefix=prefix + table.search,
        delimiter=keys.SLASH,
        max_keys=table.size,
        continuation_token=table.after or None,
    )
    folder = keys.folder_of(prefix)
    rows = [_folder(bucket, folder, each) for each in found.common_prefixes]
    # An object with the folder's own name makes an empty folder last; inside it says nothing.
    rows += [_object(bucket, folder, each) for each in found.objects if each.key != folder]
    return Page(rows, marker=found.next_continuation_token)


def _folder(bucket: str, folder: str, prefix: str) -> Row:
    url = keys.address("s3-bucket", bucket, prefix=prefix)
    return Row(prefix, keys.name_in(folder, prefix), "Folder", url)


def _object(bucket: str, folder: str, found: StoredObject) -> Row:
    return Row(
        found.key,
        keys.name_in(folder, found.key),
        keys.kind_of(found.key),
        keys.address("s3-object", bucket, key=found.key),
        found.modified_at,
        found.size,
    )
