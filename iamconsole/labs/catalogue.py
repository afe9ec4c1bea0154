"""The labs that there are: those that ship, and those that the operator installed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from iamconsole.labs import sealing
from iamconsole.labs.format import archives, reading
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.models import Pack, Run

logger = logging.getLogger(__name__)

PACKS = Path(__file__).parent / "packs"


class _Shipped(Mapping[str, Lab]):
    """The labs of a folder by id, each read when it is first asked for: it takes some 50 ms."""

    def __init__(self) -> None:
        #: None where it can't be read.
        self._read: dict[str, Lab | None] = {}

    def __getitem__(self, lab_id: str) -> Lab:
        if lab_id not in self._read:
            folder = PACKS / lab_id
            if folder not in folders():
                raise KeyError(lab_id)
            self._read[lab_id] = _readable(folder)
        lab = self._read[lab_id]
        if lab is None:
            raise KeyError(lab_id)
        return lab

    def __iter__(self) -> Iterator[str]:
        return iter([lab.id for lab in sorted(self._all(), key=_order)])

    def __len__(self) -> int:
        return len(list(self._all()))

    def _all(self) -> Iterator[Lab]:
        return (lab for folder in folders() if (lab := self.get(folder.name)) is not None)


_SHIPPED = _Shipped()


def shipped() -> Mapping[str, Lab]:
    """The labs that ship, by id, in the order of the catalogue; each is read once by a process."""
    return _SHIPPED


@cache
def folders() -> tuple[Path, ...]:
    """The folders of the labs that ship; each is called as its lab."""
    return tuple(sorted(path.parent for path in PACKS.glob("*/lab.yaml")))


def _readable(folder: Path) -> Lab | None:
    try:
        return reading.read(archives.files_of(folder))
    except reading.PackError as error:
        # The others are still there to be learnt from.
        logger.error("The lab in %s can't be read: %s", folder, error)
        return None


def ids() -> set[str]:
    """The ids of all labs that are offered."""
    shipping = {folder.name for folder in folders()}
    return shipping | set(Pack.objects.filter(offered=True).values_list("lab", flat=True))


def offered() -> list[Lab]:
    """What learners can start, in the order of the catalogue."""
    return sorted([*shipped().values(), *_installed()], key=_order)


def _installed() -> Iterator[Lab]:
    versions = Pack.objects.filter(offered=True).values_list("lab", "digest")
    for lab_id, digest in versions:
        if lab_id not in shipped() and (lab := _still_readable(lab_id, digest)) is not None:
            yield lab


def find(lab_id: str) -> Lab | None:
    """The lab of that id, where it is offered."""
    if (lab := shipped().get(lab_id)) is not None:
        return lab
    digest = Pack.objects.filter(lab=lab_id, offered=True).values_list("digest", flat=True).first()
    return _still_readable(lab_id, digest) if digest is not None else None


def _still_readable(lab_id: str, digest: str) -> Lab | None:
    """One version of a lab, unless the format has changed since."""
    try:
        return _version(lab_id, digest)
    except reading.PackError as error:
        logger.error(
            "Version %s of the lab %s can't be read any more: %s", digest[:12], lab_id, error
        )
        return None


def of_run(run: Run) -> Lab:
    """The lab as it was when the run began. Raises PackError where that can't be read any more."""
    return _version(run.lab, run.pack.digest)


def is_readable(run: Run) -> bool:
    """Whether its lab and its values can be read still: the format may have changed since it
    began, or the installation's keys were lost.
    """
    return _still_readable(run.lab, run.pack.digest) is not None and sealing.opens(run)


def _order(lab: Lab) -> tuple[int, str, str]:
    # Labs without a place come last.
    return (lab.order if lab.order is not None else 10_000, lab.title, lab.id)


def _version(lab_id: str, digest: str) -> Lab:
    """One version of a lab: most that runs have are those that ship, which are read already."""
    lab = _SHIPPED.get(lab_id)
    return lab if lab is not None and lab.digest == digest else _of_digest(lab_id, digest)


@lru_cache(maxsize=64)
def _of_digest(lab_id: str, digest: str) -> Lab:
    """The lab of one version, which never changes; the files are read from its row once."""
    return reading.read(Pack.objects.only("files").get(lab=lab_id, digest=digest).files)
