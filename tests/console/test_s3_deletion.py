"""Deleting objects and emptying buckets: reviewed, typed, and done slice by slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.caller import Caller
from iamconsole.console.s3 import deletion
from tests.cast import CallerWith, deny
from tests.console.buckets import REPORTS, address, bucket, keys_in, on_reports, packed, put
from tests.console.reading import text_of

SignIn = Callable[..., Client]
WORDS = {"confirmation": "permanently delete"}


@pytest.fixture
def one_batch_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a request have the time for three keys only."""
    monkeypatch.setattr(deletion, "SLICE", -1)
    monkeypatch.setattr(deletion, "BATCH", 3)


def go_on(browser: Client, url: str, answer: Any) -> tuple[Any, int]:
    """Press Continue until there is nothing to continue; the last answer, and how many there were.

    The form is read by its parts, as a browser would send it.
    """
    pressed = 0
    while "data-continue" in answer.content.decode():
        form: dict[str, list[str]] = {}
        for name, value in answer.context["sweep"].carried:
            form.setdefault(name, []).append(value)
        answer = browser.post(url, form)
        pressed += 1
    return answer, pressed


def test_what_was_ticked_is_reviewed_before_anything_is_deleted(
    sign_in: SignIn, admin: Caller
) -> None:
    bucket(admin)
    put(admin, "a.txt")
    put(admin, "2026/b.txt")
    browser = sign_in(admin)
    url = address("s3-delete-objects")
    ticked = {"object": ["a.txt"], "folder": ["2026/"]}
    page = browser.post(url, ticked)
    assert page.status_code == 200
    assert "2026/" in text_of(page)
    assert "permanently delete" in text_of(page)
    assert browser.post(url, ticked | {"confirmation": "delete"}).status_code == 422
    assert keys_in() == ["2026/b.txt", "a.txt"]
    answer = browser.post(url, ticked | WORDS)
    assert answer.headers["Location"] == address("s3-bucket")
    assert keys_in() == []
    assert "Successfully deleted 2 objects." in text_of(browser.get(address("s3-bucket")))


def test_the_lists_form_leads_to_the_review(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    put(admin, "2026/a.txt")
    page = sign_in(admin).get(address("s3-bucket", prefix="2026/")).content.decode()
    url = address("s3-delete-objects", prefix="2026/")
    assert f'<form class="actions" id="bulk" method="post" action="{url}">' in page


def test_only_what_was_ticked_is_deleted(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    for key in ("a", "a/b", "ab", "a%2Fb", "A"):
        put(admin, key)
    browser = sign_in(admin)
    browser.post(address("s3-delete-objects"), {"object": packed("a%2Fb")} | WORDS)
    assert keys_in() == ["A", "a", "a/b", "ab"]
    browser.post(address("s3-delete-objects"), {"folder": "a/"} | WORDS)
    assert keys_in() == ["A", "a", "ab"]


def test_nothing_ticked_is_told(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    url = address("s3-delete-objects", prefix="x/")
    for answer in (browser.get(url), browser.post(url)):
        assert answer.headers["Location"] == address("s3-bucket", prefix="x/")


def test_a_long_deletion_goes_on_slice_by_slice(
    sign_in: SignIn, admin: Caller, one_batch_a_request: None
) -> None:
    bucket(admin)
    for number in range(8):
        put(admin, f"folder/{number}\n.txt", b"")
    for key in ("x", "y\r\n", "z", "kept"):
        put(admin, key, b"")
    browser = sign_in(admin)
    url = address("s3-delete-objects")
    sent = {"object": ["x", packed("y\r\n"), "z"], "folder": ["folder/"]}
    answer, pressed = go_on(browser, url, browser.post(url, sent | WORDS))
    assert pressed == 3
    assert answer.headers["Location"] == address("s3-bucket")
    assert keys_in() == ["kept"]
    assert "Successfully deleted 11 objects." in text_of(browser.get(address("s3-bucket")))


def test_what_may_not_be_deleted_is_told_one_by_one(
    sign_in: SignIn, root: Caller, caller_with: CallerWith, one_batch_a_request: None
) -> None:
    bucket(root)
    for number in range(7):
        put(root, f"{number}", b"")
    kept = deny("s3:DeleteObject", on=f"arn:aws:s3:::{REPORTS}/3")
    browser = sign_in(caller_with(on_reports("s3:*"), kept))
    url = address("s3-empty-bucket")
    answer, _pressed = go_on(browser, url, browser.post(url, WORDS))
    said = text_of(answer)
    assert answer.status_code == 409
    assert "6 deleted, 1 failed" in said
    assert "Access Denied" in said or "not authorized" in said
    assert keys_in() == ["3"]


def test_a_folder_that_may_not_be_listed_is_not_deleted(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    put(root, "2026/a")
    browser = sign_in(caller_with(on_reports("s3:DeleteObject")))
    answer = browser.post(address("s3-delete-objects"), {"folder": "2026/"} | WORDS)
    assert answer.status_code == 409
    assert "s3:ListBucket" in text_of(answer)
    assert keys_in() == ["2026/a"]


def test_who_may_delete_nothing_sees_dead_buttons_and_is_refused(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    put(root, "a")
    browser = sign_in(caller_with(on_reports("s3:ListBucket")))
    assert "You need s3:DeleteObject." in text_of(browser.get(address("s3-bucket")))
    for view, sent in (("s3-delete-objects", {"object": "a"}), ("s3-empty-bucket", {})):
        page = browser.post(address(view), sent)
        assert "You need s3:DeleteObject." in text_of(page)
        assert browser.post(address(view), sent | WORDS).status_code == 409
    assert keys_in() == ["a"]


def test_a_bucket_is_emptied_of_all_its_folders(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    for key in ("a", "b/c", "b/", "//"):
        put(admin, key, b"")
    browser = sign_in(admin)
    assert "All objects in" in text_of(browser.get(address("s3-empty-bucket")))
    assert browser.post(address("s3-empty-bucket"), {"confirmation": "x"}).status_code == 422
    assert len(keys_in()) == 4
    browser.post(address("s3-empty-bucket"), WORDS)
    assert keys_in() == []


@pytest.mark.parametrize(
    "sent",
    [
        {"object": "%FF%FE"},
        {"object": "%00"},
        {"object": "k" * 2000},
        {"folder": "%00"},
        {"object": "a", "after": "%00", "deleted": "-1", "refused": "x", "failed": "1"},
        {"folder": "", "after": "%00", "deleted": "0"},
        {"object": ["a"] * 900, "deleted": "99999999999999999999"},
    ],
)
def test_a_form_that_no_page_made_is_no_failure(
    sign_in: SignIn, admin: Caller, sent: dict[str, Any]
) -> None:
    bucket(admin)
    answer = sign_in(admin).post(address("s3-delete-objects"), sent | WORDS)
    assert answer.status_code in (200, 302, 409)


def test_another_accounts_objects_stay(sign_in: SignIn, admin: Caller, eve: Caller) -> None:
    bucket(admin)
    put(admin, "a")
    browser = sign_in(eve)
    for view in ("s3-delete-objects", "s3-empty-bucket"):
        answer = browser.post(address(view), {"object": "a", "folder": ""} | WORDS)
        assert answer.status_code == 409
        assert "Access Denied" in text_of(answer)
    assert keys_in() == ["a"]
