"""The way back for a root user who forgot the password: the operator's recovery link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import caller as callers
from accounts.actions import root as root_actions
from accounts.models import Event
from tests.console.browsers import (
    DASHBOARD,
    NEW,
    PASSWORD,
    field_errors,
    give_device,
    give_password,
    is_in,
    new_browser,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(root):
    """A recovery link of the root user, made just now."""
    give_password(root)
    operator = callers.operator(root.home, now=timezone.now(), request_id="of-recovery")
    return f"/session/recover/{root_actions.create_recovery_link(operator)}/"


def recover(browser: Client, link: str, new: str = NEW, again: str = NEW):
    return browser.post(link, {"new_password": new, "retyped": again})


def root_signs_in(browser: Client, password: str):
    return browser.post(
        "/session/root/password/", {"email": "root@example.com", "password": password}
    )


def test_a_recovery_link_sets_the_root_password_once(root, link, client):
    before = signed_in(root)
    shown = client.get(link)
    assert "root@example.com" in shown.content.decode()
    assert shown["Referrer-Policy"] == "strict-origin"
    assert recover(client, link)["Location"] == "/session/root/"
    assert "was changed" in client.get("/session/root/").content.decode()
    assert not is_in(before)
    assert root_signs_in(new_browser(), PASSWORD).status_code == 422
    assert root_signs_in(new_browser(), NEW)["Location"] == DASHBOARD
    for answer in (client.get(link), recover(client, link, "Another-one-9", "Another-one-9")):
        assert answer.status_code == 404
        assert answer["Referrer-Policy"] == "strict-origin"
    assert root_signs_in(new_browser(), NEW).status_code == 302
    event = Event.objects.get(action="root:RecoverPassword", outcome="success")
    assert NEW not in str(event.parameters)
    assert link.split("/")[-2] not in str(event.parameters)


def test_a_recovery_link_does_not_remove_mfa(root, link, client):
    give_device(root)
    recover(client, link)
    assert root_signs_in(client, NEW)["Location"] == "/session/mfa/"
    assert not is_in(client)


def test_a_recovery_link_dies_after_fifteen_minutes(link, client, monkeypatch):
    later = timezone.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert client.get(link).status_code == 404
    assert recover(client, link).status_code == 404
    monkeypatch.undo()
    assert root_signs_in(client, PASSWORD).status_code == 302


def test_a_recovery_link_holds_the_new_password_to_the_rules(link, client):
    for new, again, words in (
        ("short", "short", "Between 8 and 128"),
        (NEW, "other", "not the same"),
        ("root@example.com", "root@example.com", "Not the same as the account"),
    ):
        answer = recover(client, link, new, again)
        assert answer.status_code == 422
        errors = field_errors(answer)
        assert words in errors
    assert recover(client, link).status_code == 302


@pytest.mark.parametrize("token", ["x", "%00", "é", "a" * 3000])
def test_an_invented_recovery_link_leads_nowhere(db, client, token):
    assert client.get(f"/session/recover/{token}/").status_code == 404
