"""The operator's variables: what each is without being set, and what makes no sense."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from iamconsole import environment

REPOSITORY = Path("/repository")
VARIABLES = (
    "HOST",
    "PORT",
    "BASE_URL",
    "DATA_DIR",
    "DATABASE_URL",
    "WEB_CONCURRENCY",
    "TRUSTED_PROXY",
    "SANDBOX_MIB",
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable is set."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_without_variables_it_is_this_machine_alone():
    found = environment.read(REPOSITORY)
    assert (found.host, found.port, found.base_url) == ("127.0.0.1", 8000, "http://localhost:8000")
    assert found.data_dir == REPOSITORY / "data"
    assert found.workers == 2
    assert found.trusted_proxies == ()
    assert not found.secure
    assert found.secure_cookies, "browsers take Secure cookies on localhost"


def test_links_follow_the_port(monkeypatch):
    monkeypatch.setenv("PORT", "8123")
    assert environment.read(REPOSITORY).base_url == "http://localhost:8123"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
    assert environment.read(REPOSITORY).port == 8000


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://iam.example.org", "https://iam.example.org"),
        ("https://iam.example.org/", "https://iam.example.org"),
        ("HTTPS://IAM.Example.org", "https://iam.example.org"),
        ("https://iam.example.org:443", "https://iam.example.org"),
        ("http://lab.local:80", "http://lab.local"),
        ("http://lab.local:8080", "http://lab.local:8080"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_base_url_is_kept_as_browsers_spell_it(monkeypatch, given, kept):
    monkeypatch.setenv("BASE_URL", given)
    found = environment.read(REPOSITORY)
    assert found.base_url == kept
    assert found.secure == kept.startswith("https")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "8000.0"),
        ("PORT", "\uff18\uff10\uff10\uff10"),
        ("PORT", "9" * 5000),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "-2"),
        ("WEB_CONCURRENCY", "many"),
        ("SANDBOX_MIB", "0"),
        ("SANDBOX_MIB", "2 GiB"),
        ("BASE_URL", "localhost:8000"),
        ("BASE_URL", "ftp://localhost"),
        ("BASE_URL", "https://"),
        ("BASE_URL", "http://localhost:8000/console"),
        ("BASE_URL", "http://localhost?x=1"),
        ("BASE_URL", "http://somebody:secret@localhost"),
        ("BASE_URL", "http://localhost:99999"),
        ("BASE_URL", "http://[::1"),
        ("BASE_URL", "http://local host"),
        ("HOST", "http://0.0.0.0"),
        ("HOST", "two words"),
        ("TRUSTED_PROXY", "the-proxy"),
        ("TRUSTED_PROXY", "10.0.0.0/33"),
        ("TRUSTED_PROXY", "10.0.0.1, nobody"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"^{name} "):
        environment.read(REPOSITORY)


def test_proxies_are_networks(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXY", "127.0.0.1, 10.1.2.3/8 , fd00::/8,")
    found = environment.read(REPOSITORY).trusted_proxies
    assert [str(network) for network in found] == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]


def test_database_url_is_taken_apart():
    found = environment.postgresql("postgresql://ann:p%40ss@db.example:5433/iam?sslmode=require")
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("iam", "ann", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:tell-no-one@db/iam",
        "postgresql://ann:tell-no-one@db",
        "postgresql://ann:tell-no-one@db:port/iam",
        "postgresql://ann:tell-no-one@[db/iam",
        "iam.sqlite3",
    ],
)
def test_a_database_url_that_makes_no_sense_is_named_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL ") as refused:
        environment.postgresql(url)
    assert "tell-no-one" not in str(refused.value)


def test_the_secret_key_is_made_once_and_for_its_owner_only(tmp_path):
    folder = tmp_path / "new"
    key = environment.secret_key(folder)
    assert len(key) >= 64
    assert environment.secret_key(folder) == key
    path = folder / "secret-key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in folder.iterdir()] == ["secret-key"], "no draft is left"


def test_two_first_starts_agree_on_the_secret_key(tmp_path):
    program = (
        "import sys; from pathlib import Path; from iamconsole import environment;"
        "print(environment.secret_key(Path(sys.argv[1])))"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "new")],
            stdout=subprocess.PIPE,
            text=True,
            cwd=settings.BASE_DIR,
        )
        for _ in range(4)
    ]
    assert len({start.communicate()[0] for start in starts}) == 1


def test_a_data_dir_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ImproperlyConfigured, match=r"^DATA_DIR .* can't be used"):
        environment.secret_key(tmp_path / "file")


def test_a_command_says_in_one_line_which_variable_is_wrong():
    run = subprocess.run(
        [sys.executable, "manage.py", "listaccounts"],
        env={"PATH": "", "BASE_URL": "nonsense"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("BASE_URL is 'nonsense'")
    assert run.stderr.count("\n") == 1
