"""The operator's commands as scripts see them: exit codes, one line of complaint, JSON."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts import ids, instance
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
        ((*ENOUGH, "--colour", "red"), "", "--colour"),
        ((*ENOUGH, "--account-id", "123"), "", "12 digits"),
        ((*ENOUGH, "--alias", "Not An Alias"), "", "alias"),
        ((*ENOUGH, "--root-password-stdin"), "short\n", "8 characters"),
        ((*ENOUGH, "--root-password-stdin"), "", "No password"),
        (("createaccount", "--name", "E", "--root-email", "a\nb"), "", "e-mail"),
        (("resetaccount", "999999999999"), "", "no account 999999999999"),
        (("deleteaccount", "999999999999", "--yes"), "", "no account 999999999999"),
        (("recoverroot", "999999999999"), "", "no account 999999999999"),
        (("resetaccount",), "", "account_id"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    installation: Installation, arguments: tuple[str, ...], stdin: str, told: str
):
    run = installation.run(*arguments, "--json" if arguments == ENOUGH else "-v0", stdin=stdin)
    assert run.returncode == 2
    assert run.stdout == ""
    assert told in run.stderr
    assert run.stderr.count("\n") == 1
    assert "Traceback" not in run.stderr


def test_the_doctor_is_content_with_a_new_installation(tmp_path: Path):
    found = Installation(tmp_path)
    assert found.run(*ENOUGH).returncode == 0
    checked = found.run("doctor", "--events")
    assert (checked.returncode, checked.stderr) == (0, "")
    for subject in ("database", "migrations", "keys", "clock", "events", "BASE_URL"):
        assert subject in checked.stdout
    assert "WRONG" not in checked.stdout


def test_the_doctor_names_what_is_wrong_and_exits_with_1(tmp_path: Path):
    found = Installation(tmp_path)
    before = found.run("doctor")
    assert before.returncode == 1
    assert "migrations" in before.stderr
    assert "not applied: accounts.0001_initial" in before.stdout

    assert found.run(*ENOUGH, "--access-key").returncode == 0
    keys = tmp_path / "keys.json"
    keys.chmod(0o644)
    readable = found.run("doctor")
    assert readable.returncode == 1
    assert "wrong: keys" in readable.stderr
    assert "can be read by others (mode 644)" in readable.stdout

    keys.chmod(0o600)
    kept = keys.read_bytes()
    keys.unlink()
    missing = found.run("doctor", "--events")
    assert missing.returncode == 1
    assert "wrong: keys" in missing.stderr
    assert "is missing" in missing.stdout
    assert "BASE_URL" in missing.stdout, "it goes on after what is wrong"
    refused = found.run("listaccounts")
    assert refused.returncode == 1
    assert "is missing" in refused.stderr
    assert not keys.exists()

    other = json.loads(kept)
    other["keys"] = {"k9": other["keys"]["k1"]}
    keys.touch(0o600)
    keys.write_text(json.dumps(other | {"current": "k9"}))
    lost = found.run("doctor")
    assert lost.returncode == 1
    assert "lacks k1" in lost.stdout

    keys.write_bytes(kept)
    with sqlite3.connect(tmp_path / "iamconsole.sqlite3") as database:
        database.execute("UPDATE accounts_event SET outcome = 'denied'")
    database.close()
    forged = found.run("doctor", "--events")
    assert forged.returncode == 1
    assert "event 1 was changed or removed" in forged.stdout


def test_the_doctor_warns_of_passwords_on_an_open_network(tmp_path: Path):
    found = Installation(tmp_path)
    assert found.run(*ENOUGH).returncode == 0
    open_network = found.run("doctor", BASE_URL="http://lab.example:8000")
    assert open_network.returncode == 0
    assert "warning" in open_network.stdout
    assert "warning" not in found.run("doctor", BASE_URL="https://lab.example").stdout


def test_a_variable_that_makes_no_sense_stops_every_command(installation: Installation):
    run = installation.run("listaccounts", "--json", WEB_CONCURRENCY="many")
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr == "WEB_CONCURRENCY is 'many': give a number from 1 to 64.\n"


def test_all_files_of_an_installation_are_their_owners_alone(tmp_path: Path):
    found = Installation(tmp_path / "new")
    assert found.run(*ENOUGH).returncode == 0
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0
    for name in ("keys.json", "secret-key"):
        assert (tmp_path / "new" / name).stat().st_mode & 0o777 == 0o600


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
