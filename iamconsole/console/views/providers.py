"""Pages of identity providers: list, add, one provider with its audiences or metadata, delete."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from accounts import saml
from accounts.actions import oidc_providers, saml_providers
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import ServiceError
from accounts.models import SAMLProvider
from accounts.paging import numbered_slice
from iamconsole.console.components import panels
from iamconsole.console.components.deleting import delete_named
from iamconsole.console.components.editing import Edited
from iamconsole.console.components.tables import Column, Filter, Table
from iamconsole.console.forms.base import submitted
from iamconsole.console.forms.providers import (
    AudienceForm,
    KindForm,
    MetadataForm,
    OIDCForm,
    SAMLForm,
    ThumbprintsForm,
)
from iamconsole.console.htmx import go
from iamconsole.console.providers import listed
from iamconsole.console.providers.deletion import deletion
from iamconsole.console.request import ConsoleRequest

COLUMNS = (Column("name", "Provider"), Column("type", "Type"), Column("created", "Creation time"))
TYPES = Filter(
    "type",
    "Filter by type",
    (("", "All types"), (listed.OIDC.label, listed.OIDC.label), (listed.SAML.label, "SAML")),
)
_FORMS: dict[str, tuple[type[OIDCForm] | type[SAMLForm], str]] = {
    "oidc": (OIDCForm, "iam:CreateOpenIDConnectProvider"),
    "saml": (SAMLForm, "iam:CreateSAMLProvider"),
}


@require_safe
def index(request: ConsoleRequest) -> HttpResponse:
    """The account's providers of both sorts."""
    table = Table(request.GET, COLUMNS, sort="name", filters=(TYPES,))
    rows, refused = listed.listed(request.caller)
    if len(refused) == 2:
        table.refuse(refused[0])
    else:
        wanted, search = table.filtered["type"], table.search.lower()
        rows = [row for row in rows if search in row.name.lower() and wanted in ("", row.type)]
        rows.sort(key=lambda row: getattr(row, table.sort), reverse=table.descending)
        table.show(numbered_slice(rows, table.number, table.size))
    page = {"table": table, "refused": refused, "create_denied": _create_denied(request.caller)}
    return render(request, "console/providers/index.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: ConsoleRequest) -> HttpResponse:
    """Choose the sort, then describe the provider. The sort stands in the address."""
    kind = request.GET.get("kind", "")
    if kind not in _FORMS:
        denied = _create_denied(request.caller)
        choice = {"form": KindForm(initial={"kind": "oidc"}), "denied": denied}
        return render(request, "console/providers/choose.html", choice)
    form_class, name = _FORMS[kind]
    form = form_class(request.POST or None, request.FILES or None)
    if form.is_valid() and (made := _made(request.caller, form)):
        url = reverse("console:provider", args=[made.arn])
        flash = 'Identity provider <a href="{}">{}</a> added. Next, assign it a role.'
        messages.success(request, format_html(flash, url, listed.name_of(made.arn)))
        return go(request, url)
    denied = panels.missing_everywhere(request.caller, name)
    page = {"form": form, "kind": kind, "denied": denied}
    return render(
        request, "console/providers/create.html", page, status=422 if form.is_bound else 200
    )


@require_safe
def show(request: ConsoleRequest, provider_arn: str) -> HttpResponse:
    """One provider."""
    found = listed.find(request.caller, provider_arn)
    sort = listed.sort_of(provider_arn)
    page = {
        "provider": found.value,
        "error": found.error,
        "arn": provider_arn,
        "name": listed.name_of(provider_arn),
        "sort": sort,
        "metadata": _metadata(found.value),
        "tags": panels.panel(sort.list_tags, request.caller, **{sort.argument: provider_arn}),
        "denied": _denied(request.caller, provider_arn),
    }
    return render(request, "console/providers/show.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def add_audience(request: ConsoleRequest, provider_arn: str) -> HttpResponse:
    """One more audience of an OpenID Connect provider."""
    form = AudienceForm(request.POST or None)
    return _edit(
        request, provider_arn, form, oidc_providers.add_client_id_to_open_id_connect_provider,
        "Add an audience", "client_ids", lambda: {"client_id": form.cleaned_data["client_id"]},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def remove_audience(request: ConsoleRequest, provider_arn: str) -> HttpResponse:
    """One audience less."""
    audience = request.POST.get("client_id") or request.GET.get("client_id", "")
    form = AudienceForm(request.POST or None, initial={"client_id": audience})
    return _edit(
        request, provider_arn, form, oidc_providers.remove_client_id_from_open_id_connect_provider,
        "Remove an audience", "client_ids", lambda: {"client_id": form.cleaned_data["client_id"]},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def thumbprints(request: ConsoleRequest, provider_arn: str) -> HttpResponse:
    """All thumbprints of an OpenID Connect provider."""
    found = oidc_providers.get_open_id_connect_provider(
        request.caller, open_id_connect_provider_arn=provider_arn
    )
    present = {"thumbprints": "\n".join(found.thumbprints)}
    form = ThumbprintsForm(request.POST or None, initial=present)
    return _edit(
        request, provider_arn, form, oidc_providers.update_open_id_connect_provider_thumbprint,
        "Edit thumbprints", "thumbprints",
        lambda: {"thumbprint_list": form.cleaned_data["thumbprints"]},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def metadata(request: ConsoleRequest, provider_arn: str) -> HttpResponse:
    """A new metadata document of a SAML provider."""
    form = MetadataForm(request.POST or None, request.FILES or None)
    return _edit(
        request, provider_arn, form, saml_providers.update_saml_provider,
        "Replace the metadata document", "metadata",
        lambda: {"saml_metadata_document": form.cleaned_data["saml_metadata_document"]},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ConsoleRequest) -> HttpResponse:
    """Delete the providers named in the address."""
    return delete_named(
        request,
        request.GET.getlist("provider"),
        deletion,
        nouns=("identity provider", "identity providers"),
        url=reverse("console:providers"),
    )


def _made(caller: Caller, form: OIDCForm | SAMLForm) -> Any:
    if isinstance(form, OIDCForm):
        action = oidc_providers.create_open_id_connect_provider
        return submitted(form, caller, action, **form.arguments)
    document = form.cleaned_data["saml_metadata_document"]
    return submitted(
        form, caller, saml_providers.create_saml_provider,
        name=form.cleaned_data["name"], saml_metadata_document=document,
    )  # fmt: skip


def _edit(
    request: ConsoleRequest,
    arn: str,
    form: Any,
    action: Any,
    heading: str,
    part: str,
    arguments: Any,
) -> HttpResponse:
    """A dialog that changes one part of a provider by one action."""
    url = reverse("console:provider", args=[arn])
    sort = listed.sort_of(arn)
    edited = Edited(
        request, f"identity provider {listed.name_of(arn)}", _reader(request, arn, part)
    )
    if form.is_valid():
        caller = edited.guard()
        if submitted(form, caller, action, **{sort.argument: arn}, **arguments()):
            messages.success(request, f"Identity provider {listed.name_of(arn)} changed.")
            return go(request, url)
    page = {
        "form": form, "heading": heading, "url": url, "edited": edited, "trail": listed.trail(arn),
        "files": form.is_multipart(),
    }  # fmt: skip
    return render(
        request, "console/providers/edit.html", page, status=422 if form.is_bound else 200
    )


def _reader(request: ConsoleRequest, arn: str, part: str) -> Any:
    def read() -> str:
        found = listed.find(request.caller, arn)
        value = getattr(found.value, part, "")
        return value if isinstance(value, str) else "\n".join(value)

    return read


def _create_denied(caller: Caller) -> str:
    """What is missing where neither sort may be added."""
    return panels.missing_all(caller, [name for _form, name in _FORMS.values()])


def _denied(caller: Caller, arn: str) -> dict[str, str]:
    sort = listed.sort_of(arn)
    on = Resource(arn, caller.home.id)
    names = {
        "delete": sort.delete,
        "tag": sort.tag,
        "add": "iam:AddClientIDToOpenIDConnectProvider",
        "remove": "iam:RemoveClientIDFromOpenIDConnectProvider",
        "thumbprints": "iam:UpdateOpenIDConnectProviderThumbprint",
        "update": "iam:UpdateSAMLProvider",
    }
    return {key: panels.missing(caller, name, on) for key, name in names.items()}


def _metadata(provider: Any) -> saml.Metadata | None:
    if not isinstance(provider, SAMLProvider):
        return None
    try:
        return saml.read(provider.metadata)
    except ServiceError:
        return None
