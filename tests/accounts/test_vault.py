"""Secrets that come back: in their own place only, with the key file only, after a rotation too."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from accounts import event_chain, instance, vault
from accounts.actions import (
    access_keys,
    keys,
    mfa,
    server_certificates,
    service_credentials,
    users,
)
from accounts.caller import Caller
from accounts.errors import AccessDenied
from accounts.management.commands import rotatekeys
from accounts.models import AccessKey, Account, MFADevice, ServerCertificate, ServiceCredential
from accounts.vault import Unopened
from tests.accounts import pems


@pytest.fixture
def key_path(tmp_path: Path, settings: Any) -> Path:
    """A key file of the test's own."""
    path = tmp_path / "keys" / "keys.json"
    settings.KEY_FILE = path
    vault.create_key_file()
    return path


def sealed_things(root: Caller) -> dict[str, str]:
    """Two keys, a device, a certificate and a credential; their secrets by whose they are."""
    users.create_user(root, user_name="carol")
    secrets = {}
    for _ in range(2):
        made = access_keys.create_access_key(root, user_name="carol")
        secrets[made.key.access_key_id] = made.secret
    device = mfa.create_virtual_mfa_device(root, virtual_mfa_device_name="phone")
    secrets[device.serial_number] = mfa.seed_of(device)
    certificate = server_certificates.upload_server_certificate(
        root,
        server_certificate_name="Web",
        certificate_body=pems.shared().body,
        private_key=pems.shared().key,
    )
    secrets[certificate.unique_id] = pems.shared().key
    given = service_credentials.create_service_specific_credential(
        root, user_name="carol", service_name="codecommit.amazonaws.com"
    )
    secrets[given.credential.credential_id] = given.secret
    return secrets


def opened() -> dict[str, str]:
    """Every stored secret in plain."""
    found = {
        key.access_key_id: vault.unseal(
            key.sealed_secret, vault.key_place(key.account_id, key.access_key_id)
        )
        for key in AccessKey.objects.all()
    }
    for device in MFADevice.objects.all():
        found[device.serial_number] = mfa.seed_of(device)
    for row in ServerCertificate.objects.all():
        place = vault.certificate_key_place(row.account_id, row.unique_id)
        found[row.unique_id] = vault.unseal(row.sealed_key, place)
    for given in ServiceCredential.objects.all():
        place = vault.service_credential_place(given.account_id, given.credential_id)
        found[given.credential_id] = vault.unseal(given.sealed_secret, place)
    return found


# --- Sealing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["", "secret", "\u00e9\u4e00\U0001f511", "x" * 100_000])
def test_what_was_sealed_comes_back(secret: str):
    assert vault.unseal(vault.seal(secret, "here"), "here") == secret


def test_the_same_secret_never_looks_the_same():
    assert vault.seal("secret", "here") != vault.seal("secret", "here")


def test_a_sealed_value_names_its_key_and_nothing_of_the_secret():
    sealed = vault.seal("wJalrXUtnFEMI", "here")
    assert sealed.startswith("v1:k1:")
    assert vault.key_of(sealed) == "k1"
    assert b"wJalrXUtnFEMI" not in base64.b64decode(sealed.split(":")[2])


@pytest.mark.parametrize(
    "elsewhere",
    [
        vault.key_place("444455556666", "AKIA1"),
        vault.key_place("111122223333", "AKIA2"),
        vault.seed_place("111122223333", "AKIA1"),
        vault.session_place("password", "AKIA1"),
        "",
    ],
)
def test_a_sealed_value_opens_in_no_other_place(elsewhere: str):
    sealed = vault.seal("secret", vault.key_place("111122223333", "AKIA1"))
    with pytest.raises(Unopened):
        vault.unseal(sealed, elsewhere)


def test_the_places_of_two_things_are_never_the_same():
    places = {
        vault.key_place("111122223333", "A"),
        vault.seed_place("111122223333", "A"),
        vault.key_place("444455556666", "A"),
        vault.session_place("A", "111122223333"),
        vault.session_place("111122223333", "A"),
    }
    assert len(places) == 5


def test_a_secret_copied_to_another_row_does_not_open(root: Caller):
    sealed_things(root)
    first, second = AccessKey.objects.order_by("pk")
    second.sealed_secret = first.sealed_secret
    with pytest.raises(Unopened):
        vault.unseal(second.sealed_secret, vault.key_place(root.home.id, second.access_key_id))


@pytest.mark.parametrize("place", range(0, 40, 7))
def test_a_changed_byte_is_noticed(place: int):
    head, key_id, body = vault.seal("secret", "here").split(":")
    raw = bytearray(base64.b64decode(body))
    raw[place % len(raw)] ^= 1
    with pytest.raises(Unopened):
        vault.unseal(f"{head}:{key_id}:{base64.b64encode(raw).decode()}", "here")


@pytest.mark.parametrize(
    "sealed",
    ["", "secret", "v1:k1:", "v1:k1:AAAA", "v1:k1:***", "v1:k1:AAAA:x", "v1::AAAA", "v1:k99:AAAA"],
)
def test_what_was_never_sealed_does_not_open(sealed: str):
    with pytest.raises(Unopened):
        vault.unseal(sealed, "here")


def test_another_form_is_not_opened_with_this_one():
    with pytest.raises(Unopened):
        vault.unseal(vault.seal("secret", "here").replace("v1", "v2", 1), "here")


# --- The key file --------------------------------------------------------------------------------


def test_the_key_file_is_its_owners_alone(key_path: Path):
    assert key_path.stat().st_mode & 0o777 == 0o600
    assert key_path.parent.stat().st_mode & 0o777 == 0o700
    vault.add_key()
    assert key_path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in key_path.parent.iterdir()] == ["keys.json"], "no draft is left"


def test_keys_are_256_bits_and_random(key_path: Path):
    first = vault.key_ring()
    assert {len(key) for key in (*first.keys.values(), first.chain)} == {32}
    key_path.unlink()
    vault.create_key_file()
    assert vault.key_ring().keys["k1"] != first.keys["k1"]


def test_a_key_file_that_exists_is_left_alone(key_path: Path):
    before = key_path.read_bytes()
    assert not vault.create_key_file()
    assert key_path.read_bytes() == before


def test_without_the_key_file_nothing_works_and_none_is_made(root: Caller, key_path: Path):
    sealed_things(root)
    key_path.unlink()
    for attempt in (
        lambda: vault.seal("secret", "here"),
        lambda: opened(),
        instance.prepare,
    ):
        with pytest.raises(ImproperlyConfigured, match=r"The key file .* is missing"):
            attempt()
    assert not key_path.exists()


def test_a_new_installation_gets_its_key_file(db: None, key_path: Path):
    key_path.unlink()
    instance.prepare()
    assert key_path.exists()


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"current":"k1","keys":[],"chain":""}'])
def test_a_damaged_key_file_is_named(key_path: Path, text: str):
    key_path.write_text(text)
    with pytest.raises(ImproperlyConfigured, match=r"The key file .* can't be read"):
        vault.key_ring()


def test_a_change_by_another_process_is_seen_at_once(key_path: Path):
    sealed = vault.seal("secret", "here")
    program = (
        "import django, sys; from pathlib import Path; django.setup();"
        "from django.conf import settings; settings.KEY_FILE = Path(sys.argv[1]);"
        "from accounts import vault; vault.add_key()"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(key_path)],
        env={
            "DJANGO_SETTINGS_MODULE": "iamconsole.settings",
            "DATA_DIR": str(key_path.parent.parent),
        },
        cwd=settings.BASE_DIR,
        check=True,
    )
    assert vault.key_of(vault.seal("secret", "here")) == "k2"
    assert vault.unseal(sealed, "here") == "secret"


def test_a_change_within_one_tick_of_the_clock_is_seen(key_path: Path):
    tick = (key_path.stat().st_atime_ns, key_path.stat().st_mtime_ns)
    assert vault.key_ring().current == "k1"
    vault.add_key()
    os.utime(key_path, ns=tick)
    assert vault.key_ring().current == "k2"


def test_keys_added_at_the_same_moment_are_all_kept(key_path: Path):
    threads = [threading.Thread(target=vault.add_key) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ring = vault.key_ring()
    assert sorted(ring.keys) == [f"k{number}" for number in range(1, 8)]
    assert len(set(ring.keys.values())) == 7
    assert ring.current == "k7"


# --- Rotation ------------------------------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch: Any) -> None:
    """A rotation does not wait for writes that may be under way."""
    monkeypatch.setattr(rotatekeys, "_LONGEST_WRITE", 0)


def test_a_rotation_seals_everything_anew_and_forgets_the_old_key(
    root: Caller, key_path: Path, at_once: None, capsys: Any
):
    secrets = sealed_things(root)
    before = {**json.loads(key_path.read_text())["keys"]}
    call_command("rotatekeys", batch=1)
    ring = json.loads(key_path.read_text())
    assert list(ring["keys"]) == ["k2"]
    assert ring["keys"]["k2"] != before["k1"]
    assert keys.in_use() == {"k2"}
    assert opened() == secrets
    assert "5 secrets were encrypted anew; forgotten: k1." in capsys.readouterr().out


def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    root: Caller, key_path: Path, at_once: None
):
    secrets = sealed_things(root)
    vault.add_key()
    assert keys.reseal(instance.operator(), batch=1) == 1
    assert keys.in_use() == {"k1", "k2"}
    assert opened() == secrets, "half way, both keys are there"
    call_command("rotatekeys", resume=True)
    assert list(vault.key_ring().keys) == ["k2"]
    assert opened() == secrets


def test_an_old_key_is_kept_while_anything_is_sealed_with_it(root: Caller, key_path: Path):
    secrets = sealed_things(root)
    vault.add_key()
    vault.add_key()
    assert vault.drop_old_keys(but=keys.in_use()) == ["k2"]
    assert sorted(vault.key_ring().keys) == ["k1", "k3"]
    assert opened() == secrets


def test_a_secret_sealed_while_a_rotation_ends_does_not_lose_its_key(
    root: Caller, key_path: Path, at_once: None, monkeypatch: Any
):
    """Another rotation begins after the last batch of this one: its key is not this one's."""
    secrets = sealed_things(root)
    ask = keys.in_use

    def in_use() -> set[str]:
        found = ask()
        vault.add_key()
        return found

    monkeypatch.setattr(keys, "in_use", in_use)
    call_command("rotatekeys")
    assert opened() == secrets


def test_events_hold_after_a_rotation(root: Caller, key_path: Path, at_once: None):
    sealed_things(root)
    call_command("rotatekeys")
    assert event_chain.broken_link(Account.objects.get()) is None
    assert event_chain.broken_link(None) is None


def test_only_the_operator_seals_anew(root: Caller, admin: Caller):
    for who in (root, admin):
        with pytest.raises(AccessDenied):
            keys.reseal(who)


def test_a_rotation_without_the_key_file_says_so(root: Caller, key_path: Path):
    sealed_things(root)
    key_path.unlink()
    with pytest.raises(CommandError, match=r"key file .* is missing"):
        call_command("rotatekeys")
