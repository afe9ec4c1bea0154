"""lab: read, prove, begin, install and hand out labs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import instance
from accounts.management.operator import BAD_ARGUMENTS, OperatorCommand
from iamconsole.labs import catalogue
from iamconsole.labs.finish import certificates
from iamconsole.labs.format import archives, schema
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.pack import Lab
from iamconsole.labs.format.problem import PackError
from iamconsole.labs.format.reading import read
from iamconsole.labs.proving import lint, proof
from iamconsole.labs.proving.installing import UnsoundPack, install_pack, uninstall_pack

#: The exit code where a lab was played through and did not do what it promises, and of a
#: certificate that is not genuine.
NOT_PROVED = 1

#: Where `new` begins: a small lab that proves.
_FIRST = Path(catalogue.__file__).parent / "first"
_FIRST_ID = "id: first-lab\n"


class Command(OperatorCommand):
    """One subcommand for each thing that authors and operators do with labs."""

    help = "Write, check, install and hand out training labs."

    def add_arguments(self, parser: CommandParser) -> None:
        """The subcommands, each with what it works on."""
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        for name, words in (
            ("lint", "read packs and say what is wrong with them"),
            ("test", "lint packs, then play each through: start, solutions, wrong answers, reset"),
        ):
            several = commands.add_parser(name, help=words)
            several.add_argument(
                "packs", nargs="*", metavar="DIR|ZIP|ID", help="unless said, all that ship"
            )
        new = commands.add_parser("new", help="begin a lab: a folder with a small one that works")
        new.add_argument("lab", metavar="ID")
        new.add_argument(
            "--in", dest="within", default=".", metavar="DIR", help="where, unless here"
        )
        install = commands.add_parser("install", help="test a pack, then offer it to learners")
        install.add_argument("pack", metavar="DIR|ZIP")
        uninstall = commands.add_parser("uninstall", help="offer an installed lab no more")
        uninstall.add_argument("lab", metavar="ID")
        export = commands.add_parser("export", help="write a lab as a zip archive")
        export.add_argument("lab", metavar="ID")
        export.add_argument("archive", metavar="FILE.zip")
        commands.add_parser("schema", help="print the JSON Schema of lab.yaml")
        commands.add_parser("list", help="list the labs that learners can start")
        verify = commands.add_parser("verify", help="say what a certificate must say")
        verify.add_argument("code", metavar="CODE", help="the verification code on the certificate")

    def operate(self, **options: Any) -> None:
        """Do what was asked."""
        name = options["command"]
        known = ("lab", "pack", "packs", "archive", "within", "code")
        getattr(self, name)(**{each: options[each] for each in known if each in options})

    # --- Reading and proving ---------------------------------------------------------------------

    def lint(self, packs: list[str]) -> None:
        """Read packs; say of each what is to be put right."""
        wrong = 0
        for path in _paths(packs):
            problems = _problems_of(path)
            self._tell(path.name, problems or ["nothing to put right"], bad=bool(problems))
            wrong += bool(problems)
        if wrong:
            raise CommandError(f"{_labs(wrong)} to put right.", returncode=BAD_ARGUMENTS)

    def test(self, packs: list[str]) -> None:
        """Read packs and play them through."""
        paths = _paths(packs)
        self._refuse_unless_clean(paths)
        wrong = 0
        for path in paths:
            problems = proof.prove(read(archives.files_of(path)), report=self.stdout.write)
            self._tell(path.name, problems or ["proved"], bad=bool(problems))
            wrong += bool(problems)
        if wrong:
            raise CommandError(f"{_labs(wrong)} did not prove.", returncode=NOT_PROVED)

    def _refuse_unless_clean(self, paths: Iterable[Path]) -> None:
        wrong = 0
        for path in paths:
            problems = _problems_of(path)
            self._tell(path.name, problems, bad=True)
            wrong += bool(problems)
        if wrong:
            raise CommandError(f"{_labs(wrong)} to put right.", returncode=BAD_ARGUMENTS)

    def _tell(self, name: str, lines: Iterable[str], *, bad: bool) -> None:
        out = self.stderr if bad else self.stdout
        for line in lines:
            out.write(f"{name}: {line}")

    # --- Making and handing out ------------------------------------------------------------------

    def new(self, lab: str, within: str) -> None:
        """Write a small lab that works."""
        files = archives.files_of(_FIRST)
        files["lab.yaml"] = files["lab.yaml"].replace(_FIRST_ID, f"id: {lab}\n")
        try:
            read(files)
        except PackError as error:
            raise _bad(str(error.problems[0])) from None
        folder = Path(within) / lab
        try:
            folder.mkdir(parents=True)
            for name, text in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
        except FileExistsError:
            raise _bad(f"{folder} is there already.") from None
        except OSError as error:
            raise _bad(f"{folder}: {error.strerror}.") from None
        self.stdout.write(f"Wrote {folder}. `manage.py lab test {folder}` proves it.")

    def export(self, lab: str, archive: str) -> None:
        """Write a lab that is offered as an archive."""
        found = _offered(lab)
        try:
            with open(archive, "xb") as file:
                file.write(archives.packed(found.files))
        except OSError as error:
            raise _bad(f"{archive}: {error.strerror}.") from None
        self.stdout.write(f"Wrote {archive}: {lab}, version {found.digest[:12]}.")

    def install(self, pack: str) -> None:
        """Prove a pack and offer it."""
        try:
            files = archives.files_of(Path(pack))
            lab = read(files)
            install_pack(instance.operator(), lab=lab.id, files=files)
        except PackError as error:
            self._tell(Path(pack).name, map(str, error.problems), bad=True)
            raise _bad("Not installed.") from None
        except UnsoundPack as error:
            self._tell(Path(pack).name, error.problems, bad=True)
            code = NOT_PROVED if error.played else BAD_ARGUMENTS
            raise CommandError("Not installed.", returncode=code) from None
        self.stdout.write(f"Installed {lab.id}, version {lab.digest[:12]}.")

    def uninstall(self, lab: str) -> None:
        """Offer an installed lab no more."""
        uninstall_pack(instance.operator(), lab=lab)
        self.stdout.write(f"{lab} is offered no more. Runs of it go on.")

    # --- Looking ---------------------------------------------------------------------------------

    def schema(self) -> None:
        """Print the schema."""
        self.stdout.write(schema.as_text(), ending="")

    def list(self) -> None:
        """Print a line for each lab that is offered."""
        shipped = catalogue.shipped()
        for lab in catalogue.offered():
            where = "ships" if lab.id in shipped else "installed"
            steps = f"{len(lab.steps)} steps" if len(lab.steps) > 1 else "1 step"
            self.stdout.write(
                f"{lab.id:24}  {lab.level:12}  {lab.minutes:3} min  {steps:8}  {where:9}  "
                f"{lab.digest[:12]}  {lab.title}"
            )

    def verify(self, code: str) -> None:
        """Print what the certificate with this code says, for comparing it with a paper."""
        found = certificates.find(code)
        if found is None:
            raise CommandError(
                "No lab that was finished here has this code, or it was started anew since.",
                returncode=NOT_PROVED,
            )
        for words, value in found.told():
            self.stdout.write(f"{words:22}  {value}")


def _problems_of(path: Path) -> list[str]:
    try:
        return list(map(str, lint.problems(read(archives.files_of(path)))))
    except PackError as error:
        return list(map(str, error.problems))


def _paths(named: list[str]) -> list[Path]:
    """Where packs lie: a folder, an archive, or a lab that ships by its id."""
    shipping = {folder.name: folder for folder in catalogue.folders()}
    if not named:
        return [*shipping.values()]
    return [
        Path(each) if Path(each).exists() or each not in shipping else shipping[each]
        for each in named
    ]


def _offered(lab: str) -> Lab:
    found = catalogue.find(lab)
    if found is None:
        raise _bad(f"There is no lab {shown(lab)}; `manage.py lab list` lists them.")
    return found


def _labs(number: int) -> str:
    return "1 pack" if number == 1 else f"{number} packs"


def _bad(message: str) -> CommandError:
    return CommandError(" ".join(message.split()), returncode=BAD_ARGUMENTS)
