"""Addresses of managed policies. An ARN holds slashes: it is the whole rest of an address."""

from django.urls import path

from iamconsole.console.views import (
    policies,
    policy_delete,
    policy_entities,
    policy_versions,
    tags,
)

urlpatterns = [
    path("iam/policies/", policies.index, name="policies"),
    path("iam/delete-policies/", policy_delete.delete_several, name="policies-delete"),
    path(
        "iam/attach-policies/",
        policy_entities.of_chosen,
        {"page": "policy-attach"},
        name="policies-attach",
    ),
    path(
        "iam/bound-policies/",
        policy_entities.of_chosen,
        {"page": "policy-bound"},
        name="policies-bound",
    ),
    path(
        "iam/detach-policies/",
        policy_entities.of_chosen,
        {"page": "policy-entities"},
        name="policies-detach",
    ),
    path("iam/policies/<path:policy_arn>/", policies.show, name="policy"),
    path("iam/policy-json/<path:policy_arn>/", policies.json, name="policy-json"),
    path("iam/policy-entities/<path:policy_arn>/", policy_entities.index, name="policy-entities"),
    path("iam/policy-attach/<path:policy_arn>/", policy_entities.attach, name="policy-attach"),
    path("iam/policy-detach/<path:policy_arn>/", policy_entities.detach, name="policy-detach"),
    path("iam/policy-bound/<path:policy_arn>/", policy_entities.bound, name="policy-bound"),
    path("iam/policy-unbound/<path:policy_arn>/", policy_entities.unbound, name="policy-unbound"),
    path("iam/policy-tags/<path:policy_arn>/", policies.tags, name="policy-tags"),
    path("iam/policy-edit-tags/<path:policy_arn>/", tags.policy, name="policy-edit-tags"),
    path("iam/policy-versions/<path:policy_arn>/", policy_versions.index, name="policy-versions"),
    path("iam/policy-compare/<path:policy_arn>/", policy_versions.compare, name="policy-compare"),
    path(
        "iam/policy-set-default/<path:policy_arn>/",
        policy_versions.set_default,
        name="policy-set-default",
    ),
    path(
        "iam/policy-delete-versions/<path:policy_arn>/",
        policy_versions.delete,
        name="policy-delete-versions",
    ),
    path("iam/policy-delete/<path:policy_arn>/", policy_delete.delete, name="policy-delete"),
]
