"""Addresses of managed policies."""

from django.urls import path

from iamconsole.console.views import policies

urlpatterns = [
    path("iam/policies/", policies.index, name="policies"),
    # An ARN holds slashes: it is the whole rest of the address.
    path("iam/policies/<path:policy_arn>/", policies.show, name="policy"),
]
