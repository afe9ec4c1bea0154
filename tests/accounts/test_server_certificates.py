"""Server certificates."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from accounts import vault
from accounts.actions import server_certificates
from accounts.actions.account import get_account_summary
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    KeyPairMismatch,
    LimitExceeded,
    MalformedCertificate,
    NoSuchEntity,
)
from accounts.models import Event, ServerCertificate
from accounts.types import Tag
from tests.accounts import pems
from tests.cast import ACCOUNT_ID, allow, arn


def upload(caller, name="Web", of=None, **given):
    of = of or pems.shared()
    wanted = {"certificate_body": of.body, "private_key": of.key} | given
    return server_certificates.upload_server_certificate(
        caller, server_certificate_name=name, **wanted
    )


def names(page):
    return [row.name for row in page.items]


def test_a_certificate_has_an_arn_an_id_and_the_end_of_its_time(root, now):
    made = upload(root, path="/cloudfront/test/")
    assert made.arn == arn("server-certificate/cloudfront/test/Web")
    assert made.unique_id.startswith("ASCA")
    assert len(made.unique_id) == 21
    assert (made.created_at, made.expires_at) == (now, pems.UNTIL)
    found = server_certificates.get_server_certificate(root, server_certificate_name="WEB")
    assert (found.body, found.chain) == (pems.shared().body, "")


def test_the_private_key_is_sealed_and_stands_nowhere_else(root):
    made = upload(root)
    place = vault.certificate_key_place(ACCOUNT_ID, made.unique_id)
    assert vault.unseal(made.sealed_key, place) == pems.shared().key
    middle = pems.shared().key.splitlines()[1]
    assert middle not in repr(list(ServerCertificate.objects.values()))
    assert middle not in repr(list(Event.objects.values()))


@pytest.mark.parametrize("private", [pems.rsa_key(), ec.generate_private_key(ec.SECP384R1())])
def test_keys_of_rsa_and_on_elliptic_curves_are_taken(root, private):
    assert upload(root, of=pems.identity(private=private)).expires_at == pems.UNTIL


def test_another_private_key_is_a_mismatch(root):
    mine = pems.identity(private=pems.rsa_key(number=1))
    for other in (pems.rsa_key(number=2), ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(KeyPairMismatch) as refused:
            upload(root, of=mine, private_key=pems.key_pem(other))
        assert refused.value.argument == "private_key"
    with pytest.raises(KeyPairMismatch):
        upload(root, private_key=pems.key_pem(ed25519.Ed25519PrivateKey.generate()))
    assert not ServerCertificate.objects.exists()


def test_a_private_key_that_is_none_or_has_a_password_is_malformed(root):
    locked = pems.shared().private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    for key in ("hello", pems.shared().body, pems.public_pem(), locked.decode()):
        with pytest.raises(MalformedCertificate) as refused:
            upload(root, private_key=key)
        assert refused.value.argument == "private_key"


def test_a_certificate_that_can_not_be_used_is_malformed(root, now):
    day = pems.days(1)
    over = pems.identity(start=now - 2 * day, end=now - day)
    with pytest.raises(MalformedCertificate, match=r"^Certificate is no longer valid"):
        upload(root, of=over)
    with pytest.raises(MalformedCertificate, match="PEM format"):
        upload(root, certificate_body="hello")


def test_a_chain_leads_from_one_signer_to_the_next(root):
    authority = pems.identity("authority")
    between = pems.identity("between", signer=authority)
    server = pems.identity("server", signer=between)
    for number, chain in enumerate((between.body, between.body + authority.body)):
        made = upload(root, f"Web{number}", server, certificate_chain=chain)
        assert made.chain == chain
    for place, chain in (
        (-1, authority.body),
        (-1, authority.body + between.body),
        (0, between.body + pems.identity("authority").body),
        (0, between.body + server.body),
    ):
        with pytest.raises(MalformedCertificate, match=f"invalid certificate is: {place}$"):
            upload(root, "Web9", server, certificate_chain=chain)
    with pytest.raises(MalformedCertificate, match="Unable to parse certificate chain"):
        upload(root, "Web9", server, certificate_chain="hello")


def test_a_name_is_taken_whatever_its_case_and_path(root, eve):
    upload(root)
    wording = "^The Server Certificate with name WEB already exists.$"
    with pytest.raises(EntityAlreadyExists, match=wording):
        upload(root, "WEB", path="/x/")
    upload(eve)


def test_twenty_are_the_most(root):
    for number in range(20):
        upload(root, f"Web{number}")
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for ServerCertificates: 20$"):
        upload(root, "Web20")
    assert get_account_summary(root).server_certificates == 20


def test_they_are_listed_under_a_path_in_pages(root):
    for name, path in (("b", "/"), ("a", "/x/"), ("c", "/x/y/")):
        upload(root, name, path=path)
    page = server_certificates.list_server_certificates(root, max_items=2)
    rest = server_certificates.list_server_certificates(root, marker=page.marker)
    assert (names(page), names(rest)) == (["a", "b"], ["c"])
    under = server_certificates.list_server_certificates(root, path_prefix="/x/")
    assert names(under) == ["a", "c"]


def test_a_list_is_asked_for_on_the_arn_that_aws_names(alice):
    with pytest.raises(AccessDenied, match=f"on resource: {arn('server-certificate/')} "):
        server_certificates.list_server_certificates(alice)


def test_renaming_needs_the_permission_under_both_names(root, caller_with):
    made = upload(root)
    alice = caller_with(
        allow("iam:UpdateServerCertificate", on=arn("server-certificate/Web")),
        allow("iam:UpdateServerCertificate", on=arn("server-certificate/team/*"), Sid="New"),
    )
    rename = server_certificates.update_server_certificate
    with pytest.raises(AccessDenied, match=arn("server-certificate/Other")):
        rename(alice, server_certificate_name="Web", new_server_certificate_name="Other")
    rename(
        alice,
        server_certificate_name="Web",
        new_path="/team/",
        new_server_certificate_name="Other",
    )
    made.refresh_from_db()
    assert made.arn == arn("server-certificate/team/Other")
    upload(root, "Taken")
    with pytest.raises(EntityAlreadyExists):
        rename(root, server_certificate_name="Other", new_server_certificate_name="taken")


def test_tags_are_kept_and_decide(root, caller_with):
    upload(root, tags=[Tag("team", "dev")])
    named: dict[str, Any] = {"server_certificate_name": "Web"}
    server_certificates.tag_server_certificate(root, **named, tags=[Tag("cost", "7")])
    page = server_certificates.list_server_certificate_tags(root, **named)
    assert list(page.items) == [Tag("cost", "7"), Tag("team", "dev")]
    condition = {"StringEquals": {"aws:ResourceTag/team": "ops"}}
    ops = caller_with(allow("iam:DeleteServerCertificate", Condition=condition))
    with pytest.raises(AccessDenied):
        server_certificates.delete_server_certificate(ops, **named)
    server_certificates.tag_server_certificate(root, **named, tags=[Tag("team", "ops")])
    server_certificates.untag_server_certificate(root, **named, tag_keys=["COST"])
    assert ServerCertificate.objects.get().tags == {"team": "ops"}
    server_certificates.delete_server_certificate(ops, **named)
    wording = "^The Server Certificate with name Web cannot be found.$"
    with pytest.raises(NoSuchEntity, match=wording):
        server_certificates.get_server_certificate(root, **named)
