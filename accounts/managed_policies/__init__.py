"""AWS's managed policies: read-only facts from files beside this module (SOURCE.md says whence).

Nothing is read at import. The first question reads the index of names and dates; a document is
unpacked when somebody asks for its text.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent

# The IAM User Guide's ten job functions. Three of them do not lie under /job-function/, and AWS
# has put service-specific policies there since; the console's type filter shows all of these.
_JOB_FUNCTION_PATH = "/job-function/"
_JOB_FUNCTIONS = frozenset({"AdministratorAccess", "PowerUserAccess", "SecurityAudit"})
_SERVICE_ROLE_PATH = "/aws-service-role/"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a document lies: a gzip member of the file, and its bytes once unpacked."""

    offset: int
    packed: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """One policy that AWS publishes to every account."""

    name: str
    path: str
    arn: str
    default_version_id: str
    created_at: datetime
    updated_at: datetime
    _place: _Place = field(repr=False, compare=False)
    is_attachable: bool = True
    description: str = ""

    @property
    def policy_id(self) -> str:
        """An id in AWS's format, the same on every instance; not the id AWS itself uses."""
        digest = hashlib.sha256(self.arn.encode()).digest()
        return "ANPA" + base64.b32encode(digest).decode()[:17]

    @property
    def job_function(self) -> bool:
        """Whether the console lists it as *AWS managed - job function*."""
        return self.path == _JOB_FUNCTION_PATH or self.name in _JOB_FUNCTIONS

    @property
    def for_service_linked_roles(self) -> bool:
        """Whether only a service-linked role may hold it; attaching it is PolicyNotAttachable."""
        return self.path == _SERVICE_ROLE_PATH

    @property
    def document(self) -> str:
        """The policy's JSON text."""
        place = self._place
        block = _block(place.offset, place.packed)
        return block[place.start : place.start + place.length].decode()


def get(arn: str) -> ManagedPolicy | None:
    """The policy with exactly this ARN, or None."""
    return _by_arn().get(arn)


def all() -> tuple[ManagedPolicy, ...]:  # noqa: A001 (reads as managed_policies.all())
    """Every policy, sorted by name."""
    return tuple(_by_arn().values())


@lru_cache(maxsize=1)
def _by_arn() -> Mapping[str, ManagedPolicy]:
    rows = json.loads(gzip.decompress((_FOLDER / "index.json.gz").read_bytes()))
    policies = {}
    for name, path, version, created, updated, *place in rows:
        arn = f"arn:aws:iam::aws:policy{path}{name}"
        policies[arn] = ManagedPolicy(
            name=name,
            path=path,
            arn=arn,
            default_version_id=version,
            created_at=datetime.fromisoformat(created),
            updated_at=datetime.fromisoformat(updated),
            _place=_Place(*place),
        )
    return policies


# Neighbours in the list share a block, so a few kept blocks serve a page that shows several.
@lru_cache(maxsize=8)
def _block(offset: int, packed: int) -> bytes:
    with (_FOLDER / "documents.json.gz").open("rb") as file:
        file.seek(offset)
        return gzip.decompress(file.read(packed))
