"""Every lab that ships does what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from iamconsole.labs import catalogue
from iamconsole.labs.format import archives, reading
from iamconsole.labs.proving import proof

FOLDERS = sorted(catalogue.folders())


def test_eighteen_labs_ship_and_stand_in_their_order():
    assert [lab.order for lab in catalogue.shipped().values()] == list(range(1, 19))


def test_a_lab_requires_only_labs_that_come_before_it():
    earlier: set[str] = set()
    for lab in catalogue.shipped().values():
        assert set(lab.requires) <= earlier, lab.id
        earlier.add(lab.id)


@pytest.mark.django_db
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_lab_that_ships_is_proved(folder: Path):
    assert proof.prove(reading.read(archives.files_of(folder))) == []
