"""Server certificates: what load balancers and their like prove themselves with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from accounts import arns, certificates, ids, paging, quotas, vault
from accounts.actions import shared
from accounts.actions.registry import FROM_PREPARE, action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.certificates import Certificate
from accounts.errors import (
    EntityAlreadyExists,
    InvalidCertificate,
    MalformedCertificate,
    NoSuchEntity,
)
from accounts.models import ServerCertificate
from accounts.types import (
    CertificateBody,
    CertificateChain,
    Marker,
    MaxItems,
    Path,
    PathPrefix,
    PrivateKey,
    ServerCertificateName,
    Tag,
    TagKeys,
    Tags,
    tag_mapping,
)

_KIND = "server-certificate"


def _resource(caller: Caller, *, server_certificate_name: str, **_: Any) -> Resource:
    """An existing certificate, or the ARN at the top path of what is not there."""
    if (row := _row(caller, server_certificate_name)) is not None:
        return arns.of_row(row)
    return Resource(arns.named(caller.home, _KIND, "/", server_certificate_name), caller.home.id)


_new_certificate = shared.new_named(_KIND, "server_certificate_name")


def _checked(
    caller: Caller,
    *,
    certificate_body: str,
    private_key: str,
    certificate_chain: str | None = None,
    **_: Any,
) -> Certificate:
    try:
        certificate = certificates.read(certificate_body)
        certificates.check_current(certificate, caller.now)
    except InvalidCertificate as error:
        # AWS has one code for both here, unlike for signing certificates.
        raise MalformedCertificate(error.message, argument=error.argument) from None
    certificates.check_key(certificate, private_key)
    if certificate_chain is not None:
        certificates.check_chain(certificate, certificate_chain)
    return certificate


@action(
    "iam:UploadServerCertificate",
    resource=_new_certificate,
    also=shared.tagging("iam:TagServerCertificate", _new_certificate),
    secrets=("private_key",),
    prepare=_checked,
    raises_epoch=False,
)
def upload_server_certificate(
    caller: Caller,
    /,
    *,
    path: Path = "/",
    server_certificate_name: ServerCertificateName,
    certificate_body: CertificateBody,
    private_key: PrivateKey,
    certificate_chain: CertificateChain | None = None,
    tags: Tags = (),
    prepared: Certificate = FROM_PREPARE,
) -> ServerCertificate:
    """Take in a certificate with its private key and, where it needs one, its chain.

    Raises MalformedCertificate or KeyPairMismatch for what does not fit.
    """
    quotas.room_for_one(
        caller.home.server_certificates.all(), "ServerCertificates", quotas.SERVER_CERTIFICATES
    )
    unique_id = ids.unique_id(ids.SERVER_CERTIFICATE)
    place = vault.certificate_key_place(caller.home.id, unique_id)
    row = ServerCertificate(
        account=caller.home,
        name=server_certificate_name,
        path=path,
        unique_id=unique_id,
        body=certificate_body,
        chain=certificate_chain or "",
        sealed_key=vault.seal(private_key, place),
        expires_at=prepared.valid_until,
        tags=tag_mapping(tags),
        created_at=caller.now,
    )
    shared.save_unless_taken(row, _name_taken(server_certificate_name))
    return row


@action("iam:GetServerCertificate", resource=_resource, read_only=True)
def get_server_certificate(
    caller: Caller, /, *, server_certificate_name: ServerCertificateName
) -> ServerCertificate:
    """A certificate with its chain and its tags. Its private key never comes out again."""
    return _find(caller, server_certificate_name)


@action(
    "iam:ListServerCertificates",
    resource=arns.of_list("iam:ListServerCertificates"),
    read_only=True,
)
def list_server_certificates(
    caller: Caller,
    /,
    *,
    path_prefix: PathPrefix = "/",
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[ServerCertificate]:
    """The certificates under a path, without what they are made of."""
    rows = caller.home.server_certificates.defer("body", "chain", "sealed_key")
    if path_prefix != "/":
        rows = rows.filter(path__startswith=path_prefix)
    return paging.after_marker(rows, "folded_name", marker, max_items)


def _updated(
    caller: Caller,
    *,
    server_certificate_name: str,
    new_path: str | None = None,
    new_server_certificate_name: str | None = None,
) -> tuple[str, Resource]:
    """What it is going to be: AWS asks for the permission under both names."""
    row = _find(caller, server_certificate_name)
    name = new_server_certificate_name or row.name
    arn = arns.named(caller.home, _KIND, new_path or row.path, name)
    return "iam:UpdateServerCertificate", replace(arns.of_row(row), arn=arn)


@action("iam:UpdateServerCertificate", resource=_resource, also=_updated, raises_epoch=False)
def update_server_certificate(
    caller: Caller,
    /,
    *,
    server_certificate_name: ServerCertificateName,
    new_path: Path | None = None,
    new_server_certificate_name: ServerCertificateName | None = None,
) -> None:
    """Rename a certificate or move it to another path; its id stays."""
    row = _find(caller, server_certificate_name)
    row.path = new_path or row.path
    row.name = new_server_certificate_name or row.name
    shared.save_unless_taken(row, _name_taken(row.name))


@action("iam:DeleteServerCertificate", resource=_resource, raises_epoch=False)
def delete_server_certificate(
    caller: Caller, /, *, server_certificate_name: ServerCertificateName
) -> None:
    """Delete a certificate with its key. Nothing here uses one, so nothing stands in the way."""
    _find(caller, server_certificate_name).delete()


@action("iam:TagServerCertificate", resource=_resource)
def tag_server_certificate(
    caller: Caller, /, *, server_certificate_name: ServerCertificateName, tags: Tags
) -> None:
    """Set tags on a certificate; a key that is there gets the new value."""
    shared.set_tags(_find(caller, server_certificate_name), tags)


@action("iam:UntagServerCertificate", resource=_resource)
def untag_server_certificate(
    caller: Caller, /, *, server_certificate_name: ServerCertificateName, tag_keys: TagKeys
) -> None:
    """Remove tags from a certificate."""
    shared.drop_tags(_find(caller, server_certificate_name), tag_keys)


@action("iam:ListServerCertificateTags", resource=_resource, read_only=True)
def list_server_certificate_tags(
    caller: Caller,
    /,
    *,
    server_certificate_name: ServerCertificateName,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A certificate's tags, sorted by key."""
    return shared.tags_page(_find(caller, server_certificate_name), marker, max_items)


def _row(caller: Caller, name: str) -> ServerCertificate | None:
    rows = caller.home.server_certificates.filter(folded_name=name.lower())
    return caller.once(("server certificate", name.lower()), rows.first)


def _find(caller: Caller, name: str) -> ServerCertificate:
    found = _row(caller, name)
    if found is None:
        raise NoSuchEntity(
            f"The Server Certificate with name {name} cannot be found.",
            argument="server_certificate_name",
        )
    return found


def _name_taken(name: str) -> EntityAlreadyExists:
    return EntityAlreadyExists(
        f"The Server Certificate with name {name} already exists.",
        argument="server_certificate_name",
    )
