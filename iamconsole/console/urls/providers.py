"""Addresses of identity providers."""

from django.urls import path

from iamconsole.console.views import providers, tags

urlpatterns = [
    path("iam/identity-providers/", providers.index, name="providers"),
    path("iam/add-identity-provider/", providers.create, name="providers-create"),
    path("iam/delete-identity-providers/", providers.delete, name="providers-delete"),
    path("iam/identity-provider-tags/<path:provider_arn>/", tags.provider, name="provider-tags"),
    path(
        "iam/identity-provider-audience/<path:provider_arn>/",
        providers.add_audience,
        name="provider-add-audience",
    ),
    path(
        "iam/identity-provider-remove-audience/<path:provider_arn>/",
        providers.remove_audience,
        name="provider-remove-audience",
    ),
    path(
        "iam/identity-provider-thumbprints/<path:provider_arn>/",
        providers.thumbprints,
        name="provider-thumbprints",
    ),
    path(
        "iam/identity-provider-metadata/<path:provider_arn>/",
        providers.metadata,
        name="provider-metadata",
    ),
    path("iam/identity-providers/<path:provider_arn>/", providers.show, name="provider"),
]
