"""The pages of identity providers."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.actions import oidc_providers, roles, saml_providers
from accounts.models import OpenIDConnectProvider, SAMLProvider
from tests.accounts.saml_metadata import metadata
from tests.cast import allow, arn
from tests.console.reading import queries_of, tag_rows, text_of

LIST = reverse("console:providers")
ADD = reverse("console:providers-create")
GITHUB = arn("oidc-provider/token.actions.githubusercontent.com")
CORP = arn("saml-provider/Corp")


@pytest.fixture
def as_admin(admin, sign_in):
    """The administrator's browser."""
    return sign_in(admin)


@pytest.fixture
def both(root):
    """One provider of each sort."""
    oidc_providers.create_open_id_connect_provider(
        root,
        url="https://token.actions.githubusercontent.com",
        client_id_list=["sts.amazonaws.com"],
    )
    saml_providers.create_saml_provider(root, name="Corp", saml_metadata_document=metadata())


def address(view, provider=GITHUB):
    return reverse(f"console:{view}", args=[provider])


def test_the_list_holds_both_sorts_and_finds_by_name_and_type(as_admin, both):
    page = text_of(as_admin.get(LIST))
    assert "token.actions.githubusercontent.com" in page
    assert "Corp" in page
    assert "Corp" not in text_of(as_admin.get(LIST, {"search": "github"}))
    saml = text_of(as_admin.get(LIST, {"type": "SAML"}))
    assert "Corp" in saml
    assert "githubusercontent" not in saml


def test_an_empty_list_offers_to_add_one_and_a_search_without_match_says_so(as_admin, both):
    assert "No matches" in text_of(as_admin.get(LIST, {"search": "nothing-of-this"}))
    OpenIDConnectProvider.objects.all().delete()
    SAMLProvider.objects.all().delete()
    assert "No identity providers" in text_of(as_admin.get(LIST))


def test_who_may_list_one_sort_sees_that_one_and_why_the_other_is_missing(
    caller_with, sign_in, both
):
    browser = sign_in(caller_with(allow("iam:ListSAMLProviders")))
    page = text_of(browser.get(LIST))
    assert "Corp" in page
    assert "githubusercontent" not in page
    assert "iam:ListOpenIDConnectProviders" in page


def test_who_may_list_neither_sees_a_refusal(alice, sign_in, both):
    page = text_of(sign_in(alice).get(LIST))
    assert "Access denied" in page
    assert "Corp" not in page


def test_an_issuer_is_added_with_its_audience(as_admin):
    assert "OpenID Connect" in text_of(as_admin.get(ADD))
    sent = {"url": "https://idp.example.com/a", "client_id": "app", "thumbprints": "ab" * 20}
    answer = as_admin.post(f"{ADD}?kind=oidc", sent)
    made = OpenIDConnectProvider.objects.get()
    assert answer.url == address("provider", made.arn)
    assert (made.client_ids, made.thumbprints) == (["app"], ["ab" * 20])


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"url": "http://idp.example.com"}, "begins with https://"),
        (
            {"url": "https://idp.example.com", "thumbprints": "zz"},
            "zz is no thumbprint: each has 40 hexadecimal digits",
        ),
        ({"url": "https://idp.example.com", "thumbprints": "z" * 40}, "hexadecimal"),
        ({"url": ""}, "required"),
    ],
)
def test_a_wrong_issuer_is_refused_beside_its_field_and_what_was_typed_stays(as_admin, sent, said):
    answer = as_admin.post(f"{ADD}?kind=oidc", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert f'value="{sent["url"]}"' in page or not sent["url"]
    assert not OpenIDConnectProvider.objects.exists()


def test_metadata_comes_as_a_file_or_as_text(as_admin):
    upload = SimpleUploadedFile("metadata.xml", metadata().encode())
    as_admin.post(f"{ADD}?kind=saml", {"name": "File", "metadata_file": upload})
    as_admin.post(f"{ADD}?kind=saml", {"name": "Text", "saml_metadata_document": metadata()})
    assert sorted(SAMLProvider.objects.values_list("name", flat=True)) == ["File", "Text"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"\xff\xfe" + b"x" * 1000, "no text in UTF-8"),
        (b"<a/>" + b" " * 1000, "Could not parse metadata"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>" + b" " * 1000, "document types"),
        (b"", "Choose a file"),
    ],
)
def test_what_is_no_metadata_is_refused_in_words(as_admin, document, said):
    upload = SimpleUploadedFile("metadata.xml", document)
    answer = as_admin.post(f"{ADD}?kind=saml", {"name": "Bad", "metadata_file": upload})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not SAMLProvider.objects.exists()


def test_a_provider_shows_its_audiences_and_where_people_sign_in(as_admin, both):
    page = text_of(as_admin.get(address("provider")))
    assert "sts.amazonaws.com" in page
    page = text_of(as_admin.get(address("provider", CORP)))
    assert "https://idp.example.com/sso" in page
    assert "<md:EntityDescriptor" not in as_admin.get(address("provider", CORP)).content.decode()


def test_audiences_thumbprints_and_metadata_are_changed_on_pages_of_their_own(as_admin, both):
    as_admin.post(address("provider-add-audience"), {"client_id": "mobile"})
    as_admin.post(address("provider-remove-audience"), {"client_id": "sts.amazonaws.com"})
    as_admin.post(address("provider-thumbprints"), {"thumbprints": "ab" * 20})
    found = OpenIDConnectProvider.objects.get()
    assert (found.client_ids, found.thumbprints) == (["mobile"], ["ab" * 20])
    new = metadata(entity_id="https://new.example.com/")
    as_admin.post(address("provider-metadata", CORP), {"saml_metadata_document": new})
    assert SAMLProvider.objects.get().metadata == new


def test_a_form_made_before_anothers_change_shows_both_and_changes_nothing(as_admin, both, root):
    page = as_admin.get(address("provider-thumbprints")).content.decode()
    seen = page.partition('name="seen_version" value="')[2].partition('"')[0]
    oidc_providers.update_open_id_connect_provider_thumbprint(
        root, open_id_connect_provider_arn=GITHUB, thumbprint_list=["cd" * 20]
    )
    sent = {"thumbprints": "ab" * 20, "seen_version": seen}
    answer = as_admin.post(address("provider-thumbprints"), sent)
    assert answer.status_code == 409
    assert "cd" * 20 in text_of(answer)
    assert OpenIDConnectProvider.objects.get().thumbprints == ["cd" * 20]
    again = answer.content.decode().partition('name="seen_version" value="')[2].partition('"')[0]
    as_admin.post(address("provider-thumbprints"), sent | {"seen_version": again})
    assert OpenIDConnectProvider.objects.get().thumbprints == ["ab" * 20]


def test_tags_are_edited_like_those_of_anything_else(as_admin, both):
    as_admin.post(address("provider-tags"), tag_rows(("team", "dev")))
    assert OpenIDConnectProvider.objects.get().tags == {"team": "dev"}


def test_deleting_names_the_roles_that_trust_it_and_wants_the_name_typed(as_admin, both, root):
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": GITHUB},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "a"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    roles.create_role(root, role_name="Deployer", assume_role_policy_document=document)
    delete = reverse("console:providers-delete") + f"?provider={GITHUB}"
    assert "Deployer" in text_of(as_admin.get(delete))
    assert as_admin.post(delete, {"confirmation": "something"}).status_code == 422
    as_admin.post(delete, {"confirmation": "token.actions.githubusercontent.com"})
    assert not OpenIDConnectProvider.objects.exists()


@pytest.mark.parametrize("provider", [arn("saml-provider/None"), arn("user/alice"), "nonsense"])
def test_what_is_not_there_is_not_found(as_admin, provider):
    assert as_admin.get(address("provider", provider)).status_code == 404


def test_another_accounts_provider_does_not_exist(eve, sign_in, both):
    assert sign_in(eve).get(address("provider")).status_code in (403, 404)


def test_the_list_takes_as_many_queries_for_fifty_as_for_five(as_admin, root):
    counts = []
    for start, end in ((0, 5), (5, 50)):
        for number in range(start, end):
            oidc_providers.create_open_id_connect_provider(
                root, url=f"https://idp{number}.example.com"
            )
        counts.append(queries_of(as_admin, LIST))
    assert counts[0] == counts[1]
