"""Commands of the operator: which labs are offered beside those that ship."""

from __future__ import annotations

from accounts.actions.registry import FROM_PREPARE, command, only
from accounts.caller import Caller, CallerKind
from accounts.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from iamconsole.labs import catalogue
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.format.problem import PackError
from iamconsole.labs.format.reading import read
from iamconsole.labs.models import Pack
from iamconsole.labs.proving import lint, proof
from iamconsole.labs.runs import owned

_OPERATOR = only(CallerKind.OPERATOR)


class UnsoundPack(InvalidInput):
    """A pack that can't be read, could be better, or does not prove; `problems` says why."""

    def __init__(self, problems: list[str], *, played: bool = False) -> None:
        super().__init__("; ".join(problems[:3]), argument="files")
        self.problems = problems
        #: Whether it was found by playing the lab through.
        self.played = played


def _proved(_caller: Caller, *, lab: str, files: dict[str, str]) -> Lab:
    """The pack's lab, after it was read, linted and played through."""
    try:
        found = read(files)
    except PackError as error:
        raise UnsoundPack(list(map(str, error.problems))) from None
    if found.id != lab:
        raise InvalidInput(f"The pack is of the lab {shown(found.id)}.", argument="lab")
    if lab in {folder.name for folder in catalogue.folders()}:
        raise EntityAlreadyExists(f"The lab {lab} ships with this installation: choose another id.")
    if problems := lint.problems(found):
        raise UnsoundPack(list(map(str, problems)))
    if failures := proof.prove(found):
        raise UnsoundPack(failures, played=True)
    return found


@command("lab:InstallPack", may=_OPERATOR, secrets=("files",), prepare=_proved)
def install_pack(
    caller: Caller, /, *, lab: str, files: dict[str, str], prepared: Lab = FROM_PREPARE
) -> Pack:
    """Offer a lab to learners, in place of its version before. Raise UnsoundPack unless it proves.

    Runs that began with another version keep it.
    """
    _withdraw(lab)
    pack, _ = Pack.objects.get_or_create(
        lab=lab,
        digest=prepared.digest,
        defaults={"files": dict(prepared.files), "added_at": caller.now},
    )
    pack.offered = True
    pack.save(update_fields=["offered"])
    return pack


@command("lab:UninstallPack", may=_OPERATOR)
def uninstall_pack(caller: Caller, /, *, lab: str) -> None:
    """Offer a lab no more. Runs of it go on."""
    if not _withdraw(lab):
        raise NoSuchEntity(f"No lab {shown(lab)} is installed.")


def _withdraw(lab: str) -> int:
    """Take back what is offered; return how many. Versions that no run needs are deleted."""
    offered = Pack.objects.filter(lab=lab, offered=True)
    before = list(offered.values_list("pk", flat=True))
    offered.update(offered=False)
    for pack in before:
        owned.forget_pack(pack)
    return len(before)
