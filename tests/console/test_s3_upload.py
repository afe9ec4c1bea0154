"""Putting files and folders into a bucket, and who may send how much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.test import Client

from accounts.caller import Caller
from iamconsole.sandbox import s3_limits
from iamconsole.sandbox.models import StoredObject
from iamconsole.sandbox.s3_objects import DEFAULT_TYPE
from tests.cast import CallerWith
from tests.console.browsers import new_browser
from tests.console.buckets import REPORTS, address, bucket, file, keys_in, on_reports, put
from tests.console.reading import text_of

SignIn = Callable[..., Client]
MIB = 1024 * 1024


def upload(browser: Client, *files: Any, **query: str) -> Any:
    """Send the page's form with these files."""
    return browser.post(address("s3-upload", **query), {"files": list(files)})


# --- Files ----------------------------------------------------------------------------------------


def test_files_go_where_the_address_says(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    answer = upload(sign_in(admin), file("a.pdf"), file("b c.pdf", b"bye"), prefix="2026/")
    said = text_of(answer)
    assert answer.status_code == 200
    assert "Upload succeeded" in said
    assert "2 files, 8" in said
    assert "Access Denied" not in said
    assert keys_in() == ["2026/a.pdf", "2026/b c.pdf"]
    made = StoredObject.objects.get(key="2026/a.pdf")
    assert (made.size, made.content_type) == (5, "application/pdf")


def test_a_refused_upload_is_attempted_and_fails_file_by_file(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    """As in the seed: there is no dead button, the attempt is made."""
    bucket(root)
    browser = sign_in(caller_with(on_reports("s3:ListBucket", "s3:GetObject")))
    page = browser.get(address("s3-upload"))
    assert "You need s3:PutObject" in text_of(page)
    assert 'aria-disabled="true">Upload' not in page.content.decode()
    answer = upload(browser, file("a.pdf"), file("b.pdf"))
    said = text_of(answer)
    assert answer.status_code == 403
    assert "Upload failed" in said
    assert "0 files, 0" in said
    assert "2 files, 10" in said
    assert said.count("Access Denied") == 2
    assert said.count("Explain why") == 2
    assert keys_in() == []


def test_one_refused_file_keeps_none_of_the_others_out(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    only_pdf = on_reports("s3:PutObject") | {"Resource": f"arn:aws:s3:::{REPORTS}/*.pdf"}
    browser = sign_in(caller_with(only_pdf))
    assert "You need s3:PutObject" not in text_of(browser.get(address("s3-upload")))
    answer = upload(browser, file("a.txt"), file("b.pdf"))
    assert answer.status_code == 200
    assert "Upload failed" in text_of(answer)
    assert keys_in() == ["b.pdf"]


def test_a_file_that_is_too_large_says_so(
    sign_in: SignIn, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_limits, "OBJECT_BYTES", 10)
    bucket(admin)
    answer = upload(sign_in(admin), file("a.pdf", b"x" * 11))
    assert answer.status_code == 400
    assert "exceeds the maximum allowed size" in text_of(answer)
    assert keys_in() == []


def test_sixteen_mebibytes_arrive_by_way_of_the_disk(
    sign_in: SignIn, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket(admin)
    seen: list[type] = []
    monkeypatch.setattr(
        "iamconsole.console.s3.uploading.put_object",
        lambda *_, body, **__: seen.append(type(body)),
    )
    answer = upload(sign_in(admin), file("a.bin", b"x" * 16 * MIB))
    assert answer.status_code == 200
    assert seen == [TemporaryUploadedFile]


def test_nothing_chosen_is_told(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    answer = sign_in(admin).post(address("s3-upload"), {})
    assert answer.status_code == 422
    assert "Choose at least one file." in text_of(answer)


def test_the_limits_are_told_before(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    said = text_of(sign_in(admin).get(address("s3-upload"))).replace("\xa0", " ")
    assert "Up to 16.0 MB each, and 64.0 MB in all buckets of an account together." in said


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("../../up.txt", "up.txt"),
        (r"C:\temp\w.txt", "w.txt"),
        ("<script>.html", "<script>.html"),
        ("a\u202eb.txt", None),
        ("žluť.txt", "žluť.txt"),
    ],
)
def test_a_files_name_is_never_a_path(
    sign_in: SignIn, admin: Caller, name: str, key: str | None
) -> None:
    bucket(admin)
    answer = upload(sign_in(admin), file(name))
    assert answer.status_code == 200
    assert "<script>." not in answer.content.decode()
    (made,) = keys_in()
    assert key is None or made == key
    assert "/" not in made


def test_a_type_that_no_header_holds_is_replaced(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    odd = file("a.bin")
    odd.content_type = "x/" + "y" * 300
    upload(sign_in(admin), odd)
    assert StoredObject.objects.get().content_type == DEFAULT_TYPE


def test_more_files_than_a_form_may_have_is_an_expected_failure(
    sign_in: SignIn, admin: Caller
) -> None:
    bucket(admin)
    answer = upload(sign_in(admin), *(file(f"{number}.txt") for number in range(101)))
    assert answer.status_code == 400
    assert keys_in() == []


# --- Who may send how much ------------------------------------------------------------------------


def sent(browser: Client, url: str, length: int) -> int:
    """The status of the answer to a form that says it is so long; nobody reads its body."""
    kind = "multipart/form-data; boundary=x"
    return browser.post(url, b"", content_type=kind, CONTENT_LENGTH=str(length)).status_code


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Fails the test where a body was read."""
    read: list[str] = []

    def parse(self: object) -> tuple[dict[str, str], dict[str, str]]:
        read.append("read")
        return {}, {}

    monkeypatch.setattr("django.http.multipartparser.MultiPartParser.parse", parse)
    yield read
    assert read == []


def test_only_who_is_signed_in_may_send_more_than_other_pages_take(
    db: None, unread: list[str]
) -> None:
    assert sent(new_browser(), address("s3-upload"), settings.LARGEST_BODY + 1) == 413


@pytest.mark.parametrize("view", ["s3-create-folder", "s3-bucket-edit-tags", "s3-delete-objects"])
def test_only_the_upload_takes_more_than_other_pages(
    sign_in: SignIn, admin: Caller, unread: list[str], view: str
) -> None:
    bucket(admin)
    assert sent(sign_in(admin), address(view), settings.LARGEST_BODY + 1) == 413


@pytest.mark.parametrize(
    "url",
    [
        "/console/s3/buckets/a/b/upload/",
        "/console/s3/buckets//upload/",
        "/console/s3/buckets/a/upload/x",
        "/x/console/s3/buckets/a/upload/",
        "/console/iam/users/upload/",
    ],
)
def test_what_only_looks_like_the_upload_does_not(
    sign_in: SignIn, admin: Caller, unread: list[str], url: str
) -> None:
    assert sent(sign_in(admin), url, settings.LARGEST_BODY + 1) == 413


def test_the_upload_has_its_limit_too(sign_in: SignIn, admin: Caller, unread: list[str]) -> None:
    bucket(admin)
    browser = sign_in(admin)
    assert sent(browser, address("s3-upload"), settings.LARGEST_UPLOAD + 1) == 413


def test_the_upload_takes_more_than_other_pages(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    assert sent(browser, address("s3-upload"), settings.LARGEST_BODY + 1) != 413


def test_a_forged_upload_is_refused(admin: Caller, sign_in: SignIn) -> None:
    bucket(admin)
    browser = sign_in(admin)
    forging = new_browser(enforce_csrf_checks=True)
    forging.cookies = browser.cookies
    answer = upload(forging, file())
    assert answer.status_code == 403
    assert keys_in() == []


# --- Folders --------------------------------------------------------------------------------------


def test_a_folder_is_an_empty_object(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    answer = browser.post(address("s3-create-folder", prefix="2026/"), {"name": "november"})
    assert answer.headers["Location"] == address("s3-bucket", prefix="2026/")
    made = StoredObject.objects.get()
    assert (made.key, made.size) == ("2026/november/", 0)


@pytest.mark.parametrize("name", ["a/b", "", "k" * 1024])
def test_what_is_no_folders_name_is_refused(sign_in: SignIn, admin: Caller, name: str) -> None:
    bucket(admin)
    answer = sign_in(admin).post(address("s3-create-folder", prefix="x/"), {"name": name})
    assert answer.status_code == 422
    assert keys_in() == []


def test_who_may_not_make_folders_sees_a_dead_button_and_is_refused(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    put(root, "a")
    browser = sign_in(caller_with(on_reports("s3:ListBucket")))
    assert "You need s3:PutObject." in text_of(browser.get(address("s3-create-folder")))
    assert browser.post(address("s3-create-folder"), {"name": "x"}).status_code == 403
    assert keys_in() == ["a"]
