"""The pages of buckets: the list, making one, its tabs, deleting it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import Caller
from iamconsole.sandbox.actions.bucket_policies import put_bucket_policy
from iamconsole.sandbox.models import Bucket
from tests.cast import CallerWith, allow, document
from tests.console.buckets import CLASSIFIED, REPORTS, address, bucket, on_reports, put
from tests.console.reading import NO_TAGS, queries_of, seen_version, tag_rows, text_of

SignIn = Callable[..., Client]
BUCKETS = "/console/s3/"


def test_whoever_may_not_list_buckets_is_told_in_s3s_words(sign_in: SignIn, alice: Caller) -> None:
    page = sign_in(alice).get(BUCKETS)
    said = text_of(page)
    assert page.status_code == 200
    assert "You don't have permissions to list buckets" in said
    assert (
        "After you or your AWS administrator has updated your permissions to allow the "
        "s3:ListAllMyBuckets action, refresh this page." in said
    )
    assert "Explain this refusal" in said


def test_a_bucket_opens_by_its_name_without_the_list(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    browser = sign_in(caller_with(on_reports("s3:ListBucket")))
    answer = browser.get(BUCKETS, {"bucket": f" {REPORTS}"})
    assert answer.headers["Location"] == address("s3-bucket")
    assert "You don't have any objects in this bucket" in text_of(browser.get(address("s3-bucket")))


def test_the_list_takes_as_many_queries_for_many_buckets_as_for_few(
    sign_in: SignIn, admin: Caller
) -> None:
    browser = sign_in(admin)
    bucket(admin)
    few = queries_of(browser, BUCKETS)
    for number in range(40):
        bucket(admin, f"bucket-{number:02}")
    assert queries_of(browser, BUCKETS) == few <= 12


def test_the_list_shows_ones_own_buckets_only(sign_in: SignIn, admin: Caller, eve: Caller) -> None:
    bucket(admin)
    bucket(eve, "bucket-of-eve")
    said = text_of(sign_in(admin).get(BUCKETS))
    assert REPORTS in said
    assert "bucket-of-eve" not in said


def test_the_list_is_searched_and_sorted(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin, REPORTS)
    bucket(admin, CLASSIFIED)
    browser = sign_in(admin)
    said = text_of(browser.get(BUCKETS, {"search": "CLASS"}))
    assert CLASSIFIED in said
    assert REPORTS not in said
    said = text_of(browser.get(BUCKETS, {"sort": "-name"}))
    assert said.index(REPORTS) < said.index(CLASSIFIED)
    assert "No matches" in text_of(browser.get(BUCKETS, {"search": "nothing"}))


def test_an_account_without_buckets_is_offered_to_make_one(sign_in: SignIn, admin: Caller) -> None:
    assert "You don't have any buckets." in text_of(sign_in(admin).get(BUCKETS))


# --- Making one -----------------------------------------------------------------------------------


def creation(name: str = REPORTS, region: str = "us-east-1", **more: str) -> dict[str, str]:
    """The form as it is sent; `more` are its tags."""
    return {"bucket": name, "region": region, **NO_TAGS, **more}


def test_a_bucket_is_made_with_region_and_tags(sign_in: SignIn, admin: Caller) -> None:
    browser = sign_in(admin)
    sent = creation(region="eu-central-1") | tag_rows(("team", "finance"))
    answer = browser.post("/console/s3/create-bucket/", sent)
    assert answer.headers["Location"] == address("s3-bucket")
    made = Bucket.objects.get(name=REPORTS)
    assert (made.region, made.tags) == ("eu-central-1", {"team": "finance"})
    assert "Successfully created bucket" in text_of(browser.get(address("s3-bucket")))


@pytest.mark.parametrize("name", ["Reports", "ab", "a..b", "192.168.0.1", "x" * 64, "", "a/b"])
def test_a_name_that_breaks_s3s_rules_is_refused_beside_its_field(
    sign_in: SignIn, admin: Caller, name: str
) -> None:
    answer = sign_in(admin).post("/console/s3/create-bucket/", creation(name))
    assert answer.status_code == 422
    assert "field-errors" in answer.content.decode()
    assert not Bucket.objects.exists()


def test_a_name_that_is_taken_is_refused_whoever_has_it(
    sign_in: SignIn, admin: Caller, eve: Caller
) -> None:
    browser = sign_in(admin)
    bucket(eve, "bucket-of-eve")
    bucket(admin)
    answer = browser.post("/console/s3/create-bucket/", creation("bucket-of-eve"))
    assert answer.status_code == 422
    assert "The requested bucket name is not available" in text_of(answer)
    answer = browser.post("/console/s3/create-bucket/", creation())
    assert answer.status_code == 422
    assert "you already own it" in text_of(answer)


def test_the_wish_for_another_tag_makes_no_bucket(sign_in: SignIn, admin: Caller) -> None:
    answer = sign_in(admin).post("/console/s3/create-bucket/", creation() | {"add_tag": "1"})
    assert answer.status_code == 200
    assert 'name="tags-1-key"' in answer.content.decode()
    assert not Bucket.objects.exists()


def test_who_may_not_make_buckets_is_told_and_refused(sign_in: SignIn, alice: Caller) -> None:
    browser = sign_in(alice)
    assert "You need s3:CreateBucket" in text_of(browser.get("/console/s3/create-bucket/"))
    assert browser.post("/console/s3/create-bucket/", creation()).status_code == 403
    assert not Bucket.objects.exists()


# --- Properties -----------------------------------------------------------------------------------


def test_the_properties_are_panels_refused_one_by_one(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    reader = caller_with(on_reports("s3:GetBucketTagging"))
    page = sign_in(reader).get(address("s3-bucket-properties"))
    said = text_of(page)
    assert page.status_code == 200
    assert "arn:aws:s3:::final-friday-reports" in said
    assert "You don't have permission to get the bucket's Region" in said
    assert "(you need s3:ListAllMyBuckets)" in said
    assert "No tags" in said


def test_the_properties_tell_region_creation_date_and_tags(sign_in: SignIn, admin: Caller) -> None:
    made = bucket(admin)
    made.tags = {"team": "finance"}
    made.save()
    said = text_of(sign_in(admin).get(address("s3-bucket-properties")))
    for fact in ("us-east-1", "January 15, 2026, 12:00 (UTC)", "team", "finance"):
        assert fact in said


def test_tags_are_replaced_and_the_last_one_is_taken_away(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    url = address("s3-bucket-edit-tags")
    assert browser.post(url, tag_rows(("team", "finance"))).headers["Location"] == address(
        "s3-bucket-properties"
    )
    assert Bucket.objects.get(name=REPORTS).tags == {"team": "finance"}
    browser.post(url, tag_rows(("", "")))
    assert Bucket.objects.get(name=REPORTS).tags == {}


def test_tags_that_somebody_else_changed_meanwhile_are_not_overwritten_unseen(
    sign_in: SignIn, admin: Caller
) -> None:
    made = bucket(admin)
    browser = sign_in(admin)
    url = address("s3-bucket-edit-tags")
    seen = seen_version(browser.get(url).content.decode())
    Bucket.objects.filter(pk=made.pk).update(tags={"owner": "sita"})
    sent = tag_rows(("team", "")) | {"seen_version": seen}
    assert browser.post(url, sent).status_code == 409
    assert Bucket.objects.get(name=REPORTS).tags == {"owner": "sita"}


# --- Deleting one ---------------------------------------------------------------------------------


def test_a_bucket_is_deleted_once_its_name_was_typed(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    browser = sign_in(admin)
    assert browser.post(address("s3-delete-bucket"), {"confirmation": "x"}).status_code == 422
    assert Bucket.objects.exists()
    answer = browser.post(address("s3-delete-bucket"), {"confirmation": REPORTS})
    assert answer.headers["Location"] == BUCKETS
    assert not Bucket.objects.exists()


def test_a_bucket_with_objects_must_be_emptied_first(sign_in: SignIn, admin: Caller) -> None:
    bucket(admin)
    put(admin, "november.pdf")
    browser = sign_in(admin)
    said = text_of(browser.get(address("s3-delete-bucket")))
    assert "This bucket is not empty" in said
    assert "Empty the bucket first." in said
    answer = browser.post(address("s3-delete-bucket"), {"confirmation": REPORTS})
    assert answer.status_code == 422
    assert "The bucket you tried to delete is not empty" in text_of(answer)
    assert Bucket.objects.exists()


def test_who_may_not_delete_it_sees_a_dead_button_and_is_refused(
    sign_in: SignIn, root: Caller, caller_with: CallerWith
) -> None:
    bucket(root)
    browser = sign_in(caller_with(on_reports("s3:ListBucket")))
    assert "You need s3:DeleteBucket." in text_of(browser.get(address("s3-bucket")))
    answer = browser.post(address("s3-delete-bucket"), {"confirmation": REPORTS})
    assert answer.status_code == 403
    assert Bucket.objects.exists()


# --- Whose it is ----------------------------------------------------------------------------------

VIEWS = ("s3-bucket", "s3-bucket-properties", "s3-bucket-permissions", "s3-upload",
         "s3-create-folder", "s3-empty-bucket", "s3-delete-bucket")  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["no-such-bucket", "Not a name", "..%2f", "<script>", "\0"])
def test_a_bucket_that_is_not_there_is_not_found_by_anybody(
    sign_in: SignIn, admin: Caller, view: str, name: str
) -> None:
    answer = sign_in(admin).get(address(view, name))
    assert answer.status_code == 404
    assert "The specified bucket does not exist" in text_of(answer)


def test_another_accounts_bucket_gives_nothing_away(
    sign_in: SignIn, admin: Caller, eve: Caller
) -> None:
    made = bucket(admin)
    made.tags = {"team": "finance"}
    made.save()
    put(admin, "november.pdf")
    browser = sign_in(eve)
    for view in VIEWS:
        page = browser.get(address(view)).content.decode()
        assert "november.pdf" not in page
        assert "finance" not in page
        assert admin.home.id not in page


def test_a_bucket_policy_lets_the_other_account_in(
    sign_in: SignIn, admin: Caller, eve: Caller
) -> None:
    bucket(admin)
    put(admin, "november.pdf")
    principal = {"AWS": f"arn:aws:iam::{eve.home.id}:root"}
    policy = document(allow("s3:ListBucket", on=f"arn:aws:s3:::{REPORTS}", Principal=principal))
    put_bucket_policy(admin, bucket=REPORTS, policy=policy)
    assert "november.pdf" in text_of(sign_in(eve).get(address("s3-bucket")))


def test_the_services_menu_leads_to_s3(sign_in: SignIn, alice: Caller) -> None:
    page = sign_in(alice).get(reverse("console:dashboard")).content.decode()
    assert f'<a class="menu-item" href="{BUCKETS}">' in page
    page = sign_in(alice).get(BUCKETS).content.decode()
    assert '<a class="side-title" href="/console/s3/">Simple Storage Service (S3)</a>' in page
    assert '<a href="/console/s3/" aria-current="page">Buckets</a>' in page
