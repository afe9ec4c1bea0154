"""The operator's commands as scripts see them: exit codes, one line of complaint, JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import ids, instance, vault
from accounts.actions import users
from accounts.models import AccessKey, Account, Event, Login, User

PASSWORD = "Root-1-password"


@dataclass(frozen=True)
class Installation:
    """An installation in a folder of its own, worked on from outside."""

    folder: Path

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Any:
        """`manage.py ARGUMENTS` in a process of its own."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            input=stdin,
            env={"DATA_DIR": str(self.folder), "PATH": os.environ["PATH"], **environment},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """One installation for the tests that only add to it."""
    return Installation(tmp_path_factory.mktemp("installation"))


def said(command: str, *arguments: str, **options: Any) -> str:
    """What a command prints when it is called from Python."""
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


def create(**changed: Any) -> Any:
    """`createaccount` from Python."""
    wanted = {"name": "Example", "root_email": "root@example.com", "json": True}
    return json.loads(said("createaccount", **(wanted | changed)))


# --- As a script sees them -----------------------------------------------------------------------


def test_a_script_makes_lists_resets_and_deletes_an_account(installation: Installation):
    made = installation.run(
        "createaccount",
        *("--name", "Class 7", "--root-email", "root@seven.example", "--alias", "class-7"),
        *("--account-id", "777788889999", "--root-password-stdin", "--access-key", "--json"),
        stdin=f"{PASSWORD}\n",
    )
    assert (made.returncode, made.stderr) == (0, "")
    answer = json.loads(made.stdout)
    assert set(answer) == {
        "account_id",
        "alias",
        "root_email",
        "access_key_id",
        "secret_access_key",
        "signin_url",
    }
    assert answer["account_id"] == "777788889999"
    assert answer["signin_url"] == "http://localhost:8000/signin/class-7/"
    assert ids.account_of_key(answer["access_key_id"]) == "777788889999"
    assert len(answer["secret_access_key"]) == 40

    listed = installation.run("listaccounts", "--json")
    assert listed.returncode == 0
    shown = {name: answer[name] for name in ("account_id", "alias", "root_email", "signin_url")}
    assert shown in json.loads(listed.stdout)

    reset = installation.run("resetaccount", "777788889999", "--access-key", "--json")
    assert reset.returncode == 0
    again = json.loads(reset.stdout)
    assert again["alias"] == ""
    assert again["access_key_id"] != answer["access_key_id"]
    assert again["signin_url"] == "http://localhost:8000/signin/777788889999/"
    assert "root_password" not in again

    asked = installation.run("deleteaccount", "777788889999")
    assert asked.returncode == 2
    assert asked.stdout == ""
    assert "Class 7 (777788889999)" in asked.stderr
    assert "1 access keys" in asked.stderr
    assert "--yes" in asked.stderr
    assert asked.stderr.count("\n") == 1

    deleted = installation.run("deleteaccount", "7777-8888-9999", "--yes")
    assert deleted.returncode == 0
    left = json.loads(installation.run("listaccounts", "--json").stdout)
    assert "777788889999" not in {one["account_id"] for one in left}


ENOUGH = ("createaccount", "--name", "Example", "--root-email", "root@example.com")


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        (("createaccount",), "", "--name, --root-email"),
        ((*ENOUGH, "--root-password-stdin"), "short\n", "8 characters"),
        (("createaccount", "--name", "E", "--root-email", "a\nb"), "", "a b is no e-mail"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    installation: Installation, arguments: tuple[str, ...], stdin: str, told: str
):
    run = installation.run(*arguments, "--json", stdin=stdin)
    assert run.returncode == 2
    assert run.stdout == ""
    assert told in run.stderr
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        ((*ENOUGH, "--colour", "red"), "", "--colour"),
        ((*ENOUGH, "--account-id", "123"), "", "12 digits"),
        ((*ENOUGH, "--alias", "Not An Alias"), "", "'alias'"),
        ((*ENOUGH, "--root-password-stdin"), "", "No password"),
        ((*ENOUGH, "--root-password-stdin"), "x" * 129, "128"),
        (("resetaccount", "999999999999"), "", "no account 999999999999"),
        (("deleteaccount", "999999999999", "--yes"), "", "no account 999999999999"),
        (("recoverroot", "999999999999"), "", "no account 999999999999"),
        (("resetaccount",), "", "account_id"),
    ],
)
def test_any_mistake_is_one_line_and_nothing_is_made(
    db: None, monkeypatch: Any, arguments: tuple[str, ...], stdin: str, told: str
):
    monkeypatch.setattr("sys.stdin", StringIO(stdin))
    with pytest.raises(CommandError, match=told) as refused:
        call_command(*arguments)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    assert not Account.objects.exists()


# --- The doctor ----------------------------------------------------------------------------------


def examined(**options: Any) -> tuple[str, str]:
    """What the doctor printed, and what was wrong.

    The PostgreSQL that the suite runs on is thrown away afterwards and does without fsync, which
    the doctor rightly calls wrong: that is left out here.
    """
    out, wrong = StringIO(), ""
    try:
        call_command("doctor", stdout=out, **options)
    except CommandError as error:
        wrong = str(error) if error.returncode == 1 else "another exit code"
    if connection.vendor == "postgresql":
        subjects = [each for each in wrong.removeprefix("wrong: ").split(", ") if each]
        subjects.remove("database")
        wrong = f"wrong: {', '.join(subjects)}" if subjects else ""
    return out.getvalue(), wrong


@pytest.fixture
def key_path(tmp_path: Path, settings: Any) -> Path:
    """A key file of the test's own."""
    path = tmp_path / "keys.json"
    settings.KEY_FILE = path
    vault.create_key_file()
    return path


def test_the_doctor_names_what_is_wrong_and_exits_with_1(tmp_path: Path):
    found = Installation(tmp_path)
    before = found.run("doctor")
    assert before.returncode == 1
    assert before.stderr == "CommandError: wrong: migrations\n"
    assert "not applied: accounts.0001_initial" in before.stdout
    assert found.run(*ENOUGH).returncode == 0
    after = found.run("doctor", "--events")
    assert (after.returncode, after.stderr) == (0, "")
    for subject in ("database", "migrations", "keys", "clock", "events", "BASE_URL"):
        assert subject in after.stdout
    assert "WRONG" not in after.stdout
    assert tmp_path.joinpath("keys.json").stat().st_mode & 0o777 == 0o600
    assert tmp_path.joinpath("secret-key").stat().st_mode & 0o777 == 0o600


def test_a_key_file_that_others_can_read_is_wrong(db: None, key_path: Path):
    key_path.chmod(0o644)
    printed, wrong = examined()
    assert wrong == "wrong: keys"
    assert "can be read by others (mode 644); chmod 600 it" in printed


def test_a_key_file_that_is_missing_or_damaged_is_wrong(account: Account, key_path: Path):
    key_path.write_text("{}")
    assert "can't be read" in examined(events=True)[0]
    key_path.unlink()
    printed, wrong = examined(events=True)
    assert wrong == "wrong: keys"
    assert "is missing" in printed
    assert "BASE_URL" in printed, "it goes on after what is wrong"
    with pytest.raises(CommandError, match="is missing"):
        call_command("listaccounts")


def test_a_key_that_is_still_needed_is_missed(db: None, key_path: Path):
    create(access_key=True)
    ring = json.loads(key_path.read_text())
    ring["keys"] = {"k9": ring["keys"]["k1"]}
    key_path.write_text(json.dumps(ring | {"current": "k9"}))
    printed, wrong = examined()
    assert wrong == "wrong: keys"
    assert "lacks k1" in printed


def test_a_forged_event_is_found_where_it_is(db: None, key_path: Path):
    create()
    assert examined(events=True)[1] == ""
    Event.objects.update(outcome="denied")
    printed, wrong = examined(events=True)
    assert wrong == "wrong: events"
    assert "instance: event 1 was changed or removed" in printed
    assert examined()[1] == "", "it is asked for, since it takes long"


def test_a_clock_that_went_back_is_wrong(db: None, key_path: Path):
    create()
    Event.objects.update(time=timezone.now() + timedelta(hours=1))
    assert examined()[1] == "wrong: clock"


def test_passwords_on_an_open_network_are_warned_of(db: None, key_path: Path, settings: Any):
    settings.BASE_URL, settings.BASE_NAME = "http://lab.example:8000", "lab.example"
    printed, wrong = examined()
    assert wrong == ""
    assert "warning  BASE_URL" in printed
    settings.BASE_URL = "https://lab.example"
    assert "warning" not in examined()[0]


# --- From Python ---------------------------------------------------------------------------------


def test_a_generated_root_password_is_printed_once_and_works(db: None):
    made = create()
    assert set(made) == {"account_id", "alias", "root_email", "root_password", "signin_url"}
    assert made["alias"] == ""
    (listed,) = json.loads(said("listaccounts", json=True))
    assert "root_password" not in listed
    assert listed == {name: made[name] for name in listed}


def test_for_people_each_thing_has_a_line(db: None):
    text = said("createaccount", name="Example", root_email="root@example.com", alias="example")
    assert [line.split("  ")[0] for line in text.splitlines()] == [
        "account id",
        "alias",
        "root email",
        "root password",
        "signin url",
    ]
    assert "example" in said("listaccounts")


def test_without_accounts_the_list_is_empty(db: None):
    assert json.loads(said("listaccounts", json=True)) == []
    assert said("listaccounts") == ""


def test_accounts_are_listed_oldest_first(db: None):
    made = [create(root_email=f"root@{n}.example")["account_id"] for n in range(3)]
    listed = [one["account_id"] for one in json.loads(said("listaccounts", json=True))]
    assert listed == made


def test_a_reset_may_be_called_from_python(db: None):
    made = create(access_key=True, alias="example")
    users.create_user(instance.root(Account.objects.get()), user_name="carol")
    answer = json.loads(said("resetaccount", made["account_id"], access_key=True, json=True))
    assert set(answer) == {
        "account_id",
        "alias",
        "root_email",
        "access_key_id",
        "secret_access_key",
        "signin_url",
    }
    assert AccessKey.objects.get().access_key_id == answer["access_key_id"]
    assert not User.objects.exists()
    plain = json.loads(said("resetaccount", made["account_id"], json=True))
    assert "access_key_id" not in plain
    assert not AccessKey.objects.exists()


@pytest.mark.parametrize(
    "taken",
    [{"account_id": "111122223333"}, {"root_email": "ROOT@example.com"}, {"alias": "example"}],
)
def test_what_is_taken_is_refused_in_one_line_and_nothing_is_made(db: None, taken: dict[str, str]):
    create(account_id="111122223333", alias="example")
    fresh = {"account_id": "444455556666", "root_email": "other@example.com", "alias": "other"}
    with pytest.raises(CommandError) as refused:
        create(**(fresh | taken))
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)
    assert Account.objects.count() == Login.objects.count() == 1


def test_without_yes_nothing_is_deleted(db: None):
    made = create()
    with pytest.raises(CommandError) as refused:
        call_command("deleteaccount", made["account_id"])
    assert refused.value.returncode == 2
    assert Account.objects.exists()
    call_command("deleteaccount", made["account_id"], yes=True, stdout=StringIO())
    assert not Account.objects.exists()
    assert not Event.objects.exclude(account=None).exists()
