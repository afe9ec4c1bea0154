"""The shape of the code, read off its source: who may import whom, and what a module is."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 450

#: Imports inside a function, each with its reason.
LATE_IMPORTS = {
    "manage.py": "Django is imported after the settings' name is known",
    "accounts/apps.py": "models can't be imported before the registry of apps is ready",
    "iamconsole/labs/apps.py": "models can't be imported before the registry of apps is ready",
    "iamconsole/sandbox/apps.py": "models can't be imported before the registry of apps is ready",
    "tests/bench/bench_signin.py": "only the child process that seeds the database needs Django",
}

#: A module imports from the layers before its own, and from its own.
LAYERS = (
    ("accounts.engine", "accounts.errors", "accounts.types", "accounts.ids"),
    ("accounts.models", "accounts.managed_policies"),
    (
        "accounts.arns",
        "accounts.authorize",
        "accounts.caller",
        "accounts.certificates",
        "accounts.context",
        "accounts.encoded_messages",
        "accounts.event_chain",
        "accounts.events",
        "accounts.hashers",
        "accounts.issued_tokens",
        "accounts.paging",
        "accounts.passwords",
        "accounts.policy_sets",
        "accounts.private_keys",
        "accounts.public_keys",
        "accounts.quotas",
        "accounts.saml",
        "accounts.saml_assertions",
        "accounts.saml_encryption",
        "accounts.sessions",
        "accounts.simulation",
        "accounts.spool",
        "accounts.throttle",
        "accounts.totp",
        "accounts.vault",
        "accounts.web_identity",
    ),
    ("accounts.actions", "accounts.checklist", "accounts.signin"),
    ("accounts.apps", "accounts.demo", "accounts.instance", "accounts.management"),
    ("iamconsole.sandbox",),
    ("iamconsole.answers",),
    ("iamconsole.console", "iamconsole.api", "iamconsole.cli"),
    ("iamconsole.labs",),
)
FACES = ("iamconsole.console", "iamconsole.api", "iamconsole.cli")
#: No names of things: what is in such a module, nobody can say.
EMPTY_NAMES = frozenset(
    {"common", "handler", "handlers", "helper", "helpers", "manager", "managers", "misc",
     "service", "services", "util", "utils"}
)  # fmt: skip


def sources() -> list[str]:
    """Every module of the project, by its path; migrations are written by a program."""
    folders = ("accounts", "iamconsole", "tools", "tests")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    paths = [path.relative_to(ROOT).as_posix() for path in found]
    return sorted(path for path in ["manage.py", *paths] if "/migrations/" not in path)


SOURCES = sources()
PRODUCT = [path for path in SOURCES if path.startswith(("accounts/", "iamconsole/"))]


@cache
def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: str) -> ast.Module:
    return ast.parse(text(path))


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def imported(path: str) -> set[str]:
    """The modules a module imports anywhere; for `from a import b` both `a` and `a.b`."""
    package = module_name(path).split(".")
    if not path.endswith("__init__.py"):
        package.pop()
    names = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def importing(start: str, *packages: str) -> list[str]:
    """What modules under a path import from any of the packages, one line each."""
    return [
        f"{path} imports {name}"
        for path in SOURCES
        if path.startswith(start)
        for name in sorted(imported(path))
        if any(within(name, package) for package in packages)
    ]


def layer_of(name: str) -> int | None:
    for number, packages in enumerate(LAYERS):
        if any(within(name, package) for package in packages):
            return number
    return None


def late_imports(path: str) -> Iterator[int]:
    """The lines of imports inside functions."""
    for function in ast.walk(tree(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield node.lineno


def test_a_module_imports_from_its_own_layer_and_those_before():
    wrong = [
        f"{path} imports {name}"
        for path in PRODUCT
        if (own := layer_of(module_name(path))) is not None
        for name in imported(path)
        if (layer := layer_of(name)) is not None and layer > own
    ]
    assert wrong == []


def test_every_module_of_the_domain_stands_in_a_layer():
    domain = [path for path in PRODUCT if path.startswith("accounts/")]
    homeless = [path for path in domain if layer_of(module_name(path)) is None]
    assert homeless == ["accounts/__init__.py"]


def test_the_domain_knows_no_face():
    assert importing("accounts/", "iamconsole") == []


def test_the_faces_do_not_know_each_other():
    for face in FACES:
        others = [other for other in FACES if other != face]
        assert importing(face.replace(".", "/") + "/", *others) == []


def test_the_engine_needs_nothing_but_python():
    wrong = [
        f"{path} imports {name}"
        for path in PRODUCT
        if path.startswith("accounts/engine/")
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and not within(name, "accounts.engine")
    ]
    assert wrong == []


def test_the_words_of_the_domain_need_neither_django_nor_the_tables():
    for path in ("accounts/errors.py", "accounts/types.py", "accounts/ids.py"):
        assert importing(path, "django", "accounts.models") == []


def test_neither_engine_nor_actions_read_the_clock():
    wrong = [
        f"{path}:{node.lineno}"
        for path in PRODUCT
        if path.startswith(("accounts/engine/", "accounts/actions/"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow")
        # `caller.now` is the time that the face read.
        and not (isinstance(node.value, ast.Name) and node.value.id == "caller")
    ]
    assert wrong == []


def test_only_the_backend_imports_sqlite():
    found = importing("", "sqlite3", "pysqlite3")
    assert [line for line in found if not line.startswith(("iamconsole/db/", "tests/db/"))] == []


def test_imports_stand_at_the_top_but_for_those_with_a_reason():
    late = {path for path in SOURCES if any(late_imports(path))}
    assert late == LATE_IMPORTS.keys()


def test_every_module_says_first_what_it_holds():
    silent = [path for path in SOURCES if text(path).strip() and not ast.get_docstring(tree(path))]
    assert silent == []


def test_no_module_is_too_long_to_read():
    long = {path for path in SOURCES if text(path).count("\n") > MOST_LINES}
    assert long == set()


def test_the_name_of_a_module_says_something():
    wrong = [path for path in SOURCES if EMPTY_NAMES & set(module_name(path).split("."))]
    assert wrong == []
