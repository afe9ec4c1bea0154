"""manage.py lab: what it prints, and how it ends."""

from __future__ import annotations

import json
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import instance
from accounts.errors import AccessDenied
from accounts.models import Event
from iamconsole.labs import catalogue
from iamconsole.labs.format import schema
from iamconsole.labs.models import Pack
from iamconsole.labs.proving import proof
from iamconsole.labs.proving.installing import UnsoundPack, install_pack
from tests.labs.pack_of_tests import FILES

pytestmark = pytest.mark.django_db


def lab(*arguments: str | Path) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("lab", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


def failed(*arguments: str | Path) -> tuple[int, list[str]]:
    """The exit code of a command that fails, and all lines that it prints."""
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("lab", *map(str, arguments), stdout=out, stderr=out)
    return caught.value.returncode, [*out.getvalue().splitlines(), str(caught.value)]


@pytest.fixture
def pack(tmp_path):
    """A new lab of one's own."""
    lab("new", "my-lab", "--in", tmp_path)
    return tmp_path / "my-lab"


@pytest.fixture
def unplayed(monkeypatch):
    """Labs are not played through: it takes seconds, and has tests of its own."""
    monkeypatch.setattr(proof, "prove", lambda lab, **_: [])


def spoil(pack: Path, old: str, new: str, name: str = "lab.yaml") -> None:
    text = (pack / name).read_text(encoding="utf-8")
    assert old in text
    (pack / name).write_text(text.replace(old, new), encoding="utf-8")


def test_new_writes_a_lab_that_proves(pack):
    assert lab("lint", pack) == "my-lab: nothing to put right\n"
    assert lab("test", pack).splitlines()[-1] == "my-lab: proved"


def test_new_writes_over_nothing(pack):
    spoil(pack, "minutes: 15", "minutes: 16")
    code, lines = failed("new", "my-lab", "--in", pack.parent)
    assert (code, len(lines)) == (2, 1)
    assert "is there already" in lines[0]
    assert "minutes: 16" in (pack / "lab.yaml").read_text()


@pytest.mark.parametrize("name", ["../x", "X", "a", "a" * 41, "my lab", "x\ny: 1", ""])
def test_new_takes_ids_only(tmp_path, name):
    code, lines = failed("new", name, "--in", tmp_path)
    assert (code, len(lines)) == (2, 1)
    assert list(tmp_path.iterdir()) == []


def test_lint_says_a_line_for_each_problem_and_which_pack_has_it(pack):
    spoil(pack, "minutes:", "minuets:")
    code, lines = failed("lint", pack)
    assert code == 2
    assert lines == [
        "my-lab: lab.yaml:1: ‘minutes’ is missing here.",
        "my-lab: lab.yaml:6: There is no key ‘minuets’ here; did you mean ‘minutes’?",
        "1 pack to put right.",
    ]


def test_lint_reads_those_that_ship_unless_told_which():
    named = catalogue.folders()[0].name
    assert lab("lint", named) == f"{named}: nothing to put right\n"
    assert len(lab("lint").splitlines()) == len(catalogue.folders())


def test_what_is_no_pack_is_one_line(tmp_path):
    assert failed("lint", tmp_path / "nothing")[0] == 2
    (tmp_path / "x.zip").write_bytes(b"PK")
    code, lines = failed("install", tmp_path / "x.zip")
    assert (code, len(lines)) == (2, 2)
    assert "no zip archive" in lines[0]


def test_a_lab_that_does_not_prove_ends_with_one(pack):
    spoil(pack, "can also change", "does something else", "wrong/full-access.yaml")
    code, lines = failed("test", pack)
    assert code == 1
    assert lines[-1] == "1 pack did not prove."
    code, lines = failed("install", pack)
    assert code == 1
    assert lines[-1] == "Not installed."
    assert not Pack.objects.filter(offered=True).exists()


def test_a_lab_with_problems_is_not_played(pack, monkeypatch):
    monkeypatch.setattr(proof, "prove", None)
    (pack / "old.md").write_text("Nothing uses this.")
    assert failed("test", pack)[0] == 2
    assert failed("install", pack)[0] == 2


def test_install_proves_and_offers(pack):
    out = lab("install", pack)
    digest = Pack.objects.get(lab="my-lab", offered=True).digest
    assert out == f"Installed my-lab, version {digest[:12]}.\n"
    found = catalogue.find("my-lab")
    assert found is not None
    assert found.digest == digest
    assert "my-lab" in lab("list")
    event = Event.objects.get(action="lab:InstallPack")
    assert event.parameters == {"lab": "my-lab", "files": "***"}


def test_a_newer_version_takes_the_place_of_the_older(pack, unplayed):
    lab("install", pack)
    older = Pack.objects.get(offered=True)
    spoil(pack, "minutes: 15", "minutes: 16")
    lab("install", pack)
    newer = Pack.objects.get(offered=True)
    assert newer.digest != older.digest
    # Nobody began with the older one.
    assert not Pack.objects.filter(pk=older.pk).exists()
    lab("install", pack)
    assert Pack.objects.get().digest == newer.digest


def test_a_lab_that_ships_is_not_replaced(pack, unplayed):
    named = catalogue.folders()[0].name
    spoil(pack, "id: my-lab", f"id: {named}")
    code, lines = failed("install", pack)
    assert code == 2
    assert "ships with this installation" in lines[-1]


def test_only_the_operator_installs(account, root, admin, alice, unplayed):
    for caller in (root, admin, alice):
        with pytest.raises(AccessDenied):
            install_pack(caller, lab="first-lab", files=FILES)


def test_the_command_trusts_nobody_with_the_proof(monkeypatch):
    files = {**FILES, "lab.yaml": "x"}
    with pytest.raises(UnsoundPack, match=r"lab\.yaml:1"):
        install_pack(instance.operator(), lab="first-lab", files=files)
    monkeypatch.setattr(proof, "prove", lambda lab: ["It can't be solved."])
    with pytest.raises(UnsoundPack, match="can't be solved"):
        install_pack(instance.operator(), lab="first-lab", files=FILES)


def test_uninstall_offers_it_no_more(pack, unplayed):
    lab("install", pack)
    assert "offered no more" in lab("uninstall", "my-lab")
    assert catalogue.find("my-lab") is None
    code, lines = failed("uninstall", "my-lab")
    assert (code, lines) == (2, ["No lab ‘my-lab’ is installed."])


def test_export_writes_an_archive_that_installs_elsewhere(pack, tmp_path, unplayed):
    lab("install", pack)
    lab("export", "my-lab", tmp_path / "my.zip")
    lab("uninstall", "my-lab")
    with zipfile.ZipFile(tmp_path / "my.zip") as archive:
        assert sorted(archive.namelist()) == sorted(FILES)
    assert "Installed my-lab" in lab("install", tmp_path / "my.zip")
    code, lines = failed("export", "my-lab", tmp_path / "my.zip")
    assert (code, len(lines)) == (2, 1)
    assert "File exists" in lines[0]
    assert failed("export", "nowhere", tmp_path / "n.zip")[0] == 2
    assert not (tmp_path / "n.zip").exists()


def test_schema_prints_the_schema():
    assert json.loads(lab("schema")) == schema.schema()


def test_list_has_a_line_for_each():
    lines = lab("list").splitlines()
    assert [line.split()[0] for line in lines] == [each.id for each in catalogue.offered()]


def test_a_command_that_there_is_not_is_one_line():
    code, lines = failed("burn")
    assert (code, len(lines)) == (2, 1)
