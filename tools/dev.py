"""The tasks of the Makefile: set up and serve, test, check, bench, lock. Needs nothing but Python.

`python3 -m tools.dev run|test|test-all|check|bench|lock` from the repository's root.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
PYPROJECT = ROOT / "pyproject.toml"
LOCKS = {name: ROOT / "requirements" / f"{name}.txt" for name in ("runtime", "dev", "clients")}
#: AWS's own clients, which the tests in tests/clients run: a virtual environment and a folder
#: of Node packages, neither of which has anything to do with ours.
CLIENTS = ROOT / ".clients"
CLIENTS_IN = ROOT / "requirements" / "clients.in"
NODE_LOCK = ROOT / "tests" / "clients" / "javascript"
OLDEST = (3, 11)

MISSING_VENV = "Python's venv is incomplete here. On Debian and Ubuntu: apt install python3-venv"


def main(task: str = "", *arguments: str) -> int:
    """Do one task and return its exit code."""
    if sys.version_info < OLDEST:
        return _fail("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    tasks = {
        "run": run,
        "test": test,
        "test-all": test_all,
        "check": check,
        "bench": bench,
        "lock": lock,
    }
    if task not in tasks:
        return _fail("Say one of: " + ", ".join(tasks))
    os.chdir(ROOT)
    return tasks[task](*arguments)


# --- Tasks ---------------------------------------------------------------------------------------


def run() -> int:
    """Become the server."""
    install("runtime")
    # glibc would keep the 19 MiB of a password hash for each thread that ever made one: 500
    # sign-ins peaked at 497 MB, and with one arena at 264 MB, in the same time.
    os.environ.setdefault("MALLOC_ARENA_MAX", "1")
    os.execv(PYTHON, [PYTHON, "manage.py", "serve"])


def test(*arguments: str) -> int:
    """Run the suite on SQLite."""
    install("dev")
    return _pytest(arguments, {"DATABASE_URL": ""})


def test_all(*arguments: str) -> int:
    """Run the suite on a PostgreSQL cluster that lives as long as the run, with AWS's clients.

    Without the browser's stories, unless they are asked for: `make test` has run them.
    """
    install("dev")
    variables = {"CLIENTS": str(CLIENTS)}
    if missing := install_clients():
        if os.environ.get("REQUIRE_CLIENTS") == "1":
            return _fail(f"REQUIRE_CLIENTS=1, but not all of them are here: {missing}")
        _shout(f"{missing} Not every client of AWS was tried.")
    programs = postgres.find_programs()
    if programs is None:
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            return _fail("REQUIRE_POSTGRES=1, but PostgreSQL's initdb is nowhere to be found.")
        _shout("PostgreSQL is not installed: the suite did NOT run on it, but for AWS's clients.")
        return _pytest(("tests/clients", *arguments), {"DATABASE_URL": "", **variables})
    if not arguments:
        print("The stories in the browser ran with `make test`; the database makes no difference.")
        arguments = ("--ignore=tests/journeys",)
    with postgres.temporary_cluster(programs) as url:
        return _pytest(arguments, {"DATABASE_URL": url, **variables})


def check() -> int:
    """Run every check that needs no test; say which failed."""
    install("dev")
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    manage = [PYTHON, "manage.py"]
    commands = {
        "format": [_tool("ruff"), "format", "--check", "--quiet", "."],
        "lint": [_tool("ruff"), "check", "--quiet", "."],
        "types": [_tool("mypy")],
        "templates": [_tool("djade"), "--check", "--target-version", "5.2", *templates],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "deployment": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
    }
    failed = []
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {"BASE_URL": "https://iam.example.org", "DATA_DIR": directory}
        environment.pop("DATABASE_URL", None)
        for name, command in commands.items():
            start = time.monotonic()
            result = subprocess.run(command, env=environment, check=False)
            print(f"{name}: {time.monotonic() - start:.1f} s", flush=True)
            if result.returncode:
                failed.append(name)
    for name, complaints in {"locks": stale_locks(), "traces": traces()}.items():
        print("".join(f"{complaint}\n" for complaint in complaints), end="")
        if complaints:
            failed.append(name)
    if failed:
        return _fail("Failed: " + ", ".join(failed))
    print("All checks passed.")
    return 0


def bench(*names: str) -> int:
    """Run the scripts tests/bench/bench_*.py, or those named; each prints its figures."""
    install("dev")
    scripts = [ROOT / "tests" / "bench" / f"bench_{name}.py" for name in names]
    failed = []
    for script in scripts or sorted((ROOT / "tests" / "bench").glob("bench_*.py")):
        print(f"\n== {script.stem.removeprefix('bench_')}", flush=True)
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        if subprocess.run([PYTHON, str(script)], env=environment, check=False).returncode:
            failed.append(script.name)
    return _fail("Failed: " + ", ".join(failed)) if failed else 0


def lock() -> int:
    """Write requirements/ from pyproject.toml. What is locked stays, unless it no longer fits."""
    uv = shutil.which("uv")
    if uv is None:
        return _fail("Locking needs uv (pip install uv).")
    for name, path in LOCKS.items():
        command = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
        command += ["--no-header", "--no-emit-index-url", "--no-emit-find-links"]
        if name == "dev":
            command += ["--group", "dev", "--constraint", "requirements/runtime.txt"]
        if name == "clients":
            command += ["--python-version", "{}.{}".format(*OLDEST), "requirements/clients.in"]
        else:
            command += ["pyproject.toml"]
        command += ["--output-file", f"requirements/{name}.txt"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        path.write_text(_lock_header(name) + path.read_text())
    return 0


# --- The virtual environment ---------------------------------------------------------------------


def install(name: str) -> None:
    """Have the packages of one lock in .venv, or be the last thing that this run does."""
    if not _installed(name, VENV):
        sys.exit(_fail("The packages could not be installed; pip says why above."))
    if name == "dev":  # its lock holds the other one
        (VENV / "installed-runtime").write_text(_digest(LOCKS["runtime"]))


def install_clients() -> str:
    """Have AWS's own clients in .clients. Say what is missing there, or nothing."""
    CLIENTS.mkdir(exist_ok=True)
    if not _installed("clients", CLIENTS / "python"):
        return "The aws command and Ansible could not be installed."
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed, which the SDK for JavaScript needs."
    folder, wanted = CLIENTS / "javascript", _digest(NODE_LOCK / "package-lock.json")
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    print("Installing the SDK for JavaScript", flush=True)
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE_LOCK / name, folder / name)
    # No package's set-up script runs.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    if subprocess.run(command, cwd=folder, check=False).returncode:
        return "The SDK for JavaScript could not be installed."
    stamp.write_text(wanted)
    return ""


def _installed(name: str, venv: Path) -> bool:
    """Install a lock's packages, unless its stamp says it was done. Whether they are there now."""
    wanted = _digest(LOCKS[name])
    stamp = venv / f"installed-{name}"
    if not _venv_is_ours(venv):
        print(f"Making {venv.relative_to(ROOT)}", flush=True)
        if not _succeeds([_outer_python(), "-m", "venv", "--clear", "--without-pip", str(venv)]):
            sys.exit(_fail(MISSING_VENV))
    elif stamp.exists() and stamp.read_text() == wanted:
        return True
    print(f"Installing requirements/{name}.txt", flush=True)
    command = [*_pip(venv), "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    # Nothing is compiled and no package's set-up script runs.
    command += ["--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS[name])]
    if subprocess.run(command, check=False).returncode:
        return False
    stamp.write_text(wanted)
    return True


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _venv_is_ours(venv: Path) -> bool:
    """Whether it is there and of this Python's version: the system's may have moved on."""
    config = venv / "pyvenv.cfg"
    version = "version = {}.{}.".format(*sys.version_info[:2])
    return (venv / "bin" / "python").exists() and config.exists() and version in config.read_text()


def _outer_python() -> str:
    """This Python; or the one behind it, where a virtual environment is active."""
    if sys.prefix == sys.base_prefix:
        return sys.executable
    return os.path.join(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info[:2]))


def _pip(venv: Path) -> list[str]:
    """A pip that installs there. Making one takes ten times as long as borrowing one."""
    python = str(venv / "bin" / "python")
    inner = [python, "-m", "pip"]
    outer = [_outer_python(), "-m", "pip", "--python", python]
    for command in (inner, outer):
        if _succeeds([*command, "--version"]):
            return command
    if not _succeeds([python, "-m", "ensurepip"]):
        sys.exit(_fail(MISSING_VENV))
    return inner


# --- Checks of our own ---------------------------------------------------------------------------

# Addresses of package indexes, and paths of the machine on which something was written.
TRACES = re.compile(
    r"pypi\.(?:org|python\.org)/|pythonhosted\.[o]rg|registry\.[n]pmjs|(?:extra-)?index[-]url[ =]"
    r"|(?<![\w.:/$}-])/(?:home|opt|root|tmp/\w+|work|Users)/(?!\$)[\w.]+"
)


def traces() -> list[str]:
    """Lines of the repository's files that name a package index or a path of somebody's machine."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, capture_output=True, check=False).stdout.decode()
    found = []
    for name in filter(None, listing.split("\0")):
        try:
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # binary, or deleted and not yet committed
        for number, line in enumerate(lines, 1):
            if match := TRACES.search(line):
                found.append(f"{name}:{number}: {match[0]}")
    return found


def stale_locks() -> list[str]:
    """The locks that were not written from the dependencies that are asked for now."""
    return [
        f"requirements/{name}.txt does not match what it was locked from: make lock"
        for name, path in LOCKS.items()
        if not path.read_text().startswith(_lock_header(name))
    ]


def _lock_header(name: str) -> str:
    if name == "clients":
        return f"# {CLIENTS_IN.name} {_digest(CLIENTS_IN)}\n"
    dependencies = PYPROJECT.read_text().split("\n[tool.", 1)[0]
    return f"# pyproject.toml {hashlib.sha256(dependencies.encode()).hexdigest()}\n"


# --- Running programs ----------------------------------------------------------------------------


def _pytest(arguments: tuple[str, ...], variables: dict[str, str]) -> int:
    workers = min(os.cpu_count() or 1, 8)
    command = [PYTHON, "-m", "pytest", "-n", str(workers), *arguments]
    return subprocess.run(command, env=os.environ | variables, check=False).returncode


def _tool(name: str) -> str:
    return str(VENV / "bin" / name)


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _shout(text: str) -> None:
    line = "!" * len(text)
    print(f"\n{line}\n{text}\n{line}", flush=True)


def _fail(text: str) -> int:
    print(text, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
