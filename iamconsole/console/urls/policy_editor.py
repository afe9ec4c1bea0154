"""Addresses of the pages that write managed policies. An ARN is the whole rest of an address."""

from django.urls import path

from iamconsole.console.views import policy_editor

urlpatterns = [
    path("iam/create-policy/", policy_editor.create, name="policies-create"),
    path("iam/policy-edit/<path:policy_arn>/", policy_editor.edit, name="policy-edit"),
]
