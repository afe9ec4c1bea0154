"""The pages of objects: the list, one object, its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from accounts.caller import Caller
from iamconsole.sandbox.models import StoredObject
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE
from tests.cast import CallerWith, deny
from tests.console.buckets import (
    CLASSIFIED,
    HOSTILE,
    REPORTS,
    address,
    bucket,
    on_reports,
    packed,
    put,
)
from tests.console.reading import queries_of, tag_rows, text_of

SignIn = Callable[..., Client]


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def links_of(page: Any) -> list[tuple[str, str]]:
    """Address and name of each row of the list."""
    rows = re.findall(
        r'<th scope="row" class="object-name"><a href="([^"]*)">.*?<span>(.*?)</span>',
        page.content.decode(),
        re.S,
    )
    return [(unescape(url), unescape(name)) for url, name in rows]


def names_of(page: Any) -> list[str]:
    return [name for _url, name in links_of(page)]


# --- The list -------------------------------------------------------------------------------------


def test_keys_are_shown_as_folders_and_objects(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    for key in ("2026/november/a.pdf", "2026/readme.txt", "z.csv", "2025/"):
        put(admin, key)
    browser = sign_in(admin)
    page = browser.get(address("s3-bucket"))
    assert names_of(page) == ["2025/", "2026/", "z.csv"]
    assert "csv" in text_of(page)
    page = browser.get(links_of(page)[1][0])
    assert names_of(page) == ["november/", "readme.txt"]
    assert "<h1" in page.content.decode()
    assert '<span aria-current="page">2026/</span>' in page.content.decode()
    assert names_of(browser.get(links_of(page)[0][0])) == ["a.pdf"]


def test_a_folder_that_was_made_empty_does_not_hold_itself(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    put(admin, "2025/", b"")
    page = sign_in(admin).get(address("s3-bucket", prefix="2025/"))
    assert names_of(page) == []
    assert "You don't have any objects" in text_of(page)


def test_the_list_is_found_by_the_beginning_of_names(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    for key in ("a/reports.pdf", "a/notes.txt", "reports.pdf"):
        put(admin, key)
    browser = sign_in(admin)
    page = browser.get(address("s3-bucket", prefix="a/", search="rep"))
    assert names_of(page) == ["reports.pdf"]
    assert "No matches" in text_of(browser.get(address("s3-bucket", search="xyz")))


def test_the_list_goes_on_page_by_page(
    sign_in: SignIn, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iamconsole.console.s3.listing.PAGE_SIZE", 3)
    bucket(admin)
    for number in range(7):
        put(admin, f"{number}.txt", b"")
    browser, url, seen = sign_in(admin), address("s3-bucket"), []
    for _page in range(3):
        page = browser.get(url)
        seen += names_of(page)
        found = re.search(r'<a href="([^"]*)">Next page', page.content.decode())
        url = address("s3-bucket") + unescape(found[1]) if found else ""
    assert seen == [f"{number}.txt" for number in range(7)]
    assert not url
    assert "First page" in text_of(page)


def test_a_place_in_the_list_that_makes_no_sense_is_no_failure(
    sign_in: SignIn, admin: Caller
) -> None:
    bucket(admin)
    page = sign_in(admin).get(address("s3-bucket", after="nonsense"))
    assert page.status_code == 200


def test_the_refusal_to_list_is_in_s3s_words_and_the_upload_stays_possible(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    bucket(root, CLASSIFIED)
    browser = sign_in(caller_with(on_reports("s3:ListBucket")))
    page = browser.get(address("s3-bucket", CLASSIFIED))
    said = text_of(page)
    assert "Insufficient permissions to list objects" in said
    assert "to allow the s3:ListBucket action, refresh this page" in said
    assert f'href="{address("s3-upload", CLASSIFIED)}"' in page.content.decode()


def test_the_list_takes_the_same_queries_however_full_its_folders_are(
    sign_in: SignIn, admin: Caller
) -> None:
    bucket(admin)
    for number in range(30):
        put(admin, f"2026/{number}.txt", b"")
    put(admin, "z.txt")
    browser = sign_in(admin)
    few = queries_of(browser, address("s3-bucket"))
    for number in range(30, 100):
        put(admin, f"2026/{number}.txt", b"")
    assert queries_of(browser, address("s3-bucket")) == few < 12


# --- Keys of all sorts ----------------------------------------------------------------------------


@pytest.mark.parametrize("key", HOSTILE)
def test_a_hostile_key_is_listed_opened_downloaded_and_deleted(
    sign_in: SignIn, admin: Caller, key: str
) -> None:
    bucket(admin)
    put(admin, key, b"its bytes")
    put(admin, "another")
    browser = sign_in(admin)
    # Through every folder that its slashes make, by the links of the pages.
    page, folder = browser.get(address("s3-bucket")), ""
    while "/" in key.removeprefix(folder).removesuffix("/") or key.startswith("//"):
        here = key.removeprefix(folder).partition("/")[0] + "/"
        if not key.removeprefix(folder + here):
            break
        folder += here
        (url,) = [url for url, _name in links_of(page) if prefix_of(url) == folder]
        page = browser.get(url)
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()
    assert "<img" not in page.content.decode().partition("<main")[2]
    page = browser.get(address("s3-object", key=key))
    assert page.status_code == 200
    assert "9\xa0bytes" in page.content.decode()
    assert "<script>alert" not in page.content.decode()
    answer = browser.get(address("s3-download", key=key))
    assert content_of(answer) == b"its bytes"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    sent = {"object": packed(key), "confirmation": "permanently delete"}
    browser.post(address("s3-delete-objects"), sent)
    assert list(StoredObject.objects.values_list("key", flat=True)) == ["another"]


def prefix_of(url: str) -> str:
    return parse_qs(urlsplit(url).query).get("prefix", [""])[0]


def test_control_characters_of_a_name_are_written_out(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    put(admin, "a\r\nb\u202etxt.exe")
    assert names_of(sign_in(admin).get(address("s3-bucket"))) == [r"a\u000d\u000ab\u202etxt.exe"]


@pytest.mark.parametrize("key", ["a\0b", "k" * 1025, "\ud800"])
def test_what_can_be_no_key_is_an_expected_failure(
    sign_in: SignIn, admin: Caller, key: str
) -> None:
    bucket(admin)
    browser = sign_in(admin)
    query = {"key": key.encode("utf-8", "surrogatepass")}
    for view in ("s3-object", "s3-download", "s3-object-edit-tags"):
        assert browser.get(address(view), query).status_code in (400, 404), view
    for view in ("s3-bucket", "s3-upload", "s3-create-folder"):
        assert browser.get(address(view), {"prefix": query["key"]}).status_code in (200, 400), view


# --- One object -----------------------------------------------------------------------------------


def test_the_page_of_an_object_tells_what_s3_knows(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    made = put(admin, "2026/november.pdf", b"x" * 2048)
    made.metadata, made.headers = {"author": "sita"}, {"cache-control": "no-cache"}
    made.save()
    said = text_of(sign_in(admin).get(address("s3-object", key="2026/november.pdf")))
    for fact in (
        "2.0\xa0KB",
        made.etag,
        "s3://final-friday-reports/2026/november.pdf",
        "arn:aws:s3:::final-friday-reports/2026/november.pdf",
        "x-amz-meta-author",
        "sita",
        "cache-control",
        "No tags",
    ):
        assert fact.replace("\xa0", " ") in said.replace("\xa0", " ")


def test_an_object_that_is_not_there_is_told_to_who_may_list_only(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    url = address("s3-object", key="nothing.pdf")
    lister = sign_in(caller_with(on_reports("s3:ListBucket", "s3:GetObject"), name="lister"))
    assert lister.get(url).status_code == 404
    assert lister.get(address("s3-object", key="no\0key")).status_code == 400
    getter = sign_in(caller_with(on_reports("s3:GetObject"), name="getter"))
    page = getter.get(url)
    assert page.status_code == 200
    assert "You don't have permission to get object details" in text_of(page)
    assert getter.get(address("s3-download", key="nothing.pdf")).status_code == 403


def test_the_panels_of_an_object_are_refused_one_by_one(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    put(root, "november.pdf")
    browser = sign_in(caller_with(on_reports("s3:ListBucket", "s3:GetObject")))
    said = text_of(browser.get(address("s3-object", key="november.pdf")))
    assert "You don't have permission to get object tags" in said
    assert "You don't have permission to get object details" not in said
    assert "You need s3:DeleteObject." in said
    assert "You need s3:PutObjectTagging." in said


def test_an_objects_tags_are_edited(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    put(admin, "a b.pdf")
    browser = sign_in(admin)
    url = address("s3-object-edit-tags", key="a b.pdf")
    answer = browser.post(url, tag_rows(("class", "secret")))
    assert answer.headers["Location"] == address("s3-object", key="a b.pdf")
    assert StoredObject.objects.get().tags == {"class": "secret"}
    many = [(f"key-{number}", "") for number in range(11)]
    answer = browser.post(url, tag_rows(*many))
    assert answer.status_code == 422
    assert "Tags cannot be greater than 10" in text_of(answer)
    browser.post(url, tag_rows(("", "")))
    assert StoredObject.objects.get().tags == {}


@pytest.mark.parametrize("view", ["s3-object", "s3-download", "s3-object-edit-tags"])
def test_a_page_about_no_object_leads_back_to_the_list(
    sign_in: SignIn, admin: Caller, view: str
) -> None:
    bucket(admin)
    browser = sign_in(admin)
    for query in ({}, {"folder": "2026/"}):
        answer = browser.get(address(view), query)
        assert answer.headers["Location"] == address("s3-bucket")
    assert "Select an object first" in text_of(browser.get(address("s3-bucket")))


# --- Downloading ----------------------------------------------------------------------------------


def test_a_download_is_a_file_that_no_browser_runs(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    made = put(admin, "2026/<b>žluť & co.html", b"<script>alert(1)</script>")
    made.content_type = "text/html"
    made.save()
    answer = sign_in(admin).get(address("s3-download", key=made.key))
    assert content_of(answer) == b"<script>alert(1)</script>"
    sent = answer.headers
    assert sent["Content-Disposition"] == (
        "attachment; filename*=utf-8''%3Cb%3E%C5%BElu%C5%A5%20%26%20co.html"
    )
    assert sent["Content-Type"] == "text/html"
    assert sent["Content-Length"] == "25"
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sent["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("told", ["text/html; charset=x", "nonsense", "a/b\tc", "ř/ř", ""])
def test_a_content_type_that_is_more_than_a_type_is_not_handed_on(
    sign_in: SignIn, admin: Caller, told: str
) -> None:
    bucket(admin)
    made = put(admin, "a")
    StoredObject.objects.filter(pk=made.pk).update(content_type=told)
    answer = sign_in(admin).get(address("s3-download", key="a"))
    assert answer.headers["Content-Type"] == DEFAULT_TYPE


def test_the_list_downloads_what_is_ticked(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    put(admin, "a\nb.txt", b"odd")
    browser = sign_in(admin)
    page = browser.get(address("s3-bucket")).content.decode()
    assert f'formmethod="get" formaction="{address("s3-download")}"' in page
    answer = browser.get(address("s3-download"), {"object": packed("a\nb.txt")})
    assert content_of(answer) == b"odd"


def test_a_refused_download_is_explained(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    put(root, "november.pdf")
    secret = deny("s3:GetObject", on=f"arn:aws:s3:::{REPORTS}/november.pdf")
    browser = sign_in(caller_with(on_reports("s3:*"), secret))
    answer = browser.get(address("s3-download", key="november.pdf"))
    said = text_of(answer)
    assert answer.status_code == 403
    assert "s3:GetObject" in said
    assert "with an explicit deny in an identity-based policy" in said
    page = text_of(browser.get(address("s3-object", key="november.pdf")))
    assert "You need s3:GetObject." in page
